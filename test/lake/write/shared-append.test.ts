import fc from 'fast-check'
import { append, type AppendResult } from '../../../src/lake/write/append'
import { parseEntry } from '../../../src/lake/log/action'
import { entryPath } from '../../../src/lake/log/log-name'
import { appendShared } from '../../../src/lake/write/shared-append'
import { type Store } from '../../../src/lake/store'
import { refresh, type Table } from '../../../src/lake/table'
import { type Fault, faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, counting, openSales, sale } from '../tables'

const day = '2010-12-01'
const operation = 'STREAMING UPDATE'
const root = 'lake/sales'

async function stored(store: Store): Promise<string[]> {
  const table = await openSales(store)
  return (await allRows(table, await refresh(table), 'store')).map((row) => String(row['store']))
}

/** What a producer appends as its n-th batch, after all the batches before. */
function batch(producer: string, n: number) {
  const moves = [{ appId: producer, after: n === 0 ? undefined : n - 1, version: n }]
  return { rows: [sale(day, `${producer}/${n}`, 1)], moves, operation }
}

/** The same store, where the first rename into the log waits until it is let go. */
function gated(store: Store): { store: Store; open: () => void } {
  let open: () => void = () => undefined
  const until = new Promise<void>((resolve) => (open = resolve))
  return { store: faulty(store, { call: 'rename', nth: 1, effect: 'slow', until, path: '_delta_log' }), open }
}

/** One append whose commit is held up, and others that come meanwhile. */
async function meanwhile(store: Store, others: (table: Table) => readonly Promise<AppendResult>[]) {
  await openSales(store)
  const gate = gated(store)
  const { store: counted, count } = counting(gate.store)
  const table = await openSales(counted)
  const first = appendShared(table, batch('first', 0))
  while (count('rename', '_delta_log') === 0) await new Promise(setImmediate)
  const results = others(table)
  while (count('put', '.parquet') < 1 + results.length) await new Promise(setImmediate)
  gate.open()
  return { first: await first, others: await Promise.allSettled(results), count }
}

test('alone, it is the entry, the requests and the version of an append', async () => {
  const [alone, plain] = [counting(memoryStore()), counting(memoryStore())]
  expect(await appendShared(await openSales(alone.store), batch('p', 0))).toEqual({ kind: 'committed', version: 1 })
  await append(await openSales(plain.store), batch('p', 0))
  for (const call of ['put', 'rename', 'read', 'list'] as const)
    expect(alone.count(call, '')).toBe(plain.count(call, ''))
  const entry = parseEntry(1, (await alone.store.read(entryPath(root, 1))) ?? new Uint8Array())
  expect(entry.actions.map(({ kind }) => kind)).toEqual(['commit-info', 'txn', 'add'])
})

test('S1: what comes while a commit is in flight goes as one entry, its data files stored meanwhile', async () => {
  const store = memoryStore()
  const run = await meanwhile(store, (table) => [0, 1, 2, 3].map((p) => appendShared(table, batch(`p${p}`, 0))))
  expect(run.first).toEqual({ kind: 'committed', version: 1 })
  expect(run.others.map((one) => one.status === 'fulfilled' && one.value)).toEqual(
    Array.from({ length: 4 }, () => ({ kind: 'committed', version: 2 })),
  )
  expect(run.count('put', '/_staged/')).toBe(2)
  expect(run.count('put', '.parquet')).toBe(5)
  const entry = parseEntry(2, (await store.read(entryPath(root, 2))) ?? new Uint8Array())
  const count = (kind: string) => entry.actions.filter((action) => action.kind === kind).length
  expect([count('commit-info'), count('txn'), count('add')]).toEqual([1, 4, 4])
  expect(await stored(store)).toEqual(['first/0', 'p0/0', 'p1/0', 'p2/0', 'p3/0'])
})

test('those let go by one commit share the next, so that producers who go on at once take one entry a round', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  const produce = async (producer: string) => {
    for (let n = 0; n < 10; n++) await appendShared(table, batch(producer, n))
  }
  await Promise.all(['a', 'b', 'c', 'd'].map(produce))
  expect(table.seen.snapshot.version).toBe(10)
  expect(await stored(store)).toHaveLength(40)
})

test('S4: a member another owner has overtaken is left out alone', async () => {
  const store = memoryStore()
  const owner = await openSales(store)
  await append(owner, batch('p1', 0))
  const run = await meanwhile(store, (table) => ['p0', 'p1', 'p2'].map((p) => appendShared(table, batch(p, 0))))
  expect(run.others).toMatchObject([
    { value: { kind: 'committed', version: 3 } },
    { value: { kind: 'superseded', version: 2, appId: 'p1' } },
    { value: { kind: 'committed', version: 3 } },
  ])
  expect(await stored(store)).toEqual(['first/0', 'p0/0', 'p1/0', 'p2/0'])
})

test('S4: a member overtaken while its commit was under way is left out of the next try alone', async () => {
  const store = memoryStore()
  const rival = await openSales(store)
  let overtaken = false
  const table = await openSales({
    ...store,
    rename: async (from, to) => {
      if (!overtaken) await append(rival, batch('p1', 0))
      overtaken = true
      return store.rename(from, to)
    },
  })
  const results = await Promise.all(['p0', 'p1', 'p2'].map((p) => appendShared(table, batch(p, 0))))
  expect(results).toEqual([
    { kind: 'committed', version: 2 },
    { kind: 'superseded', version: 1, appId: 'p1' },
    { kind: 'committed', version: 2 },
  ])
  expect(await stored(store)).toEqual(['p0/0', 'p1/0', 'p2/0'])
})

test('S4: a position this process has not read yet does not leave its member out', async () => {
  const store = memoryStore()
  const behind = await openSales(store)
  await append(await openSales(store), batch('p1', 0))
  const results = await Promise.all([appendShared(behind, batch('p0', 0)), appendShared(behind, batch('p1', 1))])
  expect(results).toEqual(Array.from({ length: 2 }, () => ({ kind: 'committed', version: 2 })))
})

test('S3: two batches of one producer are two entries, in order, and the same batch twice is superseded', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  const results = await Promise.all([
    appendShared(table, batch('p', 0)),
    appendShared(table, batch('q', 0)),
    appendShared(table, batch('p', 1)),
    appendShared(table, batch('p', 1)),
  ])
  expect(results).toEqual([
    { kind: 'committed', version: 1 },
    { kind: 'committed', version: 1 },
    { kind: 'committed', version: 2 },
    { kind: 'superseded', version: 2, appId: 'p' },
  ])
  expect(await stored(store)).toEqual(['p/0', 'p/1', 'q/0'])
})

test('an upload that fails fails its own caller, the others go on', async () => {
  const store = memoryStore()
  const fault = { call: 'put', nth: 3, effect: 'refused', path: '.parquet' } as const
  const run = await meanwhile(faulty(store, fault), (table) =>
    ['p0', 'p1', 'p2'].map((p) => appendShared(table, batch(p, 0))),
  )
  expect(run.others.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await stored(store)).toEqual(['first/0', 'p0/0', 'p2/0'])
})

test('S2: a commit that fails fails everybody in it, and the line goes on', async () => {
  const store = memoryStore()
  await openSales(store)
  let down = true
  const table = await openSales({
    ...store,
    rename: (from, to) => (down ? Promise.reject(new Error('no answer')) : store.rename(from, to)),
  })
  const failed = await Promise.allSettled(['p0', 'p1'].map((p) => appendShared(table, batch(p, 0))))
  for (const one of failed) expect(one).toMatchObject({ reason: { cause: new Error('no answer') } })
  down = false
  expect(await appendShared(table, batch('p0', 0))).toEqual({ kind: 'committed', version: 1 })
  expect(await stored(store)).toEqual(['p0/0'])
})

test('S2: whatever the store does, each batch is in once, whoever shared its commit', async () => {
  const anyFault: fc.Arbitrary<Fault> = fc.record({
    call: fc.constantFrom('put' as const, 'rename' as const, 'read' as const, 'list' as const),
    nth: fc.integer({ min: 1, max: 40 }),
    effect: fc.constantFrom('refused' as const, 'applied, answer lost' as const),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyFault, { maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      async (faults, processes) => {
        const bare = memoryStore()
        await openSales(bare)
        const store = faulty(bare, ...faults)
        const produce = async (table: Table, producer: string) => {
          // As the pipeline does: after any error, what the log says is taken for the truth.
          for (let n = 0; n < 5;) {
            const taken = await appendShared(table, batch(producer, n)).catch(() => undefined)
            if (taken?.kind === 'committed') n++
            else n = Number((await refreshed(table)).get(producer) ?? -1) + 1
          }
        }
        const tables = await Promise.all(Array.from({ length: processes }, () => opened(store)))
        await Promise.all(tables.flatMap((table, t) => [0, 1, 2].map((p) => produce(table, `${t}-${p}`))))
        const wanted = tables.flatMap((_, t) => [0, 1, 2].flatMap((p) => [0, 1, 2, 3, 4].map((n) => `${t}-${p}/${n}`)))
        expect(await stored(bare)).toEqual(wanted.sort())
      },
    ),
    { numRuns: 60 },
  )
})

async function opened(store: Store): Promise<Table> {
  return openSales(store).catch(() => opened(store))
}

async function refreshed(table: Table): Promise<ReadonlyMap<string, number | bigint>> {
  return refresh(table).then(
    ({ txns }) => txns,
    () => refreshed(table),
  )
}

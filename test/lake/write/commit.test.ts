import { append, type AppendResult } from '../../../src/lake/write/append'
import { parseEntry } from '../../../src/lake/log/action'
import { entryPath } from '../../../src/lake/log/log-name'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { refresh } from '../../../src/lake/table'
import { faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, column, counting, openSales, sale, salesSchema } from '../tables'

const day = '2010-12-01'
const operation = 'STREAMING UPDATE'

async function stored(store: Store): Promise<string[]> {
  const table = await openSales(store)
  return (await allRows(table, await refresh(table), 'store')).map((row) => String(row['store']))
}

test('rows and the position that produced them land in one entry', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  const moves = [{ appId: 'sales/partition-0', after: undefined, version: 41 }]
  const result = await append(table, { rows: [sale(day, 'a', 250)], moves, operation })

  expect(result).toEqual({ kind: 'committed', version: 1 })
  const entry = parseEntry(1, (await store.read(entryPath('lake/sales', 1))) ?? new Uint8Array())
  expect(entry.actions.map(({ kind }) => kind)).toEqual(['commit-info', 'txn', 'add'])
  const snapshot = await readSnapshot(store, 'lake/sales')
  expect(snapshot?.txns).toEqual(new Map([['sales/partition-0', 41]]))
})

test('several producers share a commit, a move for each', async () => {
  const table = await openSales(memoryStore())
  const moves = [0, 1, 2].map((p) => ({ appId: `sales/partition-${p}`, after: undefined, version: p * 10 }))
  await append(table, { rows: [sale(day, 'a', 1), sale(day, 'b', 2)], moves, operation })
  const snapshot = await refresh(table)
  expect([...snapshot.txns.values()]).toEqual([0, 10, 20])
  expect(snapshot.files.size).toBe(1)
})

test('writers racing on one table all get in, each writing its data file once', async () => {
  const { store, count } = counting(memoryStore())
  const [writers, commits] = [8, 10]
  await openSales(store)
  const write = async (w: number): Promise<AppendResult[]> => {
    const table = await openSales(store)
    const results: AppendResult[] = []
    for (let n = 0; n < commits; n++) {
      const moves = [{ appId: `writer-${w}`, after: n === 0 ? undefined : n - 1, version: n }]
      results.push(await append(table, { rows: [sale(day, `${w}/${n}`, 1)], moves, operation }))
    }
    return results
  }
  const results = (await Promise.all(Array.from({ length: writers }, (_, w) => write(w)))).flat()

  const versions = results.map((result) => (result.kind === 'committed' ? result.version : -1))
  expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: writers * commits }, (_, i) => i + 1))
  expect(new Set(await stored(store)).size).toBe(writers * commits)
  expect(count('put', '.parquet')).toBe(writers * commits)
  // One staged entry serves all tries of an append; version 0 is the one more.
  expect(count('put', '/_staged/')).toBe(writers * commits + 1)
  expect(count('rename', '_delta_log')).toBeGreaterThan(writers * commits)
})

test('an append to a known table lists nothing and reads nothing', async () => {
  const { store, count } = counting(memoryStore())
  const table = await openSales(store)
  const before = [count('list', ''), count('read', '')]
  await append(table, { rows: [sale(day, 'a', 1)], operation })
  await append(table, { rows: [sale(day, 'b', 1)], operation })
  expect([count('list', ''), count('read', '')]).toEqual(before)
})

test('a state too old to trust is listed anew before a commit', async () => {
  const { store, count } = counting(memoryStore())
  let ms = 0
  const table = await openSales(store, { clock: () => ms, refreshAfterMs: 60_000 })
  const before = count('list', '')
  ms = 60_001
  await append(table, { rows: [sale(day, 'a', 1)], operation })
  expect(count('list', '')).toBe(before + 1)
})

describe('an answer that was lost', () => {
  test('after the rename took place: found in the log, committed once', async () => {
    const store = memoryStore()
    const fault = { call: 'rename', nth: 2, effect: 'applied, answer lost', path: '_delta_log' } as const
    const table = await openSales(faulty(store, fault))
    expect(await append(table, { rows: [sale(day, 'a', 1)], operation })).toEqual({ kind: 'committed', version: 1 })
    expect(await stored(store)).toEqual(['a'])
  })

  test('before the rename took place: tried again at the same version', async () => {
    const store = memoryStore()
    const fault = { call: 'rename', nth: 2, effect: 'refused', path: '_delta_log' } as const
    const table = await openSales(faulty(store, fault))
    expect(await append(table, { rows: [sale(day, 'a', 1)], operation })).toEqual({ kind: 'committed', version: 1 })
    expect(await stored(store)).toEqual(['a'])
  })

  test('while another writer took the version: the next one', async () => {
    const store = memoryStore()
    const other = await openSales(store)
    const fault = { call: 'rename', nth: 1, effect: 'refused', path: '_delta_log' } as const
    const table = await openSales(faulty(store, fault))
    await append(other, { rows: [sale(day, 'b', 1)], operation })
    expect(await append(table, { rows: [sale(day, 'a', 1)], operation })).toEqual({ kind: 'committed', version: 2 })
    expect(await stored(store)).toEqual(['a', 'b'])
  })

  test('by a client that repeats the request by itself: its own entry is not taken for another', async () => {
    const store = memoryStore()
    const repeating: Store = {
      ...store,
      rename: async (from, to) => {
        await store.rename(from, to)
        return 'exists'
      },
    }
    await openSales(store)
    const table = await openSales(repeating)
    expect(await append(table, { rows: [sale(day, 'a', 1)], operation })).toEqual({ kind: 'committed', version: 1 })
    expect(await stored(store)).toEqual(['a'])
  })

  test('of a rename that arrives late, after the second try: refused by the version the second holds', async () => {
    const store = memoryStore()
    await openSales(store)
    let late: (() => Promise<'moved' | 'exists'>) | undefined
    const delaying: Store = {
      ...store,
      rename: (from, to) => {
        if (late) return store.rename(from, to)
        late = () => store.rename(from, to)
        return Promise.reject(new Error('timed out'))
      },
    }
    const table = await openSales(delaying)
    expect(await append(table, { rows: [sale(day, 'a', 1)], operation })).toEqual({ kind: 'committed', version: 1 })
    expect(await late?.()).toBe('exists')
    expect(await stored(store)).toEqual(['a'])
  })

  test('and found by another commit of the same process first: still found by its own', async () => {
    const store = memoryStore()
    await openSales(store)
    let late: (() => Promise<unknown>) | undefined
    let overtake: (() => Promise<unknown>) | undefined
    const shared = await openSales({
      ...store,
      rename: (from, to) => {
        if (late) return store.rename(from, to)
        late = () => store.rename(from, to)
        return Promise.reject(new Error('timed out'))
      },
      // The first writer looks at versions 1 to 4; while it waits for the last of them, its rename arrives after all.
      read: async (path) => {
        const [run, bytes] = [path === entryPath('lake/sales', 4) ? overtake : undefined, await store.read(path)]
        overtake = run ? undefined : overtake
        await run?.()
        return bytes
      },
    })
    overtake = async () => {
      await late?.()
      await append(shared, { rows: [sale(day, 'b', 1)], operation })
    }
    expect(await append(shared, { rows: [sale(day, 'a', 1)], operation })).toEqual({ kind: 'committed', version: 1 })
    expect(await stored(store)).toEqual(['a', 'b'])
  })
})

describe('a producer that lost its partition', () => {
  const move = (after: number | undefined, version: number) => [{ appId: 'sales/partition-0', after, version }]

  test('is superseded by the commit of the new owner it ran into', async () => {
    const store = memoryStore()
    const zombie = await openSales(store)
    const owner = await openSales(store)
    await append(owner, { rows: [sale(day, 'a', 1)], moves: move(undefined, 10), operation })
    const result = await append(zombie, { rows: [sale(day, 'a again', 1)], moves: move(undefined, 12), operation })
    expect(result).toEqual({ kind: 'superseded', version: 1, appId: 'sales/partition-0' })
    expect(await stored(store)).toEqual(['a'])
  })

  test('is superseded though the new owner is behind it', async () => {
    const store = memoryStore()
    const zombie = await openSales(store)
    await append(zombie, { rows: [], moves: move(undefined, 10), operation })
    const owner = await openSales(store)
    await append(owner, { rows: [], moves: move(10, 11), operation })
    expect(await append(zombie, { rows: [], moves: move(10, 20), operation })).toMatchObject({ kind: 'superseded' })
  })

  test('is not superseded for a state this process has not read yet', async () => {
    const store = memoryStore()
    const behind = await openSales(store)
    const ahead = await openSales(store)
    await append(ahead, { rows: [], moves: move(undefined, 10), operation })
    const result = await append(behind, { rows: [], moves: move(10, 20), operation })
    expect(result).toEqual({ kind: 'committed', version: 2 })
  })

  test('sees a repeated batch as superseded, not as new rows', async () => {
    const store = memoryStore()
    const table = await openSales(store)
    const batch = { rows: [sale(day, 'a', 1)], moves: move(undefined, 10), operation }
    await append(table, batch)
    expect(await append(table, batch)).toMatchObject({ kind: 'superseded' })
    expect(await stored(store)).toEqual(['a'])
  })
})

describe('tries are bounded, and the error says how far they went', () => {
  const retry = { attempts: 3, baseMs: 1, lostAnswers: 2 }

  test('when the store does not answer', async () => {
    const store = memoryStore()
    await openSales(store)
    const table = await openSales({ ...store, rename: () => Promise.reject(new Error('no answer')) })
    const failed = append(table, { rows: [sale(day, 'a', 1)], operation, retry })
    await expect(failed).rejects.toThrow('not committed as version 1 to 1 (2 answers lost)')
    await expect(failed).rejects.toMatchObject({ cause: new Error('no answer') })
  })

  test('when other writers are always faster', async () => {
    const store = memoryStore()
    const rival = await openSales(store)
    const outrun: Store = {
      ...store,
      rename: async (from, to) => {
        await append(rival, { rows: [], operation })
        return store.rename(from, to)
      },
    }
    const table = await openSales(outrun)
    const failed = append(table, { rows: [sale(day, 'a', 1)], operation, retry })
    await expect(failed).rejects.toThrow('not committed as version 1 to 4 (0 answers lost)')
  })
})

test('a schema changed under the writer stops it', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  const metadata = {
    ...table.seen.snapshot.metadata,
    schemaString: '{"type":"struct","fields":[{"name":"other","type":"string","nullable":true,"metadata":{}}]}',
    partitionColumns: [],
  }
  await store.put(entryPath('lake/sales', 1), Buffer.from(JSON.stringify({ metaData: { ...metadata, format: {} } })))
  await expect(append(table, { rows: [sale(day, 'a', 1)], operation })).rejects.toThrow(
    'its schema was changed under the writer: column date expected date not null, got no such column',
  )
})

describe('opening', () => {
  test("a creator that another overtook opens the other's table, whatever has been committed to it since", async () => {
    const store = memoryStore()
    let overtake: (() => Promise<unknown>) | undefined = async () => {
      const other = await openSales(store)
      await append(other, { rows: [sale(day, 'a', 1)], operation })
    }
    const outrun: Store = {
      ...store,
      rename: async (from, to) => {
        const first = overtake
        overtake = undefined
        await first?.()
        return store.rename(from, to)
      },
    }
    const table = await openSales(outrun)
    expect(table.seen.snapshot).toEqual(await readSnapshot(store, 'lake/sales'))
    expect(table.seen.snapshot.version).toBe(1)
  })

  test.each([1, 2])('a creation the store refuses %i times is tried again', async (times) => {
    const faults = Array.from({ length: times }, (_, i) => ({ call: 'rename', nth: i + 1, effect: 'refused' }) as const)
    const store = memoryStore()
    const table = await openSales(faulty(store, ...faults))
    expect(table.seen.snapshot).toEqual(await readSnapshot(store, 'lake/sales'))
  })

  test('a creation that never gets an answer is an error that says so, and no table', async () => {
    const store = memoryStore()
    const deaf = { ...store, rename: () => Promise.reject(new Error('no answer')) }
    await expect(openSales(deaf)).rejects.toThrow('not committed as version 0 to 0 (5 answers lost)')
    expect(await readSnapshot(store, 'lake/sales')).toBeUndefined()
  })

  test('creators race: one version 0, one table id', async () => {
    const store = memoryStore()
    const tables = await Promise.all(Array.from({ length: 8 }, () => openSales(store)))
    expect(new Set(tables.map(({ seen }) => seen.snapshot.metadata.id)).size).toBe(1)
    expect((await store.list('lake/sales/_delta_log')).map(({ path }) => path)).toEqual([entryPath('lake/sales', 0)])
  })

  test('a creator whose answer was lost opens what it created', async () => {
    const fault = { call: 'rename', nth: 1, effect: 'applied, answer lost' } as const
    const table = await openSales(faulty(memoryStore(), fault))
    expect(table.seen.snapshot.version).toBe(0)
  })

  test('neither table nor schema, or another schema, is an error that names the difference', async () => {
    const store = memoryStore()
    await expect(openTable({ store, root: 'lake/sales' })).rejects.toThrow(
      'expected a table, found none; give a schema',
    )
    await openSales(store)
    const columns = [...salesSchema.columns, column('extra', 'long', 'not null')]
    await expect(openSales(store, { schema: { ...salesSchema, columns } })).rejects.toThrow(
      'column extra expected long not null, got no such column',
    )
  })
})

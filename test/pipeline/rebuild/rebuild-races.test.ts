import { type Store } from '../../../src/lake/store'
import { type Message } from '../../../src/event/message'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { type Warehouse } from '../../../src/warehouse/connection'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { once, stepsOf } from '../../thorough'
import { emptyWarehouse, id, openPlant, rules, sale } from '../plant'
import { earlierAlerts, fiveMinutes, from, logs, trialOn } from './rebuild-plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const { ingest, rebuild, found, fresh } = trialOn(() => server.warehouse)

test.each(['the lake', 'PostgreSQL', 'both'])(
  'G5: what a writer that died still owed %s for an earlier date is there after the rebuild, once',
  async (owed) => {
    const store = memoryStore()
    await ingest(store, rules)
    const { more } = withLateSale()
    const isOwed = (sink: string) => owed === sink || owed === 'both'
    const died = () => Promise.reject(new Error('died'))
    const dying: Store = {
      ...store,
      rename: (a, b) => (isOwed('the lake') && b.includes('silver/') ? died() : store.rename(a, b)),
    }
    const mortal = isOwed('PostgreSQL') ? { ...server.warehouse, transaction: died } : server.warehouse
    const ports = await openPlant(dying, { warehouse: mortal })
    await expect(openIngest(ports).take(0, more)).rejects.toThrow()
    await rebuild(store, fiveMinutes, { from })
    const stream = openIngest(await openPlant(store, { warehouse: server.warehouse, rules: fiveMinutes }))
    await stream.take(0, more)
    expect(await lateRows(store)).toEqual(onceEach)
  },
)

test('the stream goes on meanwhile, until it is refused; nothing of it is lost or doubled', async () => {
  const whole = await fresh(fiveMinutes)
  for (const turn of stepsOf(12, { most: 4 })) {
    await emptyWarehouse(server.warehouse)
    const bare = memoryStore()
    await ingest(bare, rules, { upTo: 0.4 })
    const old = openIngest(await openPlant(bare, { warehouse: server.warehouse }))
    const refused: string[] = []
    const position = logs.map((log) => Math.ceil(log.length * 0.4))
    // Before each rename of the rebuild, from some turn on, the old writer takes two more messages.
    let renames = 0
    const raced: Store = {
      ...bare,
      rename: async (a, b) => {
        renames += 1
        for (const [partition, log] of logs.entries()) {
          const first = position[partition] ?? 0
          if (renames < turn || first >= log.length) continue
          position[partition] = first + 2
          await old.take(partition, log.slice(first, first + 2)).catch((error: Error) => refused.push(error.message))
        }
        return bare.rename(a, b)
      },
    }
    await rebuild(raced, fiveMinutes)
    await expect(ingest(bare, rules)).rejects.toThrow('or deploy the earlier version')
    await ingest(bare, fiveMinutes)
    expect({ turn, rows: await found(bare, fiveMinutes) }).toEqual({ turn, rows: whole })
    for (const message of refused) expect(message).toMatch(/was folded by|rebuild them|expected tillstream.rules/)
  }
})

/** The first partition's log, with a late sale of a product of its own for the first date at its end. */
function withLateSale(): { more: readonly Message[]; late: Message } {
  const log = logs[0] ?? []
  const body = Buffer.from(JSON.stringify(sale(2, { eventId: id(9), quantity: 9, product: 'p9' })))
  const late = { sequence: log.length, enqueuedMs: (log.at(-1)?.enqueuedMs ?? 0) + 1000, body }
  return { more: [...log, late], late }
}

/** The rows of the late sale, in the lake and in PostgreSQL. */
async function lateRows(store: Store): Promise<readonly (readonly string[] | undefined)[]> {
  const rows = await found(store, fiveMinutes)
  return ['sales_1m', 'postgres sales_1m'].map((table) => rows[table]?.filter((row) => row.includes('"p9"')))
}

const onceEach = [[expect.stringContaining('"total_qty":9')], [expect.stringContaining('"total_qty":9')]]

test('G5: a late event that the old writer brings to a date that stays, at the last moment, is there once', async () => {
  const { late } = withLateSale()
  for (const turn of stepsOf(6, { most: 3 })) {
    await emptyWarehouse(server.warehouse)
    const bare = memoryStore()
    await ingest(bare, rules)
    const old = openIngest(await openPlant(bare, { warehouse: server.warehouse }))
    let renames = 0
    const raced: Store = {
      ...bare,
      rename: async (a, b) => {
        renames += 1
        if (renames === turn) await old.take(0, [late]).catch(() => undefined)
        return bare.rename(a, b)
      },
    }
    await rebuild(raced, fiveMinutes, { from })
    const stream = openIngest(await openPlant(bare, { warehouse: server.warehouse, rules: fiveMinutes }))
    await stream.take(0, [late])
    expect({ turn, rows: await lateRows(bare) }).toEqual({ turn, rows: onceEach })
  }
})

test('G5: a late event that bronze has and silver gets while the rebuild adds it is there once', async () => {
  const { late } = withLateSale()
  const bare = memoryStore()
  await ingest(bare, rules)
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  const slow: Store = {
    ...bare,
    rename: async (a, b) => {
      if (b.startsWith('silver/')) await gate
      return bare.rename(a, b)
    },
  }
  const begun = openIngest(await openPlant(slow, { warehouse: server.warehouse })).take(0, [late])
  const isInBronze = async () => (await found(bare)).bronze_events?.some((row) => row.includes('p9')) === true
  while (!(await isInBronze())) await new Promise((resolve) => setImmediate(resolve))
  const raced: Store = {
    ...bare,
    rename: async (a, b) => {
      open()
      await begun.catch(() => undefined)
      return bare.rename(a, b)
    },
  }
  await rebuild(raced, fiveMinutes, { from })
  await openIngest(await openPlant(bare, { warehouse: server.warehouse, rules: fiveMinutes })).take(0, [late])
  expect(await lateRows(bare)).toEqual(onceEach)
})

test('a partition whose first events come during the rebuild is not lost', async () => {
  const whole = await fresh(fiveMinutes)
  for (let turn = 1; turn <= 4; turn++) {
    await emptyWarehouse(server.warehouse)
    const bare = memoryStore()
    const old = openIngest(await openPlant(bare, { warehouse: server.warehouse }))
    const [first = [], second = []] = logs
    await old.take(0, first)
    let renames = 0
    const raced: Store = {
      ...bare,
      rename: async (a, b) => {
        renames += 1
        if (renames === turn) await old.take(1, second.slice(0, 9)).catch(() => undefined)
        return bare.rename(a, b)
      },
    }
    await rebuild(raced, fiveMinutes)
    await ingest(bare, fiveMinutes)
    expect({ turn, rows: await found(bare, fiveMinutes) }).toEqual({ turn, rows: whole })
  }
})

test('no state is saved beyond what a table that is not rebuilt has got, so nothing of it is lost', async () => {
  const whole = await fresh(earlierAlerts)
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.7 })
  const dying: Store = {
    ...store,
    rename: (a, b) => (b.startsWith('silver/') ? Promise.reject(new Error('died')) : store.rename(a, b)),
  }
  await expect(ingest(dying, rules)).rejects.toThrow()
  const report = await rebuild(store, earlierAlerts)
  expect(report.tables.map(({ table }) => table)).toEqual(['gold_stockout'])
  expect(report.saved).toEqual([1])
  await ingest(store, earlierAlerts)
  expect(await found(store, earlierAlerts)).toEqual(whole)
})

test('what the stream brings to PostgreSQL before its writers are held is in what takes its place', async () => {
  const whole = await fresh(rules)
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.6 })
  const { warehouse } = server
  const raced: Warehouse = {
    ...warehouse,
    transaction: (work) =>
      warehouse.transaction((session) =>
        work({
          query: async (statement, parameters) => {
            if (statement.startsWith('LOCK TABLE')) await ingest(store, rules)
            return session.query(statement, parameters)
          },
        }),
      ),
  }
  await rebuild(store, rules, { tables: ['postgres'] }, raced)
  expect(await found(store)).toEqual(whole)
  await ingest(store, rules)
  expect(await found(store)).toEqual(whole)
})

test('a writer that has resumed before PostgreSQL was rebuilt under other rules is refused there', async () => {
  const store = memoryStore()
  const old = openIngest(await openPlant(store, { warehouse: server.warehouse }))
  const log = logs[0] ?? []
  await old.take(0, log.slice(0, 9))
  await rebuild(store, fiveMinutes, { tables: ['postgres'] })
  const before = await found(store)
  await expect(old.take(0, log.slice(9))).rejects.toThrow('its rows were folded by "fold-3')
  const after = await found(store)
  for (const table of ['postgres sales_1m', 'postgres store_1m']) expect(after[table]).toEqual(before[table])
})

/**
 * Every way a rebuild, which removes nothing, can die: before a call that changes the lake or a statement of its transaction, or after one after
 * which something is different for others.
 */
const deaths = [
  { at: 'put', effect: 'refused' },
  { at: 'rename', effect: 'refused' },
  { at: 'rename', effect: 'applied, answer lost' },
  { at: 'statement', effect: 'refused' },
  { at: 'commit', effect: 'refused' },
  { at: 'commit', effect: 'applied, answer lost' },
] as const

/** What a rebuild works on when it dies at its nth call of a kind, and how often that kind was called. */
function dying(store: Store, { at, effect, nth }: (typeof deaths)[number] & { nth: number }) {
  let calls = 0
  const strike = async <T>(kind: typeof at, apply: () => Promise<T>): Promise<T> => {
    if (kind !== at || ++calls !== nth) return apply()
    if (effect === 'applied, answer lost') await apply()
    throw new Error('died')
  }
  const { warehouse } = server
  const mortal: Warehouse = {
    ...warehouse,
    transaction: (work) =>
      strike('commit', () =>
        warehouse.transaction((session) =>
          work({ query: (...given) => strike('statement', () => session.query(...given)) }),
        ),
      ),
  }
  const lake: Store = {
    ...store,
    put: (...given) => strike('put', () => store.put(...given)),
    rename: (...given) => strike('rename', () => store.rename(...given)),
  }
  return { lake, mortal, calls: () => calls }
}

const oldAndWhole = once(async () => [await fresh(rules), await fresh(fiveMinutes)] as const)

/** How often an undisturbed rebuild makes each call. */
const callsOf = once(async () => {
  const counts = new Map<string, number>()
  for (const at of new Set(deaths.map((death) => death.at))) {
    await emptyWarehouse(server.warehouse)
    const store = memoryStore()
    await ingest(store, rules, { size: 40 })
    const { lake, mortal, calls } = dying(store, { at, effect: 'refused', nth: Infinity })
    await rebuild(lake, fiveMinutes, {}, mortal)
    counts.set(at, calls())
  }
  return counts
})

test.each(deaths)(
  'a rebuild that dies at a $at ($effect) leaves each table old or new, and running again completes it',
  async (death) => {
    const [old, whole] = await oldAndWhole()
    const steps = stepsOf((await callsOf()).get(death.at) ?? 0, { most: 5 })
    expect(steps).not.toEqual([])
    for (const nth of steps) {
      await emptyWarehouse(server.warehouse)
      const store = memoryStore()
      await ingest(store, rules, { size: 40 })
      const { lake, mortal, calls } = dying(store, { ...death, nth })
      await rebuild(lake, fiveMinutes, {}, mortal).catch(() => undefined)
      expect(calls()).toBeGreaterThanOrEqual(nth)
      for (const [table, rows] of Object.entries(await found(store, fiveMinutes))) {
        const which = JSON.stringify(rows) === JSON.stringify(old[table]) ? old : whole
        expect({ nth, table, rows }).toEqual({ nth, table, rows: which[table] })
      }
      await rebuild(store, fiveMinutes)
      await ingest(store, fiveMinutes, { size: 40 })
      expect({ nth, rows: await found(store, fiveMinutes) }).toEqual({ nth, rows: whole })
    }
  },
)

test('two rebuilds at once leave what one would', async () => {
  const whole = await fresh(fiveMinutes)
  const store = memoryStore()
  await ingest(store, rules)
  await Promise.all([rebuild(store, fiveMinutes), rebuild(store, fiveMinutes)])
  expect(await found(store, fiveMinutes)).toEqual(whole)
  await ingest(store, fiveMinutes)
  expect(await found(store, fiveMinutes)).toEqual(whole)
})

import { type Rollup } from '../../src/fold/rollup'
import { type Rules } from '../../src/fold/rules'
import { type Store } from '../../src/lake/store'
import { openTable } from '../../src/lake/table'
import { type Message } from '../../src/pipeline/bronze'
import { openIngest } from '../../src/pipeline/ingest'
import { rebuild, type RebuildOptions } from '../../src/pipeline/rebuild'
import { rulesProperty, stamped } from '../../src/pipeline/stamp'
import { bronzeEvents } from '../../src/pipeline/tables'
import { type Warehouse } from '../../src/warehouse/connection'
import { memoryStore } from '../store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'
import { dayStartMs, decodeRules, emptyWarehouse, everything, id, openPlant, rules, sale } from './plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const minuteMs = 60_000
const day = 1440

/** A partition's log: the hub takes each body a second after the newest event so far. */
function logOf(...bodies: readonly ReturnType<typeof sale>[]): readonly Message[] {
  let newestMs = dayStartMs
  return bodies.map((body, sequence) => {
    newestMs = Math.max(newestMs, Date.parse(body.eventTime)) + 1000
    return { sequence, enqueuedMs: newestMs, body: Buffer.from(JSON.stringify(body)) }
  })
}

/** Four days of two partitions: on time, late by minutes and by days, twice, returns, silences. */
const logs: readonly (readonly Message[])[] = [
  logOf(
    ...[0, 0.5, 3, 4, 12, 13, 47].map((minute) => sale(minute, { product: minute % 2 === 0 ? 'p1' : 'p2' })),
    sale(12, { product: 'p1' }),
    sale(0.7, { eventId: id(1), quantity: -1 }),
    sale(36, { eventId: id(2) }),
    ...[0, 3, 4.5, 70].map((minute) => sale(day + minute)),
    sale(6, { eventId: id(3), quantity: 7 }),
    ...[0, 2, 2.5, 31].map((minute) => sale(2 * day + minute, { price: 2.005 })),
    sale(day + 5, { eventId: id(4), quantity: 5 }),
    ...[0, 1, 8, 9.5, 12, 50].map((minute) => sale(3 * day + minute)),
    ...[51, 52].map((minute) => sale(3 * day + minute, { product: 'p2' })),
  ),
  logOf(
    ...[1, 2, 3, 21].map((minute) => sale(minute, { eventId: id(5000 + minute), store: 's2' })),
    sale(day + 3, { eventId: id(5100), store: 's2' }),
    ...[3, 4, 33].map((minute) => sale(2 * day + minute, { eventId: id(5200 + minute), store: 's2' })),
    ...[3, 90, 91].map((minute) => sale(3 * day + minute, { eventId: id(5300 + minute), store: 's2' })),
  ),
]

const fiveMinutes: Rules = { ...rules, rollups: rules.rollups.map((rollup) => ({ ...rollup, windowMs: 5 * minuteMs })) }
const shorterLateness: Rules = { ...rules, latenessMs: 2 * minuteMs }
const earlierAlerts: Rules = { ...rules, stockoutAfterMs: 20 * minuteMs }

/** The first event of the second, third and fourth day in both partitions is at or after midnight of these. */
const from = '2026-03-03'

/** Takes messages of every partition up to a share of its log, in small batches. */
async function ingest(store: Store, under: Rules, { upTo = 1, size = 3 } = {}): Promise<readonly string[]> {
  const ports = await openPlant(store, { warehouse: server.warehouse, rules: under })
  const stream = openIngest(ports)
  for (const [partition, log] of logs.entries()) {
    for (let first = 0; first < log.length * upTo; first += size) {
      await stream.take(partition, log.slice(first, Math.min(first + size, Math.ceil(log.length * upTo))))
    }
  }
  return ports.lines
}

async function rebuildOn(store: Store, under: Rules, options: RebuildOptions = {}, warehouse = server.warehouse) {
  const surroundings = { random: () => 0, sleep: () => Promise.resolve() }
  const bronze = await openTable({ store, root: bronzeEvents.root, ...surroundings })
  const names = { stream: 'test', decodeRules, unique: () => String(unique++), log: () => undefined }
  return rebuild({ ...names, store, warehouse, tables: { bronze }, rules: under, surroundings }, options)
}

let unique = 0

const found = (store: Store, under = rules) => everything(store, server.warehouse, under)

/** What a lake that never knew other rules has of the same logs; leaves the database empty. */
async function fresh(under: Rules, { upTo = 1 } = {}): Promise<Record<string, string[]>> {
  const store = memoryStore()
  await emptyWarehouse(server.warehouse)
  await ingest(store, under, { upTo })
  const rows = await found(store, under)
  await emptyWarehouse(server.warehouse)
  return rows
}

test.each([
  ['window size', fiveMinutes, 'silver/sales_1m', 'sales_1m/60000', 'sales_1m/300000'],
  ['lateness', shorterLateness, 'silver/sales_1m', 'lateness=600000', 'lateness=120000'],
  ['stock-out minutes', earlierAlerts, 'gold/stockout', 'stockout=1800000', 'stockout=1200000'],
])('another %s is refused by name, and no row changes', async (_, under, table, was, is) => {
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.5 })
  const before = await found(store)
  const refused = await ingest(store, under).catch((error: Error) => error.message)
  expect(refused).toMatch(`${table} was folded by "fold-1 `)
  expect(refused).toMatch(new RegExp(`${was}.*", this is ".*${is}.*; run npm run rebuild -- --from DATE, or deploy`))
  expect(await found(store)).toEqual(before)
})

test('a lake without events takes whatever rules come first with one', async () => {
  const store = memoryStore()
  await openPlant(store, { warehouse: server.warehouse })
  await ingest(store, fiveMinutes)
  const rows = await found(store, fiveMinutes)
  expect(rows).toEqual(await fresh(fiveMinutes))
})

test('PostgreSQL that other rules have filled is refused by name', async () => {
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.5 })
  await server.warehouse.query(`UPDATE sink_position SET rules = 'others'`)
  await expect(ingest(store, rules)).rejects.toThrow('postgres was folded by "others", this is "fold-1')
})

test.each([
  ['window size', fiveMinutes],
  ['lateness', shorterLateness],
  ['stock-out minutes', earlierAlerts],
])('rebuilt under another %s, lake and PostgreSQL are what a fresh ingest makes of the log', async (_, under) => {
  const [half, whole] = [await fresh(under, { upTo: 0.5 }), await fresh(under)]
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.5 })
  const report = await rebuildOn(store, under)
  expect(await found(store, under)).toEqual(half)
  expect(report).toMatchObject({ postgres: 'replaced', saved: [0, 1] })
  const lines = await ingest(store, under)
  expect(await found(store, under)).toEqual(whole)
  expect(lines.filter((line) => line.includes('resumed at'))).toEqual([
    expect.stringContaining(' 0 events replayed') as string,
    expect.stringContaining(' 0 events replayed') as string,
  ])
  await expect(ingest(store, rules)).rejects.toThrow('or deploy the earlier version')
})

test('only what other rules have folded is rebuilt, unless tables are named', async () => {
  const store = memoryStore()
  await ingest(store, rules)
  const rows = await found(store)
  const names = async (under: Rules, options?: RebuildOptions) =>
    (await rebuildOn(store, under, options)).tables.map(({ table }) => table)
  expect(await names(earlierAlerts)).toEqual(['gold_stockout'])
  expect(await names(rules)).toEqual(['gold_stockout'])
  expect(await found(store)).toEqual(rows)
  expect(await names(rules)).toEqual(['sales_1m', 'store_1m', 'gold_stockout'])
  expect(await found(store)).toEqual(rows)
  expect(await names(rules, { tables: ['store_1m'] })).toEqual(['store_1m'])
  await expect(names(rules, { tables: ['stores'] })).rejects.toThrow(
    'rebuild: expected tables among sales_1m, store_1m, gold_stockout, postgres, got "stores"',
  )
  expect(await found(store)).toEqual(rows)
})

test('PostgreSQL alone is filled from bronze when it was lost', async () => {
  const store = memoryStore()
  await ingest(store, rules)
  const rows = await found(store)
  await emptyWarehouse(server.warehouse)
  expect(await rebuildOn(store, rules)).toMatchObject({ tables: [], postgres: 'replaced' })
  expect(await found(store)).toEqual(rows)
})

test('a new rollup is refused until it is filled from bronze; the tables that are there stay as they are', async () => {
  const [, store1m] = rules.rollups
  if (!store1m) throw new Error('two rollups')
  const under = { ...rules, rollups: [...rules.rollups, { ...store1m, name: 'store_5m', windowMs: 5 * minuteMs }] }
  await server.warehouse.query('CREATE TABLE store_5m (LIKE store_1m INCLUDING ALL)')
  try {
    const whole = await fresh(under)
    await server.warehouse.query('TRUNCATE store_5m')
    const store = memoryStore()
    await ingest(store, rules, { upTo: 0.5 })
    await expect(ingest(store, under)).rejects.toThrow(/silver\/store_5m is new and lacks what bronze holds already/)
    const { version } = (await openTable({ store, root: 'silver/sales_1m' })).seen.snapshot
    expect((await rebuildOn(store, under)).tables.map(({ table }) => table)).toEqual(['store_5m'])
    expect((await openTable({ store, root: 'silver/sales_1m' })).seen.snapshot.version).toBe(version)
    await ingest(store, under)
    expect(await found(store, under)).toEqual(whole)
  } finally {
    await server.warehouse.query('DROP TABLE store_5m')
  }
})

test('a rollup with another column is refused by name, and gets it when it is rebuilt whole', async () => {
  const returned: Rollup['measures'][number] = { kind: 'sum', name: 'returned', unit: 'count', comment: 'returns' }
  const under = {
    ...rules,
    rollups: rules.rollups.map((rollup) => ({ ...rollup, measures: [...rollup.measures, returned] })),
  }
  for (const { name } of rules.rollups) {
    await server.warehouse.query(`ALTER TABLE ${name} ADD COLUMN returned bigint NOT NULL DEFAULT 0`)
  }
  try {
    const whole = await fresh(under)
    const store = memoryStore()
    await ingest(store, rules, { upTo: 0.5 })
    await expect(ingest(store, under)).rejects.toThrow(/silver\/sales_1m was folded by ".*", this is ".*returned/)
    await expect(rebuildOn(store, under, { from: '2026-03-02' })).rejects.toThrow(
      /silver\/sales_1m has rows that would not fit: column .*returned.*; rebuild it whole/,
    )
    await rebuildOn(store, under)
    await ingest(store, under)
    expect(await found(store, under)).toEqual(whole)
  } finally {
    for (const { name } of rules.rollups) await server.warehouse.query(`ALTER TABLE ${name} DROP COLUMN returned`)
  }
})

const dated = (rows: readonly string[] | undefined, keep: 'before' | 'since') =>
  (rows ?? []).filter((row) => {
    const { date, window_start } = JSON.parse(row) as { date?: string; window_start?: number }
    const own = date ?? new Date(window_start ?? 0).toISOString().slice(0, 10)
    return own < from === (keep === 'before')
  })

const silver = ['sales_1m', 'store_1m', 'postgres sales_1m', 'postgres store_1m'] as const

async function filesOf(store: Store, root: string, keep: 'before' | 'since'): Promise<string[]> {
  const { files } = (await openTable({ store, root })).seen.snapshot
  const dated = [...files.values()].filter(({ partitionValues }) => (partitionValues.date ?? '') < from)
  const rest = [...files.values()].filter((file) => !dated.includes(file))
  return (keep === 'before' ? dated : rest).map(({ path }) => path).sort()
}

test('--from leaves the files and rows of earlier dates as they are, and says so in the table', async () => {
  const whole = await fresh(fiveMinutes)
  const store = memoryStore()
  await ingest(store, rules)
  const [before, kept] = [await found(store), await filesOf(store, 'silver/sales_1m', 'before')]
  const old = await filesOf(store, 'silver/sales_1m', 'since')
  await rebuildOn(store, fiveMinutes, { from })
  const after = await found(store, fiveMinutes)
  for (const table of silver) {
    expect({ table, rows: dated(after[table], 'before') }).toEqual({ table, rows: dated(before[table], 'before') })
    expect({ table, rows: dated(after[table], 'since') }).toEqual({ table, rows: dated(whole[table], 'since') })
    expect(dated(after[table], 'before').length).toBeGreaterThan(0)
  }
  expect(await filesOf(store, 'silver/sales_1m', 'before')).toEqual(kept)
  expect(await filesOf(store, 'silver/sales_1m', 'since')).not.toEqual(expect.arrayContaining(old.slice(0, 1)))
  const { configuration } = (await openTable({ store, root: 'silver/sales_1m' })).seen.snapshot.metadata
  expect(configuration[rulesProperty]).toContain('sales_1m/300000')
  expect(configuration[`${rulesProperty}.before.${from}`]).toContain('sales_1m/60000')
  await ingest(store, fiveMinutes)
  expect(await found(store, fiveMinutes)).toEqual(after)
})

test('--from with windows of earlier dates that may be open is refused, and says which date will do', async () => {
  const store = memoryStore()
  await ingest(store, rules)
  const before = await found(store)
  const at = (date: string) => rebuildOn(store, fiveMinutes, { from: date })
  await expect(at('2026-03-04')).rejects.toThrow(
    /windows of partition 0 that begin before .* silver\/sales_1m .*; begin at 2026-03-03 or before/,
  )
  await expect(at('2026-02-30')).rejects.toThrow('rebuild: expected YYYY-MM-DD, got "2026-02-30"')
  const sevenMinutes = { ...rules, rollups: rules.rollups.map((rollup) => ({ ...rollup, windowMs: 7 * minuteMs })) }
  await expect(rebuildOn(store, sevenMinutes, { from })).rejects.toThrow(
    'sales_1m has windows that do not divide a day',
  )
  expect(await found(store)).toEqual(before)
})

test.each(['the lake', 'PostgreSQL', 'both'])(
  'G5: what a writer that died still owed %s for an earlier date is there after the rebuild, once',
  async (owed) => {
    const store = memoryStore()
    await ingest(store, rules)
    const log = logs[0] ?? []
    const late = sale(2, { eventId: id(9), quantity: 9, product: 'p9' })
    const more = [...log, { sequence: log.length, enqueuedMs: 1e13, body: Buffer.from(JSON.stringify(late)) }]
    const isOwed = (sink: string) => owed === sink || owed === 'both'
    const died = () => Promise.reject(new Error('died'))
    const dying: Store = {
      ...store,
      rename: (a, b) => (isOwed('the lake') && b.includes('silver/') ? died() : store.rename(a, b)),
    }
    const mortal = isOwed('PostgreSQL') ? { ...server.warehouse, transaction: died } : server.warehouse
    const ports = await openPlant(dying, { warehouse: mortal })
    await expect(openIngest(ports).take(0, more)).rejects.toThrow()
    await rebuildOn(store, fiveMinutes, { from })
    const stream = openIngest(await openPlant(store, { warehouse: server.warehouse, rules: fiveMinutes }))
    await stream.take(0, more)
    const rows = await found(store, fiveMinutes)
    for (const table of ['sales_1m', 'postgres sales_1m']) {
      expect(rows[table]?.filter((row) => row.includes('"p9"'))).toEqual([expect.stringContaining('"total_qty":9')])
    }
  },
)

test('the stream goes on meanwhile, until it is refused; nothing of it is lost or doubled', async () => {
  const whole = await fresh(fiveMinutes)
  for (let turn = 1; turn <= 12; turn++) {
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
    await rebuildOn(raced, fiveMinutes)
    await expect(ingest(bare, rules)).rejects.toThrow('or deploy the earlier version')
    await ingest(bare, fiveMinutes)
    expect({ turn, rows: await found(bare, fiveMinutes) }).toEqual({ turn, rows: whole })
    for (const message of refused) expect(message).toMatch(/was folded by|rebuild them|expected tillstream.rules/)
  }
})

/**
 * Every way a rebuild can die: before a call that changes the lake or a statement of its transaction, or after one after
 * which something is different for others.
 */
const deaths = [
  { at: 'put', effect: 'refused' },
  { at: 'rename', effect: 'refused' },
  { at: 'rename', effect: 'applied, answer lost' },
  { at: 'remove', effect: 'refused' },
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
    remove: (...given) => strike('remove', () => store.remove(...given)),
  }
  return { lake, mortal, calls: () => calls }
}

test('a rebuild that dies at any step leaves each table old or new, and running again completes it', async () => {
  const [old, whole] = [await fresh(rules), await fresh(fiveMinutes)]
  let struck = 0
  for (const death of deaths) {
    for (let nth = 1; ; nth++) {
      await emptyWarehouse(server.warehouse)
      const store = memoryStore()
      await ingest(store, rules, { size: 40 })
      const { lake, mortal, calls } = dying(store, { ...death, nth })
      await rebuildOn(lake, fiveMinutes, {}, mortal).catch(() => undefined)
      if (calls() < nth) break
      struck += 1
      for (const [table, rows] of Object.entries(await found(store, fiveMinutes))) {
        const which = JSON.stringify(rows) === JSON.stringify(old[table]) ? old : whole
        expect({ death, nth, table, rows }).toEqual({ death, nth, table, rows: which[table] })
      }
      await rebuildOn(store, fiveMinutes)
      await ingest(store, fiveMinutes, { size: 40 })
      expect({ death, nth, rows: await found(store, fiveMinutes) }).toEqual({ death, nth, rows: whole })
    }
  }
  expect(struck).toBeGreaterThan(50)
}, 120_000)

test('two rebuilds at once leave what one would', async () => {
  const whole = await fresh(fiveMinutes)
  const store = memoryStore()
  await ingest(store, rules)
  await Promise.all([rebuildOn(store, fiveMinutes), rebuildOn(store, fiveMinutes)])
  expect(await found(store, fiveMinutes)).toEqual(whole)
  await ingest(store, fiveMinutes)
  expect(await found(store, fiveMinutes)).toEqual(whole)
})

test('the rules of dates that stay are remembered, however often other dates are rebuilt', () => {
  const first = stamped({ [rulesProperty]: 'a', other: '1' }, { rules: 'b', from: '2026-03-02' })
  expect(first).toEqual({ other: '1', [rulesProperty]: 'b', [`${rulesProperty}.before.2026-03-02`]: 'a' })
  const second = stamped(first, { rules: 'c', from: '2026-03-05' })
  expect(second).toEqual({ ...first, [rulesProperty]: 'c', [`${rulesProperty}.before.2026-03-05`]: 'b' })
  const between = stamped(second, { rules: 'd', from: '2026-03-04' })
  expect(between).toEqual({ ...first, [rulesProperty]: 'd', [`${rulesProperty}.before.2026-03-04`]: 'b' })
  expect(stamped(second, { rules: 'd', from: '2026-03-01' })).toEqual({
    other: '1',
    [rulesProperty]: 'd',
    [`${rulesProperty}.before.2026-03-01`]: 'a',
  })
  expect(stamped(second, { rules: 'd', from: undefined })).toEqual({ other: '1', [rulesProperty]: 'd' })
})

import { type Rollup } from '../../../src/fold/rollup'
import { type Rules } from '../../../src/fold/rules'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { type RebuildOptions } from '../../../src/pipeline/rebuild/rebuild'
import { rulesProperty, stamped } from '../../../src/pipeline/rows/stamp'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, openPlant, rules } from '../plant'
import { earlierAlerts, fiveMinutes, from, minuteMs, shorterLateness, trialOn } from './rebuild-plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const { ingest, rebuild, found, fresh } = trialOn(() => server.warehouse)

test.each([
  ['window size', fiveMinutes, 'silver/sales_1m', 'sales_1m/60000', 'sales_1m/300000'],
  ['lateness', shorterLateness, 'silver/sales_1m', 'lateness=600000', 'lateness=120000'],
  ['stock-out minutes', earlierAlerts, 'gold/stockout', 'stockout=1800000', 'stockout=1200000'],
])('another %s is refused by name, and no row changes', async (_, under, table, was, is) => {
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.5 })
  const before = await found(store)
  const refused = await ingest(store, under).catch((error: Error) => error.message)
  expect(refused).toMatch(`${table} was folded by "fold-3 `)
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
  await expect(ingest(store, rules)).rejects.toThrow('postgres was folded by "others", this is "fold-3')
})

test.each([
  ['window size', fiveMinutes],
  ['lateness', shorterLateness],
  ['stock-out minutes', earlierAlerts],
])('rebuilt under another %s, lake and PostgreSQL are what a fresh ingest makes of the log', async (_, under) => {
  const [half, whole] = [await fresh(under, { upTo: 0.5 }), await fresh(under)]
  const store = memoryStore()
  await ingest(store, rules, { upTo: 0.5 })
  const report = await rebuild(store, under)
  expect(await found(store, under)).toEqual(half)
  expect(report).toMatchObject({ postgres: 'replaced', saved: [0, 1] })
  const lines = await ingest(store, under)
  expect(await found(store, under)).toEqual(whole)
  expect(lines.filter((line) => line.includes('resumed at'))).toEqual([
    expect.stringContaining(' 0 events folded again') as string,
    expect.stringContaining(' 0 events folded again') as string,
  ])
  await expect(ingest(store, rules)).rejects.toThrow('or deploy the earlier version')
})

test('only what other rules have folded is rebuilt, unless tables are named', async () => {
  const store = memoryStore()
  await ingest(store, rules)
  const rows = await found(store)
  const names = async (under: Rules, options?: RebuildOptions) =>
    (await rebuild(store, under, options)).tables.map(({ table }) => table)
  expect(await names(earlierAlerts)).toEqual(['gold_stockout'])
  expect(await names(rules)).toEqual(['gold_stockout'])
  expect(await found(store)).toEqual(rows)
  expect(await names(rules)).toEqual([...rules.rollups.map(({ name }) => name), 'gold_stockout'])
  expect(await found(store)).toEqual(rows)
  expect(await names(rules, { tables: ['store_1m'] })).toEqual(['store_1m'])
  await expect(names(rules, { tables: ['stores'] })).rejects.toThrow(
    `rebuild: expected tables among ${rules.rollups.map(({ name }) => name).join(', ')}, gold_stockout, postgres, got "stores"`,
  )
  expect(await found(store)).toEqual(rows)
})

test('PostgreSQL alone is filled from bronze when it was lost', async () => {
  const store = memoryStore()
  await ingest(store, rules)
  const rows = await found(store)
  await emptyWarehouse(server.warehouse)
  expect(await rebuild(store, rules)).toMatchObject({ tables: [], postgres: 'replaced' })
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
    expect((await rebuild(store, under)).tables.map(({ table }) => table)).toEqual(['store_5m'])
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
    await expect(rebuild(store, under, { from: '2026-03-02' })).rejects.toThrow(
      /silver\/sales_1m has rows that would not fit: column .*returned.*; rebuild it whole/,
    )
    await rebuild(store, under)
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
  await rebuild(store, fiveMinutes, { from })
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
  const at = (date: string) => rebuild(store, fiveMinutes, { from: date })
  await expect(at('2026-03-04')).rejects.toThrow(
    /windows of partition 0 that begin before .* silver\/sales_1m .*; begin at 2026-03-03 or before/,
  )
  await expect(at('2026-02-30')).rejects.toThrow('rebuild: expected YYYY-MM-DD, got "2026-02-30"')
  const sevenMinutes = { ...rules, rollups: rules.rollups.map((rollup) => ({ ...rollup, windowMs: 7 * minuteMs })) }
  await expect(rebuild(store, sevenMinutes, { from })).rejects.toThrow('sales_1m has windows that do not divide a day')
  expect(await found(store)).toEqual(before)
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

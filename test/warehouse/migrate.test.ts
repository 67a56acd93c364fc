import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rollups } from '../../src/fold/rollups'
import { liveTable } from '../../src/pipeline/rows/derived'
import { openWarehouse } from '../../src/warehouse/connection'
import { migrate } from '../../src/warehouse/migrate'
import { stockoutTable } from '../../src/warehouse/stockout'
import { columnsOf, type ColumnSpec, primaryKeyOf } from '../../src/warehouse/table'
import { describeTable } from './describe-table'
import { startTestWarehouse, type TestWarehouse } from './postgres'
import { daily } from './tables'

let server: TestWarehouse

beforeAll(async () => {
  server = await startTestWarehouse()
})

afterAll(() => server.close())

async function tablesIn(database: string): Promise<readonly (string | null | undefined)[]> {
  const warehouse = openWarehouse({ ...server.settings, database })
  try {
    const rows = await warehouse.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
    return rows.map((row) => row.tablename)
  } finally {
    await warehouse.close()
  }
}

const files = readdirSync(join(__dirname, '../../src/warehouse/migrations')).map((file) => file.replace('.sql', ''))

test('migrations go up, down and up again', async () => {
  const settings = await server.createDatabase('updown')
  const lines: string[] = []
  const done = await migrate({ ...settings, log: (line) => lines.push(line) })
  expect(done).toEqual(files.toSorted())
  expect(lines.join('\n')).toContain('MIGRATION 20260101000000001_live-windows (UP)')
  expect(lines.join('\n')).not.toContain("Can't determine timestamp")
  const all = await tablesIn('updown')
  expect(all).toEqual(
    expect.arrayContaining(['gold_daily_sales', 'gold_stockout', 'sales_1m', 'sink_position', 'store_1m']),
  )
  expect(await migrate({ ...settings, direction: 'down' })).toEqual(done.slice(-1))
  await migrate({ ...settings, direction: 'down', count: Infinity })
  expect(await tablesIn('updown')).toEqual(['migrations'])
  expect(await migrate(settings)).toEqual(done)
  expect(await tablesIn('updown')).toEqual(all)
})

test('two migrations at once take turns, and one of them does the work', async () => {
  const settings = await server.createDatabase('twice')
  const done = await Promise.all([migrate(settings), migrate(settings), migrate(settings)])
  expect(done.map((names) => names.length).toSorted()).toEqual([0, 0, files.length])
})

test('a migration leaves no lock and no setting behind, whether it went through or not', async () => {
  const settings = await server.createDatabase('tidy')
  await migrate(settings)
  const warehouse = openWarehouse(settings)
  const holding = warehouse.transaction(async (session) => {
    await session.query('LOCK TABLE sales_1m IN ACCESS SHARE MODE')
    await expect(migrate({ ...settings, direction: 'down', count: Infinity, lockTimeoutMs: 50 })).rejects.toThrow(
      /cannot migrate .*lock timeout/,
    )
  })
  await holding
  await warehouse.query(`SELECT pg_advisory_xact_lock(8386112019281109587)`)
  expect(
    await warehouse.query(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()`),
  ).toEqual([{ count: '0' }])
  expect(await warehouse.query('SHOW lock_timeout')).toEqual([{ lock_timeout: '0' }])
  await warehouse.close()
})

test('a failed migration says where', async () => {
  const nowhere = migrate({ ...server.settings, database: 'nowhere' })
  await expect(nowhere).rejects.toThrow('database "nowhere" does not exist')
})

/** A column as the database describes it: how many digits are written into a numeric it does not say. */
const unscaled = ({ name, type }: ColumnSpec) => ({ name, type })

const byName = (columns: readonly ColumnSpec[]) => columns.toSorted((a, b) => (a.name < b.name ? -1 : 1))

const described: readonly (readonly [string, readonly ColumnSpec[], readonly ColumnSpec[]])[] = [
  [
    stockoutTable.name,
    [...stockoutTable.key, { name: 'partition_id', type: 'integer' }],
    [...stockoutTable.key, ...stockoutTable.values],
  ],
  [daily.name, daily.key, [...daily.key, ...daily.values]],
  ...rollups
    .map((rollup) => liveTable(rollup, { minorDigits: 2 }))
    .map((table) => [table.name, primaryKeyOf(table), columnsOf(table)] as const),
]

test.each(described)(
  'table %s has the columns its descriptor names, and store_id leads its key',
  async (name, key, columns) => {
    const wanted = { key: key.map(unscaled), columns: byName(columns).map(unscaled) }
    expect(await describeTable(server.warehouse, name)).toEqual(wanted)
    expect(key[0]).toEqual({ name: 'store_id', type: 'text' })
  },
)

test('every table and column is commented', async () => {
  const missing = await server.warehouse.query(
    `SELECT c.relname AS "table", a.attname AS "column"
     FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migrations'
       AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)`,
  )
  expect(missing).toEqual([])
})

test('an unknown table cannot be described', async () => {
  await expect(describeTable(server.warehouse, 'sales_2m')).rejects.toThrow('expected a table sales_2m')
})

import { describeTable } from '../../warehouse/describe-table'
import { rollups } from '../../../src/fold/rollups'
import { openTable } from '../../../src/lake/open-table'
import { type Row } from '../../../src/lake/schema'
import { append } from '../../../src/lake/write/append'
import { scaled } from '../../../src/pipeline/rows/tables'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { dailyTables, warehouseTable } from '../../../src/pipeline/daily/tables'
import { liveTable } from '../../../src/pipeline/rows/derived'
import { columnsOf, primaryKeyOf } from '../../../src/warehouse/table'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { goldIn, goldOf } from './gold'
import { emptyWarehouse, id, messages, openPlant, rules, sale, thresholds } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const date = '2026-03-01'

async function plantWith(...bodies: readonly unknown[]) {
  const ports = await openPlant(memoryStore(), { warehouse: server.warehouse })
  await openIngest(ports).take(0, messages(...bodies))
  return ports
}

const salesColumns = 'store_id product_id total_qty total_revenue transactions'

const run = (ports: Awaited<ReturnType<typeof plantWith>>, ...dates: string[]) =>
  runDays(dailyPorts(ports, thresholds), dates)

test('a day is summed per store and product, half-even to cents per line, ids once, rejects not at all', async () => {
  const ports = await plantWith(
    sale(0, { price: 2.005 }),
    [sale(1, { price: 2.015 }), sale(1, { price: 2.015 }), sale(2, { quantity: -3, price: 0.125 })],
    sale(3, { store: 's2', product: "o'p", price: 0.0001, quantity: 49 }),
    sale(4, { store: 's2', product: "o'p", price: 0.0001, quantity: 50 }),
    sale(5, { store: 's2', product: "o'p", price: 0.0001, quantity: 150 }),
    // An adjustment: a receipt, and no sale of anything.
    sale(6, { price: -1 }),
    'no JSON',
    Buffer.from([0xff, 0xfe]).toString('latin1'),
    { ...sale(7), type: 'payment', orderId: 'o', amount: 5, method: 'card', status: 'succeeded' },
  )
  const [report] = await run(ports, date)
  expect(report).toMatchObject({ events: 8, sales: 7, duplicates: 1, rows: { gold_daily_sales: 2 } })
  // 2.00 + 2.02 − 0.38 (a tie of 0.375 goes to the even 0.38); 0.0049, 0.0050 and 0.0150 make 0, 0 and 2 cents.
  expect(await goldOf(ports, 'gold_daily_sales', salesColumns)).toEqual(['s1 p1 -1 364 3', "s2 o'p 249 2 3"])
})

/** Every table of the batch, as text. */
async function allGold(ports: Awaited<ReturnType<typeof plantWith>>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { spec } of dailyTables) {
    found[spec.name] = await goldOf(ports, spec.name, spec.schema.columns.map(({ name }) => name).join(' '))
  }
  return found
}

test('a day run again is the same day, and late events count from then on', async () => {
  const ports = await plantWith(sale(0), sale(30, { product: 'p2' }))
  await run(ports, date)
  const once = await allGold(ports)
  expect(once.gold_daily_sales).toHaveLength(2)
  await run(ports, date, date)
  expect(await allGold(ports)).toEqual(once)
  const late = messages(sale(0), sale(30, { product: 'p2' }), sale(5, { eventId: id(9), quantity: 4 })).slice(2)
  await openIngest(ports).take(0, late)
  await run(ports, date)
  expect(await goldOf(ports, 'gold_daily_sales', salesColumns)).toEqual(['s1 p1 5 625 2', 's1 p2 1 125 1'])
})

test('gold of before, without the columns of what a sale is, gets them, and later days read it', async () => {
  const store = memoryStore()
  const isNew = ({ nullable, name }: { nullable: boolean; name: string }) => nullable && !name.endsWith('_purchase_at')
  for (const { spec } of dailyTables) {
    const { name, root, schema } = scaled(spec, 2)
    const columns = schema.columns.filter((column) => !isNew(column))
    const table = await openTable({ store, root, name, schema: { ...schema, columns } })
    const kinds = { string: 's1', boolean: true, date: '2026-02-28', timestamp: 0 }
    const cells = columns.map((column) => [column.name, kinds[column.type as keyof typeof kinds] ?? 1])
    await append(table, { rows: [Object.fromEntries(cells) as Row], operation: 'WRITE' })
  }
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, messages(sale(0)))
  await run(ports, date)
  const { delta } = await goldIn(ports, 'gold_daily_store', 'date net_sales')
  expect(delta).toEqual(['2026-02-28 null', '2026-03-01 125'])
  expect(await goldOf(ports, 'gold_customers', 'customer_id purchases')).toEqual(['s1 1'])
})

test('a day without sales becomes empty, other days stay', async () => {
  const ports = await plantWith(sale(0))
  expect(await run(ports, date, '2026-03-02')).toMatchObject([{ files: 1 }, { files: 0, events: 0, sales: 0 }])
  expect(await goldOf(ports, 'gold_daily_sales', 'date')).toEqual([date])
})

test('runs of one day at once give what one gives', async () => {
  const ports = await plantWith(sale(0), sale(30, { product: 'p2' }))
  await run(ports, date)
  const once = await allGold(ports)
  await Promise.all([run(ports, date), run(ports, date), run(ports, date)])
  expect(await allGold(ports)).toEqual(once)
})

test.each(['2026-02-30', '20260301', '', "2026-03-01' OR 1"])('%j is no date and nothing is read', async (text) => {
  const ports = await plantWith(sale(0))
  await expect(run(ports, date, text)).rejects.toThrow('daily batch: expected a date YYYY-MM-DD')
})

/** A column as the database describes it: how many digits are written into a numeric it does not say. */
const unscaled = ({ name, type }: { name: string; type: string }) => ({ name, type })

test.each(rollups.map((rollup) => [rollup.name, rollup] as const))(
  'the migrations make %s as its rollup says',
  async (name, rollup) => {
    const wanted = liveTable(rollup, rules)
    const { key, columns } = await describeTable(server.warehouse, name)
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    expect(columns).toEqual(columnsOf(wanted).map(unscaled).sort(byName))
    expect([...key].sort(byName)).toEqual(primaryKeyOf(wanted).map(unscaled).sort(byName))
    // The tables are distributed by store: it leads every key.
    expect(key[0]?.name).toBe('store_id')
  },
)

test.each(dailyTables.map((daily) => [daily.spec.name, daily] as const))(
  'the migrations make %s as its entry says',
  async (name, daily) => {
    const wanted = warehouseTable(daily, 2)
    const { key, columns } = await describeTable(server.warehouse, name)
    const all = [...wanted.key, ...wanted.values].map(unscaled)
    expect(columns).toEqual(all.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    expect(key).toEqual(wanted.key)
  },
)

test('no table of the batch says about a column in one place what it does not say in the other', async () => {
  const rows = await server.warehouse.query(
    `SELECT c.relname AS "table", a.attname AS "column", col_description(c.oid, a.attnum) AS comment
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`,
  )
  const said = new Map(rows.map((row) => [`${row.table}.${row.column}`, row.comment?.toLowerCase()]))
  const fresh = dailyTables.filter(({ spec }) => spec.name !== 'gold_daily_sales')
  for (const { spec } of fresh) {
    for (const { name, comment } of spec.schema.columns)
      expect([name, said.get(`${spec.name}.${name}`)]).toEqual([name, `${comment?.toLowerCase()}.`])
  }
})

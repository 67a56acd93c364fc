import { describeTable } from '../../src/warehouse/reads'
import { readTable } from '../../src/warehouse/reads'
import { rollups } from '../../src/fold/rollups'
import { readRows } from '../../src/lake/scan'
import { refresh } from '../../src/lake/table'
import { openIngest } from '../../src/pipeline/ingest'
import { dailyPorts, dailySalesTable, dayBefore, runDay, startOf } from '../../src/pipeline/daily'
import { liveTable } from '../../src/pipeline/silver'
import { columnsOf } from '../../src/warehouse/table'
import { memoryStore } from '../store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'
import { emptyWarehouse, id, messages, openPlant, sale } from './plant'

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

/** `store/product quantity cents transactions`, as Delta and as PostgreSQL have it. */
async function goldOf(ports: Awaited<ReturnType<typeof plantWith>>): Promise<{ delta: string[]; postgres: string[] }> {
  const show = (row: Readonly<Record<string, unknown>>) =>
    [`${String(row.store_id)}/${String(row.product_id)}`, row.total_qty, row.total_revenue, row.transactions]
      .map(String)
      .join(' ')
  const delta: string[] = []
  for await (const rows of readRows(ports.tables.dailySales, await refresh(ports.tables.dailySales)))
    delta.push(...rows.map(show))
  const postgres: string[] = []
  const { name, key, values } = dailySalesTable
  for await (const rows of readTable(server.warehouse, { name, columns: [...key, ...values] }))
    postgres.push(...rows.map(show))
  return { delta: delta.sort(), postgres: postgres.sort() }
}

test('a day is summed per store and product, half-even to cents per line, ids once, rejects not at all', async () => {
  const ports = await plantWith(
    sale(0, { price: 2.005 }),
    [sale(1, { price: 2.015 }), sale(1, { price: 2.015 }), sale(2, { quantity: -3, price: 0.125 })],
    sale(3, { store: 's2', product: "o'p", price: 0.0001, quantity: 49 }),
    sale(4, { store: 's2', product: "o'p", price: 0.0001, quantity: 50 }),
    sale(5, { store: 's2', product: "o'p", price: 0.0001, quantity: 150 }),
    sale(6, { price: -1 }),
    'no JSON',
    Buffer.from([0xff, 0xfe]).toString('latin1'),
    { ...sale(7), type: 'payment', orderId: 'o', amount: 5, method: 'card', status: 'succeeded' },
  )
  const report = await runDay(dailyPorts(ports), date)
  expect(report).toMatchObject({ sales: 6, duplicates: 1, rows: 2 })
  // 2.00 + 2.02 − 0.38 (a tie of 0.375 goes to the even 0.38); 0.0049, 0.0050 and 0.0150 make 0, 0 and 2 cents.
  const rows = ['s1/p1 -1 364 3', "s2/o'p 249 2 3"]
  expect(await goldOf(ports)).toEqual({ delta: rows, postgres: rows })
})

test('a day run again is the same day, and late events count from then on', async () => {
  const ports = await plantWith(sale(0), sale(30, { product: 'p2' }))
  await runDay(dailyPorts(ports), date)
  const once = await goldOf(ports)
  await runDay(dailyPorts(ports), date)
  expect(await goldOf(ports)).toEqual(once)
  const late = messages(sale(0), sale(30, { product: 'p2' }), sale(5, { eventId: id(9), quantity: 4 })).slice(2)
  await openIngest(ports).take(0, late)
  await runDay(dailyPorts(ports), date)
  expect((await goldOf(ports)).delta).toEqual(['s1/p1 5 625 2', 's1/p2 1 125 1'])
})

test('a day without sales becomes empty, other days stay', async () => {
  const ports = await plantWith(sale(0))
  await runDay(dailyPorts(ports), date)
  expect(await runDay(dailyPorts(ports), '2026-03-02')).toMatchObject({ files: 0, sales: 0, rows: 0 })
  expect((await goldOf(ports)).postgres).toHaveLength(1)
})

test.each(['2026-02-30', '20260301', '', "2026-03-01' OR 1"])('%j is no date and nothing is read', async (text) => {
  const ports = await plantWith(sale(0))
  await expect(runDay(dailyPorts(ports), text)).rejects.toThrow('daily batch: expected a date YYYY-MM-DD')
})

test('the timer means the day before, in UTC', () => {
  expect(dayBefore(startOf('2026-03-01') + 20 * 60_000)).toBe('2026-02-28')
})

test.each(rollups.map((rollup) => [rollup.name, rollup] as const))(
  'the migrations make %s as its rollup says',
  async (name, rollup) => {
    const wanted = liveTable(rollup)
    const { key, columns } = await describeTable(server.warehouse, name)
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    expect(columns).toEqual([...columnsOf(wanted)].sort(byName))
    expect([...key].sort(byName)).toEqual([...wanted.key].sort(byName))
    // The tables are distributed by store: it leads every key.
    expect(key[0]?.name).toBe('store_id')
  },
)

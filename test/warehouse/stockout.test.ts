import { applyBatch } from '../../src/warehouse/live'
import { countOpenStockouts, stockoutTable, type StockoutChange } from '../../src/warehouse/stockout'
import { type Row } from '../../src/warehouse/table'
import { readTable } from './read-table'
import { startTestWarehouse, type TestWarehouse } from './postgres'
import { batch, noonMs } from './tables'

let server: TestWarehouse

beforeAll(async () => {
  server = await startTestWarehouse()
})

beforeEach(() => server.warehouse.query('TRUNCATE gold_stockout, sales_1m, sink_position'))

afterAll(() => server.close())

const hourMs = 3_600_000
const shelf = { storeId: 'S1', productId: 'P1', openedMs: noonMs, lastSaleMs: noonMs - hourMs }
const opened: StockoutChange = { kind: 'opened', ...shelf, sequence: 10 }
const resolved: StockoutChange = { kind: 'resolved', ...shelf, sequence: 20, resolvedMs: noonMs + hourMs }

function alerts(): Promise<readonly Row[]> {
  const read = {
    name: stockoutTable.name,
    columns: [...stockoutTable.key, ...stockoutTable.values],
    orderBy: stockoutTable.key,
  }
  return readTable(server.warehouse, read)
}

const take = (sequence: number, stockouts: readonly StockoutChange[]) =>
  applyBatch(server.warehouse, batch(sequence, { stockouts }))

const asOpen = {
  store_id: 'S1',
  product_id: 'P1',
  opened_at: noonMs,
  last_sale_at: noonMs - hourMs,
  resolved_at: null,
  status: 'open',
  opened_sequence: 10,
  sequence: 10,
  partition_id: 0,
}
const asResolved = { ...asOpen, resolved_at: noonMs + hourMs, status: 'resolved', sequence: 20 }

test('an alert opens once and resolves once, however often it is told', async () => {
  await take(10, [opened])
  await take(10, [opened])
  expect(await alerts()).toEqual([asOpen])
  expect(await countOpenStockouts(server.warehouse)).toBe(1)
  await take(20, [resolved])
  await take(20, [opened, resolved])
  await take(30, [{ ...resolved, resolvedMs: noonMs + 2 * hourMs, sequence: 30 }])
  expect(await alerts()).toEqual([asResolved])
  expect(await countOpenStockouts(server.warehouse)).toBe(0)
})

test('one event may open and resolve', async () => {
  await take(10, [{ ...resolved, sequence: 10 }, opened])
  expect(await alerts()).toEqual([{ ...asResolved, sequence: 10 }])
})

test('an alert resolved that was never seen open is entered as resolved', async () => {
  await take(20, [resolved])
  expect(await alerts()).toEqual([{ ...asResolved, opened_sequence: null }])
})

test('a shelf empty again is another alert', async () => {
  const again = { ...opened, openedMs: noonMs + 9 * hourMs, sequence: 40 }
  await take(40, [opened, resolved, again])
  expect((await alerts()).map((row) => row.status)).toEqual(['resolved', 'open'])
})

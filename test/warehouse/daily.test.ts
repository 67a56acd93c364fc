import { replaceAll, replaceDay } from '../../src/warehouse/daily'
import { type Row } from '../../src/warehouse/table'
import { readTable } from './read-table'
import { startTestWarehouse, type TestWarehouse } from './postgres'
import { daily } from './tables'

let server: TestWarehouse

beforeAll(async () => {
  server = await startTestWarehouse()
})

beforeEach(() => server.warehouse.query('TRUNCATE gold_daily_sales'))

afterAll(() => server.close())

const monday = '2026-01-12'
const tuesday = '2026-01-13'

const row = (date: string, product: string, qty = 1): Row => ({
  date,
  store_id: 'S1',
  product_id: product,
  total_qty: qty,
  total_revenue: qty * 199,
  transactions: 1,
  gross_sales: qty * 199,
  discounts: 0,
  units_returned: 0,
  measured_qty: 0,
})

const replace = (date: string, rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>) =>
  server.warehouse.transaction((session) => replaceDay(session, { table: daily, date, rows }))

function rowsOf(date: string): Promise<readonly Row[]> {
  const read = {
    name: daily.name,
    columns: [...daily.key, ...daily.values],
    date,
    orderBy: daily.key,
  }
  return readTable(server.warehouse, read)
}

test('a day is replaced as a whole, and other days are not touched', async () => {
  await replace(monday, [[row(monday, 'P1'), row(monday, 'P2')]])
  await replace(tuesday, [[row(tuesday, 'P1', 7)]])
  expect(await replace(monday, [[row(monday, 'P2', 5)], [], [row(monday, 'P3')]])).toBe(2)
  expect(await rowsOf(monday)).toEqual([row(monday, 'P2', 5), row(monday, 'P3')])
  expect(await replace(monday, [[row(monday, 'P2', 5)], [row(monday, 'P3')]])).toBe(2)
  expect(await rowsOf(monday)).toEqual([row(monday, 'P2', 5), row(monday, 'P3')])
  expect(await rowsOf(tuesday)).toEqual([row(tuesday, 'P1', 7)])
  await replace(monday, [])
  expect(await rowsOf(monday)).toEqual([])
})

async function* breakAfter(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield await Promise.resolve(rows)
  throw new Error('source ran dry')
}

test.each([
  ['its source fails', () => breakAfter([row(monday, 'P9')]), 'source ran dry'],
  [
    'a row is of another day',
    () => [[row(monday, 'P9')], [row(tuesday, 'P9')]],
    `expected rows of that date, got ${tuesday}`,
  ],
  ['a key comes twice', () => [[row(monday, 'P9')], [row(monday, 'P9')]], 'duplicate key'],
])('a replacement leaves the day as it was when %s', async (_, rows, message) => {
  await replace(monday, [[row(monday, 'P1')]])
  await expect(replace(monday, rows())).rejects.toThrow(message)
  expect(await rowsOf(monday)).toEqual([row(monday, 'P1')])
})

test('replacements of one day at once take turns', async () => {
  const products = ['P1', 'P2', 'P3', 'P4']
  await Promise.all(products.map((product) => replace(monday, [[row(monday, product), row(monday, 'P0')]])))
  const [, last, ...more] = await rowsOf(monday)
  expect(products).toContain(last?.product_id)
  expect(more).toEqual([])
})

const everything = (rows: Iterable<readonly Row[]>) =>
  server.warehouse.transaction((session) => replaceAll(session, { table: daily, rows }))

const written = async () => {
  const rows = await server.warehouse.query('SELECT date, product_id, xmin FROM gold_daily_sales')
  return new Map(rows.map((found) => [`${found.date} ${found.product_id}`, found.xmin]))
}

test('a table is replaced as a whole, and rows that stay as they are keep their place', async () => {
  await everything([[row(monday, 'P1'), row(monday, 'P2')], [row(tuesday, 'P1', 7)]])
  const before = await written()
  expect(await everything([[row(monday, 'P2', 5), row(tuesday, 'P1', 7)], [row(tuesday, 'P3')]])).toBe(3)
  const after = await written()
  expect(await rowsOf(monday)).toEqual([row(monday, 'P2', 5)])
  expect(await rowsOf(tuesday)).toEqual([row(tuesday, 'P1', 7), row(tuesday, 'P3')])
  expect(after.get(`${tuesday} P1`)).toBe(before.get(`${tuesday} P1`))
  expect(after.get(`${monday} P2`)).not.toBe(before.get(`${monday} P2`))
  await expect(everything([[row(monday, 'P9')], [row(monday, 'P9')]])).rejects.toThrow('duplicate key')
  expect((await written()).size).toBe(3)
  await everything([])
  expect((await written()).size).toBe(0)
})

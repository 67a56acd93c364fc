import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRows, readReceipts } from '../../../generator/csv/source'
import { type CsvMap, parseCsvMap } from '../../../generator/csv/map'
import { type CsvRow } from '../../../generator/csv/rows'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tillstream-join-'))))
afterEach(() => rm(folder, { recursive: true }))

const map = parseCsvMap(
  {
    source: 'marketplace',
    currency: 'EUR',
    columns: {
      orderId: 'order',
      eventTime: 'bought',
      productId: 'product',
      category: 'category',
      unitPrice: 'price',
    },
    constants: { quantity: 1, storeId: 's', paymentMethod: 'card' },
    time: { format: 'yyyy-MM-dd HH:mm', zone: 'UTC' },
    join: [
      { file: 'orders*.csv', key: 'id', column: 'order', columns: ['bought'] },
      { file: 'products.csv', key: 'product' },
    ],
  },
  'test',
)

async function files(contents: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content)
  return join(folder, 'items.csv')
}

async function rowsOf(file: string, by: CsvMap = map) {
  const { rows, joins } = await openRows(file, by)
  const all: (readonly [number, CsvRow])[] = []
  for await (const { at, row } of rows) all.push([at, row])
  return { rows: all.sort(([a], [b]) => a - b).map(([, row]) => row), joins }
}

const items = 'order,product,price\no2,p1,1.00\no1,p2,2.00\no9,p1,3.00\n,p1,4.00\no1,p9,5.00\n'

test('rows get the columns of their order and of their product; what has no partner gets none', async () => {
  const file = await files({
    'items.csv': items,
    'orders-1.csv': 'id,bought,price\no1,2026-03-05 09:00,x\no1,2026-03-05 09:05,x\n',
    'orders-2.csv': 'id;bought;price\no2;2026-03-05 10:00;x\n"";2026-03-05 11:00;x\n',
    'products.csv': 'product,category\np1,tea\np2,milk\n',
  })
  const { rows, joins } = await rowsOf(file)
  const row = (order: string, product: string, price: string, bought: string, category: string) => ({
    order,
    product,
    price,
    bought,
    category,
  })
  expect(rows).toEqual([
    row('o2', 'p1', '1.00', '2026-03-05 10:00', 'tea'),
    row('o1', 'p2', '2.00', '2026-03-05 09:00', 'milk'),
    row('o9', 'p1', '3.00', '', 'tea'),
    row('', 'p1', '4.00', '', 'tea'),
    row('o1', 'p9', '5.00', '2026-03-05 09:00', ''),
  ])
  expect(joins).toEqual([
    { file: 'orders*.csv', unmatched: 2, surplus: 1 },
    { file: 'products.csv', unmatched: 1, surplus: 0 },
  ])
  const receipts = []
  for await (const receipt of readReceipts({ files: [file], map })) receipts.push(receipt.content)
  expect(receipts.map(({ orderId, eventTime }) => [orderId, eventTime])).toEqual([
    ['o9', undefined],
    [undefined, undefined],
    ['o1', '2026-03-05T09:00:00.000Z'],
    ['o2', '2026-03-05T10:00:00.000Z'],
  ])
})

test('a second file that is not there, or has not the columns, is told by name', async () => {
  const file = await files({ 'items.csv': items, 'products.csv': 'product,category\n' })
  await expect(rowsOf(file)).rejects.toThrow(/orders\*\.csv: expected files, got none/)
  await files({ 'orders.csv': 'id,when\n' })
  await expect(rowsOf(file)).rejects.toThrow(
    /orders\.csv: expected columns bought, got id, when; correct the map's join/,
  )
  await files({ 'orders.csv': 'id,bought\n', 'items.csv': 'number,product,price\n' })
  await expect(rowsOf(file)).rejects.toThrow(/items\.csv: expected column order, got number, product, price/)
})

import fc from 'fast-check'
import { eventOf, type Fields, type Receipt, receiptId } from '../../../generator/csv/receipt'
import { type CsvMap, parseCsvMap } from '../../../generator/csv/map'
import { noCounts, receiptsOf } from '../../../generator/csv/receipts'
import { type CsvRow } from '../../../generator/csv/rows'
import uci from '../../../generator/maps/uci-online-retail.json'
import { decode, type Decoded } from '../../../src/event/decode'

const map = parseCsvMap(uci, 'uci-online-retail.json')
const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }
const columns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
]

/** Rows written as in the file, without quotes. */
function rowsOf(text: string): CsvRow[] {
  const lines = text.trim().split('\n')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell.trim()])))
}

async function read(rows: readonly CsvRow[], by: CsvMap = map, characters?: number) {
  const counts = noCounts()
  const receipts: Receipt[] = []
  const placed = rows.map((row, at) => ({ at, row }))
  for await (const receipt of receiptsOf(placed, { map: by, counts, characters })) receipts.push(receipt)
  return { receipts, counts }
}

function decoded(receipt: Receipt): Decoded {
  const [item] = decode(eventOf(receipt).body, { enqueuedMs: Date.parse('2026-04-01T00:00:00Z'), rules })
  if (item === undefined) throw new Error('expected an item')
  return item
}

const sample = `
  700001,22001,PAPER CHAIN,6,2011-07-01 08:26:00,2.55,17850.0,United Kingdom
  700001,22002,CARD HOLDER,2,2011-07-01 08:26:00,3.39,17850.0,United Kingdom
  700002,22001,PAPER CHAIN,1,2011-07-01 08:26:00,2.55,,EIRE
  C700003,22001,PAPER CHAIN,-4,2011-07-01 09:00:00,2.55,17850.0,United Kingdom
  700001,22003,TIN,1,2011-07-01 09:01:00,0.0,17850.0,United Kingdom
  A700004,B,Adjust bad debt,1,2011-07-01 09:05:00,-11062.06,,United Kingdom
  700005,22001,PAPER CHAIN,0,2011-07-01 09:06:00,2.55,,France
  700006,22001,PAPER CHAIN,1,yesterday,2.55,,France
  700007,22001,PAPER CHAIN,some,2011-07-01 09:07:00,2.55,,France`

test('rows of one invoice become one event wherever they stand, at the time of the first', async () => {
  const { receipts } = await read(rowsOf(sample))
  const [, first] = receipts
  expect(first).toMatchObject({ rows: 3, part: 0, timeMs: Date.parse('2011-07-01T07:26:00Z') })
  expect(first && decoded(first)).toMatchObject({
    kind: 'event',
    event: {
      type: 'sale',
      eventTimeMs: Date.parse('2011-07-01T07:26:00Z'),
      storeId: 'United Kingdom',
      country: 'United Kingdom',
      channel: 'web',
      customerId: '17850',
      orderId: '700001',
      paymentMethod: 'card',
      edition: 1,
      lines: [
        { productId: '22001', quantity: 6, amountMinor: 1530 },
        { productId: '22002', quantity: 2, amountMinor: 678 },
        { productId: '22003', quantity: 1, amountMinor: 0 },
      ],
    },
  })
})

test('receipts come in the order of their times, those without one first; what no sale can be made of is a reject', async () => {
  const { receipts } = await read(rowsOf(sample))
  expect(
    receipts.map((receipt) => {
      const item = decoded(receipt)
      return [receipt.content['orderId'], item.kind === 'event' ? 'event' : item.detail.split(':')[0]]
    }),
  ).toEqual([
    ['700006', 'eventTime'],
    ['700001', 'event'],
    ['700002', 'event'],
    ['C700003', 'event'],
    ['A700004', 'event'],
    ['700005', 'lines/0/quantity'],
    ['700007', 'lines/0/quantity'],
  ])
})

test('a customer who is not known is left out, a return counts negative', async () => {
  const [, , guest, back] = (await read(rowsOf(sample))).receipts.map(decoded)
  expect(guest).toMatchObject({ kind: 'event' })
  expect(guest).not.toHaveProperty('event.customerId')
  expect(back).toMatchObject({ event: { lines: [{ quantity: -4, amountMinor: -1020 }] } })
})

test('ids are those of the order: the same whatever it says, other ones for other orders, sources, parts and editions', async () => {
  const { receipts } = await read(rowsOf(sample))
  const ids = receipts.map((receipt) => receiptId(receipt))
  expect((await read(rowsOf(sample.replace('TIN,1', 'TIN,2')))).receipts.map((each) => receiptId(each))).toEqual(ids)
  const other = (await read(rowsOf(sample), { ...map, source: 'another shop' })).receipts
  const second = receipts.map((receipt) => receiptId(receipt, 2))
  const parts = receipts.map((receipt) => receiptId({ ...receipt, part: 1 }))
  const all = [...ids, ...other.map((receipt) => receiptId(receipt)), ...second, ...parts]
  expect(new Set(all).size).toBe(4 * receipts.length)
})

const plain = parseCsvMap(
  {
    source: 'tills',
    currency: 'GBP',
    columns: {
      eventTime: 'when',
      productId: 'item',
      quantity: 'qty',
      unitPrice: 'price',
      orderId: 'order',
      salesperson: 'till',
    },
    constants: { storeId: 's', paymentMethod: 'cash' },
    time: { format: 'yyyy-MM-dd HH:mm', zone: 'UTC' },
  },
  'plain',
)

const row = (
  cells: Partial<Record<'order' | 'when' | 'item' | 'qty' | 'price' | 'till' | 'note', string>>,
): CsvRow => ({
  order: '1',
  when: '2026-03-05 09:30',
  item: 'tea',
  qty: '1',
  price: '2.00',
  till: 'a',
  note: '',
  ...cells,
})

test('rows without an order are one receipt where the time and all that is not the line are the same', async () => {
  const { orderId: _orderId, ...withoutOrder } = plain.columns
  const rows = [row({}), row({ till: 'b' }), row({ item: 'milk' }), row({ when: '2026-03-05 09:31' })]
  const { receipts } = await read(rows, { ...plain, columns: withoutOrder, orderKey: [] })
  expect(receipts.map(({ content, rows: count }) => [content['salesperson'], count])).toEqual([
    ['a', 2],
    ['b', 1],
    ['a', 1],
  ])
  const some = await read([row({}), row({ order: '' }), row({ order: '', item: 'milk' })], plain)
  expect(some.receipts.map(({ content, rows: count }) => [content['orderId'], count])).toEqual([
    ['1', 1],
    [undefined, 2],
  ])
  expect(new Set([...receipts, ...some.receipts].map((each) => receiptId(each))).size).toBe(4)
})

test('an order of more than 1000 lines becomes several events that add up, its discount, tip and tax with them', async () => {
  const rows = Array.from({ length: 2_300 }, (_, i) =>
    row({ item: `p${i % 7}`, price: '0.35', note: i === 0 ? '100.00' : '' }),
  )
  const big: CsvMap = { ...plain, order: { discount: 'note', tip: 'note', tax: 'note', shipping: 'note' } }
  const { receipts } = await read(rows, big)
  expect(receipts.map(({ part, rows: count }) => [part, count])).toEqual([
    [0, 1000],
    [1, 1000],
    [2, 300],
  ])
  const sales = receipts
    .map(decoded)
    .map((item) => (item.kind === 'event' && item.event.type === 'sale' ? item.event : undefined))
  const lines = sales.flatMap((sale) => sale?.lines ?? [])
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
  const goods = lines.filter(({ kind }) => kind === 'goods')
  expect(sum(goods.map(({ amountMinor }) => amountMinor))).toBe(2_300 * 35 - 10_000)
  expect(sum(lines.map(({ taxMinor }) => taxMinor))).toBe(10_000)
  expect(sum(sales.map((sale) => sale?.tipMinor ?? 0))).toBe(10_000)
  expect(lines.filter(({ kind }) => kind === 'shipping')).toMatchObject([{ amountMinor: 10_000 }])
})

test('rows that are no lines are left out, and an order of such rows alone', async () => {
  const shown: CsvMap = {
    ...plain,
    where: [
      { column: 'qty', empty: false },
      { column: 'item', isNot: ['void'], matches: '^[a-z]' },
    ],
  }
  const rows = [row({ qty: '' }), row({}), row({ item: 'TOTAL' }), row({ order: '2', item: 'void' })]
  const { receipts, counts } = await read(rows, shown)
  expect(receipts.map(({ rows: count }) => count)).toEqual([1])
  expect(counts).toMatchObject({ rows: 4, leftOut: 3, receipts: 1 })
})

test('returns without a sign, kinds by what a row says, values with a default', async () => {
  const said: CsvMap = {
    ...plain,
    columns: { ...plain.columns, channel: ['till'] },
    values: { channel: { a: 'store', '*': 'web' } },
    returns: { column: 'note', is: ['refund'] },
    kinds: [
      { when: { column: 'item', matches: '^POST' }, kind: 'shipping' },
      { when: { column: 'item', is: ['fee'] }, kind: 'fee' },
    ],
  }
  const rows = [
    row({ note: 'refund' }),
    row({ order: '2', till: 'z', item: 'POSTAGE' }),
    row({ order: '2', till: 'z', item: 'fee' }),
  ]
  const [back, sold] = (await read(rows, said)).receipts
  expect(back?.content).toMatchObject({ channel: 'store', lines: [{ quantity: -1, unitPrice: 2 }] })
  expect(sold?.content).toMatchObject({ channel: 'web', lines: [{ kind: 'shipping' }, { kind: 'fee' }] })
})

test('a total of a line is kept to the digit, its price cut to four decimals and never to the other sign', async () => {
  const { unitPrice: _unitPrice, ...others } = plain.columns
  const totals: CsvMap = { ...plain, columns: { ...others, amount: ['price'] } }
  const rows = [
    row({ qty: '3', price: '10.00' }),
    row({ qty: '-3', price: '-0.0001' }),
    row({ qty: '3', price: 'free' }),
  ]
  const { receipts } = await read(rows, totals)
  expect(receipts[0]?.content['lines']).toEqual([
    { productId: 'tea', quantity: 3, amount: 10, unitPrice: 3.3333 },
    { productId: 'tea', quantity: -3, amount: -0.0001, unitPrice: 0.0001 },
    { productId: 'tea', quantity: 3, amount: 'free' },
  ])
})

test('what an order says as a whole and is no number is a reject that names it', async () => {
  for (const [name, path] of [
    ['discount', 'discount'],
    ['tip', 'tip'],
    ['tax', 'lines/0/taxAmount'],
    ['shipping', 'lines/1/unitPrice'],
  ] as const) {
    for (const column of ['note', { sum: 'note' }]) {
      const { receipts } = await read([row({ note: 'n/a' })], { ...plain, order: { [name]: column } })
      expect(receipts.map(decoded)).toMatchObject([
        { kind: 'reject', detail: expect.stringMatching(`^${path}: `) as string },
      ])
    }
  }
})

/** Orders as a map in memory groups them. */
function grouped(rows: readonly CsvRow[]): readonly (readonly [string, readonly string[]])[] {
  const orders = new Map<string, { when: string; at: number; items: string[] }>()
  for (const [at, each] of rows.entries()) {
    const order = orders.get(each['order'] ?? '') ?? { when: each['when'] ?? '', at, items: [] }
    order.items.push(each['item'] ?? '')
    orders.set(each['order'] ?? '', order)
  }
  return [...orders]
    .sort(([, a], [, b]) => (a.when < b.when ? -1 : a.when > b.when ? 1 : a.at - b.at))
    .map(([order, { items }]) => [order, items])
}

test('grouping on disk is grouping in memory, whatever the order of rows', async () => {
  const one = fc.record({
    order: fc.integer({ min: 1, max: 12 }).map(String),
    when: fc.integer({ min: 0, max: 59 }).map((minute) => `2026-03-05 09:${String(minute).padStart(2, '0')}`),
    item: fc.constantFrom('tea', 'milk', 'ünï\u2028cöde', 'a "b"\\n'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 60 }), fc.integer({ min: 1, max: 2_000 }), async (some, characters) => {
      const rows = some.map((cells) => row({ ...cells, till: 'a' }))
      const { receipts } = await read(rows, plain, characters)
      const items = ({ content }: Receipt) => (content['lines'] as readonly Fields[]).map(({ productId }) => productId)
      expect(receipts.map((each) => [each.content['orderId'], items(each)])).toEqual(grouped(rows))
    }),
    { numRuns: 60 },
  )
})

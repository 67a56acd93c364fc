import { join } from 'node:path'
import { voidOf, contentOf, eventOf, type Fields, receiptId } from '../../generator/csv/receipt'
import { type CsvReading, readCsvEvents, readCsvMap, readReceipts } from '../../generator/csv/source'
import { readNdjsonEvents } from '../../generator/ndjson-source'
import { type ReplayEvent } from '../../generator/replay-event'
import { decode, type DecodeRules } from '../../src/event/decode'
import { type SaleEvent } from '../../src/event/event'
import { parseProductKinds } from '../../src/event/product-kinds'

// Exports as systems for shops write them, each by a map and no code, with the figures worked out by hand.

const folder = join(__dirname, 'cases')
const euro: DecodeRules = {
  currency: 'EUR',
  maxAheadMs: 300_000,
  maxBehindMs: Infinity,
  maxEventBytes: 262_144,
  productKinds: parseProductKinds('GIFTCARD=gift_card,ORDER-DISCOUNT=discount'),
}

interface Outcome {
  readonly sales: readonly SaleEvent[]
  readonly rejects: readonly string[]
}

async function outcomeOf(events: AsyncIterable<ReplayEvent> | Iterable<ReplayEvent>, rules = euro): Promise<Outcome> {
  const sales: SaleEvent[] = []
  const rejects: string[] = []
  for await (const { body } of events) {
    for (const item of decode(body, { enqueuedMs: Date.parse('2026-12-01T00:00:00Z'), rules })) {
      if (item.kind === 'reject') rejects.push(item.detail)
      else if (item.event.type === 'sale') sales.push(item.event)
    }
  }
  return { sales, rejects }
}

/** What becomes of a case by its map. */
async function caseOf(file: string, mapName: string, rules = euro) {
  const readings: CsvReading[] = []
  const map = await readCsvMap(join(folder, `${mapName}.map.json`))
  const files = [join(folder, file)]
  const outcome = await outcomeOf(readCsvEvents({ files, map, onRead: (each) => readings.push(each) }), rules)
  return { ...outcome, readings }
}

/** Whole minor units and pieces, as docs/metrics.md defines them. */
function figures(sales: readonly SaleEvent[]) {
  const lines = sales.flatMap((sale) => sale.lines)
  const goods = lines.filter(({ kind }) => kind === 'goods')
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
  const ofKind = (name: string) => sum(lines.filter(({ kind }) => kind === name).map(({ amountMinor }) => amountMinor))
  return {
    receipts: sales.filter((sale) => sale.lines.some(({ kind }) => kind !== 'adjustment')).length,
    orders: sales.filter((sale) => sale.lines.some(({ kind, valueMinor }) => kind === 'goods' && valueMinor > 0))
      .length,
    net: sum(goods.map(({ amountMinor }) => amountMinor)),
    sold: sum(goods.map(({ pieces }) => Math.max(pieces, 0))),
    returned: sum(goods.map(({ pieces }) => Math.max(-pieces, 0))) + 0,
    shipping: ofKind('shipping'),
    adjustments: ofKind('adjustment'),
    tax: sum(lines.map(({ taxMinor }) => taxMinor)),
  }
}

const times = (sales: readonly SaleEvent[]) => sales.map(({ eventTimeMs }) => new Date(eventTimeMs).toISOString())

function pieces(sales: readonly SaleEvent[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const { lines } of sales) {
    for (const { productId, kind, pieces: count } of lines) {
      if (kind === 'goods') found[productId] = (found[productId] ?? 0) + count
    }
  }
  return found
}

test('a1 Shopify: what stands on the first row of an order holds for all of it, a voided order does not count', async () => {
  const { sales, rejects, readings } = await caseOf('a1-shopify.csv', 'a1-shopify')
  expect(rejects).toEqual([])
  // 1117 and 239 cents of tax, shipping's share with it.
  expect(figures(sales)).toMatchObject({ receipts: 2, orders: 2, net: 8000, sold: 8, shipping: 495, tax: 1356 })
  expect(pieces(sales)).toEqual({ 'MUG-1': 2, 'PLA-1': 2, 'SPO-1': 4 })
  expect(times(sales)).toEqual(['2026-03-05T09:15:01.000Z', '2026-03-05T10:00:00.000Z'])
  expect(
    sales.map(({ storeId, paymentMethod, country, taxIncluded }) => [storeId, paymentMethod, country, taxIncluded]),
  ).toEqual([
    ['shop-a1', 'Shopify Payments', 'DE', true],
    ['shop-a1', 'PayPal', 'FR', true],
  ])
  expect(readings).toMatchObject([{ rows: 5, leftOut: 1, receipts: 2, delimiter: ',', encoding: { name: 'utf-8' } }])
})

test('a2 Square: date, time and zone name in columns of their own, line totals, refunds', async () => {
  const { sales, rejects } = await caseOf('a2-square.csv', 'a2-square')
  expect(rejects).toEqual([])
  expect(figures(sales)).toMatchObject({ receipts: 3, orders: 2, net: 125450, sold: 4, returned: 1, tax: 10036 })
  expect(times(sales)).toEqual(['2026-03-05T14:12:40.000Z', '2026-03-05T17:30:05.000Z', '2026-03-05T20:45:10.000Z'])
  expect(sales.map(({ storeZone }) => storeZone)).toEqual(Array(3).fill('America/New_York'))
})

test.each([
  ['a3-german.csv', 'a3-german', ';', 'windows-1252', 'Filiale Köln-Süd'],
  ['a3b-cp1252.csv', 'a3b-cp1252', ',', 'windows-1252', 'Filiale Köln-Süd'],
  ['a3c-decimal-comma.csv', 'a3c-decimal-comma', ',', 'utf-8', 'Filiale c'],
])('%s: semicolons, Windows-1252, a comma before the cents', async (file, map, delimiter, name, store) => {
  const { sales, rejects, readings } = await caseOf(file, map)
  expect(rejects).toEqual([])
  expect(readings).toMatchObject([{ delimiter, encoding: { name } }])
  expect(figures(sales)).toMatchObject({ receipts: 2, net: 123845, sold: 3, returned: 1 })
  expect(sales.map(({ storeId }) => storeId)).toEqual([store, store])
})

test.each([
  ['a4-amazon.tsv', 'a4-amazon', '\t'],
  ['a4b-amazon-comma.csv', 'a4b-amazon-comma', ','],
])(
  '%s: the price is that of the line, a promotion is taken off it, shipping is apart',
  async (file, map, delimiter) => {
    const { sales, rejects, readings } = await caseOf(file, map)
    expect(rejects).toEqual([])
    expect(readings).toMatchObject([{ delimiter }])
    expect(figures(sales)).toMatchObject({ receipts: 2, orders: 2, net: 3896, sold: 4, shipping: 998 })
  },
)

test('a5 Superstore: line totals of more than two decimals, segments translated, dates with the month first', async () => {
  const { sales, rejects } = await caseOf('a5-superstore.csv', 'a5-superstore')
  expect(rejects).toEqual([])
  expect(sales.flatMap(({ lines }) => lines.map(({ amountMinor }) => amountMinor))).toEqual([26196, 1462, 2436])
  expect(figures(sales)).toMatchObject({ receipts: 2, orders: 2, net: 30094, sold: 9 })
  expect(sales.map(({ customerSegment }) => customerSegment)).toEqual(['B2C', 'B2B'])
  expect(times(sales)[0]).toBe('2026-03-05T00:00:00.000Z')
})

test('a6 Olist: items with their orders in a second file, one row a piece, a canceled order left out', async () => {
  const { sales, rejects, readings } = await caseOf('a6-olist-items.csv', 'a6-olist')
  expect(rejects).toEqual([])
  expect(figures(sales)).toMatchObject({ receipts: 1, orders: 1, net: 11780, sold: 2, shipping: 2658 })
  expect(times(sales)).toEqual(['2026-03-05T23:30:00.000Z'])
  expect(sales[0]).toMatchObject({ orderId: 'o1', storeId: 's-1', customerId: 'c-1' })
  expect(readings).toMatchObject([
    { rows: 3, leftOut: 1, joins: [{ file: 'a6-olist-orders.csv', unmatched: 0, surplus: 0 }] },
  ])
})

test('a7 Online Retail II: one invoice over two minutes is one order, bad debt is an adjustment', async () => {
  const { sales, rejects } = await caseOf('a7-retail2.csv', 'a7-retail2')
  expect(rejects).toEqual([])
  expect(figures(sales)).toMatchObject({ receipts: 3, orders: 1, net: 3215, sold: 26, returned: 2, adjustments: -2000 })
  expect(sales[0]).toMatchObject({ orderId: '590001', customerId: '13085', lines: [{}, {}, {}] })
})

test('a8 Excel: serial dates', async () => {
  const { sales, rejects } = await caseOf('a8-excel.csv', 'a8-excel')
  expect(rejects).toEqual([])
  expect(figures(sales)).toMatchObject({ receipts: 2, net: 3750, sold: 3 })
  expect(times(sales)).toEqual(['2026-03-05T09:30:00.000Z', '2026-03-05T12:00:00.000Z'])
})

test('a8b accounting: brackets, groups, a narrow no-break space, a sign of currency, a weight; no price is a reject', async () => {
  const { sales, rejects } = await caseOf('a8b-accounting.csv', 'a8b-accounting')
  expect(rejects).toEqual(['lines/0/unitPrice: expected number, -1000000 to 1000000, at most 4 decimals, got nothing'])
  expect(figures(sales)).toMatchObject({ receipts: 6, net: 262010, returned: 1 })
})

test('a8c, c2: what tills send is counted by its kind', async () => {
  const of = async (file: string) => (await outcomeOf(readNdjsonEvents({ files: [join(folder, file)] }))).sales
  const weighed = await of('a8c-weighed.ndjson')
  expect(figures(weighed)).toMatchObject({ receipts: 1, net: 960, sold: 1 })
  expect(figures(await of('c2-gift-card.ndjson'))).toMatchObject({ receipts: 2, orders: 1, net: 5000 })
  expect(figures(await of('c2-order-discount.ndjson'))).toMatchObject({ net: 3000, sold: 2, returned: 0 })
})

test('a9: the order of rows tells which pass of the hour that comes twice; a time that is skipped is counted', async () => {
  const { sales, readings } = await caseOf('a9-dst.csv', 'a9-dst')
  const hours: Record<string, number> = {}
  for (const time of times(sales)) hours[time.slice(0, 13)] = (hours[time.slice(0, 13)] ?? 0) + 1
  expect(hours).toEqual({
    '2026-03-29T00': 1,
    '2026-03-29T01': 2,
    '2026-10-25T00': 2,
    '2026-10-25T01': 1,
    '2026-10-25T02': 1,
  })
  expect(readings).toMatchObject([{ repeated: { first: 2, second: 1 }, skipped: 1 }])
})

test('a10: three decimals', async () => {
  const { sales, rejects } = await caseOf('a10-kwd.csv', 'a10-kwd', { ...euro, currency: 'KWD' })
  expect(rejects).toEqual([])
  expect(figures(sales)).toMatchObject({ net: 5335, sold: 14, returned: 1 })
})

test('a11: a receipt is one however many seconds its lines took', async () => {
  const { sales } = await caseOf('a11-line-times.csv', 'a11-line-times')
  expect(figures(sales)).toMatchObject({ receipts: 2, orders: 2, net: 700, sold: 4 })
  expect(times(sales)).toEqual(['2026-03-05T09:30:05.000Z', '2026-03-05T09:31:02.000Z'])
})

test('a13: an order in two exports counts once, and an edited one replaces what it was', async () => {
  const map = await readCsvMap(join(folder, 'a13-export.map.json'))
  const told = new Map<string, Fields>()
  const events: ReplayEvent[] = []
  const send = (event: ReplayEvent) => {
    const said = JSON.parse(Buffer.from(event.body).toString()) as Fields
    if (!told.has(String(said['eventId']))) events.push(event)
    told.set(String(said['eventId']), said)
  }
  const names = ['a13-export-monday.csv', 'a13-export-tuesday.csv', 'a13-export-tuesday.csv']
  for await (const receipt of readReceipts({ files: names.map((name) => join(folder, name)), map })) {
    let edition = 1
    while (told.has(receiptId(receipt, edition + 1))) edition++
    const before = told.get(receiptId(receipt, edition))
    if (before && contentOf(before) !== contentOf(receipt.content)) {
      send(voidOf(before))
      edition++
    }
    send(eventOf(receipt, edition))
  }
  const { sales, rejects } = await outcomeOf(events)
  expect(rejects).toEqual([])
  expect(sales.map(({ orderId, edition, voids }) => [orderId, edition, voids])).toEqual([
    ['M1', 1, undefined],
    ['M2', 1, undefined],
    ['M3', 1, undefined],
    ['M3', 1, 'M3'],
    ['M3', 2, undefined],
    ['M4', 1, undefined],
  ])
  const monday = sales.filter(({ eventTimeMs }) => eventTimeMs < Date.parse('2026-03-03'))
  const net = (sale: SaleEvent) => sale.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  expect(monday.reduce((sum, sale) => sum + net(sale), 0)).toBe(600)
  expect(monday.flatMap(({ lines }) => lines.map((line) => line.pieces)).reduce((a, b) => a + b)).toBe(3)
  expect(monday.reduce((sum, { voids }) => sum + (voids === undefined ? 1 : -1), 0)).toBe(3)
})

test('c1: local times of Chicago, by the name Windows has for its zone', async () => {
  const { sales } = await caseOf('c1-chicago.csv', 'c1-chicago')
  expect(times(sales)).toEqual(['2026-03-05T23:30:00.000Z', '2026-03-06T00:30:00.000Z', '2026-03-06T06:45:00.000Z'])
  expect(sales.map(({ lines }) => lines[0]?.amountMinor)).toEqual([1000, 10000, 100000])
})

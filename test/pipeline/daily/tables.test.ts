import { append } from '../../../src/lake/write/append'
import { type Row } from '../../../src/lake/schema'
import { dailyPorts, type Thresholds } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { type Ports } from '../../../src/pipeline/ports'
import { goldStockout } from '../../../src/pipeline/rows/tables'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { goldOf } from './gold'
import { emptyWarehouse, id, messages, openPlant, rules, thresholds } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const date = '2026-03-01'
const dayBefore = '2026-02-28'

/** A plant that has taken events and raises no alerts of its own. */
async function plantWith(bodies: readonly unknown[]): Promise<Ports> {
  const silent = { ...rules, stockoutAfterMs: 10 * 86_400_000 }
  const ports = await openPlant(memoryStore(), { warehouse: server.warehouse, rules: silent })
  // The last of it comes when the day is over.
  const late = messages(...bodies).map((message) => ({ ...message, enqueuedMs: message.enqueuedMs + 86_400_000 }))
  await openIngest(ports).take(0, late)
  return ports
}

const run = (ports: Ports, dates: readonly string[], under: Thresholds = thresholds) =>
  runDays(dailyPorts(ports, under), dates)

let ids = 0
const event = (type: string, time: string, storeId: string, fields: object) => ({
  eventId: id(++ids),
  type,
  eventTime: time.length === 5 ? `${date}T${time}:00Z` : time,
  storeId,
  ...fields,
})
const sale = (time: string, storeId: string, lines: readonly object[], fields: object = {}) =>
  event('sale', time, storeId, { paymentMethod: 'card', lines, ...fields })
const line = (productId: string, quantity: number, unitPrice: number, fields: object = {}) => ({
  productId,
  quantity,
  unitPrice,
  ...fields,
})
const view = (storeId: string, action: string, fields: object = {}) =>
  event('activity', '09:30', storeId, { action, ...fields })
const payment = (storeId: string, method: string, amount: number, fields: object) =>
  event('payment', '09:05', storeId, { orderId: 'o', method, amount, ...fields })

const teaX = { category: 'Tea', brand: 'X' }
const teaY = { category: 'Tea', brand: 'Y' }

const first = sale('09:00', 's1', [line('p1', 2, 1.25, teaX), line('p2', 1, 3, teaY), line('p1', 1, 1, teaX)], {
  region: 'North',
  city: 'Leeds',
  country: 'UK',
  channel: 'store',
  customerId: 'c1',
  customerSegment: 'B2C',
})

/** Three receipts of s1 and two of s2, what led to them, and how they were paid; the first receipt comes twice. */
const day = [
  first,
  sale('10:00', 's1', [line('p3', 1, 5), line('p1', -1, 1.25, teaX)], {
    paymentMethod: 'cash',
    channel: 'web',
    sessionId: 'v1',
    customerId: 'c1',
  }),
  sale('11:00', 's1', [line('p2', -1, 3, teaY)], { region: 'South', customerId: 'c2', customerSegment: 'B2B' }),
  sale('12:00', 's2', [line('p1', 10, 60, teaX)], { channel: 'app', customerId: 'c2' }),
  sale('13:00', 's2', [line('p9', -1, 1)], { customerId: 'c3' }),
  first,
  view('s1', 'view', { channel: 'web', category: 'Tea', sessionId: 'v1' }),
  view('s1', 'add_to_cart', { channel: 'web', category: 'Tea', sessionId: 'v1' }),
  view('s1', 'checkout', { channel: 'web', sessionId: 'v1' }),
  view('s1', 'view', { channel: 'web', category: 'Tea', sessionId: 'v2' }),
  view('s2', 'view', { lines: 'of another type', amount: 'too' }),
  payment('s1', 'card', 6.5, { status: 'succeeded', failureReason: 'said for nothing' }),
  payment('s1', 'card', 5, { status: 'failed', failureReason: 'declined' }),
  payment('s1', 'card', 5, { status: 'failed' }),
  payment('s1', 'card', -3, { status: 'succeeded' }),
  payment('s2', 'wallet', 0.125, { status: 'succeeded' }),
  event('stock', '09:00', 's1', { productId: 'p1', onHand: 3, reason: 'count' }),
]

test('an id belongs to its store, and is one in any case of its letters', async () => {
  const uuid = '7f0e9d3a-1111-4222-8333-abcdefabcdef'
  const ports = await plantWith([
    sale('09:00', 's1', [line('p1', 1, 1)], { eventId: uuid }),
    sale('09:00', 's2', [line('p1', 1, 100)], { eventId: uuid }),
    sale('09:01', 's2', [line('p1', 1, 100)], { eventId: uuid.toUpperCase() }),
  ])
  expect(await run(ports, [date])).toMatchObject([{ sales: 2, duplicates: 1 }])
  const stores = await goldOf(ports, 'gold_daily_store', 'store_id total_transactions total_revenue')
  expect(stores).toEqual(['s1 1 100', 's2 1 10000'])
})

describe('of a day of five receipts', () => {
  let ports: Ports
  beforeEach(async () => {
    ports = await plantWith(day)
    expect(await run(ports, [date])).toMatchObject([{ events: 16, sales: 5, duplicates: 1 }])
  })

  test('stores have what they took, where they are by the newest sale that says, and customers counted once', async () => {
    expect(
      await goldOf(
        ports,
        'gold_daily_store',
        'store_id region city country total_transactions total_revenue avg_transaction_value units_sold units_returned unique_customers',
      ),
    ).toEqual(['s1 South Leeds UK 3 725 242 5 2 2', 's2 unknown unknown unknown 2 59900 29950 10 1 2'])
  })

  test('the mix has a row for each kind, where each receipt that sells counts as an order once', async () => {
    expect(
      await goldOf(
        ports,
        'gold_daily_mix',
        'store_id region city country channel payment_method category brand customer_segment total_qty total_revenue transactions orders',
      ),
    ).toEqual(
      [
        's1 North Leeds UK store card Tea X B2C 3 350 1 1',
        's1 North Leeds UK store card Tea Y B2C 1 300 1 0',
        's1 unknown unknown unknown web cash unknown unknown unknown 1 500 1 1',
        's1 unknown unknown unknown web cash Tea X unknown -1 -125 1 0',
        's1 South unknown unknown unknown card Tea Y B2B -1 -300 1 0',
        's2 unknown unknown unknown app card Tea X unknown 10 60000 1 1',
        's2 unknown unknown unknown unknown card unknown unknown unknown -1 -100 1 0',
      ].sort(),
    )
  })

  test('the funnel ends in what was bought online, by category', async () => {
    expect(
      await goldOf(
        ports,
        'gold_daily_funnel',
        'store_id channel category views add_to_carts checkouts purchases sessions',
      ),
    ).toEqual([
      's1 web Tea 2 1 0 0 2',
      's1 web unknown 0 0 1 1 1',
      's2 app Tea 0 0 0 1 0',
      's2 unknown unknown 1 0 0 0 0',
    ])
  })

  test('payments are counted by how they ended, refunds subtracted', async () => {
    expect(await goldOf(ports, 'gold_daily_payments', 'store_id method status failure_reason payments amount')).toEqual(
      [
        's1 card failed declined 1 500',
        's1 card failed unknown 1 500',
        's1 card succeeded none 2 350',
        's2 wallet succeeded none 1 12',
      ],
    )
  })

  const ranking = 'store_id kind rank name category total_qty total_revenue transactions'

  test('products and categories are ranked by revenue, per store and over all', async () => {
    expect(await goldOf(ports, 'gold_top_products', ranking)).toEqual([
      ' category 1 Tea Tea 12 60225 4',
      ' category 2 unknown unknown 0 400 2',
      ' product 1 p1 Tea 12 60225 3',
      ' product 2 p3 unknown 1 500 1',
      ' product 3 p2 Tea 0 0 2',
      ' product 4 p9 unknown -1 -100 1',
      's1 category 1 unknown unknown 1 500 1',
      's1 category 2 Tea Tea 2 225 3',
      's1 product 1 p3 unknown 1 500 1',
      's1 product 2 p1 Tea 2 225 2',
      's1 product 3 p2 Tea 0 0 2',
      's2 category 1 Tea Tea 10 60000 1',
      's2 category 2 unknown unknown -1 -100 1',
      's2 product 1 p1 Tea 10 60000 1',
      's2 product 2 p9 unknown -1 -100 1',
    ])
  })

  test('no more are ranked than the setting says', async () => {
    await run(ports, [date], { ...thresholds, topProducts: 1 })
    expect(await goldOf(ports, 'gold_top_products', 'store_id kind rank name')).toEqual([
      ' category 1 Tea',
      ' product 1 p1',
      's1 category 1 unknown',
      's1 product 1 p3',
      's2 category 1 Tea',
      's2 product 1 p1',
    ])
  })

  test('customers have what they bought, and a return alone is no purchase', async () => {
    const at = (time: string) => Date.parse(`${date}T${time}:00Z`)
    expect(
      await goldOf(
        ports,
        'gold_daily_customers',
        'customer_id customer_segment purchases spend first_purchase_at last_purchase_at',
      ),
    ).toEqual([
      `c1 B2C 2 1025 ${at('09:00')} ${at('10:00')}`,
      `c2 B2B 1 59700 ${at('12:00')} ${at('12:00')}`,
      'c3 unknown 0 -100 null null',
    ])
  })
})

const customerColumns = 'customer_id customer_segment purchases spend loyal spending_segment'

test('customers are summed over all days, with the segment known last, by the thresholds', async () => {
  const before = (time: string) => `${dayBefore}T${time}:00Z`
  const ports = await plantWith([
    ...day,
    sale(before('08:00'), 's1', [line('p1', 1, 89.75)], { customerId: 'c1', customerSegment: 'B2B' }),
    sale(before('09:00'), 's2', [line('p1', 1, 1)], { customerId: 'c4' }),
  ])
  // The older day later: the order in which days are made does not matter.
  await run(ports, [date, dayBefore])
  expect(await goldOf(ports, 'gold_customers', customerColumns)).toEqual([
    'c1 B2C 3 10000 true standard',
    'c2 B2B 1 59700 false premium',
    'c3 unknown 0 -100 false basic',
    'c4 unknown 1 100 false basic',
  ])
  const stricter = { ...thresholds, loyalPurchases: 4, standardSpendCents: 100_01, premiumSpendCents: 597_01 }
  await run(ports, [date], stricter)
  expect((await goldOf(ports, 'gold_customers', customerColumns)).slice(0, 2)).toEqual([
    'c1 B2C 3 10000 false basic',
    'c2 B2B 1 59700 false standard',
  ])
})

const alert = (product: string, opened: string, resolved?: string): readonly Row[] => {
  const openedMs = Date.parse(`${opened}:00Z`)
  const row = {
    date: opened.slice(0, 10),
    store_id: 's1',
    product_id: product,
    last_sale_at: openedMs - 1,
    opened_at: openedMs,
    partition_id: 0,
    sequence: 0,
    item: 0,
  }
  const open = { ...row, change: 'opened', resolved_at: null }
  return resolved === undefined
    ? [open]
    : [open, { ...row, change: 'resolved', resolved_at: Date.parse(`${resolved}:00Z`) }]
}

test('a stock-out counts for the part of it that is in the day, and loses what the store would have sold', async () => {
  const ports = await plantWith([
    sale(`${dayBefore}T12:00:00Z`, 's1', [line('p1', 1, 1.25)]),
    sale('09:00', 's1', [line('p1', 3, 1.25)]),
    sale('10:00', 's1', [line('p1', 1, 1.25)]),
    sale('11:00', 's1', [line('p2', 1, 4)]),
    sale('12:00', 's1', [line('p2', -2, 4)]),
    sale('11:00', 's2', [line('p1', 50, 1)]),
  ])
  const stockouts = ports.tables.derived.get(goldStockout.name)
  if (!stockouts) throw new Error('expected the alerts')
  const rows = [
    alert('p1', `${date}T10:30`, `${date}T11:30`),
    alert('p1', `${date}T11:45`),
    alert('p2', `${dayBefore}T20:00`, `${date}T11:00`),
    alert('p3', `${dayBefore}T20:00`, `${date}T00:00`),
    alert('p8', `${date}T23:59`, '2026-03-02T07:00'),
    alert('p9', '2026-03-02T00:00'),
  ]
  await append(stockouts, { rows: rows.flat(), operation: 'WRITE' })
  await run(ports, [dayBefore, date])
  // Of five receipts in two days p1 has five pieces for 6.25: one and 1.25 for each of the two receipts in its alerts.
  // p2 came back more than it sold; a sale at the instant an alert ends is not in it.
  expect(
    await goldOf(ports, 'gold_stockout_daily', 'date product_id alerts hours_out lost_units lost_revenue'),
  ).toEqual([
    `${dayBefore} p2 1 400 0 0`,
    `${dayBefore} p3 1 400 0 0`,
    `${date} p1 2 1325 200 250`,
    `${date} p2 1 1100 0 0`,
    `${date} p8 1 2 0 0`,
  ])
})

import { readReport } from '../../src/report/report'
import { lostUnitsFrom } from '../../src/report/stockouts'
import { type Installation } from '../../src/warehouse/installation'
import { fillCalendars } from '../../src/warehouse/business-days'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'
import {
  begin,
  deliver,
  insert,
  makeDay,
  mixMinute,
  qualityMinute,
  salesMinute,
  settingsOf,
  storeDay,
  storeMinute,
} from './seed'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

/** An empty warehouse of such settings, with what `fill` puts in. */
async function given(settings: Partial<Installation>, fill: Fill = () => Promise.resolve()): Promise<void> {
  await server.warehouse.transaction(async (session) => {
    await begin(session, settingsOf(settings))
    await fill((table, ...rows) => insert(session, table, rows))
    await fillCalendars(session, 'missing')
  })
}

type Put = (table: string, ...rows: Parameters<typeof insert>[2]) => Promise<void>
type Fill = (put: Put) => Promise<void>

const report = (date?: string, settings: Partial<Installation> = {}) =>
  readReport(server.warehouse, { date, settings: settingsOf(settings) })

const delivered = (at: string) => server.warehouse.transaction((session) => deliver(session, at))
const made = (date: string, more = {}) => server.warehouse.transaction((session) => makeDay(session, date, more))

const day = '2026-06-10'

test('sales of a day are summed over stores and minutes, of the newest day unless one is named', async () => {
  await given({}, async (put) => {
    await put(
      'store_1m',
      storeMinute('2026-06-03T10:00Z', 'S1', 16, 4),
      storeMinute(`${day}T08:00Z`, 'S1', 10, 2, {
        discounts: 2,
        gross_sales: 12,
        tips: 0.5,
        unique_customers_sketch: '\\x000000000001000000000002',
      }),
      storeMinute(`${day}T10:59Z`, 'S2', 10.01, 3, { units_sold: 4, unique_customers_sketch: '\\x000000000002' }),
      storeMinute(`${day}T11:00Z`, 'S2', -2.5, 0, {
        ...{
          gross_sales: 0,
          returns: 2.5,
          order_revenue: 0,
          units_returned: 1,
          total_transactions: 1,
          return_receipts: 1,
        },
        ...{ tax: 1.23, tax_included: 1.23, gift_cards_sold: 50, adjustments: -3, adjustment_lines: 1 },
      }),
    )
    await put(
      'sales_1m',
      salesMinute(`${day}T08:00Z`, 'S1', 'A', 10, 2),
      salesMinute(`${day}T10:59Z`, 'S2', 'B', 7.51, 3),
    )
  })
  await delivered(`${day}T11:00:30Z`)
  expect(await report()).toMatchObject({
    ...{ date: day, currency: 'GBP', minorDigits: 2, calendar: 'UTC 00:00', source: 'live', isRunning: true },
    asOf: {
      at: `${day}T11:00:30.000Z`,
      local: `${day} 11:00:30`,
      positions: [{ stream: 'retail', partition: 0, sequence: 7 }],
    },
    totals: {
      ...{ netSalesMinor: 1751, grossSalesMinor: 2201, discountsMinor: 200, returnsMinor: 250, orders: 5, receipts: 6 },
      ...{ returnReceipts: 1, averageOrderMinor: 400, unitsSold: 6, unitsReturned: 1, itemsPerBasket: 1.2 },
      ...{ taxMinor: 123, taxIncludedMinor: 123, tipsMinor: 50, giftCardsSoldMinor: 5000, adjustmentsMinor: -300 },
      ...{ adjustmentLines: 1, customers: 2, customersAre: 'exact', stores: 2 },
    },
    before: { date: '2026-06-03', untilTime: '11:01', totals: { netSalesMinor: 1600, orders: 4 } },
    hours: [
      { time: '08:00', isAgain: false, revenueMinor: 1000, orders: 2 },
      { time: '10:00', revenueMinor: 1001, orders: 3 },
      { time: '11:00', revenueMinor: -250, orders: 0 },
    ],
    stores: {
      count: 2,
      revenueMinor: 1751,
      list: [
        { name: 'S1', revenueMinor: 1000, orders: 2 },
        { name: 'S2', orders: 3 },
      ],
    },
    products: {
      count: 2,
      revenueMinor: 1751,
      list: [
        { name: 'A', quantity: 2 },
        { name: 'B', quantity: 3 },
      ],
    },
    ...{ categories: null, regions: null, channels: null, funnel: null, payments: null, quality: null },
    stockouts: { open: 0, opened: 0, resolved: 0, lost: null, foremost: [] },
  })
  expect(await report('2026-06-03')).toMatchObject({
    isRunning: false,
    totals: { netSalesMinor: 1600 },
    before: { untilTime: null, totals: null },
  })
})

test('a day the batch has made is the batch’s, and the stream’s again when it is stale', async () => {
  await given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 10, 2))
    await put('gold_daily_store', storeDay(day, 'S1', 9, 1, { tax: 1.5 }))
    await put('gold_daily_customers', { date: day, customer_id: 'c', customer_segment: 'B2C', purchases: 1, spend: 9 })
  })
  await made(day)
  expect(await report()).toMatchObject({
    ...{ source: 'batch', batchedAt: `${day} 23:59:00`, isRunning: false },
    totals: { netSalesMinor: 900, taxMinor: 150, orders: 1, customers: 1 },
    hours: [{ time: '08:00', revenueMinor: 1000 }],
  })
  await server.warehouse.query('UPDATE daily_batch SET stale = true')
  expect(await report()).toMatchObject({
    source: 'live',
    batchedAt: null,
    totals: { netSalesMinor: 1000, customers: 0 },
  })
})

/** Every table of the stream in one transaction, as the stream writes them. */
async function deliverSale(partition: number, sequence: number): Promise<void> {
  const [store, channel] = [`S${partition}`, sequence % 3 === 0 ? 'web' : 'store']
  const at = `${day}T${String(8 + (sequence % 10)).padStart(2, '0')}:${String(sequence % 60).padStart(2, '0')}Z`
  const minor = 100 + ((sequence * 37) % 900)
  const own = { partition_id: partition, sequence }
  await server.warehouse.transaction(async (session) => {
    const add = `DO UPDATE SET total_revenue = t.total_revenue + excluded.total_revenue`
    for (const [table, key, row] of [
      ['store_1m', 'store_id, window_start, partition_id', storeMinute(at, store, minor / 100, 1, own)],
      [
        'sales_1m',
        'store_id, window_start, product_id, partition_id',
        { ...salesMinute(at, store, `P${sequence % 7}`, minor / 100, 1), ...own },
      ],
      [
        'mix_1m',
        'store_id, window_start, region, city, country, channel, payment_method, category, brand, customer_segment, partition_id',
        mixMinute(at, store, channel, minor / 100, 1, own),
      ],
    ] as const) {
      const names = Object.keys(row).join(', ')
      const orders = table === 'sales_1m' ? '' : ', orders = t.orders + 1'
      await session.query(
        `INSERT INTO ${table} AS t (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::${table}, $1)
         ON CONFLICT (${key}) ${add}${orders}`,
        [JSON.stringify(row)],
      )
    }
    await session.query(
      `INSERT INTO sink_position (stream, partition_id, sequence) VALUES ('retail', $1, $2)
       ON CONFLICT (stream, partition_id) DO UPDATE SET sequence = excluded.sequence, updated_at = now()`,
      [partition, sequence],
    )
  })
}

test('while a stream runs, every page is what was delivered up to the position it names', async () => {
  await given({})
  const deliveries = 150
  let isOver = false
  const stream = async (partition: number) => {
    for (let sequence = 0; sequence < deliveries && !isOver; sequence++) await deliverSale(partition, sequence)
  }
  await deliverSale(0, 0)
  const streams = Promise.all([stream(1), stream(2)]).finally(() => (isOver = true))
  const positions = new Set<string>()
  const look = async () => {
    const { totals, channels, products, stores, hours, asOf } = await report(day)
    const wanted = asOf.positions.flatMap(({ sequence }) =>
      Array.from({ length: sequence + 1 }, (_, i) => 100 + ((i * 37) % 900)),
    )
    const netSalesMinor = wanted.reduce((sum, each) => sum + each, 0)
    expect(totals).toMatchObject({ netSalesMinor, orders: wanted.length })
    expect(channels?.revenueMinor ?? 0).toBe(netSalesMinor)
    expect(channels?.list.reduce((sum, each) => sum + each.revenueMinor, 0)).toBe(netSalesMinor)
    expect([products.revenueMinor, stores.revenueMinor]).toEqual([netSalesMinor, netSalesMinor])
    expect(hours.reduce((sum, each) => sum + each.revenueMinor, 0)).toBe(netSalesMinor)
    positions.add(JSON.stringify(asOf.positions))
  }
  try {
    while (!isOver) await look()
  } finally {
    isOver = true
    await streams
  }
  await look()
  expect(positions.size).toBeGreaterThan(3)
})

test('the first minutes of an installation are shown with nothing from before, and what came late is a share of what came', async () => {
  await given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 24.37, 3, { closed: false }))
    await put(
      'quality_1m',
      qualityMinute(`${day}T08:00Z`, 'S1', 140, { late: 70, late_seconds: 7000, max_late_seconds: 120, closed: false }),
    )
    await put(
      'quality_1m',
      qualityMinute(`${day}T08:00Z`, 'unknown', 0, { reason: 'not-json', received: 2, rejected: 2 }),
    )
  })
  await delivered(`${day}T08:00:40Z`)
  expect(await report()).toMatchObject({
    isRunning: true,
    totals: { netSalesMinor: 2437, orders: 3 },
    before: { date: '2026-06-03', totals: null },
    quality: {
      ...{
        received: 142,
        valid: 140,
        rejected: 2,
        qualityPct: 98.59,
        late: 70,
        lateSecondsMean: 100,
        lateSecondsMax: 120,
      },
      rejections: [{ reason: 'not-json', events: 2 }],
    },
  })
})

describe('a running day beside the same weekday', () => {
  const london = { zone: 'Europe/London', dayStart: '00:00' }

  test('is compared up to the minute of the last delivery, though nobody has bought since', async () => {
    await given({}, async (put) => {
      await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1))
      await put(
        'store_1m',
        ...['08:00', '13:59', '14:03', '14:04'].map((time) => storeMinute(`2026-06-03T${time}Z`, 'S1', 1, 1)),
      )
    })
    await delivered(`${day}T14:03:07Z`)
    expect((await report()).before).toMatchObject({ untilTime: '14:03', totals: { netSalesMinor: 300 } })
  })

  test('of replayed history, is compared up to its newest minute', async () => {
    await given({}, async (put) => {
      await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1))
      await put('store_1m', ...['08:00', '08:01'].map((time) => storeMinute(`2026-06-03T${time}Z`, 'S1', 1, 1)))
    })
    await delivered('2026-11-29T14:03:07Z')
    expect(await report()).toMatchObject({
      isRunning: true,
      before: { untilTime: '08:01', totals: { netSalesMinor: 100 } },
    })
  })

  test('is compared whole once it is over, before the batch has made it', async () => {
    await given({}, async (put) => {
      await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1), storeMinute('2026-06-03T22:00Z', 'S1', 1, 1))
    })
    await delivered('2026-06-11T00:05:00Z')
    expect(await report()).toMatchObject({
      isRunning: false,
      before: { untilTime: null, totals: { netSalesMinor: 100 } },
    })
  })

  test.each([
    [
      'after a day of 23 hours',
      '2026-04-05',
      '2026-04-05T12:00Z',
      '2026-03-29',
      ['2026-03-29T00:59Z', '2026-03-29T11:59Z'],
      ['2026-03-29T12:00Z'],
    ],
    [
      'on a day of 23 hours',
      '2026-03-29',
      '2026-03-29T12:00Z',
      '2026-03-22',
      ['2026-03-22T00:00Z', '2026-03-22T12:59Z'],
      ['2026-03-22T13:00Z'],
    ],
    [
      'after a day of 25 hours',
      '2026-11-01',
      '2026-11-01T12:00Z',
      '2026-10-25',
      ['2026-10-24T23:00Z', '2026-10-25T01:30Z', '2026-10-25T11:59Z'],
      ['2026-10-25T12:00Z'],
    ],
    [
      'on a day of 25 hours',
      '2026-10-25',
      '2026-10-25T12:00Z',
      '2026-10-18',
      ['2026-10-17T23:00Z', '2026-10-18T10:59Z'],
      ['2026-10-18T11:00Z'],
    ],
  ])('by the clock on the wall: %s', async (_, date, sale, weekBefore, counted, left) => {
    await given(london, async (put) => {
      await put('store_1m', storeMinute(sale.replace('12:00Z', '10:00Z'), 'S1', 5, 1))
      await put('store_1m', ...[...counted, ...left].map((at) => storeMinute(at, 'S1', 1, 1)))
    })
    await delivered(sale)
    const { before } = await report(date, london)
    expect({ date: before.date, sales: before.totals?.netSalesMinor }).toEqual({
      date: weekBefore,
      sales: 100 * counted.length,
    })
  })
})

test('days and hours are those of each store, and an hour that comes twice is two', async () => {
  const settings = { zone: 'Europe/London', dayStart: '04:00' }
  await given(settings, async (put) => {
    await put('stores', {
      store_id: 'C',
      zone: 'America/Chicago',
      day_start: '04:00',
      source: 'file',
      said_at: '2026-01-01T00:00Z',
    })
    await put(
      'store_1m',
      // London, 24 October until 04:00 of the 25th: 03:30 before it, both passes of 01:30, and 03:59.
      storeMinute('2026-10-24T02:30Z', 'L', 1, 1),
      storeMinute('2026-10-25T00:30Z', 'L', 2, 1),
      storeMinute('2026-10-25T01:30Z', 'L', 4, 1),
      storeMinute('2026-10-25T03:59Z', 'L', 8, 1),
      storeMinute('2026-10-25T04:00Z', 'L', 16, 1),
      // Chicago, five hours behind: 04:00 on the 24th and 03:59 on the 25th.
      storeMinute('2026-10-24T09:00Z', 'C', 32, 1),
      storeMinute('2026-10-25T08:59Z', 'C', 64, 1),
      storeMinute('2026-10-25T09:00Z', 'C', 128, 1),
    )
    await put('gold_stockout', {
      store_id: 'C',
      product_id: 'P',
      opened_at: '2026-10-25T08:00Z',
      last_sale_at: '2026-10-25T07:00Z',
      status: 'open',
      partition_id: 0,
      sequence: 1,
    })
  })
  const figures = await report('2026-10-24', settings)
  expect(figures.totals.netSalesMinor).toBe(100 * (2 + 4 + 8 + 32 + 64))
  expect(figures.hours.map(({ time, isAgain, revenueMinor }) => [time, isAgain, revenueMinor / 100])).toEqual([
    ['04:00', false, 32],
    ['01:00', false, 2],
    ['01:00', true, 4],
    ['03:00', false, 72],
  ])
  expect(figures.stockouts).toMatchObject({ opened: 1, foremost: [{ openedAt: '2026-10-25 03:00' }] })
  expect((await report('2026-10-25', settings)).totals.netSalesMinor).toBe(14_400)
})

test('kinds of sales, visits and payments', async () => {
  const at = `${day}T08:00Z`
  const stream = { closed: true, partition_id: 0, sequence: 1 }
  await given({}, async (put) => {
    await put('store_1m', storeMinute(at, 'S1', 17.52, 7))
    await put(
      'mix_1m',
      mixMinute(at, 'S1', 'web', 7, 2, { category: 'toys', region: 'Wales', total_qty: 3 }),
      mixMinute(at, 'S1', 'store', 3.01, 0, { category: 'books', region: 'Wales', total_qty: 1 }),
      mixMinute(at, 'S1', 'store', 7.51, 5, { category: 'toys', total_qty: 2 }),
    )
    const visit = {
      window_start: at,
      store_id: 'S1',
      channel: 'web',
      sessions: 1,
      sessions_sketch: '\\x000000000001',
      ...stream,
    }
    await put(
      'funnel_1m',
      { ...visit, category: 'toys', views: 10, add_to_carts: 4, checkouts: 2, purchases: 1 },
      { ...visit, category: 'books', views: 5, add_to_carts: 1, checkouts: 0, purchases: 0 },
    )
    const payment = { window_start: at, store_id: 'S1', method: 'card', payments: 1, amount: 19.99, ...stream }
    await put(
      'payments_1m',
      { ...payment, status: 'succeeded', failure_reason: 'none', payments: 9, amount: 900 },
      { ...payment, status: 'failed', failure_reason: 'declined', payments: 2 },
      { ...payment, status: 'failed', failure_reason: 'timeout' },
      { ...payment, method: 'cash', status: 'succeeded', failure_reason: 'none', amount: 0.01 },
    )
  })
  expect(await report()).toMatchObject({
    categories: { count: 2, list: [{ name: 'toys', revenueMinor: 1451, quantity: 5 }, { name: 'books' }] },
    regions: {
      by: 'region',
      list: [
        { name: 'Wales', revenueMinor: 1001, orders: 2 },
        { name: 'unknown', orders: 5 },
      ],
    },
    channels: {
      revenueMinor: 1752,
      list: [
        { name: 'store', revenueMinor: 1052, orders: 5 },
        { name: 'web', orders: 2 },
      ],
    },
    funnel: { sessions: 1, views: 15, addToCarts: 5, checkouts: 2, purchases: 1, orders: 2 },
    payments: {
      ...{ succeeded: 10, failed: 3, succeededMinor: 90_001, failedMinor: 3998 },
      byMethod: [
        { method: 'card', payments: 12, failed: 3 },
        { method: 'cash', payments: 1, failed: 0 },
      ],
      failures: [
        { reason: 'declined', payments: 2, amountMinor: 1999 },
        { reason: 'timeout', payments: 1, amountMinor: 1999 },
      ],
    },
  })
})

test('stock-outs as they stood when the day ended; lost sales of shelves that were silent for longer than by chance', async () => {
  const alert = {
    store_id: 'S1',
    status: 'open',
    last_sale_at: `${day}T07:00Z`,
    opened_at: `${day}T09:00Z`,
    partition_id: 0,
    sequence: 1,
  }
  const resolved = { status: 'resolved' }
  await given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1))
    await put('gold_daily_store', storeDay(day, 'S1', 1, 1))
    await put(
      'gold_stockout',
      { ...alert, product_id: 'old', opened_at: '2026-06-02T09:00Z' },
      { ...alert, product_id: 'A' },
      { ...alert, product_id: 'B', ...resolved, resolved_at: `${day}T10:00Z` },
      { ...alert, product_id: 'C', ...resolved, resolved_at: '2026-06-11T10:00Z' },
      { ...alert, product_id: 'later', opened_at: '2026-06-11T09:00Z' },
      {
        ...alert,
        product_id: 'earlier',
        opened_at: '2026-06-08T09:00Z',
        ...resolved,
        resolved_at: '2026-06-09T09:00Z',
      },
    )
    const sold = { store_id: 'S1', total_qty: 1, transactions: 1 }
    await put(
      'gold_daily_sales',
      { ...sold, date: day, product_id: 'A', total_revenue: 5 },
      { ...sold, date: '2026-06-04', product_id: 'A', total_revenue: 7 },
      { ...sold, date: '2026-06-03', product_id: 'C', total_revenue: 99 },
    )
    const shelf = { store_id: 'S1', product_id: 'A', min_on_hand: 0, closed: true, partition_id: 0, sequence: 1 }
    await put(
      'stock_5m',
      { ...shelf, window_start: `${day}T08:00Z`, on_hand: 7, on_hand_at: `${day}T08:01Z` },
      { ...shelf, window_start: `${day}T09:00Z`, on_hand: 2, on_hand_at: `${day}T09:01Z` },
    )
    const lost = { date: day, store_id: 'S1', alerts: 1, hours_out: 1 }
    await put(
      'gold_stockout_daily',
      { ...lost, product_id: 'A', lost_units: lostUnitsFrom, lost_revenue: 12.34 },
      { ...lost, product_id: 'B', lost_units: lostUnitsFrom - 0.01, lost_revenue: 1000 },
    )
  })
  const live = (await report(day)).stockouts
  expect(live).toMatchObject({ open: 3, opened: 3, resolved: 1, lost: null })
  for (const date of [day, '2026-06-04', '2026-06-03']) await made(date)
  expect((await report(day)).stockouts).toEqual({
    ...{ open: 3, opened: 3, resolved: 1 },
    lost: { shelves: 1, ofShelves: 2, revenueMinor: 1234 },
    foremost: [
      { storeId: 'S1', productId: 'A', openedAt: `${day} 09:00`, weekRevenueMinor: 1200, onHand: 2 },
      { storeId: 'S1', productId: 'C', openedAt: `${day} 09:00`, weekRevenueMinor: 0, onHand: null },
      { storeId: 'S1', productId: 'old', openedAt: '2026-06-02 09:00', weekRevenueMinor: 0, onHand: null },
    ],
  })
})

test.each([
  ['JPY', 0, 1200, 1200],
  ['KWD', 3, 5.335, 5335],
  ['CLF', 4, 0.0001, 1],
])('money of %s has %i decimals', async (currency, minorDigits, revenue, wanted) => {
  await given({ currency, minorDigits }, (put) => put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', revenue, 1)))
  const { totals } = await report(day, { currency, minorDigits })
  expect(totals).toMatchObject({ netSalesMinor: wanted, averageOrderMinor: wanted })
})

test('settings that speak of other days or money are refused by name', async () => {
  await given({}, (put) => put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1)))
  await expect(report(day, { zone: 'Europe/London', dayStart: '04:00' })).rejects.toThrow(
    'report: days are UTC from 00:00, the settings say Europe/London from 04:00; run npm run batch',
  )
  await expect(report(day, { currency: 'JPY', minorDigits: 0 })).rejects.toThrow('report: currency is GBP')
})

test('a day without sales is an error that says which days have some', async () => {
  await given({})
  await expect(report()).rejects.toThrow('report: nothing was sold yet')
  await given({}, (put) =>
    put('store_1m', storeMinute('2026-06-01T08:00Z', 'S1', 1, 1), storeMinute(`${day}T08:00Z`, 'S1', 1, 1)),
  )
  await expect(report('2026-06-05')).rejects.toThrow(
    'report: no sales on 2026-06-05; there are some from 2026-06-01 to 2026-06-10',
  )
  await expect(report('2050-01-01')).rejects.toThrow(
    'expected 2050-01-01 among the business days of calendar UTC 00:00',
  )
})

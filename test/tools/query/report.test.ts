import { stripVTControlCharacters } from 'node:util'
import { coloured, plain } from '../../../tools/query/paint'
import { widthOf } from '../../../tools/query/printable'
import { collect } from '../../../tools/query/report/collect'
import { bar } from '../../../tools/query/report/layout'
import { duration, grouped, money, percent } from '../../../tools/query/report/format'
import { reportJson, reportPage } from '../../../tools/query/report/report'
import { withSession } from '../../../tools/query/session'
import { sketchHash } from '../../../src/fold/sketch'
import { type Row } from '../../../src/lake/schema'
import { type Store } from '../../../src/lake/store'
import { dailyTables } from '../../../src/pipeline/daily/tables'
import { scaled } from '../../../src/pipeline/rows/tables'
import { counting } from '../../lake/tables'
import { memoryStore } from '../../lake/store/memory-store'
import { mixRow, put, putSilver, putStockouts, salesRow, storeRow } from './lake'

const day = '2010-12-08'

let store: Store
beforeEach(() => {
  store = memoryStore()
})

/** Two stores, one known customer who went to both, a correction, a return; and the same weekday a week before. */
async function putSales(): Promise<void> {
  await putSilver(store, 'store_1m', [
    storeRow('2010-12-01T10:00:00', 'S1', { orders: 4, revenueCents: 1600, customers: ['a'] }),
    storeRow(`${day}T08:00:00`, 'S1', { orders: 2, revenueCents: 1000, customers: ['a', 'b'] }),
    { ...storeRow(`${day}T08:00:00`, 'S1', { orders: 1, revenueCents: 1, customers: ['b'] }), kind: 'correction' },
    storeRow(`${day}T10:59:00`, 'S2', { orders: 3, revenueCents: 1001, customers: ['a', 'c'] }),
    storeRow(`${day}T11:00:00`, 'S2', { orders: 1, revenueCents: -250, customers: [] }),
  ])
  await putSilver(store, 'sales_1m', [
    salesRow('2010-12-01T10:00:00', 'S1', 'A', 4, 1600),
    salesRow(`${day}T08:00:00`, 'S1', 'A', 5, 1001),
    salesRow(`${day}T10:59:00`, 'S2', 'B', 2, 1001),
    salesRow(`${day}T11:00:00`, 'S2', 'B', -1, -250),
  ])
}

function figures(date?: string) {
  return withSession(store, (session) => collect(session, { date }), { newest: 'once' })
}

function page(width = 100, paint = plain) {
  return withSession(store, (session) => reportPage(session, { width, currency: 'GBP', paint }))
}

/** Appends rows to a gold table of the batch. */
async function putGold(name: string, rows: readonly Row[]): Promise<void> {
  const spec = dailyTables.find((table) => table.spec.name === name)?.spec
  if (!spec) throw new Error(`no table ${name}`)
  await put(store, { ...scaled(spec, 2), rows })
}

function goldStore(storeId: string, orders: number, returned: number): Row {
  return {
    date: day,
    store_id: storeId,
    region: 'unknown',
    city: 'unknown',
    country: 'unknown',
    total_transactions: orders,
    total_revenue: 0,
    avg_transaction_value: 0,
    units_sold: 0,
    units_returned: returned,
    unique_customers: 2,
  }
}

function goldCustomer(id: string): Row {
  const customer = { customer_id: id, customer_segment: 'B2C', purchases: 1, spend: 1 }
  return { date: day, ...customer, first_purchase_at: 0, last_purchase_at: 0 }
}

test('sales are summed over stores, windows and corrections, to the cent, of the newest day unless one is named', async () => {
  await putSales()
  expect(await figures()).toMatchObject({
    date: day,
    countedUntil: `${day} 11:01:00+00`,
    totals: {
      revenueCents: 1752,
      orders: 7,
      averageOrderCents: 250,
      quantity: 6,
      customers: 3,
      customersAre: 'exact',
      stores: 2,
    },
    returns: { quantity: 1, quantityIs: 'at least', refundsCents: 250 },
    before: { date: '2010-12-01', revenueCents: 1600, orders: 4, customers: 1 },
    hours: [
      { hour: 8, revenueCents: 1001, orders: 3 },
      { hour: 10, revenueCents: 1001, orders: 3 },
      { hour: 11, revenueCents: -250, orders: 1 },
    ],
    stores: { count: 2, list: [{ name: 'S1', revenueCents: 1001, orders: 3 }, { name: 'S2' }] },
    products: {
      count: 2,
      list: [
        { name: 'A', quantity: 5 },
        { name: 'B', revenueCents: 751, quantity: 1 },
      ],
    },
    categories: null,
    regions: null,
    channels: null,
    funnel: null,
    payments: null,
    quality: null,
    stockouts: null,
  })
  expect(await figures('2010-12-01')).toMatchObject({ totals: { revenueCents: 1600 }, before: null })
})

test('the daily batch tells customers and returns where it has seen every order, and only there', async () => {
  await putSales()
  await putGold('gold_daily_store', [goldStore('S1', 3, 0), goldStore('S2', 4, 9)])
  await putGold('gold_daily_customers', ['a', 'b', 'c', 'd'].map(goldCustomer))
  expect(await figures()).toMatchObject({
    totals: { customers: 4, customersAre: 'exact' },
    returns: { quantity: 9, quantityIs: 'exact' },
  })
  await putSilver(store, 'store_1m', [storeRow(`${day}T12:00:00`, 'S2', { orders: 1, revenueCents: 1, customers: [] })])
  expect(await figures()).toMatchObject({
    totals: { orders: 8, customers: 3 },
    returns: { quantity: 1, quantityIs: 'at least' },
  })
})

test('more customers than a sketch holds are estimated, within two percent', async () => {
  const customers = Array.from({ length: 120_000 }, (_, i) => `customer-${i}`)
  const half = (from: number) => customers.slice(from, from + 70_000)
  await putSales()
  await putSilver(store, 'store_1m', [
    storeRow(`${day}T12:00:00`, 'S1', { orders: 1, revenueCents: 0, customers: half(0) }),
    storeRow(`${day}T12:00:00`, 'S2', { orders: 1, revenueCents: 0, customers: half(50_000) }),
  ])
  const { totals } = await figures()
  expect(totals.customersAre).toBe('estimated')
  expect(Math.abs((totals.customers ?? 0) / 120_003 - 1)).toBeLessThan(0.02)
  expect(await page()).toContain('≈ ')
})

test('sketch functions are those of the warehouse', async () => {
  await putSales()
  const hex = (text: string) => sketchHash(text).toString(16).toUpperCase().padStart(12, '0')
  const rows = await withSession(store, async (session) => {
    const answer = await session.ask(
      `SELECT hex(sketch_merge(unique_customers_sketch)), sketch_estimate(sketch_merge(unique_customers_sketch)),
         sketch_estimate(sketch_union(min(unique_customers_sketch), max(unique_customers_sketch))), sketch_estimate(NULL)
       FROM store_1m WHERE date = '${day}' AND store_id = 'S1'`,
    )
    const found = []
    for await (const row of answer.rows) found.push(row)
    return found
  })
  expect(rows).toEqual([[['a', 'b'].map(hex).sort().join(''), 2, 2, 0]])
})

test('kinds of sales, visits, payments, quality and stock-outs', async () => {
  await putSales()
  const at = `${day}T08:00:00`
  await putSilver(store, 'mix_1m', [
    mixRow(at, { category: 'toys', channel: 'web', region: 'Wales', total_revenue: 700, orders: 2, total_qty: 3 }),
    mixRow(at, { category: 'books', channel: 'store', region: 'Wales', total_revenue: 301, orders: 0, total_qty: 1 }),
    mixRow(at, { category: 'toys', channel: 'store', total_revenue: 751, orders: 5, total_qty: 2 }),
  ])
  const visit = { store_id: 'S1', channel: 'web', sessions: 1, sessions_sketch: Buffer.from('0123456789ab', 'hex') }
  await putSilver(store, 'funnel_1m', [
    { at, ...visit, category: 'toys', views: 10, add_to_carts: 4, checkouts: 2, purchases: 1 },
    { at, ...visit, category: 'books', views: 5, add_to_carts: 1, checkouts: 0, purchases: 0 },
  ])
  const payment = { at, store_id: 'S1', method: 'card', payments: 1, amount: 1999 }
  await putSilver(store, 'payments_1m', [
    { ...payment, status: 'succeeded', failure_reason: 'none', payments: 9, amount: 90_000 },
    { ...payment, status: 'failed', failure_reason: 'declined', payments: 2 },
    { ...payment, status: 'failed', failure_reason: 'timeout' },
    { ...payment, method: 'cash', status: 'succeeded', failure_reason: 'none', amount: 1 },
  ])
  const flaws = { rejected: 0, duplicates: 0, conflicting: 0, repeated_receipts: 0 }
  const counts = { received: 0, valid: 0, ...flaws, late: 0, late_seconds: 0, max_late_seconds: 0 }
  await putSilver(store, 'quality_1m', [
    {
      at,
      store_id: 'S1',
      reason: 'none',
      ...counts,
      received: 100,
      valid: 95,
      duplicates: 5,
      conflicting: 2,
      repeated_receipts: 4,
      quality_pct: 9500,
    },
    {
      ...{ at: `${day}T09:00:00`, store_id: 'S1', reason: 'none', ...counts, received: 50, valid: 50 },
      ...{ late: 2, late_seconds: 1000, max_late_seconds: 900, quality_pct: 10_000 },
    },
    { at, store_id: 'unknown', reason: 'not-json', ...counts, received: 3, rejected: 3, quality_pct: 0 },
  ])
  await putSilver(store, 'stock_5m', [
    { at, store_id: 'S1', product_id: 'A', on_hand: 7, on_hand_at: Date.parse(`${day}T08:01:00Z`), min_on_hand: 7 },
    {
      ...{ at: `${day}T09:00:00`, store_id: 'S1', product_id: 'A', on_hand: 2, min_on_hand: 1 },
      on_hand_at: Date.parse(`${day}T09:01:00Z`),
    },
  ])
  const opened = `${day}T09:00:00`
  await putStockouts(store, [
    { store: 'S1', product: 'old', opened: '2010-12-02T09:00:00', lastSale: '2010-12-02T08:00:00' },
    { store: 'S1', product: 'A', opened, lastSale: `${day}T08:00:00` },
    { store: 'S2', product: 'C', opened, lastSale: `${day}T08:00:00` },
    { store: 'S2', product: 'C', opened, lastSale: `${day}T08:00:00`, resolved: `${day}T10:00:00` },
    { store: 'S2', product: 'D', opened, lastSale: `${day}T08:00:00` },
    { store: 'S2', product: 'D', opened, lastSale: `${day}T08:00:00`, resolved: '2010-12-09T10:00:00' },
    { store: 'S2', product: 'E', opened: '2010-12-09T09:00:00', lastSale: '2010-12-09T08:00:00' },
  ])
  expect(await figures(day)).toMatchObject({
    categories: { count: 2, list: [{ name: 'toys', revenueCents: 1451, quantity: 5 }, { name: 'books' }] },
    regions: {
      by: 'region',
      list: [
        { name: 'Wales', revenueCents: 1001, orders: 2 },
        { name: 'unknown', orders: 5 },
      ],
    },
    channels: {
      list: [
        { name: 'store', revenueCents: 1052, orders: 5 },
        { name: 'web', orders: 2 },
      ],
    },
    funnel: { sessions: 1, views: 15, addToCarts: 5, checkouts: 2, purchases: 1, orders: 2 },
    payments: {
      succeeded: 10,
      failed: 3,
      succeededCents: 90_001,
      failedCents: 3998,
      byMethod: [
        { method: 'card', payments: 12, failed: 3 },
        { method: 'cash', payments: 1, failed: 0 },
      ],
      failures: [
        { reason: 'declined', payments: 2, amountCents: 1999 },
        { reason: 'timeout', payments: 1, amountCents: 1999 },
      ],
    },
    quality: {
      received: 153,
      valid: 145,
      rejected: 3,
      duplicates: 5,
      conflicting: 2,
      repeatedReceipts: 4,
      qualityPct: 94.77,
      rejections: [{ reason: 'not-json', events: 3 }],
      late: 2,
      lateSecondsMean: 500,
      lateSecondsMax: 900,
    },
    stockouts: {
      open: 3,
      opened: 3,
      resolved: 1,
      lostRevenueCents: null,
      foremost: [
        { storeId: 'S1', productId: 'A', openedAt: `${day} 09:00`, onHand: 2, weekRevenueCents: 1001 },
        { productId: 'D', onHand: null },
        { productId: 'old' },
      ],
    },
  })
})

test('a page fits its terminal and says of each part it has nothing on that it has nothing', async () => {
  await putSales()
  for (const width of [60, 80, 100, 120]) {
    const lines = (await page(width)).split('\n')
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width)
  }
  const text = await page()
  for (const part of ['Wednesday 8 December 2010', '£17.52', '▲ 9.5 %', 'compared with Wednesday 1 December 2010']) {
    expect(text).toContain(part)
  }
  for (const part of ['no visits', 'no payments', 'not measured', 'not watched yet', 'no sale names one']) {
    expect(text).toContain(part)
  }
  expect(stripVTControlCharacters(await page(100, coloured))).toBe(text)
})

test('names of stores and products do not steer the terminal', async () => {
  await putSales()
  await putSilver(store, 'sales_1m', [salesRow(`${day}T12:00:00`, 'S1', '\u001b]0;x\u0007\u202e', 1, 999_999)])
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(await page()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test('as JSON every money is exact text, and no key speaks of cents', async () => {
  await putSales()
  const json = await withSession(store, (session) => reportJson(session, { currency: 'GBP', date: day }))
  expect(json).toMatchObject({ ok: true, currency: 'GBP', totals: { revenue: '17.52', averageOrder: '2.50' } })
  expect(JSON.stringify(json)).not.toContain('Cents')
})

test('a day without sales is an error that says which days have some', async () => {
  await expect(figures()).rejects.toThrow('no window of sales has closed yet')
  await putSales()
  await expect(figures('2010-12-05')).rejects.toThrow(
    'no sales on 2010-12-05; there are some from 2010-12-01 to 2010-12-08',
  )
})

test('a page of one day does not fetch the others', async () => {
  await putSales()
  await putSilver(store, 'sales_1m', [salesRow('2010-11-01T10:00:00', 'S1', 'A', 4, 1600)])
  const { store: counted, count } = counting(store)
  await withSession(counted, (session) => collect(session), { newest: 'once' })
  expect(count('read', 'sales_1m/date=2010-11-01')).toBe(0)
  expect(count('read', `sales_1m/date=${day}`)).toBe(1)
})

test('figures as people read them', () => {
  expect([money(123_456_789, 'GBP'), money(-5, 'EUR'), money(100, 'CHF')]).toEqual([
    '£1,234,567.89',
    '-€0.05',
    'CHF 1.00',
  ])
  expect([grouped(1), grouped(1234), grouped(-1_234_567)]).toEqual(['1', '1,234', '-1,234,567'])
  expect([percent(1, 3), percent(1, 0)]).toEqual(['33.3 %', '–'])
  expect([duration(59), duration(720), duration(9000)]).toEqual(['59 s', '12 min', '2.5 h'])
  expect([
    bar(8, { most: 16, columns: 4 }),
    bar(1, { most: 1e6, columns: 4 }),
    bar(-1, { most: 1, columns: 4 }),
  ]).toEqual(['██', '▏', ''])
})

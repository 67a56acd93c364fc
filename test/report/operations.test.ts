import { defensible } from '../../src/report/stockouts'
import { mixMinute, openStage, type Stage, storeDay, storeMinute } from './seed'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const day = '2026-06-10'

test('kinds of sales, visits and payments', async () => {
  const at = `${day}T08:00Z`
  const stream = { closed: true, partition_id: 0, sequence: 1 }
  await stage.given({}, async (put) => {
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
  expect(await stage.report()).toMatchObject({
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
  await stage.given({}, async (put) => {
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
      { ...lost, product_id: 'fast', lost_units: 10 * defensible.receipts, lost_revenue: 12.34 },
      { ...lost, product_id: 'slow', lost_units: 10 * defensible.receipts - 1, lost_revenue: 1000 },
      { ...lost, product_id: 'new', lost_units: 1000, lost_revenue: 1000 },
      { ...lost, product_id: 'returned', lost_units: 0, lost_revenue: 0 },
    )
    // Ten pieces a receipt, on as many days of the 28 before as make the pace known; "new" on one day less.
    const dates = Array.from({ length: defensible.days }, (_, i) => `2026-05-${13 + i}`)
    const bulk = { store_id: 'S1', total_qty: 20, transactions: 2, total_revenue: 1 }
    for (const product of ['fast', 'slow', 'new']) {
      const days = product === 'new' ? dates.slice(1) : dates
      await put('gold_daily_sales', ...days.map((date) => ({ ...bulk, date, product_id: product })))
    }
    await put(
      'gold_daily_sales',
      { ...bulk, date: '2026-05-12', product_id: 'new' },
      { ...bulk, date: day, product_id: 'new' },
    )
  })
  const live = (await stage.report(day)).stockouts
  expect(live).toMatchObject({ open: 3, opened: 3, resolved: 1, lost: null })
  for (const date of [day, '2026-06-04', '2026-06-03']) await stage.made(date)
  expect((await stage.report(day)).stockouts).toEqual({
    ...{ open: 3, opened: 3, resolved: 1 },
    lost: { shelves: 1, ofShelves: 4, revenueMinor: 1234 },
    foremost: [
      { storeId: 'S1', productId: 'A', openedAt: `${day} 09:00`, weekRevenueMinor: 1200, onHand: 2 },
      { storeId: 'S1', productId: 'C', openedAt: `${day} 09:00`, weekRevenueMinor: 0, onHand: null },
      { storeId: 'S1', productId: 'old', openedAt: '2026-06-02 09:00', weekRevenueMinor: 0, onHand: null },
    ],
  })
})

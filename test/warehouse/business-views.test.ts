import { takeInstallation } from '../../src/warehouse/installation'
import { writeStores } from '../../src/warehouse/stores'
import { startTestWarehouse, type TestWarehouse } from './postgres'

/* Days, hours and weekdays as the shop has them, by hand. */

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() =>
  server.warehouse.query(
    'DELETE FROM installation; DELETE FROM stores; DELETE FROM store_1m; DELETE FROM sales_1m; DELETE FROM daily_batch',
  ),
)

async function rows(query: string): Promise<(string | null)[][]> {
  return (await server.warehouse.query(query)).map((row) => Object.values(row))
}

const goBy = (zone: string, dayStart = '00:00') =>
  server.warehouse.transaction((session) =>
    takeInstallation(session, { currency: 'GBP', minorDigits: 2, zone, dayStart, fiscalCalendar: 'iso' }),
  )

/** A receipt of one piece. */
async function sell(at: string, amount: string, store = 'S1'): Promise<void> {
  await server.warehouse.query(
    `INSERT INTO store_1m (window_start, store_id, total_transactions, total_revenue, unique_customers, closed, partition_id, sequence,
       orders, gross_sales, discounts, returns, order_revenue, units_sold)
     VALUES ($1, $2, 1, $3, 0, true, 0, 1, 1, $3, 0, 0, $3, 1)`,
    [at, store, amount],
  )
  await server.warehouse.query(
    `INSERT INTO sales_1m (window_start, store_id, product_id, total_qty, total_revenue, transactions, closed, partition_id, sequence, gross_sales)
     VALUES ($1, $2, 'tea', 1, $3, 1, true, 0, 1, $3)`,
    [at, store, amount],
  )
}

test("a Chicago shop's Thursday has the evening that is Friday in UTC", async () => {
  await goBy('America/Chicago')
  await sell('2026-03-06T00:30Z', '100.00')
  await sell('2026-03-05T18:00Z', '10.00')
  await sell('2026-03-06T06:00Z', '7.00')
  expect(await rows('SELECT date, net_sales, orders FROM v_store_by_day ORDER BY date')).toEqual([
    ['2026-03-05', '110.00', '2'],
    ['2026-03-06', '7.00', '1'],
  ])
  expect(await rows('SELECT date, net_sales FROM v_sales_by_day ORDER BY date')).toEqual([
    ['2026-03-05', '110.00'],
    ['2026-03-06', '7.00'],
  ])
  expect(await rows('SELECT date, weekday, local_hour, net_sales FROM v_store_by_hour ORDER BY hour')).toEqual([
    ['2026-03-05', '4', '12', '10.00'],
    ['2026-03-05', '4', '18', '100.00'],
    ['2026-03-06', '5', '0', '7.00'],
  ])
})

test('in a London summer a sale at half past midnight is of the new day, and with days from 04:00 of the night before', async () => {
  await goBy('Europe/London')
  await sell('2011-07-04T23:30Z', '5.00')
  expect(await rows('SELECT date FROM v_store_by_day')).toEqual([['2011-07-05']])
  await server.warehouse.query('DELETE FROM installation')
  await goBy('Europe/London', '04:00')
  expect(await rows('SELECT date FROM v_store_by_day')).toEqual([['2011-07-04']])
  expect(await rows('SELECT date, local_hour FROM v_sales_by_hour')).toEqual([['2011-07-04', '0']])
})

test('the hour that comes twice is two hours, and the days of 25 and 23 are whole', async () => {
  await goBy('Europe/London')
  for (const time of ['00:10', '00:59', '01:00', '01:59', '02:00']) await sell(`2026-10-25T${time}Z`, '1.00')
  expect(await rows('SELECT hour, local_hour, orders FROM v_store_by_hour ORDER BY hour')).toEqual([
    ['2026-10-25 00:00:00+00', '1', '2'],
    ['2026-10-25 01:00:00+00', '1', '2'],
    ['2026-10-25 02:00:00+00', '2', '1'],
  ])
  await sell('2026-10-24T23:00Z', '1.00')
  await sell('2026-10-25T23:59Z', '1.00')
  await sell('2026-10-26T00:00Z', '1.00')
  expect(await rows('SELECT date, orders FROM v_store_by_day ORDER BY date')).toEqual([
    ['2026-10-25', '7'],
    ['2026-10-26', '1'],
  ])
  expect(await rows('SELECT date, hours FROM v_days ORDER BY date')).toEqual([
    ['2026-10-25', '25.00'],
    ['2026-10-26', '24.00'],
  ])
})

test('each store goes by its own clock, all others by that of the installation, and none is in twice', async () => {
  await goBy('UTC')
  const blank = { name: null, dayStart: null, region: null, city: null, currency: null }
  await server.warehouse.transaction((session) =>
    writeStores(session, [
      { ...blank, storeId: 'K', zone: 'Asia/Kolkata', region: 'Bengal', city: 'Kolkata' },
      { ...blank, storeId: 'N', zone: 'America/New_York', dayStart: '04:00', name: 'Fifth' },
    ]),
  )
  for (const store of ['K', 'N', 'U']) {
    await sell('2026-03-05T18:45Z', '1.00', store)
    await sell('2026-03-06T04:05Z', '2.00', store)
  }
  expect(await rows('SELECT store_id, date, net_sales, region FROM v_store_by_day ORDER BY 1, 2')).toEqual([
    ['K', '2026-03-06', '3.00', 'Bengal'],
    ['N', '2026-03-05', '3.00', 'unknown'],
    ['U', '2026-03-05', '1.00', 'unknown'],
    ['U', '2026-03-06', '2.00', 'unknown'],
  ])
  expect(await rows('SELECT store_id, hour, local_hour FROM v_sales_by_hour ORDER BY 1, 2')).toEqual([
    ['K', '2026-03-05 18:30:00+00', '0'],
    ['K', '2026-03-06 03:30:00+00', '9'],
    ['N', '2026-03-05 18:00:00+00', '13'],
    ['N', '2026-03-06 04:00:00+00', '23'],
    ['U', '2026-03-05 18:00:00+00', '18'],
    ['U', '2026-03-06 04:00:00+00', '4'],
  ])
  expect(await rows('SELECT store_id, name, calendar, source FROM v_stores ORDER BY 1')).toEqual([
    ['K', null, 'Asia/Kolkata 00:00', 'file'],
    ['N', 'Fifth', 'America/New_York 04:00', 'file'],
    ['U', null, 'UTC 00:00', 'settings'],
  ])
})

test('a day that is stale comes from the windows until it has been made again', async () => {
  await goBy('UTC')
  await sell('2026-03-05T18:45Z', '1.00')
  await server.warehouse.query(
    `INSERT INTO gold_daily_store (date, store_id, region, city, country, total_transactions, total_revenue, avg_transaction_value,
       units_sold, units_returned, unique_customers, net_sales) VALUES ('2026-03-05', 'S1', 'a', 'b', 'c', 9, 9.00, 1.00, 9, 0, 0, 9.00);
     INSERT INTO daily_batch (date, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written)
       VALUES ('2026-03-05', 1, now(), '{}', '', 1, 1, 0, 1)`,
  )
  const read = () => rows('SELECT date, net_sales, source FROM v_store_by_day')
  expect(await read()).toEqual([['2026-03-05', '9.00', 'batch']])
  await server.warehouse.query('UPDATE daily_batch SET stale = true')
  expect(await read()).toEqual([['2026-03-05', '1.00', 'live']])
})

test('averages have the decimals of the currency', async () => {
  await server.warehouse.transaction((session) =>
    takeInstallation(session, {
      currency: 'KWD',
      minorDigits: 3,
      zone: 'UTC',
      dayStart: '00:00',
      fiscalCalendar: 'iso',
    }),
  )
  await sell('2026-03-05T18:45Z', '5.335')
  await sell('2026-03-05T18:46Z', '0.250')
  expect(await rows('SELECT net_sales, avg_order_value FROM v_store_by_day')).toEqual([['5.585', '2.793']])
})

test('a filter by date or hour reaches the windows by an index of their time', async () => {
  await server.warehouse.query(
    `INSERT INTO store_1m (window_start, store_id, total_transactions, total_revenue, unique_customers, closed, partition_id, sequence)
     SELECT m, 'S' || s, 1, 1, 0, true, 0, 1
     FROM generate_series(timestamptz '2026-03-01Z', '2026-03-12T23:59Z', interval '1 minute') AS m, generate_series(1, 3) AS s`,
  )
  await server.warehouse.query('ANALYZE store_1m')
  for (const [view, condition] of [
    ['v_store_by_day', `date = '2026-03-05'`],
    ['v_store_by_hour', `date = '2026-03-05'`],
    ['v_store_by_hour', `hour >= '2026-03-05T00:00Z' AND hour < '2026-03-06T00:00Z'`],
  ]) {
    const plan = await server.warehouse.query(`EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM ${view} WHERE ${condition}`)
    const scans = plan.map((row) => row['QUERY PLAN'] ?? '').filter((line) => line.includes('store_1m w'))
    expect(scans).toEqual([expect.stringMatching(/(Index|Bitmap Heap) Scan/)])
    const [, read, loops] = /actual rows=([\d.]+) loops=(\d+)/.exec(scans[0] ?? '') ?? []
    expect(Number(read) * Number(loops)).toBe(3 * 24 * 60)
  }
})

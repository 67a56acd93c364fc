import { exportables } from '../../src/warehouse/exports'
import { startTestWarehouse, type TestWarehouse } from './postgres'

/* Small days computed by hand. 2 March has been through the batch; 3 March is running. */

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
  for (const statement of sample.split(';\n')) await server.warehouse.query(statement)
})
afterAll(() => server.close())

const sample = `
  INSERT INTO daily_batch (date, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written)
    VALUES ('2026-03-02', 1, now(), '{}', '', 1, 1, 0, 1);
  INSERT INTO daily_batch (date) VALUES ('2026-03-03');

  INSERT INTO sales_1m VALUES
    ('2026-03-02T10:00Z', 'S1', 'tea',  9, 9.00, 9, true, 0, 1, 9.00, 0.00, 0, 0.000),
    ('2026-03-03T09:59Z', 'S1', 'tea',  2, 4.00, 1, true, 0, 2, 4.50, 0.50, 0, 0.000),
    ('2026-03-03T10:00Z', 'S1', 'tea',  1, 2.00, 1, true, 0, 3, 2.00, 0.00, 0, 0.000),
    ('2026-03-03T10:59Z', 'S1', 'tea', -1, -2.00, 1, true, 0, 4, 0.00, 0.00, 1, 0.000),
    ('2026-03-03T10:30Z', 'S1', 'cup',  1, 7.50, 1, true, 0, 4, 7.50, 0.00, 0, 0.250),
    ('2026-03-03T10:30Z', 'S2', 'tea',  4, 8.00, 2, false, 1, 4, 8.00, 0.00, 0, 0.000);
  INSERT INTO gold_daily_sales VALUES
    ('2026-03-02', 'S1', 'tea', 8, 8.00, 8, 9.00, 0.25, 1, 0.000), ('2026-03-01', 'S1', 'tea', 99, 99, 99, 99, 0, 0, 0);

  INSERT INTO store_1m (window_start, store_id, total_transactions, total_revenue, unique_customers, unique_customers_sketch, closed, partition_id, sequence,
      orders, return_receipts, gross_sales, discounts, returns, order_revenue, units_sold, units_returned, tax, tips) VALUES
    ('2026-03-03T10:00Z', 'S1', 2, 9.99, 2, '\\x000000000001000000000002', true, 0, 1, 1, 1, 12.00, 0.51, 1.50, 11.49, 3, 1, 2.00, 1.00),
    ('2026-03-03T10:01Z', 'S1', 1, 0.02, 2, '\\x000000000002000000000003', true, 0, 2, 1, 0, 0.02, 0.00, 0.00, 0.02, 1, 0, 0.00, 0.00),
    ('2026-03-03T10:02Z', 'S1', 0, 0.00, 0, NULL, true, 0, 2, 0, 0, 0.00, 0.00, 0.00, 0.00, 0, 0, 0.00, 0.00),
    ('2026-03-03T10:30Z', 'S2', 2, 8.00, 1, '\\x000000000009', true, 1, 3, 2, 0, 8.00, 0.00, 0.00, 8.00, 4, 0, 0.00, 0.00),
    ('2026-03-03T11:59Z', 'S1', 0, 0.00, 0, '', true, 0, 3, 0, 0, 0.00, 0.00, 0.00, 0.00, 0, 0, 0.00, 0.00);

  INSERT INTO gold_top_products VALUES
    ('2026-03-02', '', 'product', 1, 'tea', 'drinks', 8, 8.00, 8), ('2026-03-02', 'S1', 'category', 1, 'drinks', 'drinks', 8, 8.00, 8);
  INSERT INTO mix_1m VALUES
    ('2026-03-02T10:00Z', 'S1', 'North', 'York', 'UK', 'store', 'card', 'drinks', 'b', 'B2C', 9, 9, 9, 9, true, 0, 1),
    ('2026-03-03T10:00Z', 'S1', 'North', 'York', 'UK', 'store', 'card', 'drinks', 'b', 'B2C', 2, 4.00, 3, 3, true, 0, 1),
    ('2026-03-03T10:30Z', 'S1', 'North', 'York', 'UK', 'store', 'card', 'china', 'b', 'B2C', 1, 7.50, 1, 0, true, 0, 1),
    ('2026-03-03T10:30Z', 'S2', 'North', 'York', 'UK', 'store', 'cash', 'drinks', 'b', 'B2C', 4, 8.00, 2, 2, true, 0, 1);
  INSERT INTO gold_daily_store (date, store_id, region, city, country, total_transactions, total_revenue, avg_transaction_value,
      units_sold, units_returned, unique_customers, orders, return_receipts, gross_sales, discounts, returns, net_sales, order_revenue) VALUES
    ('2026-03-02', 'S1', 'North', 'York', 'UK', 8, 8.00, 1.00, 9, 1, 3, 7, 1, 9.00, 0.00, 1.00, 8.00, 9.00),
    ('2026-03-02', 'S2', 'North', 'York', 'UK', 1, 1.00, 1.00, 1, 0, 1, 1, 0, 1.00, 0.00, 0.00, 1.00, 1.00);

  INSERT INTO funnel_1m VALUES
    ('2026-03-03T10:00Z', 'W', 'web', 'drinks', 6, 2, 0, 1, 2, '\\x000000000001000000000002', true, 0, 1),
    ('2026-03-03T10:01Z', 'W', 'web', 'drinks', 3, 1, 2, 1, 1, '\\x000000000002', true, 0, 1);
  INSERT INTO gold_daily_funnel VALUES ('2026-03-02', 'W', 'web', 'drinks', 0, 0, 0, 1, 1);

  INSERT INTO payments_1m VALUES
    ('2026-03-03T10:00Z', 'S1', 'card', 'succeeded', 'none', 4, 40.00, true, 0, 1),
    ('2026-03-03T10:00Z', 'S1', 'card', 'failed', 'expired', 1, 5.00, true, 0, 1),
    ('2026-03-03T10:01Z', 'S1', 'card', 'failed', 'expired', 1, 5.00, true, 0, 1),
    ('2026-03-03T10:01Z', 'S1', 'card', 'failed', 'declined', 1, 1.00, true, 0, 1);
  INSERT INTO gold_daily_payments VALUES ('2026-03-02', 'S1', 'cash', 'succeeded', 'none', 2, 3.00);

  INSERT INTO quality_1m VALUES
    ('2026-03-03T10:00Z', 'S1', 'none', 8, 7, 0, 1, 2, 90, 60, 87.50, true, 0, 1),
    ('2026-03-03T10:05Z', 'unknown', 'not json', 1, 0, 1, 0, 0, 0, 0, 0, true, 0, 1),
    ('2026-03-03T10:06Z', 'unknown', 'currency', 2, 0, 2, 0, 0, 0, 0, 0, true, 1, 1),
    ('2026-03-03T11:00Z', 'S1', 'none', 3, 3, 0, 0, 0, 0, NULL, 100, true, 0, 1);

  INSERT INTO stock_5m VALUES
    ('2026-03-03T08:00Z', 'S1', 'tea', 5, '2026-03-03T08:01Z', 5, true, 0, 1),
    ('2026-03-03T09:00Z', 'S1', 'tea', 0, '2026-03-03T09:02Z', 0, true, 0, 1),
    ('2026-03-03T09:00Z', 'S1', 'cup', 3, '2026-03-03T09:02Z', 3, true, 0, 1);
  INSERT INTO gold_stockout (store_id, product_id, opened_at, last_sale_at, resolved_at, status, partition_id, sequence) VALUES
    ('S1', 'tea', '2026-03-03T09:30Z', '2026-03-03T08:00Z', NULL, 'open', 0, 1),
    ('S1', 'cup', '2026-03-03T11:00Z', '2026-03-03T10:00Z', NULL, 'open', 0, 1),
    ('S2', 'cup', '2026-03-03T12:30Z', '2026-03-03T10:00Z', NULL, 'open', 0, 1),
    ('S2', 'tea', '2026-03-01T11:00Z', '2026-03-01T10:00Z', '2026-03-01T12:00Z', 'resolved', 0, 1);

  INSERT INTO gold_customers VALUES
    ('c1', 'B2C', 3, 100.00, '2026-02-01T10:00Z', '2026-02-28T23:59Z', true, 'standard'), ('c2', 'B2B', 0, -5.00, NULL, NULL, false, 'basic')
`

/** Rows of a query as arrays, to be compared with a table written by hand. */
async function rows(query: string): Promise<(string | null)[][]> {
  return (await server.warehouse.query(query)).map((row) => Object.values(row))
}

const tuesday = ['2026-03-03', '2']

test('minutes are as they are', async () => {
  expect(await rows(`SELECT * FROM v_sales_by_minute WHERE store_id = 'S2'`)).toEqual([
    ['2026-03-03 10:30:00+00', 'S2', 'tea', '4', '8.00', '2', 'f', '8.00', '8.00', '0.00', '0.00', '0', '0.000'],
  ])
})

test('an hour is the sum of its minutes, from its first instant to the next', async () => {
  expect(
    await rows(`SELECT * FROM v_sales_by_hour WHERE hour >= '2026-03-03' AND store_id = 'S1' ORDER BY 1, 3`),
  ).toEqual([
    [
      '2026-03-03 09:00:00+00',
      'S1',
      'tea',
      '2',
      '4.00',
      '1',
      '4.00',
      '4.50',
      '0.50',
      '0.00',
      '0',
      '0.000',
      ...tuesday,
      '9',
    ],
    [
      '2026-03-03 10:00:00+00',
      'S1',
      'cup',
      '1',
      '7.50',
      '1',
      '7.50',
      '7.50',
      '0.00',
      '0.00',
      '0',
      '0.250',
      ...tuesday,
      '10',
    ],
    [
      '2026-03-03 10:00:00+00',
      'S1',
      'tea',
      '0',
      '0.00',
      '2',
      '0.00',
      '2.00',
      '0.00',
      '2.00',
      '1',
      '0.000',
      ...tuesday,
      '10',
    ],
  ])
})

test('hours and days are those of UTC whatever the time zone of the session', async () => {
  const read =
    'SELECT extract(epoch FROM hour)::text FROM v_sales_by_hour UNION SELECT date::text FROM v_sales_by_day ORDER BY 1'
  const inUtc = await rows(read)
  const elsewhere = await server.warehouse.transaction(async (session) => {
    await session.query(`SET LOCAL TimeZone = 'Asia/Kathmandu'`)
    return session.query(read)
  })
  expect(elsewhere.map((row) => Object.values(row))).toEqual(inUtc)
})

test('a day comes from the batch when that has computed it, else from its minutes, and never from both', async () => {
  expect(await rows('SELECT * FROM v_sales_by_day ORDER BY date, store_id, product_id')).toEqual([
    ['2026-03-02', 'S1', 'tea', '8', '8.00', '8', 'batch', '8.00', '9.00', '0.25', '0.75', '1', '0.000'],
    ['2026-03-03', 'S1', 'cup', '1', '7.50', '1', 'live', '7.50', '7.50', '0.00', '0.00', '0', '0.250'],
    ['2026-03-03', 'S1', 'tea', '2', '4.00', '3', 'live', '4.00', '6.50', '0.50', '2.00', '1', '0.000'],
    ['2026-03-03', 'S2', 'tea', '4', '8.00', '2', 'live', '8.00', '8.00', '0.00', '0.00', '0', '0.000'],
  ])
})

test('the customers of an hour are counted once, however many of its minutes they are in', async () => {
  const read = `SELECT hour, store_id, total_transactions, total_revenue, avg_transaction_value, unique_customers
    FROM v_store_by_hour WHERE store_id = 'S1' ORDER BY hour`
  expect(await rows(read)).toEqual([
    ['2026-03-03 10:00:00+00', 'S1', '3', '10.01', '3.34', '3'],
    ['2026-03-03 11:00:00+00', 'S1', '0', '0.00', null, '0'],
  ])
})

test('the average order leaves receipts out that only give back, by the hour and by the day', async () => {
  const figures = `orders, avg_order_value, items_per_basket, net_sales, gross_sales, discounts, returns, return_receipts`
  expect(
    await rows(
      `SELECT hour, ${figures}, date, weekday, local_hour FROM v_store_by_hour WHERE store_id = 'S1' ORDER BY 1`,
    ),
  ).toEqual([
    ['2026-03-03 10:00:00+00', '2', '5.76', '2.00', '10.01', '12.02', '0.51', '1.50', '1', ...tuesday, '10'],
    ['2026-03-03 11:00:00+00', '0', null, null, '0.00', '0.00', '0.00', '0.00', '0', ...tuesday, '11'],
  ])
  expect(
    await rows(
      `SELECT date, store_id, region, ${figures}, tax, tips, unique_customers, source FROM v_store_by_day ORDER BY 1, 2`,
    ),
  ).toEqual([
    ['2026-03-02', 'S1', 'North', '7', '1.29', '1.29', '8.00', '9.00', '0.00', '1.00', '1', '0', '0', '3', 'batch'],
    ['2026-03-02', 'S2', 'North', '1', '1.00', '1.00', '1.00', '1.00', '0.00', '0.00', '0', '0', '0', '1', 'batch'],
    [
      '2026-03-03',
      'S1',
      'North',
      '2',
      '5.76',
      '2.00',
      '10.01',
      '12.02',
      '0.51',
      '1.50',
      '1',
      '2.00',
      '1.00',
      '3',
      'live',
    ],
    [
      '2026-03-03',
      'S2',
      'North',
      '2',
      '4.00',
      '2.00',
      '8.00',
      '8.00',
      '0.00',
      '0.00',
      '0',
      '0.00',
      '0.00',
      '1',
      'live',
    ],
  ])
})

test('best sellers are ranked for each store and for all together', async () => {
  expect(await rows('SELECT * FROM v_top_products ORDER BY date, scope, store_id, rank')).toEqual([
    ['2026-03-02', 'all stores', '', '1', 'tea', 'drinks', '8', '8.00', '8', 'batch'],
    ['2026-03-03', 'all stores', '', '1', 'tea', null, '6', '12.00', '5', 'live'],
    ['2026-03-03', 'all stores', '', '2', 'cup', null, '1', '7.50', '1', 'live'],
    ['2026-03-03', 'one store', 'S1', '1', 'cup', null, '1', '7.50', '1', 'live'],
    ['2026-03-03', 'one store', 'S1', '2', 'tea', null, '2', '4.00', '3', 'live'],
    ['2026-03-03', 'one store', 'S2', '1', 'tea', null, '4', '8.00', '2', 'live'],
  ])
})

test('categories are ranked likewise', async () => {
  expect(await rows('SELECT * FROM v_top_categories ORDER BY date, scope, store_id, rank')).toEqual([
    ['2026-03-02', 'one store', 'S1', '1', 'drinks', '8', '8.00', '8', 'batch'],
    ['2026-03-03', 'all stores', '', '1', 'drinks', '6', '12.00', null, 'live'],
    ['2026-03-03', 'all stores', '', '2', 'china', '1', '7.50', null, 'live'],
    ['2026-03-03', 'one store', 'S1', '1', 'china', '1', '7.50', null, 'live'],
    ['2026-03-03', 'one store', 'S1', '2', 'drinks', '2', '4.00', null, 'live'],
    ['2026-03-03', 'one store', 'S2', '1', 'drinks', '4', '8.00', null, 'live'],
  ])
})

test('a region counts a receipt once, though it has several categories', async () => {
  const york = ['UK', 'North', 'York']
  expect(await rows('SELECT * FROM v_regions ORDER BY date')).toEqual([
    [
      '2026-03-02',
      ...york,
      '2',
      '9',
      '9',
      '9.00',
      '1.00',
      'batch',
      '8',
      '1.25',
      '1.25',
      '9.00',
      '10.00',
      '0.00',
      '1.00',
      '1',
      '10.00',
      '10',
    ],
    [
      '2026-03-03',
      ...york,
      '2',
      '5',
      '7',
      '18.01',
      '3.60',
      'live',
      '4',
      '4.88',
      '2.00',
      '18.01',
      '20.02',
      '0.51',
      '1.50',
      '1',
      '19.51',
      '8',
    ],
  ])
})

test('the funnel has its rates, none where nothing could be divided', async () => {
  expect(await rows('SELECT * FROM v_funnel ORDER BY date')).toEqual([
    ['2026-03-02', 'W', 'web', 'drinks', '0', '0', '0', '1', '1', null, null, null, null, 'batch'],
    ['2026-03-03', 'W', 'web', 'drinks', '9', '3', '2', '2', '2', '33.33', '66.67', '100.00', '22.22', 'live'],
  ])
})

test('payments have their rate of failure and the reason of most', async () => {
  expect(await rows('SELECT * FROM v_payments ORDER BY date')).toEqual([
    ['2026-03-02', 'S1', 'cash', '2', '2', '0', '0.00', '3.00', '0.00', null, 'batch'],
    ['2026-03-03', 'S1', 'card', '7', '4', '3', '42.86', '40.00', '11.00', 'expired', 'live'],
  ])
})

test('the quality of an hour is that of all stores and all that was rejected', async () => {
  expect(await rows('SELECT * FROM v_data_quality ORDER BY hour')).toEqual([
    [
      '2026-03-03 10:00:00+00',
      '11',
      '7',
      '3',
      '1',
      '2',
      '63.64',
      '27.27',
      '28.57',
      '45.0',
      '60',
      'currency',
      '0',
      '0',
      '2026-03-03',
    ],
    [
      '2026-03-03 11:00:00+00',
      '3',
      '3',
      '0',
      '0',
      '0',
      '100.00',
      '0.00',
      '0.00',
      null,
      '0',
      null,
      '0',
      '0',
      '2026-03-03',
    ],
  ])
})

test('a shelf is as it was seen last', async () => {
  expect(await rows('SELECT * FROM v_stock_on_hand ORDER BY product_id')).toEqual([
    ['S1', 'cup', '3', '2026-03-03 09:02:00+00', 'f'],
    ['S1', 'tea', '0', '2026-03-03 09:02:00+00', 't'],
  ])
})

test('an open stock-out is as old as the newest sale says, and what the shelf says is told', async () => {
  const read = `SELECT store_id, product_id, as_of, hours_open, hours_since_sale, on_hand, likely_cause FROM v_stockouts_open`
  expect(await rows(`${read} ORDER BY 1, 2`)).toEqual([
    ['S1', 'cup', '2026-03-03 12:00:00+00', '1.0', '2.0', '3', 'stock on paper'],
    ['S1', 'tea', '2026-03-03 12:00:00+00', '2.5', '4.0', '0', 'shelf empty'],
    ['S2', 'cup', '2026-03-03 12:00:00+00', '0.0', '2.0', null, 'nobody counted'],
  ])
})

test('customers have an average purchase and the days since the last', async () => {
  const read = 'SELECT customer_id, avg_purchase_value, days_since_purchase FROM v_customers ORDER BY 1'
  expect(await rows(read)).toEqual([
    ['c1', '33.33', '2'],
    ['c2', null, null],
  ])
})

test('every column of every table and view, and each of these, says what it is', async () => {
  const missing = await rows(
    `SELECT c.relname, a.attname
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migrations'
       AND (coalesce(col_description(c.oid, a.attnum), '') = '' OR coalesce(obj_description(c.oid), '') = '')`,
  )
  expect(missing).toEqual([])
})

test('what can be exported is there, with the columns it is sorted by, one row for each key', async () => {
  for (const { name, time, key } of exportables) {
    const columns = [time.column, ...key].join(', ')
    const twice = await rows(`SELECT ${columns} FROM ${name} GROUP BY ${columns} HAVING count(*) > 1`)
    expect({ name, twice }).toEqual({ name, twice: [] })
  }
})

test('every view can be exported', async () => {
  const views = await rows(`SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1`)
  const names = exportables.flatMap(({ name, source = name }) => (/^v_|_merged$/.test(source) ? [source] : []))
  expect(names.toSorted()).toEqual(views.flat())
})

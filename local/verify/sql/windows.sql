-- Silver and the live tables. A window closes with the first entry that brings the watermark past its end; a sale that
-- comes later is a row of its own.

-- Whole cents over a count, a tie away from zero.
CREATE MACRO mean(cents, number) AS sign(cents)::BIGINT * ((2 * abs(cents) + number) // (2 * number));

CREATE TABLE truth.sales_window AS
SELECT partition_id, minute_of(event_ms) AS start_ms, store_id, product_id,
  sum(quantity)::BIGINT AS quantity, sum(cents)::BIGINT AS cents, count(*) AS transactions
FROM truth.part WHERE counts AND NOT late GROUP BY ALL;

CREATE TABLE truth.store_window AS
SELECT partition_id, minute_of(event_ms) AS start_ms, store_id,
  count(*) AS transactions, sum(cents)::BIGINT AS cents, count(DISTINCT customer_id) AS customers
FROM truth.sale JOIN (
  SELECT partition_id, sequence, item, sum(cents) AS cents FROM truth.line GROUP BY ALL
) USING (partition_id, sequence, item)
WHERE counts AND NOT late GROUP BY ALL;

CREATE TABLE truth.late_store AS
SELECT partition_id, sequence, item, minute_of(event_ms) AS start_ms, store_id,
  sum(cents)::BIGINT AS cents, (customer_id IS NOT NULL)::BIGINT AS customers
FROM truth.part WHERE counts AND late GROUP BY ALL;

CREATE VIEW truth.sales_1m_rows AS
SELECT at_ms(start_ms)::DATE AS date, at_ms(start_ms) AS window_start, at_ms(start_ms + 60000) AS window_end,
  store_id, product_id, quantity AS total_qty, money(cents) AS total_revenue, transactions,
  'closed' AS kind, w.partition_id, rise.sequence, rise.item
FROM truth.sales_window AS w ASOF JOIN truth.rise AS rise
  ON w.partition_id = rise.partition_id AND w.start_ms + 60000 <= rise.after_ms
UNION ALL
SELECT date, at_ms(minute_of(event_ms)), at_ms(minute_of(event_ms) + 60000), store_id, product_id,
  quantity, money(cents), 1, 'correction', partition_id, sequence, item
FROM truth.part WHERE counts AND late;

CREATE VIEW truth.store_1m_rows AS
SELECT at_ms(start_ms)::DATE AS date, at_ms(start_ms) AS window_start, at_ms(start_ms + 60000) AS window_end,
  store_id, transactions AS total_transactions, money(cents) AS total_revenue,
  money(mean(cents, transactions)) AS avg_transaction_value, customers AS unique_customers,
  'closed' AS kind, w.partition_id, rise.sequence, rise.item
FROM truth.store_window AS w ASOF JOIN truth.rise AS rise
  ON w.partition_id = rise.partition_id AND w.start_ms + 60000 <= rise.after_ms
UNION ALL
SELECT at_ms(start_ms)::DATE, at_ms(start_ms), at_ms(start_ms + 60000), store_id, 1, money(cents), money(cents),
  customers, 'correction', partition_id, sequence, item
FROM truth.late_store;

-- Final figures by window and key, closed or not.
CREATE VIEW truth.sales_1m AS
SELECT at_ms(start_ms) AS window_start, store_id, product_id, sum(quantity)::BIGINT AS total_qty,
  money(sum(cents)::BIGINT) AS total_revenue, sum(transactions)::BIGINT AS transactions,
  start_ms + 60000 <= ms AS closed
FROM (
  FROM truth.sales_window UNION ALL BY NAME
  SELECT partition_id, minute_of(event_ms) AS start_ms, store_id, product_id, quantity, cents, 1 AS transactions
  FROM truth.part WHERE counts AND late
) JOIN truth.watermark USING (partition_id)
GROUP BY start_ms, store_id, product_id, ms;

CREATE VIEW truth.store_1m AS
SELECT at_ms(start_ms) AS window_start, store_id, sum(transactions)::BIGINT AS total_transactions,
  money(sum(cents)::BIGINT) AS total_revenue,
  money(mean(sum(cents)::BIGINT, sum(transactions)::BIGINT)) AS avg_transaction_value,
  -- Every late sale counts its customer again.
  sum(customers)::BIGINT AS unique_customers,
  start_ms + 60000 <= ms AS closed
FROM (
  FROM truth.store_window UNION ALL BY NAME
  SELECT partition_id, start_ms, store_id, cents, customers, 1 AS transactions FROM truth.late_store
) JOIN truth.watermark USING (partition_id)
GROUP BY start_ms, store_id, ms;

CREATE VIEW truth.daily_sales AS
SELECT date, store_id, product_id, sum(quantity)::BIGINT AS total_qty, money(sum(cents)::BIGINT) AS total_revenue,
  count(*) AS transactions
FROM truth.part WHERE first_of_day GROUP BY ALL;

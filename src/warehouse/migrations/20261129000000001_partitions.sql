-- Up Migration

-- A store's events may come from several partitions: tills that send without a key, a hub that has grown. Sequence numbers
-- of different partitions say nothing about each other, so each partition has rows of its own, and whoever wants one row for
-- each key reads the merged views, which combine figures by the rules of the fold (src/fold/rollups.ts).

ALTER TABLE sales_1m DROP CONSTRAINT sales_1m_pkey, ADD PRIMARY KEY (store_id, window_start, product_id, partition_id);
ALTER TABLE store_1m DROP CONSTRAINT store_1m_pkey, ADD PRIMARY KEY (store_id, window_start, partition_id);
ALTER TABLE mix_1m DROP CONSTRAINT mix_1m_pkey, ADD PRIMARY KEY (store_id, window_start, region, city, country, channel, payment_method, category, brand, customer_segment, partition_id);
ALTER TABLE funnel_1m DROP CONSTRAINT funnel_1m_pkey, ADD PRIMARY KEY (store_id, window_start, channel, category, partition_id);
ALTER TABLE payments_1m DROP CONSTRAINT payments_1m_pkey, ADD PRIMARY KEY (store_id, window_start, method, status, failure_reason, partition_id);
ALTER TABLE stock_5m DROP CONSTRAINT stock_5m_pkey, ADD PRIMARY KEY (store_id, window_start, product_id, partition_id);
ALTER TABLE gold_stockout DROP CONSTRAINT gold_stockout_pkey, ADD PRIMARY KEY (store_id, product_id, opened_at, partition_id);

CREATE VIEW sales_1m_merged AS
SELECT
  window_start,
  store_id,
  product_id,
  sum(total_qty)::bigint AS total_qty,
  sum(total_revenue)::numeric(18,2) AS total_revenue,
  sum(transactions)::bigint AS transactions,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM sales_1m
GROUP BY window_start, store_id, product_id;

CREATE VIEW store_1m_merged AS
SELECT
  window_start,
  store_id,
  sum(total_transactions)::bigint AS total_transactions,
  sum(total_revenue)::numeric(18,2) AS total_revenue,
  round(sum(total_revenue) / nullif(sum(total_transactions), 0), 2) AS avg_transaction_value,
  sketch_estimate(sketch_merge(unique_customers_sketch)) AS unique_customers,
  sketch_merge(unique_customers_sketch) AS unique_customers_sketch,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM store_1m
GROUP BY window_start, store_id;

CREATE VIEW mix_1m_merged AS
SELECT
  window_start,
  store_id,
  region,
  city,
  country,
  channel,
  payment_method,
  category,
  brand,
  customer_segment,
  sum(total_qty)::bigint AS total_qty,
  sum(total_revenue)::numeric(18,2) AS total_revenue,
  sum(transactions)::bigint AS transactions,
  sum(orders)::bigint AS orders,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM mix_1m
GROUP BY window_start, store_id, region, city, country, channel, payment_method, category, brand, customer_segment;

CREATE VIEW funnel_1m_merged AS
SELECT
  window_start,
  store_id,
  channel,
  category,
  sum(views)::bigint AS views,
  sum(add_to_carts)::bigint AS add_to_carts,
  sum(checkouts)::bigint AS checkouts,
  sum(purchases)::bigint AS purchases,
  sketch_estimate(sketch_merge(sessions_sketch)) AS sessions,
  sketch_merge(sessions_sketch) AS sessions_sketch,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM funnel_1m
GROUP BY window_start, store_id, channel, category;

CREATE VIEW payments_1m_merged AS
SELECT
  window_start,
  store_id,
  method,
  status,
  failure_reason,
  sum(payments)::bigint AS payments,
  sum(amount)::numeric(18,2) AS amount,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM payments_1m
GROUP BY window_start, store_id, method, status, failure_reason;

CREATE VIEW quality_1m_merged AS
SELECT
  window_start,
  store_id,
  reason,
  sum(received)::bigint AS received,
  sum(valid)::bigint AS valid,
  sum(rejected)::bigint AS rejected,
  sum(duplicates)::bigint AS duplicates,
  sum(late)::bigint AS late,
  sum(late_seconds)::bigint AS late_seconds,
  max(max_late_seconds) AS max_late_seconds,
  round(100 * sum(valid) / nullif(sum(received), 0), 2) AS quality_pct,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM quality_1m
GROUP BY window_start, store_id, reason;

CREATE VIEW stock_5m_merged AS
SELECT
  window_start,
  store_id,
  product_id,
  (array_agg(on_hand ORDER BY on_hand_at DESC NULLS LAST, partition_id DESC))[1] AS on_hand,
  max(on_hand_at) AS on_hand_at,
  min(min_on_hand) AS min_on_hand,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM stock_5m
GROUP BY window_start, store_id, product_id;

-- The last window in which something was counted, and of its rows the one counted last.
CREATE OR REPLACE VIEW v_stock_on_hand AS
SELECT DISTINCT ON (store_id, product_id)
  store_id,
  product_id,
  on_hand,
  on_hand_at,
  on_hand = 0 AS empty
FROM stock_5m
WHERE on_hand IS NOT NULL
ORDER BY store_id, product_id, window_start DESC, on_hand_at DESC, partition_id DESC;

CREATE OR REPLACE VIEW v_sales_by_minute AS
SELECT window_start AS minute, store_id, product_id, total_qty, total_revenue, transactions, closed
FROM sales_1m_merged;

CREATE VIEW v_stores_in_partitions AS
SELECT
  store_id,
  count(DISTINCT partition_id) AS partitions,
  sum(received)::bigint AS received,
  max(window_start) AS last_at
FROM quality_1m
WHERE reason = 'none' AND window_start > (SELECT max(window_start) FROM quality_1m) - interval '1 day'
GROUP BY store_id
HAVING count(DISTINCT partition_id) > 1;

COMMENT ON VIEW v_stores_in_partitions IS 'Stores whose events of the last day came from several partitions. Their sums are right; duplicates, stock-outs and the order of events are known within a partition only.';
COMMENT ON COLUMN v_stores_in_partitions.store_id IS 'Store.';
COMMENT ON COLUMN v_stores_in_partitions.partitions IS 'Partitions its events came from.';
COMMENT ON COLUMN v_stores_in_partitions.received IS 'Events of the store in that day.';
COMMENT ON COLUMN v_stores_in_partitions.last_at IS 'Minute of its newest event.';

COMMENT ON VIEW sales_1m_merged IS 'sales_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON VIEW store_1m_merged IS 'store_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON VIEW mix_1m_merged IS 'mix_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON VIEW funnel_1m_merged IS 'funnel_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON VIEW payments_1m_merged IS 'payments_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON VIEW quality_1m_merged IS 'quality_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON VIEW stock_5m_merged IS 'stock_5m with one row for each key, whatever partitions its events came from.';

COMMENT ON COLUMN sales_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN sales_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN sales_1m_merged.product_id IS 'As in sales_1m.';
COMMENT ON COLUMN sales_1m_merged.total_qty IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.total_revenue IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.transactions IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN sales_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON COLUMN store_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN store_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN store_1m_merged.total_transactions IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.total_revenue IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.avg_transaction_value IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.unique_customers IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.unique_customers_sketch IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN store_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON COLUMN mix_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN mix_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN mix_1m_merged.region IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.city IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.country IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.channel IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.payment_method IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.category IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.brand IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.customer_segment IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.total_qty IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.total_revenue IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.transactions IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.orders IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN mix_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON COLUMN funnel_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN funnel_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN funnel_1m_merged.channel IS 'As in funnel_1m.';
COMMENT ON COLUMN funnel_1m_merged.category IS 'As in funnel_1m.';
COMMENT ON COLUMN funnel_1m_merged.views IS 'As in funnel_1m, over all partitions.';
COMMENT ON COLUMN funnel_1m_merged.add_to_carts IS 'As in funnel_1m, over all partitions.';
COMMENT ON COLUMN funnel_1m_merged.checkouts IS 'As in funnel_1m, over all partitions.';
COMMENT ON COLUMN funnel_1m_merged.purchases IS 'As in funnel_1m, over all partitions.';
COMMENT ON COLUMN funnel_1m_merged.sessions IS 'As in funnel_1m, over all partitions.';
COMMENT ON COLUMN funnel_1m_merged.sessions_sketch IS 'As in funnel_1m, over all partitions.';
COMMENT ON COLUMN funnel_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN funnel_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON COLUMN payments_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN payments_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN payments_1m_merged.method IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.status IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.failure_reason IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.payments IS 'As in payments_1m, over all partitions.';
COMMENT ON COLUMN payments_1m_merged.amount IS 'As in payments_1m, over all partitions.';
COMMENT ON COLUMN payments_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN payments_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON COLUMN quality_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN quality_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN quality_1m_merged.reason IS 'As in quality_1m.';
COMMENT ON COLUMN quality_1m_merged.received IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.valid IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.rejected IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.duplicates IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.late IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.late_seconds IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.max_late_seconds IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.quality_pct IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN quality_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON COLUMN stock_5m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN stock_5m_merged.store_id IS 'Store.';
COMMENT ON COLUMN stock_5m_merged.product_id IS 'As in stock_5m.';
COMMENT ON COLUMN stock_5m_merged.on_hand IS 'As in stock_5m, over all partitions.';
COMMENT ON COLUMN stock_5m_merged.on_hand_at IS 'As in stock_5m, over all partitions.';
COMMENT ON COLUMN stock_5m_merged.min_on_hand IS 'As in stock_5m, over all partitions.';
COMMENT ON COLUMN stock_5m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN stock_5m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

-- Down Migration

-- Fails, changing nothing, where a key has rows of several partitions: they have no place in the former tables.
DROP VIEW v_stores_in_partitions;

CREATE OR REPLACE VIEW v_sales_by_minute AS
SELECT window_start AS minute, store_id, product_id, total_qty, total_revenue, transactions, closed
FROM sales_1m;

CREATE OR REPLACE VIEW v_stock_on_hand AS
SELECT DISTINCT ON (store_id, product_id)
  store_id,
  product_id,
  on_hand,
  on_hand_at,
  on_hand = 0 AS empty
FROM stock_5m
WHERE on_hand IS NOT NULL
ORDER BY store_id, product_id, window_start DESC;

DROP VIEW stock_5m_merged;
DROP VIEW quality_1m_merged;
DROP VIEW payments_1m_merged;
DROP VIEW funnel_1m_merged;
DROP VIEW mix_1m_merged;
DROP VIEW store_1m_merged;
DROP VIEW sales_1m_merged;

ALTER TABLE gold_stockout DROP CONSTRAINT gold_stockout_pkey, ADD PRIMARY KEY (store_id, product_id, opened_at);
ALTER TABLE stock_5m DROP CONSTRAINT stock_5m_pkey, ADD PRIMARY KEY (store_id, window_start, product_id);
ALTER TABLE payments_1m DROP CONSTRAINT payments_1m_pkey, ADD PRIMARY KEY (store_id, window_start, method, status, failure_reason);
ALTER TABLE funnel_1m DROP CONSTRAINT funnel_1m_pkey, ADD PRIMARY KEY (store_id, window_start, channel, category);
ALTER TABLE mix_1m DROP CONSTRAINT mix_1m_pkey, ADD PRIMARY KEY (store_id, window_start, region, city, country, channel, payment_method, category, brand, customer_segment);
ALTER TABLE store_1m DROP CONSTRAINT store_1m_pkey, ADD PRIMARY KEY (store_id, window_start);
ALTER TABLE sales_1m DROP CONSTRAINT sales_1m_pkey, ADD PRIMARY KEY (store_id, window_start, product_id);

-- Up Migration

CREATE VIEW v_sales_by_minute AS
SELECT window_start AS minute, store_id, product_id, total_qty, total_revenue, transactions, closed
FROM sales_1m;

COMMENT ON VIEW v_sales_by_minute IS 'What each store sold of each product, minute by minute, seconds behind the tills.';
COMMENT ON COLUMN v_sales_by_minute.minute IS 'First instant of the minute in which the tills rang it up.';
COMMENT ON COLUMN v_sales_by_minute.store_id IS 'Store.';
COMMENT ON COLUMN v_sales_by_minute.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_sales_by_minute.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_sales_by_minute.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_sales_by_minute.transactions IS 'Receipts with this product on them. Do not add up over products: one receipt has many.';
COMMENT ON COLUMN v_sales_by_minute.closed IS 'True once the minute is over for good: only late receipts change it now.';

CREATE VIEW v_sales_by_hour AS
SELECT
  date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS hour,
  store_id,
  product_id,
  sum(total_qty)::bigint AS total_qty,
  sum(total_revenue)::numeric(18,2) AS total_revenue,
  sum(transactions)::bigint AS transactions
FROM sales_1m
GROUP BY 1, 2, 3;

COMMENT ON VIEW v_sales_by_hour IS 'What each store sold of each product, hour by hour; the running hour grows.';
COMMENT ON COLUMN v_sales_by_hour.hour IS 'First instant of the hour, UTC.';
COMMENT ON COLUMN v_sales_by_hour.store_id IS 'Store.';
COMMENT ON COLUMN v_sales_by_hour.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_sales_by_hour.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_sales_by_hour.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_sales_by_hour.transactions IS 'Receipts with this product on them. Do not add up over products: one receipt has many.';

CREATE VIEW v_sales_by_day AS
SELECT date, store_id, product_id, total_qty, total_revenue, transactions, 'batch' AS source
FROM gold_daily_sales AS g
WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
UNION ALL
SELECT
  d.date,
  s.store_id,
  s.product_id,
  sum(s.total_qty)::bigint,
  sum(s.total_revenue)::numeric(18,2),
  sum(s.transactions)::bigint,
  'live'
FROM days_without_batch((SELECT min(window_start) FROM sales_1m), (SELECT max(window_start) FROM sales_1m)) AS d
JOIN sales_1m AS s ON s.window_start >= d.starts_at AND s.window_start < d.ends_at
GROUP BY d.date, s.store_id, s.product_id;

COMMENT ON VIEW v_sales_by_day IS 'What each store sold of each product, day by day, today included.';
COMMENT ON COLUMN v_sales_by_day.date IS 'Day, UTC.';
COMMENT ON COLUMN v_sales_by_day.store_id IS 'Store.';
COMMENT ON COLUMN v_sales_by_day.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_sales_by_day.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_sales_by_day.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_sales_by_day.transactions IS 'Receipts with this product on them. Do not add up over products: one receipt has many.';
COMMENT ON COLUMN v_sales_by_day.source IS 'live: added up from the running day. batch: computed once more from every receipt, after the day was over.';

CREATE VIEW v_store_by_hour AS
SELECT
  date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS hour,
  store_id,
  sum(total_transactions)::bigint AS total_transactions,
  sum(total_revenue)::numeric(18,2) AS total_revenue,
  round(sum(total_revenue) / nullif(sum(total_transactions), 0), 2) AS avg_transaction_value,
  sketch_estimate(sketch_merge(unique_customers_sketch)) AS unique_customers
FROM store_1m
GROUP BY 1, 2;

COMMENT ON VIEW v_store_by_hour IS 'Takings, receipts and customers of each store, hour by hour; the running hour grows.';
COMMENT ON COLUMN v_store_by_hour.hour IS 'First instant of the hour, UTC.';
COMMENT ON COLUMN v_store_by_hour.store_id IS 'Store.';
COMMENT ON COLUMN v_store_by_hour.total_transactions IS 'Receipts.';
COMMENT ON COLUMN v_store_by_hour.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_store_by_hour.avg_transaction_value IS 'Revenue per receipt; empty without receipts.';
COMMENT ON COLUMN v_store_by_hour.unique_customers IS 'Different customers who gave their number; exact below 65536, then within 2 %. Do not add up over hours or stores: one customer comes twice.';

-- Down Migration

DROP VIEW v_store_by_hour;
DROP VIEW v_sales_by_day;
DROP VIEW v_sales_by_hour;
DROP VIEW v_sales_by_minute;

-- Up Migration

-- Views keep their columns from being changed, so they go, and come again after that.
DROP VIEW v_data_quality;
DROP VIEW v_customers;
DROP VIEW v_payments;
DROP VIEW v_funnel;
DROP VIEW v_regions;
DROP VIEW v_top_categories;
DROP VIEW v_top_products;
DROP VIEW v_store_by_hour;
DROP VIEW v_sales_by_day;
DROP VIEW v_sales_by_hour;
DROP VIEW v_sales_by_minute;
DROP VIEW payments_1m_merged;
DROP VIEW mix_1m_merged;
DROP VIEW store_1m_merged;
DROP VIEW sales_1m_merged;
DROP FUNCTION days_without_batch(timestamptz, timestamptz);
DROP INDEX quality_1m_hour;
DROP INDEX store_1m_hour;
DROP INDEX sales_1m_hour;

-- Down Migration

-- Views show hours, and people ask for some of them. Rows come in the order of time, so a summary of each few pages is
-- enough to skip the others, and costs a writer next to nothing.
CREATE INDEX sales_1m_hour ON sales_1m
  USING brin ((date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) WITH (pages_per_range = 32, autosummarize = on);

CREATE INDEX store_1m_hour ON store_1m
  USING brin ((date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) WITH (pages_per_range = 32, autosummarize = on);

CREATE INDEX quality_1m_hour ON quality_1m
  USING brin ((date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) WITH (pages_per_range = 32, autosummarize = on);

-- Days whose figures the batch has not computed, between two moments; few, hence the estimate. Views take these from the
-- windows of the stream and all others from the batch, so that no day is in twice and none is missing.
CREATE FUNCTION days_without_batch(first_at timestamptz, last_at timestamptz)
RETURNS TABLE (date date, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE ROWS 3 AS $$
  SELECT day::date, day AT TIME ZONE 'UTC', (day + interval '1 day') AT TIME ZONE 'UTC'
  FROM generate_series(date_trunc('day', first_at AT TIME ZONE 'UTC'), last_at AT TIME ZONE 'UTC', interval '1 day') AS day
  WHERE NOT EXISTS (SELECT FROM daily_batch AS b WHERE b.date = day::date AND b.batched_at IS NOT NULL)
$$;

COMMENT ON FUNCTION days_without_batch(timestamptz, timestamptz) IS 'UTC days between two moments that the daily batch has not computed.';

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

COMMENT ON VIEW sales_1m_merged IS 'sales_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN sales_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN sales_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN sales_1m_merged.product_id IS 'As in sales_1m.';
COMMENT ON COLUMN sales_1m_merged.total_qty IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.total_revenue IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.transactions IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN sales_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

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

COMMENT ON VIEW store_1m_merged IS 'store_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN store_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN store_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN store_1m_merged.total_transactions IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.total_revenue IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.avg_transaction_value IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.unique_customers IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.unique_customers_sketch IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN store_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

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

COMMENT ON VIEW mix_1m_merged IS 'mix_1m with one row for each key, whatever partitions its events came from.';
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

COMMENT ON VIEW payments_1m_merged IS 'payments_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN payments_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN payments_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN payments_1m_merged.method IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.status IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.failure_reason IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.payments IS 'As in payments_1m, over all partitions.';
COMMENT ON COLUMN payments_1m_merged.amount IS 'As in payments_1m, over all partitions.';
COMMENT ON COLUMN payments_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN payments_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

CREATE VIEW v_sales_by_minute AS
SELECT window_start AS minute, store_id, product_id, total_qty, total_revenue, transactions, closed
FROM sales_1m_merged;

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

CREATE VIEW v_top_products AS
SELECT
  date,
  CASE store_id WHEN '' THEN 'all stores' ELSE 'one store' END AS scope,
  store_id,
  rank::integer AS rank,
  name AS product_id,
  category,
  total_qty,
  total_revenue,
  transactions,
  'batch' AS source
FROM gold_top_products AS g
WHERE kind = 'product' AND EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
UNION ALL
SELECT date, scope, store_id, rank, product_id, NULL, total_qty, total_revenue, transactions, 'live'
FROM (
  SELECT
    date,
    'one store' AS scope,
    store_id,
    row_number() OVER (PARTITION BY date, store_id ORDER BY total_revenue DESC, product_id COLLATE "C")::integer AS rank,
    product_id,
    total_qty,
    total_revenue,
    transactions
  FROM v_sales_by_day
  WHERE source = 'live'
  UNION ALL
  SELECT
    date,
    'all stores',
    '',
    row_number() OVER (PARTITION BY date ORDER BY sum(total_revenue) DESC, product_id COLLATE "C")::integer,
    product_id,
    sum(total_qty)::bigint,
    sum(total_revenue)::numeric(18,2),
    sum(transactions)::bigint
  FROM v_sales_by_day
  WHERE source = 'live'
  GROUP BY date, product_id
) AS live
WHERE rank <= 100;

COMMENT ON VIEW v_top_products IS 'Best sellers of each day by revenue: of each store, and of all stores together. Today included.';
COMMENT ON COLUMN v_top_products.date IS 'Day, UTC.';
COMMENT ON COLUMN v_top_products.scope IS 'one store, or all stores together: choose one of them, or every sale is in twice.';
COMMENT ON COLUMN v_top_products.store_id IS 'Store; empty where the scope is all stores.';
COMMENT ON COLUMN v_top_products.rank IS '1 for the product with the most revenue of the day; equals go by name.';
COMMENT ON COLUMN v_top_products.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_top_products.category IS 'Category of the product; empty while the day is live.';
COMMENT ON COLUMN v_top_products.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_top_products.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_top_products.transactions IS 'Receipts with this product on them.';
COMMENT ON COLUMN v_top_products.source IS 'live: added up from the running day. batch: computed once more from every receipt, after the day was over.';

CREATE VIEW v_top_categories AS
WITH live AS (
  SELECT d.date, m.store_id, m.category, sum(m.total_qty) AS total_qty, sum(m.total_revenue) AS total_revenue
  FROM days_without_batch((SELECT min(window_start) FROM mix_1m), (SELECT max(window_start) FROM mix_1m)) AS d
  JOIN mix_1m AS m ON m.window_start >= d.starts_at AND m.window_start < d.ends_at
  GROUP BY d.date, m.store_id, m.category
)
SELECT
  date,
  CASE store_id WHEN '' THEN 'all stores' ELSE 'one store' END AS scope,
  store_id,
  rank::integer AS rank,
  name AS category,
  total_qty,
  total_revenue,
  transactions,
  'batch' AS source
FROM gold_top_products AS g
WHERE kind = 'category' AND EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
UNION ALL
SELECT
  date,
  'one store',
  store_id,
  row_number() OVER (PARTITION BY date, store_id ORDER BY total_revenue DESC, category COLLATE "C")::integer,
  category,
  total_qty::bigint,
  total_revenue::numeric(18,2),
  NULL::bigint,
  'live'
FROM live
UNION ALL
SELECT
  date,
  'all stores',
  '',
  row_number() OVER (PARTITION BY date ORDER BY sum(total_revenue) DESC, category COLLATE "C")::integer,
  category,
  sum(total_qty)::bigint,
  sum(total_revenue)::numeric(18,2),
  NULL::bigint,
  'live'
FROM live
GROUP BY date, category;

COMMENT ON VIEW v_top_categories IS 'Categories of each day by revenue: of each store, and of all stores together. Today included.';
COMMENT ON COLUMN v_top_categories.date IS 'Day, UTC.';
COMMENT ON COLUMN v_top_categories.scope IS 'one store, or all stores together: choose one of them, or every sale is in twice.';
COMMENT ON COLUMN v_top_categories.store_id IS 'Store; empty where the scope is all stores.';
COMMENT ON COLUMN v_top_categories.rank IS '1 for the category with the most revenue of the day; equals go by name.';
COMMENT ON COLUMN v_top_categories.category IS 'Category of the products; unknown where the tills do not say.';
COMMENT ON COLUMN v_top_categories.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_top_categories.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_top_categories.transactions IS 'Receipts with this category on them; empty while the day is live.';
COMMENT ON COLUMN v_top_categories.source IS 'live: added up from the running day. batch: computed once more from every receipt, after the day was over.';

CREATE VIEW v_regions AS
SELECT
  date,
  country,
  region,
  city,
  count(*) AS stores,
  sum(total_transactions)::bigint AS total_transactions,
  sum(units_sold - units_returned)::bigint AS total_qty,
  sum(total_revenue)::numeric(18,2) AS total_revenue,
  round(sum(total_revenue) / nullif(sum(total_transactions), 0), 2) AS avg_transaction_value,
  'batch' AS source
FROM gold_daily_store AS g
WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
GROUP BY date, country, region, city
UNION ALL
SELECT
  d.date,
  m.country,
  m.region,
  m.city,
  count(DISTINCT m.store_id),
  sum(m.orders)::bigint,
  sum(m.total_qty)::bigint,
  sum(m.total_revenue)::numeric(18,2),
  round(sum(m.total_revenue) / nullif(sum(m.orders), 0), 2),
  'live'
FROM days_without_batch((SELECT min(window_start) FROM mix_1m), (SELECT max(window_start) FROM mix_1m)) AS d
JOIN mix_1m AS m ON m.window_start >= d.starts_at AND m.window_start < d.ends_at
GROUP BY d.date, m.country, m.region, m.city;

COMMENT ON VIEW v_regions IS 'Takings by country, region and city, day by day, today included.';
COMMENT ON COLUMN v_regions.date IS 'Day, UTC.';
COMMENT ON COLUMN v_regions.country IS 'Country; unknown where the tills do not say.';
COMMENT ON COLUMN v_regions.region IS 'Region; unknown where the tills do not say.';
COMMENT ON COLUMN v_regions.city IS 'City; unknown where the tills do not say.';
COMMENT ON COLUMN v_regions.stores IS 'Stores that sold something there.';
COMMENT ON COLUMN v_regions.total_transactions IS 'Receipts.';
COMMENT ON COLUMN v_regions.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_regions.total_revenue IS 'Money taken less money given back, in the shop currency.';
COMMENT ON COLUMN v_regions.avg_transaction_value IS 'Revenue per receipt; empty without receipts.';
COMMENT ON COLUMN v_regions.source IS 'live: added up from the running day. batch: computed once more from every receipt, after the day was over.';

CREATE VIEW v_funnel AS
SELECT
  date,
  store_id,
  channel,
  category,
  views,
  add_to_carts,
  checkouts,
  purchases,
  sessions,
  round(100.0 * add_to_carts / nullif(views, 0), 2) AS view_to_cart_pct,
  round(100.0 * checkouts / nullif(add_to_carts, 0), 2) AS cart_to_checkout_pct,
  round(100.0 * purchases / nullif(checkouts, 0), 2) AS checkout_to_purchase_pct,
  round(100.0 * purchases / nullif(views, 0), 2) AS view_to_purchase_pct,
  source
FROM (
  SELECT 'batch' AS source, date, store_id, channel, category, views, add_to_carts, checkouts, purchases, sessions
  FROM gold_daily_funnel AS g
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
  UNION ALL
  SELECT
    'live',
    d.date,
    f.store_id,
    f.channel,
    f.category,
    sum(f.views)::bigint,
    sum(f.add_to_carts)::bigint,
    sum(f.checkouts)::bigint,
    sum(f.purchases)::bigint,
    sketch_estimate(sketch_merge(f.sessions_sketch))
  FROM days_without_batch((SELECT min(window_start) FROM funnel_1m), (SELECT max(window_start) FROM funnel_1m)) AS d
  JOIN funnel_1m AS f ON f.window_start >= d.starts_at AND f.window_start < d.ends_at
  GROUP BY d.date, f.store_id, f.channel, f.category
) AS steps;

COMMENT ON VIEW v_funnel IS 'From looking to buying, day by day, today included: how many get how far, by channel and category.';
COMMENT ON COLUMN v_funnel.date IS 'Day, UTC.';
COMMENT ON COLUMN v_funnel.store_id IS 'Store.';
COMMENT ON COLUMN v_funnel.channel IS 'store, web or app; unknown where the event does not say.';
COMMENT ON COLUMN v_funnel.category IS 'Category of the product; unknown where the event does not say.';
COMMENT ON COLUMN v_funnel.views IS 'Products looked at.';
COMMENT ON COLUMN v_funnel.add_to_carts IS 'Products put into a cart.';
COMMENT ON COLUMN v_funnel.checkouts IS 'Checkouts begun.';
COMMENT ON COLUMN v_funnel.purchases IS 'Sales, once for each category in them.';
COMMENT ON COLUMN v_funnel.sessions IS 'Different visits. Do not add up over categories: one visit sees many.';
COMMENT ON COLUMN v_funnel.view_to_cart_pct IS 'Carts per 100 views; empty without views. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_funnel.cart_to_checkout_pct IS 'Checkouts per 100 products put into carts; empty without any.';
COMMENT ON COLUMN v_funnel.checkout_to_purchase_pct IS 'Purchases per 100 checkouts; empty without checkouts.';
COMMENT ON COLUMN v_funnel.view_to_purchase_pct IS 'Purchases per 100 views; empty without views.';
COMMENT ON COLUMN v_funnel.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

CREATE VIEW v_payments AS
SELECT
  date,
  store_id,
  method,
  sum(payments)::bigint AS payments,
  coalesce(sum(payments) FILTER (WHERE status = 'succeeded'), 0)::bigint AS succeeded,
  coalesce(sum(payments) FILTER (WHERE status = 'failed'), 0)::bigint AS failed,
  round(100.0 * coalesce(sum(payments) FILTER (WHERE status = 'failed'), 0) / nullif(sum(payments), 0), 2) AS failure_pct,
  coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0)::numeric(18,2) AS amount_succeeded,
  coalesce(sum(amount) FILTER (WHERE status = 'failed'), 0)::numeric(18,2) AS amount_failed,
  (array_agg(failure_reason ORDER BY payments DESC, failure_reason) FILTER (WHERE status = 'failed'))[1] AS main_failure_reason,
  source
FROM (
  SELECT 'batch' AS source, date, store_id, method, status, failure_reason, payments, amount
  FROM gold_daily_payments AS g
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
  UNION ALL
  SELECT 'live', d.date, p.store_id, p.method, p.status, p.failure_reason, sum(p.payments)::bigint, sum(p.amount)
  FROM days_without_batch((SELECT min(window_start) FROM payments_1m), (SELECT max(window_start) FROM payments_1m)) AS d
  JOIN payments_1m AS p ON p.window_start >= d.starts_at AND p.window_start < d.ends_at
  GROUP BY d.date, p.store_id, p.method, p.status, p.failure_reason
) AS tried
GROUP BY date, store_id, method, source;

COMMENT ON VIEW v_payments IS 'Attempts to pay by store and method, day by day, today included: how many failed, and mostly why.';
COMMENT ON COLUMN v_payments.date IS 'Day, UTC.';
COMMENT ON COLUMN v_payments.store_id IS 'Store.';
COMMENT ON COLUMN v_payments.method IS 'Means of payment, as the provider names it.';
COMMENT ON COLUMN v_payments.payments IS 'Attempts.';
COMMENT ON COLUMN v_payments.succeeded IS 'Attempts that went through.';
COMMENT ON COLUMN v_payments.failed IS 'Attempts that did not.';
COMMENT ON COLUMN v_payments.failure_pct IS 'Failed attempts per 100. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_payments.amount_succeeded IS 'Money paid, refunds subtracted, in the shop currency.';
COMMENT ON COLUMN v_payments.amount_failed IS 'Money that was tried and did not come, in the shop currency.';
COMMENT ON COLUMN v_payments.main_failure_reason IS 'Why most of the failed ones failed, unknown when nobody said; empty when none failed.';
COMMENT ON COLUMN v_payments.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

CREATE VIEW v_customers AS
SELECT
  customer_id,
  customer_segment,
  spending_segment,
  loyal,
  purchases,
  spend,
  round(spend / nullif(purchases, 0), 2) AS avg_purchase_value,
  first_purchase_at,
  last_purchase_at,
  (SELECT max(date) FROM daily_batch WHERE batched_at IS NOT NULL) - (last_purchase_at AT TIME ZONE 'UTC')::date AS days_since_purchase
FROM gold_customers;

COMMENT ON VIEW v_customers IS 'Customers who gave their number: what they bought over all days, up to the last day the batch computed.';
COMMENT ON COLUMN v_customers.customer_id IS 'Customer as the tills name them.';
COMMENT ON COLUMN v_customers.customer_segment IS 'B2C for private customers, B2B for businesses, unknown where no receipt says.';
COMMENT ON COLUMN v_customers.spending_segment IS 'premium, standard or basic, by spend; the limits are settings.';
COMMENT ON COLUMN v_customers.loyal IS 'True for customers who came back; how often is a setting, twice by default.';
COMMENT ON COLUMN v_customers.purchases IS 'Receipts on which something was bought.';
COMMENT ON COLUMN v_customers.spend IS 'Money paid less money given back, in the shop currency.';
COMMENT ON COLUMN v_customers.avg_purchase_value IS 'Spend per purchase; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.first_purchase_at IS 'When they bought first; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.last_purchase_at IS 'When they bought last; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.days_since_purchase IS 'Days from the last purchase to the last day the batch computed; empty for customers who only gave back.';

CREATE VIEW v_data_quality AS
SELECT
  hour,
  sum(received)::bigint AS received,
  sum(valid)::bigint AS valid,
  sum(rejected)::bigint AS rejected,
  sum(duplicates)::bigint AS duplicates,
  sum(late)::bigint AS late,
  round(100.0 * sum(valid) / nullif(sum(received), 0), 2) AS quality_pct,
  round(100.0 * sum(rejected) / nullif(sum(received), 0), 2) AS rejected_pct,
  round(100.0 * sum(late) / nullif(sum(valid), 0), 2) AS late_pct,
  round(sum(late_seconds) / nullif(sum(late), 0), 1) AS avg_late_seconds,
  coalesce(max(max_late_seconds), 0) AS max_late_seconds,
  (array_agg(reason ORDER BY rejected DESC, reason) FILTER (WHERE rejected > 0))[1] AS main_reject_reason,
  sum(conflicting)::bigint AS conflicting,
  sum(repeated_receipts)::bigint AS repeated_receipts
FROM (
  SELECT
    date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS hour,
    reason,
    sum(received) AS received,
    sum(valid) AS valid,
    sum(rejected) AS rejected,
    sum(duplicates) AS duplicates,
    sum(conflicting) AS conflicting,
    sum(repeated_receipts) AS repeated_receipts,
    sum(late) AS late,
    sum(late_seconds) AS late_seconds,
    max(max_late_seconds) AS max_late_seconds
  FROM quality_1m
  GROUP BY 1, 2
) AS reasons
GROUP BY hour;

COMMENT ON VIEW v_data_quality IS 'What came in from all stores, hour by hour, and how much of it was fit for use.';
COMMENT ON COLUMN v_data_quality.hour IS 'First instant of the hour, UTC.';
COMMENT ON COLUMN v_data_quality.received IS 'Events: valid, rejected and duplicates.';
COMMENT ON COLUMN v_data_quality.valid IS 'Events that count, late ones too.';
COMMENT ON COLUMN v_data_quality.rejected IS 'Events that could not be read; they are kept, with the reason.';
COMMENT ON COLUMN v_data_quality.duplicates IS 'Events that had come before; they count once.';
COMMENT ON COLUMN v_data_quality.late IS 'Valid events that came after their minute had been closed; they count all the same.';
COMMENT ON COLUMN v_data_quality.quality_pct IS 'Valid events per 100 received. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_data_quality.rejected_pct IS 'Rejected events per 100 received.';
COMMENT ON COLUMN v_data_quality.late_pct IS 'Late events per 100 valid ones.';
COMMENT ON COLUMN v_data_quality.avg_late_seconds IS 'How many seconds a late event is behind the newest one, on average; empty without late ones.';
COMMENT ON COLUMN v_data_quality.max_late_seconds IS 'How many seconds the latest one is behind; 0 without late ones.';
COMMENT ON COLUMN v_data_quality.main_reject_reason IS 'Why most of the rejected ones were rejected; empty when none was.';
COMMENT ON COLUMN v_data_quality.conflicting IS 'Duplicates that say something else than the event that counted: two happenings under one id, of which one is in no figure.';
COMMENT ON COLUMN v_data_quality.repeated_receipts IS 'Valid sales whose store, order and lines had come shortly before under another id; they count.';

-- Up Migration

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

-- Down Migration

DROP VIEW v_regions;
DROP VIEW v_top_categories;
DROP VIEW v_top_products;

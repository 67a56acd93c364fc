-- Up Migration

-- Dates and hours are those of the store's clock, as business_days and zone_offsets have them. For each day or hour the
-- windows between its two instants are fetched by an index, so a filter by date or hour reads no other rows; rows of
-- stores that go by another calendar are passed over (OFFSET 0: their calendars are made once, not for each row).

CREATE FUNCTION calendars_in_use() RETURNS TABLE (calendar text, zone text, is_default boolean)
LANGUAGE sql STABLE ROWS 2 AS $$
  SELECT default_calendar(), coalesce((SELECT zone FROM installation), 'UTC'), true
  UNION ALL
  SELECT DISTINCT calendar, zone, false FROM v_store_calendars WHERE calendar <> (SELECT default_calendar())
$$;

COMMENT ON FUNCTION calendars_in_use() IS 'Calendars in use: the installation''s, and others of single stores.';

-- Days whose figures the batch has not computed by the rules of now, between two moments; few, hence the estimate. Views
-- take these from the windows of the stream and all others from the batch, so that no day is in twice and none is missing.
CREATE FUNCTION live_days(first_at timestamptz, last_at timestamptz)
RETURNS TABLE (calendar text, is_default boolean, date date, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE ROWS 3 AS $$
  SELECT c.calendar, c.is_default, b.date, b.starts_at, b.ends_at
  FROM calendars_in_use() AS c
  -- No day is as long as that.
  JOIN business_days AS b ON b.calendar = c.calendar AND b.starts_at > first_at - interval '72 hours'
    AND b.starts_at <= last_at AND b.ends_at > first_at
  WHERE NOT EXISTS (SELECT FROM daily_batch AS d WHERE d.date = b.date AND d.batched_at IS NOT NULL AND NOT d.stale)
$$;

COMMENT ON FUNCTION live_days(timestamptz, timestamptz) IS 'Business days between two moments, by each calendar in use, that the daily batch has not computed by the rules of now.';

-- An hour begins where the local clock shows a whole one, and where clocks change.
CREATE FUNCTION live_hours(first_at timestamptz, last_at timestamptz)
RETURNS TABLE (calendar text, is_default boolean, hour timestamptz, ends_at timestamptz, date date, weekday integer, local_hour integer)
LANGUAGE sql STABLE ROWS 24 AS $$
  SELECT
    c.calendar,
    c.is_default,
    greatest(o.starts_at, whole),
    least(o.ends_at, whole + interval '1 hour'),
    b.date,
    b.weekday,
    (extract(epoch FROM greatest(o.starts_at, whole))::bigint + ahead) % 86400 / 3600
  FROM calendars_in_use() AS c
  JOIN business_days AS b ON b.calendar = c.calendar AND b.starts_at > first_at - interval '72 hours'
    AND b.starts_at <= last_at AND b.ends_at > first_at - interval '1 hour'
  JOIN zone_offsets AS o ON o.zone = c.zone AND o.starts_at < b.ends_at AND o.ends_at > b.starts_at
  CROSS JOIN LATERAL (SELECT extract(epoch FROM o.utc_offset)::bigint AS ahead) AS a
  CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM greatest(b.starts_at, o.starts_at))::bigint + ahead) / 3600 * 3600 - ahead AS seconds
  ) AS f
  CROSS JOIN LATERAL generate_series(
    to_timestamp(seconds), least(b.ends_at, o.ends_at) - interval '1 microsecond', interval '1 hour'
  ) AS whole
  -- What began in the day before is of that.
  WHERE greatest(o.starts_at, whole) >= b.starts_at
$$;

COMMENT ON FUNCTION live_hours(timestamptz, timestamptz) IS 'Hours of the local clock between two moments, by each calendar in use, with the business date each begins in.';

CREATE VIEW v_sales_by_minute AS
SELECT
  window_start AS minute,
  store_id,
  product_id,
  total_qty,
  total_revenue,
  transactions,
  closed,
  total_revenue AS net_sales,
  gross_sales,
  discounts,
  gross_sales - discounts - total_revenue AS returns,
  units_returned,
  measured_qty
FROM sales_1m_merged;

COMMENT ON VIEW v_sales_by_minute IS 'What each store sold of each product, minute by minute, seconds behind the tills.';
COMMENT ON COLUMN v_sales_by_minute.minute IS 'First instant of the minute in which the tills rang it up.';
COMMENT ON COLUMN v_sales_by_minute.store_id IS 'Store.';
COMMENT ON COLUMN v_sales_by_minute.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_sales_by_minute.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_sales_by_minute.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_sales_by_minute.transactions IS 'Receipts with this product on them. Do not add up over products: one receipt has many.';
COMMENT ON COLUMN v_sales_by_minute.closed IS 'True once the minute is over for good: only late receipts change it now.';
COMMENT ON COLUMN v_sales_by_minute.net_sales IS 'gross_sales - discounts - returns, in the installation''s currency; the same as total_revenue.';
COMMENT ON COLUMN v_sales_by_minute.gross_sales IS 'Value of goods sold, before discounts.';
COMMENT ON COLUMN v_sales_by_minute.discounts IS 'Discounts of goods sold, with their share of those of the receipt.';
COMMENT ON COLUMN v_sales_by_minute.returns IS 'What goods given back came to, less their discounts; a positive number.';
COMMENT ON COLUMN v_sales_by_minute.units_returned IS 'Pieces given back, as a positive number.';
COMMENT ON COLUMN v_sales_by_minute.measured_qty IS 'What was weighed or measured, in its unit (kg, l, m); sold less returned.';

CREATE VIEW v_sales_by_hour AS
SELECT
  h.hour,
  s.store_id,
  s.product_id,
  s.total_qty,
  s.total_revenue,
  s.transactions,
  s.total_revenue AS net_sales,
  s.gross_sales,
  s.discounts,
  s.gross_sales - s.discounts - s.total_revenue AS returns,
  s.units_returned,
  s.measured_qty,
  h.date,
  h.weekday,
  h.local_hour
FROM live_hours((SELECT min(window_start) FROM sales_1m), (SELECT max(window_start) FROM sales_1m)) AS h
CROSS JOIN LATERAL (
  SELECT
    w.store_id,
    w.product_id,
    sum(w.total_qty)::bigint AS total_qty,
    sum(w.total_revenue) AS total_revenue,
    sum(w.transactions)::bigint AS transactions,
    sum(w.gross_sales) AS gross_sales,
    sum(w.discounts) AS discounts,
    sum(w.units_returned)::bigint AS units_returned,
    sum(w.measured_qty) AS measured_qty
  FROM sales_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
  WHERE w.window_start >= h.hour AND w.window_start < h.ends_at
    AND coalesce(c.calendar = h.calendar, h.is_default)
  GROUP BY w.store_id, w.product_id
) AS s;

COMMENT ON VIEW v_sales_by_hour IS 'What each store sold of each product, hour by hour; the running hour grows.';
COMMENT ON COLUMN v_sales_by_hour.hour IS 'First instant of the hour of the store''s clock; an hour that comes twice is two hours.';
COMMENT ON COLUMN v_sales_by_hour.store_id IS 'Store.';
COMMENT ON COLUMN v_sales_by_hour.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_sales_by_hour.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_sales_by_hour.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_sales_by_hour.transactions IS 'Receipts with this product on them. Do not add up over products: one receipt has many.';
COMMENT ON COLUMN v_sales_by_hour.net_sales IS 'gross_sales - discounts - returns, in the installation''s currency; the same as total_revenue.';
COMMENT ON COLUMN v_sales_by_hour.gross_sales IS 'Value of goods sold, before discounts.';
COMMENT ON COLUMN v_sales_by_hour.discounts IS 'Discounts of goods sold, with their share of those of the receipt.';
COMMENT ON COLUMN v_sales_by_hour.returns IS 'What goods given back came to, less their discounts; a positive number.';
COMMENT ON COLUMN v_sales_by_hour.units_returned IS 'Pieces given back, as a positive number.';
COMMENT ON COLUMN v_sales_by_hour.measured_qty IS 'What was weighed or measured, in its unit (kg, l, m); sold less returned.';
COMMENT ON COLUMN v_sales_by_hour.date IS 'Business date in which the hour begins.';
COMMENT ON COLUMN v_sales_by_hour.weekday IS '1 is Monday, 7 is Sunday: of the business date.';
COMMENT ON COLUMN v_sales_by_hour.local_hour IS '0 to 23: the hour on the store''s clock.';

CREATE VIEW v_sales_by_day AS
SELECT
  date,
  store_id,
  product_id,
  total_qty,
  total_revenue,
  transactions,
  'batch' AS source,
  total_revenue AS net_sales,
  gross_sales,
  discounts,
  gross_sales - discounts - total_revenue AS returns,
  units_returned,
  measured_qty
FROM gold_daily_sales AS g
WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL AND NOT b.stale)
UNION ALL
SELECT
  d.date,
  s.store_id,
  s.product_id,
  s.total_qty,
  s.total_revenue,
  s.transactions,
  'live',
  s.total_revenue,
  s.gross_sales,
  s.discounts,
  s.gross_sales - s.discounts - s.total_revenue,
  s.units_returned,
  s.measured_qty
FROM live_days((SELECT min(window_start) FROM sales_1m), (SELECT max(window_start) FROM sales_1m)) AS d
CROSS JOIN LATERAL (
  SELECT
    w.store_id,
    w.product_id,
    sum(w.total_qty)::bigint AS total_qty,
    sum(w.total_revenue) AS total_revenue,
    sum(w.transactions)::bigint AS transactions,
    sum(w.gross_sales) AS gross_sales,
    sum(w.discounts) AS discounts,
    sum(w.units_returned)::bigint AS units_returned,
    sum(w.measured_qty) AS measured_qty
  FROM sales_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
  WHERE w.window_start >= d.starts_at AND w.window_start < d.ends_at
    AND coalesce(c.calendar = d.calendar, d.is_default)
  GROUP BY w.store_id, w.product_id
) AS s;

COMMENT ON VIEW v_sales_by_day IS 'What each store sold of each product, day by day, today included.';
COMMENT ON COLUMN v_sales_by_day.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_sales_by_day.store_id IS 'Store.';
COMMENT ON COLUMN v_sales_by_day.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_sales_by_day.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_sales_by_day.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_sales_by_day.transactions IS 'Receipts with this product on them. Do not add up over products: one receipt has many.';
COMMENT ON COLUMN v_sales_by_day.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';
COMMENT ON COLUMN v_sales_by_day.net_sales IS 'gross_sales - discounts - returns, in the installation''s currency; the same as total_revenue.';
COMMENT ON COLUMN v_sales_by_day.gross_sales IS 'Value of goods sold, before discounts.';
COMMENT ON COLUMN v_sales_by_day.discounts IS 'Discounts of goods sold, with their share of those of the receipt.';
COMMENT ON COLUMN v_sales_by_day.returns IS 'What goods given back came to, less their discounts; a positive number.';
COMMENT ON COLUMN v_sales_by_day.units_returned IS 'Pieces given back, as a positive number.';
COMMENT ON COLUMN v_sales_by_day.measured_qty IS 'What was weighed or measured, in its unit (kg, l, m); sold less returned.';

CREATE VIEW v_store_by_hour AS
SELECT
  h.hour,
  s.store_id,
  s.total_transactions,
  s.total_revenue,
  round(s.total_revenue / nullif(s.total_transactions, 0), (SELECT minor_digits())) AS avg_transaction_value,
  s.unique_customers,
  s.orders,
  round(s.order_revenue / nullif(s.orders, 0), (SELECT minor_digits())) AS avg_order_value,
  round(s.units_sold::numeric / nullif(s.orders, 0), 2) AS items_per_basket,
  s.total_revenue AS net_sales,
  s.gross_sales,
  s.discounts,
  s.returns,
  s.return_receipts,
  s.order_revenue,
  s.units_sold,
  s.units_returned,
  h.date,
  h.weekday,
  h.local_hour
FROM live_hours((SELECT min(window_start) FROM store_1m), (SELECT max(window_start) FROM store_1m)) AS h
CROSS JOIN LATERAL (
  SELECT
    w.store_id,
    sum(w.total_transactions)::bigint AS total_transactions,
    sum(w.total_revenue) AS total_revenue,
    sum(w.orders)::bigint AS orders,
    sum(w.return_receipts)::bigint AS return_receipts,
    sum(w.gross_sales) AS gross_sales,
    sum(w.discounts) AS discounts,
    sum(w.returns) AS returns,
    sum(w.order_revenue) AS order_revenue,
    sum(w.units_sold)::bigint AS units_sold,
    sum(w.units_returned)::bigint AS units_returned,
    sketch_estimate(sketch_merge(w.unique_customers_sketch)) AS unique_customers
  FROM store_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
  WHERE w.window_start >= h.hour AND w.window_start < h.ends_at
    AND coalesce(c.calendar = h.calendar, h.is_default)
  GROUP BY w.store_id
) AS s;

COMMENT ON VIEW v_store_by_hour IS 'Takings, receipts and customers of each store, hour by hour; the running hour grows.';
COMMENT ON COLUMN v_store_by_hour.hour IS 'First instant of the hour of the store''s clock; an hour that comes twice is two hours.';
COMMENT ON COLUMN v_store_by_hour.store_id IS 'Store.';
COMMENT ON COLUMN v_store_by_hour.total_transactions IS 'Receipts: sales and returns.';
COMMENT ON COLUMN v_store_by_hour.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_store_by_hour.avg_transaction_value IS 'Net sales per receipt, returns counted as receipts; empty without receipts. avg_order_value is the average sale.';
COMMENT ON COLUMN v_store_by_hour.unique_customers IS 'Different customers who gave their number; exact below 65536, then within 2 %. Do not add up: one customer comes twice.';
COMMENT ON COLUMN v_store_by_hour.orders IS 'Receipts that sell. A void takes its receipt away again.';
COMMENT ON COLUMN v_store_by_hour.avg_order_value IS 'order_revenue / orders; empty without orders. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_store_by_hour.items_per_basket IS 'units_sold / orders; empty without orders. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_store_by_hour.net_sales IS 'gross_sales - discounts - returns, in the installation''s currency; the same as total_revenue.';
COMMENT ON COLUMN v_store_by_hour.gross_sales IS 'Value of goods sold, before discounts.';
COMMENT ON COLUMN v_store_by_hour.discounts IS 'Discounts of goods sold, with their share of those of the receipt.';
COMMENT ON COLUMN v_store_by_hour.returns IS 'What goods given back came to, less their discounts; a positive number.';
COMMENT ON COLUMN v_store_by_hour.return_receipts IS 'Receipts with goods given back and none sold.';
COMMENT ON COLUMN v_store_by_hour.order_revenue IS 'Net sales of the receipts counted in orders.';
COMMENT ON COLUMN v_store_by_hour.units_sold IS 'Pieces sold; a weighed thing is one piece.';
COMMENT ON COLUMN v_store_by_hour.units_returned IS 'Pieces given back, as a positive number.';
COMMENT ON COLUMN v_store_by_hour.date IS 'Business date in which the hour begins.';
COMMENT ON COLUMN v_store_by_hour.weekday IS '1 is Monday, 7 is Sunday: of the business date.';
COMMENT ON COLUMN v_store_by_hour.local_hour IS '0 to 23: the hour on the store''s clock.';

CREATE VIEW v_store_by_day AS
SELECT
  day.date,
  day.store_id,
  coalesce(listed.region, day.region) AS region,
  coalesce(listed.city, day.city) AS city,
  day.country,
  day.orders,
  round(day.order_revenue / nullif(day.orders, 0), (SELECT minor_digits())) AS avg_order_value,
  round(day.units_sold::numeric / nullif(day.orders, 0), 2) AS items_per_basket,
  day.total_revenue AS net_sales,
  day.gross_sales,
  day.discounts,
  day.returns,
  day.return_receipts,
  day.order_revenue,
  day.units_sold,
  day.units_returned,
  day.write_offs,
  day.tax,
  day.tax_included,
  day.tips,
  day.shipping,
  day.fees,
  day.gift_cards_sold,
  day.gift_cards_redeemed,
  day.adjustments,
  day.adjustment_lines,
  day.total_transactions,
  day.total_revenue,
  round(day.total_revenue / nullif(day.total_transactions, 0), (SELECT minor_digits())) AS avg_transaction_value,
  day.unique_customers,
  day.source
FROM (
  SELECT
    date,
    store_id,
    region,
    city,
    country,
    orders,
    return_receipts,
    gross_sales,
    discounts,
    returns,
    order_revenue,
    units_sold,
    units_returned,
    write_offs,
    tax,
    tax_included,
    tips,
    shipping,
    fees,
    gift_cards_sold,
    gift_cards_redeemed,
    adjustments,
    adjustment_lines,
    total_transactions,
    total_revenue,
    unique_customers,
    'batch' AS source
  FROM gold_daily_store AS g
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL AND NOT b.stale)
  UNION ALL
  SELECT
    d.date,
    s.store_id,
    coalesce(region.region, 'unknown'),
    coalesce(city.city, 'unknown'),
    coalesce(country.country, 'unknown'),
    s.orders,
    s.return_receipts,
    s.gross_sales,
    s.discounts,
    s.returns,
    s.order_revenue,
    s.units_sold,
    s.units_returned,
    s.write_offs,
    s.tax,
    s.tax_included,
    s.tips,
    s.shipping,
    s.fees,
    s.gift_cards_sold,
    s.gift_cards_redeemed,
    s.adjustments,
    s.adjustment_lines,
    s.total_transactions,
    s.total_revenue,
    s.unique_customers,
    'live'
  FROM live_days((SELECT min(window_start) FROM store_1m), (SELECT max(window_start) FROM store_1m)) AS d
  CROSS JOIN LATERAL (
    SELECT
      w.store_id,
      sum(w.orders)::bigint AS orders,
      sum(w.return_receipts)::bigint AS return_receipts,
      sum(w.gross_sales) AS gross_sales,
      sum(w.discounts) AS discounts,
      sum(w.returns) AS returns,
      sum(w.order_revenue) AS order_revenue,
      sum(w.units_sold)::bigint AS units_sold,
      sum(w.units_returned)::bigint AS units_returned,
      sum(w.write_offs)::bigint AS write_offs,
      sum(w.tax) AS tax,
      sum(w.tax_included) AS tax_included,
      sum(w.tips) AS tips,
      sum(w.shipping) AS shipping,
      sum(w.fees) AS fees,
      sum(w.gift_cards_sold) AS gift_cards_sold,
      sum(w.gift_cards_redeemed) AS gift_cards_redeemed,
      sum(w.adjustments) AS adjustments,
      sum(w.adjustment_lines)::bigint AS adjustment_lines,
      sum(w.total_transactions)::bigint AS total_transactions,
      sum(w.total_revenue) AS total_revenue,
      sketch_estimate(sketch_merge(w.unique_customers_sketch)) AS unique_customers
    FROM store_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
    WHERE w.window_start >= d.starts_at AND w.window_start < d.ends_at
      AND coalesce(c.calendar = d.calendar, d.is_default)
    GROUP BY w.store_id
  ) AS s
  LEFT JOIN LATERAL (
    SELECT m.region FROM mix_1m AS m
    WHERE m.store_id = s.store_id AND m.window_start >= d.starts_at AND m.window_start < d.ends_at AND m.region <> 'unknown'
    ORDER BY m.window_start DESC, m.sequence DESC LIMIT 1
  ) AS region ON true
  LEFT JOIN LATERAL (
    SELECT m.city FROM mix_1m AS m
    WHERE m.store_id = s.store_id AND m.window_start >= d.starts_at AND m.window_start < d.ends_at AND m.city <> 'unknown'
    ORDER BY m.window_start DESC, m.sequence DESC LIMIT 1
  ) AS city ON true
  LEFT JOIN LATERAL (
    SELECT m.country FROM mix_1m AS m
    WHERE m.store_id = s.store_id AND m.window_start >= d.starts_at AND m.window_start < d.ends_at AND m.country <> 'unknown'
    ORDER BY m.window_start DESC, m.sequence DESC LIMIT 1
  ) AS country ON true
) AS day
LEFT JOIN stores AS listed ON listed.store_id = day.store_id;

COMMENT ON VIEW v_store_by_day IS 'Everything a store took and gave, day by day, today included: what finance signs.';
COMMENT ON COLUMN v_store_by_day.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_store_by_day.store_id IS 'Store.';
COMMENT ON COLUMN v_store_by_day.region IS 'Region of the store: of the list of stores, else of its newest sale that says; else unknown.';
COMMENT ON COLUMN v_store_by_day.city IS 'City of the store: of the list of stores, else of its newest sale that says; else unknown.';
COMMENT ON COLUMN v_store_by_day.country IS 'Country of the store or of its web customers, of its newest sale that says; else unknown.';
COMMENT ON COLUMN v_store_by_day.orders IS 'Receipts that sell. A void takes its receipt away again.';
COMMENT ON COLUMN v_store_by_day.avg_order_value IS 'order_revenue / orders; empty without orders. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_store_by_day.items_per_basket IS 'units_sold / orders; empty without orders. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_store_by_day.net_sales IS 'gross_sales - discounts - returns, in the installation''s currency; the same as total_revenue.';
COMMENT ON COLUMN v_store_by_day.gross_sales IS 'Value of goods sold, before discounts.';
COMMENT ON COLUMN v_store_by_day.discounts IS 'Discounts of goods sold, with their share of those of the receipt.';
COMMENT ON COLUMN v_store_by_day.returns IS 'What goods given back came to, less their discounts; a positive number.';
COMMENT ON COLUMN v_store_by_day.return_receipts IS 'Receipts with goods given back and none sold.';
COMMENT ON COLUMN v_store_by_day.order_revenue IS 'Net sales of the receipts counted in orders.';
COMMENT ON COLUMN v_store_by_day.units_sold IS 'Pieces sold; a weighed thing is one piece.';
COMMENT ON COLUMN v_store_by_day.units_returned IS 'Pieces given back, as a positive number.';
COMMENT ON COLUMN v_store_by_day.write_offs IS 'Pieces at price 0, whichever way they went.';
COMMENT ON COLUMN v_store_by_day.tax IS 'Tax of goods, shipping and fees.';
COMMENT ON COLUMN v_store_by_day.tax_included IS 'The part of tax that the prices contain.';
COMMENT ON COLUMN v_store_by_day.tips IS 'Tips.';
COMMENT ON COLUMN v_store_by_day.shipping IS 'Shipping charged.';
COMMENT ON COLUMN v_store_by_day.fees IS 'Fees charged.';
COMMENT ON COLUMN v_store_by_day.gift_cards_sold IS 'Gift cards sold: revenue deferred, no sale yet.';
COMMENT ON COLUMN v_store_by_day.gift_cards_redeemed IS 'What receipts paid by gift card came to: goods, shipping, fees, tax on top, tip.';
COMMENT ON COLUMN v_store_by_day.adjustments IS 'Sum of adjustment lines, signed; bad debt is below 0.';
COMMENT ON COLUMN v_store_by_day.adjustment_lines IS 'Adjustment lines.';
COMMENT ON COLUMN v_store_by_day.total_transactions IS 'Receipts: sales and returns.';
COMMENT ON COLUMN v_store_by_day.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_store_by_day.avg_transaction_value IS 'Net sales per receipt, returns counted as receipts; empty without receipts. avg_order_value is the average sale.';
COMMENT ON COLUMN v_store_by_day.unique_customers IS 'Different customers who gave their number; exact below 65536, then within 2 %. Do not add up: one customer comes twice.';
COMMENT ON COLUMN v_store_by_day.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

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
WHERE kind = 'product' AND EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL AND NOT b.stale)
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
    sum(total_revenue),
    sum(transactions)::bigint
  FROM v_sales_by_day
  WHERE source = 'live'
  GROUP BY date, product_id
) AS live
WHERE rank <= 100;

COMMENT ON VIEW v_top_products IS 'Best sellers of each day by net sales: of each store, and of all stores together. Today included.';
COMMENT ON COLUMN v_top_products.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_top_products.scope IS 'one store, or all stores together: choose one of them, or every sale is in twice.';
COMMENT ON COLUMN v_top_products.store_id IS 'Store; empty where the scope is all stores.';
COMMENT ON COLUMN v_top_products.rank IS '1 for the product with the most net sales of the day; equals go by name.';
COMMENT ON COLUMN v_top_products.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_top_products.category IS 'Category of the product; empty while the day is live.';
COMMENT ON COLUMN v_top_products.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_top_products.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_top_products.transactions IS 'Receipts with this product on them.';
COMMENT ON COLUMN v_top_products.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

CREATE VIEW v_top_categories AS
WITH live AS NOT MATERIALIZED (
  SELECT d.date, s.store_id, s.category, s.total_qty, s.total_revenue
  FROM live_days((SELECT min(window_start) FROM mix_1m), (SELECT max(window_start) FROM mix_1m)) AS d
  CROSS JOIN LATERAL (
    SELECT w.store_id, w.category, sum(w.total_qty)::bigint AS total_qty, sum(w.total_revenue) AS total_revenue
    FROM mix_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
    WHERE w.window_start >= d.starts_at AND w.window_start < d.ends_at
      AND coalesce(c.calendar = d.calendar, d.is_default)
    GROUP BY w.store_id, w.category
  ) AS s
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
WHERE kind = 'category' AND EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL AND NOT b.stale)
UNION ALL
SELECT
  date,
  'one store',
  store_id,
  row_number() OVER (PARTITION BY date, store_id ORDER BY total_revenue DESC, category COLLATE "C")::integer,
  category,
  total_qty,
  total_revenue,
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
  sum(total_revenue),
  NULL::bigint,
  'live'
FROM live
GROUP BY date, category;

COMMENT ON VIEW v_top_categories IS 'Categories of each day by net sales: of each store, and of all stores together. Today included.';
COMMENT ON COLUMN v_top_categories.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_top_categories.scope IS 'one store, or all stores together: choose one of them, or every sale is in twice.';
COMMENT ON COLUMN v_top_categories.store_id IS 'Store; empty where the scope is all stores.';
COMMENT ON COLUMN v_top_categories.rank IS '1 for the category with the most net sales of the day; equals go by name.';
COMMENT ON COLUMN v_top_categories.category IS 'Category of the products; unknown where the tills do not say.';
COMMENT ON COLUMN v_top_categories.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_top_categories.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_top_categories.transactions IS 'Receipts with this category on them; empty while the day is live.';
COMMENT ON COLUMN v_top_categories.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

CREATE VIEW v_regions AS
SELECT
  date,
  country,
  region,
  city,
  count(*) AS stores,
  sum(total_transactions)::bigint AS total_transactions,
  sum(units_sold - units_returned)::bigint AS total_qty,
  sum(total_revenue) AS total_revenue,
  round(sum(total_revenue) / nullif(sum(total_transactions), 0), (SELECT minor_digits())) AS avg_transaction_value,
  source,
  sum(orders)::bigint AS orders,
  round(sum(order_revenue) / nullif(sum(orders), 0), (SELECT minor_digits())) AS avg_order_value,
  round(sum(units_sold) / nullif(sum(orders), 0), 2) AS items_per_basket,
  sum(net_sales) AS net_sales,
  sum(gross_sales) AS gross_sales,
  sum(discounts) AS discounts,
  sum(returns) AS returns,
  sum(return_receipts)::bigint AS return_receipts,
  sum(order_revenue) AS order_revenue,
  sum(units_sold)::bigint AS units_sold
FROM v_store_by_day
GROUP BY date, country, region, city, source;

COMMENT ON VIEW v_regions IS 'Takings by country, region and city, day by day, today included.';
COMMENT ON COLUMN v_regions.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_regions.country IS 'Country; unknown where the tills do not say.';
COMMENT ON COLUMN v_regions.region IS 'Region; unknown where neither the list of stores nor the tills say.';
COMMENT ON COLUMN v_regions.city IS 'City; unknown where neither the list of stores nor the tills say.';
COMMENT ON COLUMN v_regions.stores IS 'Stores with a receipt there.';
COMMENT ON COLUMN v_regions.total_transactions IS 'Receipts: sales and returns.';
COMMENT ON COLUMN v_regions.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN v_regions.total_revenue IS 'Net sales: goods sold less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_regions.avg_transaction_value IS 'Net sales per receipt, returns counted as receipts; empty without receipts. avg_order_value is the average sale.';
COMMENT ON COLUMN v_regions.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';
COMMENT ON COLUMN v_regions.orders IS 'Receipts that sell. A void takes its receipt away again.';
COMMENT ON COLUMN v_regions.avg_order_value IS 'order_revenue / orders; empty without orders. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_regions.items_per_basket IS 'units_sold / orders; empty without orders. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_regions.net_sales IS 'gross_sales - discounts - returns, in the installation''s currency; the same as total_revenue.';
COMMENT ON COLUMN v_regions.gross_sales IS 'Value of goods sold, before discounts.';
COMMENT ON COLUMN v_regions.discounts IS 'Discounts of goods sold, with their share of those of the receipt.';
COMMENT ON COLUMN v_regions.returns IS 'What goods given back came to, less their discounts; a positive number.';
COMMENT ON COLUMN v_regions.return_receipts IS 'Receipts with goods given back and none sold.';
COMMENT ON COLUMN v_regions.order_revenue IS 'Net sales of the receipts counted in orders.';
COMMENT ON COLUMN v_regions.units_sold IS 'Pieces sold; a weighed thing is one piece.';

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
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL AND NOT b.stale)
  UNION ALL
  SELECT 'live', d.date, s.store_id, s.channel, s.category, s.views, s.add_to_carts, s.checkouts, s.purchases, s.sessions
  FROM live_days((SELECT min(window_start) FROM funnel_1m), (SELECT max(window_start) FROM funnel_1m)) AS d
  CROSS JOIN LATERAL (
    SELECT
      w.store_id,
      w.channel,
      w.category,
      sum(w.views)::bigint AS views,
      sum(w.add_to_carts)::bigint AS add_to_carts,
      sum(w.checkouts)::bigint AS checkouts,
      sum(w.purchases)::bigint AS purchases,
      sketch_estimate(sketch_merge(w.sessions_sketch)) AS sessions
    FROM funnel_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
    WHERE w.window_start >= d.starts_at AND w.window_start < d.ends_at
      AND coalesce(c.calendar = d.calendar, d.is_default)
    GROUP BY w.store_id, w.channel, w.category
  ) AS s
) AS steps;

COMMENT ON VIEW v_funnel IS 'From looking to buying, day by day, today included: how many get how far, by channel and category.';
COMMENT ON COLUMN v_funnel.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_funnel.store_id IS 'Store.';
COMMENT ON COLUMN v_funnel.channel IS 'store, web or app; unknown where the event does not say.';
COMMENT ON COLUMN v_funnel.category IS 'Category of the product; unknown where the event does not say.';
COMMENT ON COLUMN v_funnel.views IS 'Products looked at.';
COMMENT ON COLUMN v_funnel.add_to_carts IS 'Products put into a cart.';
COMMENT ON COLUMN v_funnel.checkouts IS 'Checkouts begun.';
COMMENT ON COLUMN v_funnel.purchases IS 'Sales, once for each category in them; a void counts -1.';
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
  coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), round(0.0, (SELECT minor_digits()))) AS amount_succeeded,
  coalesce(sum(amount) FILTER (WHERE status = 'failed'), round(0.0, (SELECT minor_digits()))) AS amount_failed,
  (array_agg(failure_reason ORDER BY payments DESC, failure_reason) FILTER (WHERE status = 'failed'))[1] AS main_failure_reason,
  source
FROM (
  SELECT 'batch' AS source, date, store_id, method, status, failure_reason, payments, amount
  FROM gold_daily_payments AS g
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL AND NOT b.stale)
  UNION ALL
  SELECT 'live', d.date, s.store_id, s.method, s.status, s.failure_reason, s.payments, s.amount
  FROM live_days((SELECT min(window_start) FROM payments_1m), (SELECT max(window_start) FROM payments_1m)) AS d
  CROSS JOIN LATERAL (
    SELECT w.store_id, w.method, w.status, w.failure_reason, sum(w.payments)::bigint AS payments, sum(w.amount) AS amount
    FROM payments_1m AS w LEFT JOIN (SELECT store_id, calendar FROM v_store_calendars OFFSET 0) AS c ON c.store_id = w.store_id
    WHERE w.window_start >= d.starts_at AND w.window_start < d.ends_at
      AND coalesce(c.calendar = d.calendar, d.is_default)
    GROUP BY w.store_id, w.method, w.status, w.failure_reason
  ) AS s
) AS tried
GROUP BY date, store_id, method, source;

COMMENT ON VIEW v_payments IS 'Attempts to pay by store and method, day by day, today included: how many failed, and mostly why.';
COMMENT ON COLUMN v_payments.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN v_payments.store_id IS 'Store.';
COMMENT ON COLUMN v_payments.method IS 'Means of payment, as the provider names it.';
COMMENT ON COLUMN v_payments.payments IS 'Attempts.';
COMMENT ON COLUMN v_payments.succeeded IS 'Attempts that went through.';
COMMENT ON COLUMN v_payments.failed IS 'Attempts that did not.';
COMMENT ON COLUMN v_payments.failure_pct IS 'Failed attempts per 100. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_payments.amount_succeeded IS 'Money paid, refunds subtracted, in the installation''s currency.';
COMMENT ON COLUMN v_payments.amount_failed IS 'Money that was tried and did not come, in the installation''s currency.';
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
  round(spend / nullif(purchases, 0), (SELECT minor_digits())) AS avg_purchase_value,
  first_purchase_at,
  last_purchase_at,
  (SELECT max(date) FROM daily_batch WHERE batched_at IS NOT NULL) - (
    SELECT b.date FROM business_days AS b
    WHERE b.calendar = (SELECT default_calendar()) AND b.starts_at <= last_purchase_at
    ORDER BY b.starts_at DESC, b.date DESC LIMIT 1
  ) AS days_since_purchase
FROM gold_customers;

COMMENT ON VIEW v_customers IS 'Customers who gave their number: what they bought over all days, up to the last day the batch computed.';
COMMENT ON COLUMN v_customers.customer_id IS 'Customer as the tills name them.';
COMMENT ON COLUMN v_customers.customer_segment IS 'B2C for private customers, B2B for businesses, unknown where no receipt says.';
COMMENT ON COLUMN v_customers.spending_segment IS 'premium, standard or basic, by spend; the limits are settings.';
COMMENT ON COLUMN v_customers.loyal IS 'True for customers who came back; how often is a setting, twice by default.';
COMMENT ON COLUMN v_customers.purchases IS 'Receipts on which something was bought; a void takes its receipt away again.';
COMMENT ON COLUMN v_customers.spend IS 'Goods bought less discounts and returns, in the installation''s currency.';
COMMENT ON COLUMN v_customers.avg_purchase_value IS 'Spend per purchase; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.first_purchase_at IS 'When they bought first; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.last_purchase_at IS 'When they bought last; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.days_since_purchase IS 'Days from the last purchase to the last day the batch computed, by the installations calendar; empty for customers who only gave back.';

CREATE VIEW v_data_quality AS
SELECT
  h.hour,
  q.received,
  q.valid,
  q.rejected,
  q.duplicates,
  q.late,
  q.quality_pct,
  q.rejected_pct,
  q.late_pct,
  q.avg_late_seconds,
  q.max_late_seconds,
  q.main_reject_reason,
  q.conflicting,
  q.repeated_receipts,
  h.date
FROM live_hours((SELECT min(window_start) FROM quality_1m), (SELECT max(window_start) FROM quality_1m)) AS h
CROSS JOIN LATERAL (
  SELECT
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
      w.reason,
      sum(w.received) AS received,
      sum(w.valid) AS valid,
      sum(w.rejected) AS rejected,
      sum(w.duplicates) AS duplicates,
      sum(w.conflicting) AS conflicting,
      sum(w.repeated_receipts) AS repeated_receipts,
      sum(w.late) AS late,
      sum(w.late_seconds) AS late_seconds,
      max(w.max_late_seconds) AS max_late_seconds
    FROM quality_1m AS w
    WHERE w.window_start >= h.hour AND w.window_start < h.ends_at
    GROUP BY w.reason
  ) AS reasons
  HAVING count(*) > 0
) AS q
WHERE h.is_default;

COMMENT ON VIEW v_data_quality IS 'What came in from all stores, hour by hour, and how much of it was fit for use.';
COMMENT ON COLUMN v_data_quality.hour IS 'First instant of the hour of the installation''s clock; an hour that comes twice is two hours.';
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
COMMENT ON COLUMN v_data_quality.date IS 'Business date in which the hour begins, by the installation''s calendar.';

CREATE VIEW v_days AS
SELECT
  b.date,
  b.calendar,
  c.is_default,
  b.starts_at,
  b.ends_at,
  round(extract(epoch FROM b.ends_at - b.starts_at) / 3600, 2) AS hours,
  b.weekday,
  b.iso_year,
  b.iso_week,
  b.fiscal_year,
  b.fiscal_period,
  b.fiscal_week
FROM calendars_in_use() AS c JOIN business_days AS b ON b.calendar = c.calendar
-- From the first day with takings to the last.
WHERE b.ends_at > least(
    (SELECT min(window_start) FROM store_1m),
    (SELECT starts_at FROM business_days
     WHERE calendar = (SELECT default_calendar()) AND date = (SELECT min(date) FROM gold_daily_store))
  )
  AND b.starts_at <= greatest(
    (SELECT max(window_start) FROM store_1m),
    (SELECT starts_at FROM business_days
     WHERE calendar = (SELECT default_calendar()) AND date = (SELECT max(date) FROM gold_daily_store))
  );

COMMENT ON VIEW v_days IS 'Business dates from the first with takings to the last, by each calendar in use, with their weeks: a table of dates to join by.';
COMMENT ON COLUMN v_days.date IS 'Business date.';
COMMENT ON COLUMN v_days.calendar IS 'Zone and start of the day: Europe/London 04:00.';
COMMENT ON COLUMN v_days.is_default IS 'True for the installation''s calendar: filter by it for each date once.';
COMMENT ON COLUMN v_days.starts_at IS 'First instant of the day.';
COMMENT ON COLUMN v_days.ends_at IS 'First instant after it.';
COMMENT ON COLUMN v_days.hours IS 'How long it is: 23 or 25 where the clocks change in it, 0 where the zone skipped the date.';
COMMENT ON COLUMN v_days.weekday IS '1 is Monday, 7 is Sunday.';
COMMENT ON COLUMN v_days.iso_year IS 'Year of the ISO 8601 week.';
COMMENT ON COLUMN v_days.iso_week IS 'ISO 8601 week, 1 to 53.';
COMMENT ON COLUMN v_days.fiscal_year IS 'Year of the fiscal week, by setting FISCAL_CALENDAR.';
COMMENT ON COLUMN v_days.fiscal_period IS 'Period of the fiscal year, 1 to 12.';
COMMENT ON COLUMN v_days.fiscal_week IS 'Week of the fiscal year, 1 to 53.';

CREATE VIEW v_stores AS
WITH RECURSIVE selling AS (
  -- One step of the index for each store, however many rows it has.
  (SELECT store_id FROM store_1m ORDER BY store_id LIMIT 1)
  UNION ALL
  SELECT (SELECT w.store_id FROM store_1m AS w WHERE w.store_id > s.store_id ORDER BY w.store_id LIMIT 1)
  FROM selling AS s WHERE s.store_id IS NOT NULL
)
SELECT
  k.store_id,
  s.name,
  coalesce(s.region, g.region) AS region,
  coalesce(s.city, g.city) AS city,
  coalesce(s.zone, i.zone, 'UTC') AS zone,
  coalesce(s.day_start, i.day_start, '00:00') AS day_start,
  coalesce(s.zone, i.zone, 'UTC') || ' ' || coalesce(s.day_start, i.day_start, '00:00') AS calendar,
  coalesce(s.source, 'settings') AS source,
  s.said_at
FROM (SELECT store_id FROM selling WHERE store_id IS NOT NULL UNION SELECT store_id FROM stores) AS k
LEFT JOIN stores AS s ON s.store_id = k.store_id
LEFT JOIN installation AS i ON true
LEFT JOIN LATERAL (
  SELECT region, city FROM gold_daily_store WHERE store_id = k.store_id ORDER BY date DESC LIMIT 1
) AS g ON true;

COMMENT ON VIEW v_stores IS 'Every store that has sold something or is in the list of stores, and by which days it goes.';
COMMENT ON COLUMN v_stores.store_id IS 'Store.';
COMMENT ON COLUMN v_stores.name IS 'Name for people, of the list of stores; empty when it does not say.';
COMMENT ON COLUMN v_stores.region IS 'Region: of the list of stores, else of the newest day the batch computed.';
COMMENT ON COLUMN v_stores.city IS 'City: likewise.';
COMMENT ON COLUMN v_stores.zone IS 'Time zone, IANA.';
COMMENT ON COLUMN v_stores.day_start IS 'When its business day begins, HH:MM of its local clock.';
COMMENT ON COLUMN v_stores.calendar IS 'Zone and start of the day, as v_days names it.';
COMMENT ON COLUMN v_stores.source IS 'Who said the zone: file (npm run stores), stream (storeZone of its events) or settings (the installation).';
COMMENT ON COLUMN v_stores.said_at IS 'When that was said: by the newest event with a zone, or when the file was read; empty for stores not in the list.';

-- Down Migration

DROP VIEW v_stores;
DROP VIEW v_days;
DROP VIEW v_data_quality;
DROP VIEW v_customers;
DROP VIEW v_payments;
DROP VIEW v_funnel;
DROP VIEW v_regions;
DROP VIEW v_top_categories;
DROP VIEW v_top_products;
DROP VIEW v_store_by_day;
DROP VIEW v_store_by_hour;
DROP VIEW v_sales_by_day;
DROP VIEW v_sales_by_hour;
DROP VIEW v_sales_by_minute;
DROP FUNCTION live_hours(timestamptz, timestamptz);
DROP FUNCTION live_days(timestamptz, timestamptz);
DROP FUNCTION calendars_in_use();

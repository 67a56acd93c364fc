-- Gold of the daily batch by business dates, for the days that were made and the events their batch had read. An id of a store counts once a day, the
-- first by time of arrival.

-- How far the batch of each day had read each partition.
CREATE TABLE truth.extent AS
SELECT date, unnest(json_keys(read_up_to))::INTEGER AS partition_id,
  unnest(list_transform(json_keys(read_up_to), lambda k: json_extract_string(read_up_to, '$."' || k || '"')))::BIGINT AS sequence
FROM pg.daily_batch WHERE run IS NOT NULL;

CREATE TABLE truth.dated AS SELECT * FROM truth.fact WHERE kind = 'event';

CREATE TABLE truth.event_of_day AS
SELECT dated.* FROM truth.dated AS dated JOIN truth.extent AS extent
  ON dated.date = extent.date AND dated.partition_id = extent.partition_id AND dated.sequence <= extent.sequence
QUALIFY row_number() OVER (PARTITION BY dated.date, identity ORDER BY enqueued_ms, dated.partition_id, dated.sequence, item) = 1;

-- Days with events beyond that, and those made by other days: the next batch makes them anew.
CREATE TABLE truth.overtaken AS
SELECT date FROM pg.daily_batch WHERE run IS NOT NULL AND stale
UNION
SELECT DISTINCT date FROM truth.dated AS dated
WHERE date IN (SELECT date FROM truth.extent) AND sequence > coalesce(
  (SELECT extent.sequence FROM truth.extent AS extent WHERE extent.date = dated.date AND extent.partition_id = dated.partition_id), -1);

-- Sales that the live tables and gold know differently, for one partition and the horizon are all that the fold sees: ids
-- that came in several partitions or beyond the horizon are live twice; ids that came back with another day, live once.
CREATE TABLE truth.apart AS
SELECT date, store_id, CASE WHEN first_of_day THEN 'gold only' WHEN occurrence = 1 THEN 'live: partitions' ELSE 'live: horizon' END AS cause,
  sum(total_transactions * (counts::INTEGER - first_of_day::INTEGER))::BIGINT AS sales,
  sum(total_revenue * (counts::INTEGER - first_of_day::INTEGER))::BIGINT AS cents
FROM truth.sale JOIN truth.taken USING (partition_id, sequence, item)
WHERE counts <> first_of_day GROUP BY ALL;

CREATE TABLE truth.day_sale AS
SELECT * EXCLUDE (doc, kind, verdict), coalesce(channel, 'unknown') AS channel_name,
  text_of(doc->'$.region') AS region, text_of(doc->'$.city') AS city, text_of(doc->'$.country') AS country,
  text_of(doc->'$.customerSegment') AS segment, text_of(doc->'$.paymentMethod') AS payment_method
FROM truth.event_of_day WHERE type = 'sale';

-- Lines of goods with their receipts. Signs are turned round where a receipt voids another, and count `sign` times.
CREATE TABLE truth.day_line AS
SELECT day_sale.*, line, product_id, coalesce(category, 'unknown') AS category, coalesce(brand, 'unknown') AS brand,
  sign, pieces, value, amount, {p: partition_id, s: sequence, i: item} AS receipt
FROM truth.turned JOIN truth.day_sale AS day_sale USING (partition_id, sequence, item) WHERE turned.kind = 'goods';

CREATE VIEW truth.gold_daily_sales AS
SELECT day_sale.date, day_sale.store_id, product_id, sum(quantity)::BIGINT AS total_qty, money(sum(cents)::BIGINT) AS total_revenue,
  sum(receipts)::BIGINT AS transactions, money(sum(gross_sales)::BIGINT) AS gross_sales, money(sum(discounts)::BIGINT) AS discounts,
  sum(units_returned)::BIGINT AS units_returned, (sum(measured_qty)::BIGINT * 0.001::DECIMAL(4, 3))::DECIMAL(18, 3) AS measured_qty
FROM truth.part JOIN truth.day_sale AS day_sale USING (partition_id, sequence, item) GROUP BY ALL;

-- A label of the newest sale that has one.
CREATE MACRO newest(labels) AS coalesce(labels[1], 'unknown');

CREATE VIEW truth.gold_daily_store AS
SELECT date, store_id,
  newest(list(region ORDER BY event_ms DESC, partition_id DESC, sequence DESC, item DESC) FILTER (region IS NOT NULL)) AS region,
  newest(list(city ORDER BY event_ms DESC, partition_id DESC, sequence DESC, item DESC) FILTER (city IS NOT NULL)) AS city,
  newest(list(country ORDER BY event_ms DESC, partition_id DESC, sequence DESC, item DESC) FILTER (country IS NOT NULL)) AS country,
  sum(taken.total_transactions)::BIGINT AS total_transactions, money(sum(taken.total_revenue)::BIGINT) AS total_revenue,
  money(coalesce(mean(sum(taken.total_revenue), sum(taken.total_transactions)), 0)) AS avg_transaction_value,
  sum(taken.units_sold)::BIGINT AS units_sold, sum(taken.units_returned)::BIGINT AS units_returned,
  count(DISTINCT customer_id) AS unique_customers,
  sum(taken.orders)::BIGINT AS orders, sum(taken.return_receipts)::BIGINT AS return_receipts, sum(taken.write_offs)::BIGINT AS write_offs,
  money(sum(taken.gross_sales)::BIGINT) AS gross_sales, money(sum(taken.discounts)::BIGINT) AS discounts,
  money(sum(taken.returns)::BIGINT) AS returns,
  money((sum(taken.gross_sales) - sum(taken.discounts) - sum(taken.returns))::BIGINT) AS net_sales,
  money(sum(taken.order_revenue)::BIGINT) AS order_revenue,
  money(mean(sum(taken.order_revenue), sum(taken.orders))) AS avg_order_value,
  money(sum(taken.tax)::BIGINT) AS tax, money(sum(taken.tax_included)::BIGINT) AS tax_included, money(sum(taken.tips)::BIGINT) AS tips,
  money(sum(taken.shipping)::BIGINT) AS shipping, money(sum(taken.fees)::BIGINT) AS fees,
  money(sum(taken.gift_cards_sold)::BIGINT) AS gift_cards_sold, money(sum(taken.gift_cards_redeemed)::BIGINT) AS gift_cards_redeemed,
  money(sum(taken.adjustments)::BIGINT) AS adjustments, sum(taken.adjustment_lines)::BIGINT AS adjustment_lines
FROM truth.day_sale JOIN truth.taken AS taken USING (partition_id, sequence, item) GROUP BY ALL;

CREATE VIEW truth.gold_daily_mix AS
WITH kind AS (
  SELECT *, line = min(line) FILTER (value > 0) OVER (PARTITION BY receipt) AS sells_first,
    line = min(line) OVER (PARTITION BY receipt, labelled(category), labelled(brand)) AS is_first
  FROM truth.day_line
)
SELECT date, store_id, labelled(region) AS region, labelled(city) AS city, labelled(country) AS country,
  channel_name AS channel, payment_method, labelled(category) AS category, labelled(brand) AS brand,
  coalesce(segment, 'unknown') AS customer_segment, sum(sign * pieces)::BIGINT AS total_qty,
  money(sum(sign * amount)::BIGINT) AS total_revenue, coalesce(sum(sign) FILTER (is_first), 0)::BIGINT AS transactions,
  coalesce(sum(sign) FILTER (sells_first), 0)::BIGINT AS orders
FROM kind GROUP BY ALL;

CREATE VIEW truth.gold_daily_funnel AS
WITH step AS (
  SELECT date, store_id, channel, text_of(doc->'$.category') AS category, text_of(doc->'$.action') AS action,
    session_id, {p: partition_id, s: sequence, i: item} AS at, 1 AS steps
  FROM truth.event_of_day WHERE type = 'activity'
  UNION ALL
  SELECT DISTINCT date, store_id, channel, category, 'purchase', session_id, receipt, sign
  FROM truth.day_line WHERE pieces > 0 AND (session_id IS NOT NULL OR channel IN ('web', 'app'))
)
SELECT date, store_id, coalesce(channel, 'unknown') AS channel, coalesce(category, 'unknown') AS category,
  count(*) FILTER (action = 'view') AS views, count(*) FILTER (action = 'add_to_cart') AS add_to_carts,
  count(*) FILTER (action = 'checkout') AS checkouts, coalesce(sum(steps) FILTER (action = 'purchase'), 0)::BIGINT AS purchases,
  count(DISTINCT session_id) AS sessions
FROM step GROUP BY ALL;

CREATE VIEW truth.gold_daily_payments AS
SELECT date, store_id, method, status, failure_reason, count(*) AS payments, money(sum(amount)::BIGINT) AS amount
FROM truth.payment JOIN (SELECT date, partition_id, sequence, item FROM truth.event_of_day) USING (partition_id, sequence, item)
GROUP BY ALL;

CREATE VIEW truth.gold_top_products AS
WITH sold AS (
  SELECT date, unnest([store_id, '']) AS store_id, 'product' AS kind, product_id AS name, category, sign * pieces AS quantity, sign * amount AS cents,
    CASE WHEN line = min(line) OVER (PARTITION BY receipt, product_id) THEN sign ELSE 0 END AS receipts
  FROM truth.day_line
  UNION ALL
  SELECT date, unnest([store_id, '']), 'category', category, category, sign * pieces, sign * amount,
    CASE WHEN line = min(line) OVER (PARTITION BY receipt, category) THEN sign ELSE 0 END
  FROM truth.day_line
), main AS (
  -- The category a product took the most under.
  SELECT date, store_id, kind, name, category FROM sold GROUP BY date, store_id, kind, name, category
  QUALIFY row_number() OVER (PARTITION BY date, store_id, kind, name ORDER BY sum(cents) DESC, category) = 1
), total AS (
  SELECT date, store_id, kind, name, sum(quantity)::BIGINT AS qty, sum(cents)::BIGINT AS cents,
    sum(receipts)::BIGINT AS transactions
  FROM sold GROUP BY ALL
)
SELECT date, store_id, kind, row_number() OVER (PARTITION BY date, store_id, kind ORDER BY cents DESC, name)::INTEGER AS rank,
  name, category, qty AS total_qty, money(cents) AS total_revenue, transactions
FROM total JOIN main USING (date, store_id, kind, name)
QUALIFY rank <= getvariable('top_products');

CREATE VIEW truth.gold_daily_customers AS
SELECT date, customer_id,
  newest(list(segment ORDER BY event_ms DESC, partition_id DESC, sequence DESC, item DESC) FILTER (segment IS NOT NULL))
    AS customer_segment,
  sum(orders)::BIGINT AS purchases, money(sum(total_revenue)::BIGINT) AS spend,
  at_ms(min(event_ms) FILTER (orders > 0)) AS first_purchase_at, at_ms(max(event_ms) FILTER (orders > 0)) AS last_purchase_at
FROM truth.day_sale JOIN truth.taken USING (partition_id, sequence, item) WHERE customer_id IS NOT NULL GROUP BY ALL;

CREATE VIEW truth.gold_customers AS
SELECT customer_id, newest(list(customer_segment ORDER BY date DESC) FILTER (customer_segment <> 'unknown')) AS customer_segment,
  sum(purchases)::BIGINT AS purchases, sum(spend) AS spend, min(first_purchase_at) AS first_purchase_at,
  max(last_purchase_at) AS last_purchase_at, sum(purchases) >= getvariable('loyal_purchases') AS loyal,
  CASE WHEN sum(spend) * 100 >= getvariable('premium_cents') THEN 'premium'
    WHEN sum(spend) * 100 >= getvariable('standard_cents') THEN 'standard' ELSE 'basic' END AS spending_segment
FROM truth.gold_daily_customers GROUP BY ALL;

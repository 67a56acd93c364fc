-- What each event adds to the silver tables: parts by event and key, with the time they count at and the watermark
-- before them. Labels that are missing are `unknown`.

-- A sketch: the 65536 smallest of the first 48 bits of the texts' SHA-256, in hexadecimal.
CREATE MACRO sketched(texts) AS coalesce(array_to_string(
  list_sort(list_distinct(list_transform(texts, lambda t: sha256(t)[1:12])))[1:65536], ''), '');
CREATE MACRO estimated(sketch) AS CASE
  WHEN length(sketch) < 12 * 65536 THEN length(sketch) // 12
  ELSE round(65535 * 281474976710656.0 / ('0x' || sketch[12 * 65535 + 1 : 12 * 65536])::BIGINT)::BIGINT END;
-- Whole units over a count, a tie away from zero; null over nothing.
CREATE MACRO mean(units, number) AS
  CASE WHEN number <> 0 THEN sign(units)::BIGINT * sign(number)::BIGINT * ((2 * abs(units) + abs(number)) // (2 * abs(number))) END;
CREATE MACRO date_ms(ms) AS at_ms(ms)::DATE;
CREATE MACRO labelled(txt) AS left(coalesce(txt, 'unknown'), 64);

CREATE TABLE truth.sales_1m_part AS
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id, product_id,
  quantity AS total_qty, cents AS total_revenue, receipts AS transactions, gross_sales, discounts, units_returned, measured_qty
FROM truth.part WHERE counts;

-- What a receipt adds to its store. Sums are of its lines with the signs of a void turned round, counted `sign` times.
CREATE TABLE truth.taken AS
WITH summed AS (
  SELECT partition_id, sequence, item, sign, bool_or(kind <> 'adjustment') AS is_receipt,
    coalesce(bool_or(kind = 'goods' AND value > 0), false) AS is_order, coalesce(bool_or(kind = 'goods' AND value < 0), false) AS brings_back,
    coalesce(sum(value) FILTER (kind = 'goods' AND value > 0), 0) AS gross_sales,
    coalesce(sum(discount) FILTER (kind = 'goods' AND value > 0), 0) AS discounts,
    coalesce(sum(abs(value) - discount) FILTER (kind = 'goods' AND value < 0), 0) AS returns,
    coalesce(sum(pieces) FILTER (kind = 'goods' AND milli * sign > 0), 0) AS units_sold,
    coalesce(sum(abs(pieces)) FILTER (kind = 'goods' AND milli * sign < 0), 0) AS units_returned,
    coalesce(sum(abs(pieces)) FILTER (kind = 'goods' AND value = 0), 0) AS write_offs,
    coalesce(sum(tax) FILTER (kind IN ('goods', 'shipping', 'fee')), 0) AS tax,
    coalesce(sum(amount) FILTER (kind = 'shipping'), 0) AS shipping, coalesce(sum(amount) FILTER (kind = 'fee'), 0) AS fees,
    coalesce(sum(amount) FILTER (kind = 'gift_card'), 0) AS gift_cards_sold,
    coalesce(sum(amount) FILTER (kind = 'adjustment'), 0) AS adjustments,
    count(*) FILTER (kind = 'adjustment') AS adjustment_lines
  FROM truth.turned GROUP BY ALL
), billed AS (
  SELECT summed.*, bill.sign * tip AS tips, gross_sales - discounts - returns AS net,
    CASE WHEN tax_included THEN tax ELSE 0 END AS tax_included,
    CASE WHEN paid_by = 'gift_card' THEN net + shipping + fees + tax - CASE WHEN bill.tax_included THEN tax ELSE 0 END + tips ELSE 0 END
      AS gift_cards_redeemed
  FROM summed JOIN truth.bill AS bill USING (partition_id, sequence, item)
)
SELECT partition_id, sequence, item, sign * is_receipt::BIGINT AS total_transactions, (sign * net)::BIGINT AS total_revenue,
  sign * is_order::BIGINT AS orders, sign * (brings_back AND NOT is_order)::BIGINT AS return_receipts,
  (sign * gross_sales)::BIGINT AS gross_sales, (sign * discounts)::BIGINT AS discounts, (sign * returns)::BIGINT AS returns,
  CASE WHEN is_order THEN sign * net ELSE 0 END::BIGINT AS order_revenue, (sign * units_sold)::BIGINT AS units_sold,
  (sign * units_returned)::BIGINT AS units_returned, (sign * write_offs)::BIGINT AS write_offs, (sign * tax)::BIGINT AS tax,
  (sign * tax_included)::BIGINT AS tax_included, (sign * tips)::BIGINT AS tips, (sign * shipping)::BIGINT AS shipping,
  (sign * fees)::BIGINT AS fees, (sign * gift_cards_sold)::BIGINT AS gift_cards_sold,
  (sign * gift_cards_redeemed)::BIGINT AS gift_cards_redeemed, (sign * adjustments)::BIGINT AS adjustments,
  (sign * adjustment_lines)::BIGINT AS adjustment_lines
FROM billed;

CREATE TABLE truth.store_1m_part AS
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id,
  customer_id AS unique_customers, taken.* EXCLUDE (partition_id, sequence, item)
FROM truth.sale JOIN truth.taken AS taken USING (partition_id, sequence, item)
WHERE counts;

-- A receipt is an order of the kind that the first line that sells is of.
CREATE TABLE truth.mix_1m_part AS
WITH goods AS (
  SELECT *, line = min(line) FILTER (value > 0) OVER (PARTITION BY partition_id, sequence, item) AS is_first
  FROM truth.turned WHERE kind = 'goods'
), kind AS (
  SELECT partition_id, sequence, item, sign, labelled(category) AS category, labelled(brand) AS brand,
    sum(sign * pieces)::BIGINT AS total_qty, sum(sign * amount)::BIGINT AS total_revenue,
    coalesce(sum(sign) FILTER (is_first), 0)::BIGINT AS orders
  FROM goods GROUP BY ALL
)
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id,
  labelled(text_of(doc->'$.region')) AS region, labelled(text_of(doc->'$.city')) AS city,
  labelled(text_of(doc->'$.country')) AS country, coalesce(channel, 'unknown') AS channel,
  text_of(doc->'$.paymentMethod') AS payment_method, category, brand,
  coalesce(text_of(doc->'$.customerSegment'), 'unknown') AS customer_segment,
  total_qty, total_revenue, sign AS transactions, orders
FROM kind JOIN truth.fact USING (partition_id, sequence, item)
WHERE counts;

-- A sale ends a way through the shop where it was online and sells goods.
CREATE TABLE truth.funnel_1m_part AS
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id,
  coalesce(channel, 'unknown') AS channel, coalesce(text_of(doc->'$.category'), 'unknown') AS category,
  (action = 'view')::BIGINT AS views, (action = 'add_to_cart')::BIGINT AS add_to_carts,
  (action = 'checkout')::BIGINT AS checkouts, 0::BIGINT AS purchases, session_id AS sessions
FROM (SELECT *, text_of(doc->'$.action') AS action FROM truth.fact WHERE counts AND type = 'activity')
UNION ALL
SELECT DISTINCT partition_id, sequence, item, before_ms, event_ms, store_id,
  coalesce(channel, 'unknown'), coalesce(category, 'unknown'), 0, 0, 0, sign, session_id
FROM truth.fact JOIN truth.turned AS line USING (partition_id, sequence, item)
WHERE counts AND line.kind = 'goods' AND pieces > 0 AND (session_id IS NOT NULL OR channel IN ('web', 'app'));

CREATE TABLE truth.payment AS
SELECT partition_id, sequence, item, before_ms, counts, event_ms AS time_ms, store_id, text_of(doc->'$.method') AS method, status,
  CASE status WHEN 'succeeded' THEN 'none' ELSE coalesce(text_of(doc->'$.failureReason'), 'unknown') END AS failure_reason,
  1 AS payments, minor_of(e4_of(doc->'$.amount'), 4) AS amount
FROM (
  SELECT *, text_of(doc->'$.status') AS status
  FROM truth.fact WHERE kind = 'event' AND type = 'payment'
);

CREATE VIEW truth.payments_1m_part AS SELECT * FROM truth.payment WHERE counts;

-- What a sale says was sold, as a list of its lines.
CREATE TABLE truth.receipt AS
SELECT partition_id, sequence, item,
  list({p: product_id, k: kind, u: unit, q: milli, v: value, d: discount, t: tax} ORDER BY line) AS lines
FROM truth.line GROUP BY ALL;

-- What happened, as far as two events with one id are held against each other; labels such as a city are left out.
CREATE TABLE truth.content AS
SELECT fact.partition_id, fact.identity, fact.sequence, fact.item, occurrence, first,
  {event_ms: event_ms, kind: type, customer: fact.customer_id, lines: lines, amount: amount,
    texts: CASE type
      WHEN 'sale' THEN [text_of(doc->'$.orderId'), bill.voids, bill.edition::VARCHAR, bill.tip::VARCHAR, bill.tax_included::VARCHAR]
      WHEN 'payment' THEN [text_of(doc->'$.orderId'), text_of(doc->'$.method'), text_of(doc->'$.status')]
      WHEN 'stock' THEN [text_of(doc->'$.productId'), text_of(doc->'$.onHand')::DECIMAL(18, 0)::VARCHAR]
      WHEN 'activity' THEN [text_of(doc->'$.action'), text_of(doc->'$.productId'), session_id] END} AS said
FROM truth.fact AS fact
LEFT JOIN truth.receipt USING (partition_id, sequence, item)
LEFT JOIN truth.bill AS bill USING (partition_id, sequence, item)
LEFT JOIN (SELECT partition_id, sequence, item, amount FROM truth.payment) USING (partition_id, sequence, item)
WHERE (fact.partition_id, fact.identity) IN (SELECT (partition_id, identity) FROM truth.again);

CREATE TABLE truth.conflict AS
SELECT later.partition_id, later.sequence, later.item, later.said IS DISTINCT FROM counted.said AS conflicts
FROM truth.content AS later JOIN truth.content AS counted
  ON later.partition_id = counted.partition_id AND later.identity = counted.identity AND later.first = counted.occurrence
WHERE later.occurrence > later.first;

-- Sales that count and name their order, with how often the receipt has come: remembered as ids are.
CREATE TABLE truth.repeat AS
WITH RECURSIVE named AS (
  SELECT partition_id, sequence, item, before_ms, event_ms, store_id, text_of(doc->'$.orderId') AS order_id, edition, voids, lines
  FROM truth.fact JOIN truth.receipt USING (partition_id, sequence, item) JOIN truth.bill USING (partition_id, sequence, item)
  WHERE counts AND type = 'sale' AND text_of(doc->'$.orderId') IS NOT NULL
), placed AS (
  SELECT partition_id, sequence, item, before_ms, dense_rank() OVER (ORDER BY partition_id, store_id, order_id, edition, voids, lines) AS receipt,
    row_number() OVER (PARTITION BY partition_id, store_id, order_id, edition, voids, lines ORDER BY sequence, item) AS occurrence,
    minute_of(greatest(event_ms, before_ms)) + 60000 + getvariable('lateness_ms') AS forget_ms
  FROM named
), shared AS (
  SELECT * FROM placed WHERE receipt IN (SELECT receipt FROM placed WHERE occurrence = 2)
), walk AS (
  SELECT partition_id, sequence, item, receipt, occurrence, false AS repeats, forget_ms FROM shared WHERE occurrence = 1
  UNION ALL
  SELECT next.partition_id, next.sequence, next.item, next.receipt, next.occurrence, next.before_ms < walk.forget_ms,
    CASE WHEN next.before_ms < walk.forget_ms THEN walk.forget_ms ELSE next.forget_ms END
  FROM walk JOIN shared AS next ON next.receipt = walk.receipt AND next.occurrence = walk.occurrence + 1
)
SELECT partition_id, sequence, item, repeats FROM walk WHERE occurrence > 1;

-- A rejected event has no time: that of the newest event before it in its partition stands in, or when the hub took it.
CREATE TABLE truth.quality_1m_part AS
WITH behind AS (
  SELECT *, before_ms + getvariable('lateness_ms') AS newest_ms, before_ms > -9e15::BIGINT AS begun FROM truth.fact
), timed AS (
  SELECT *, CASE WHEN kind = 'event' THEN event_ms WHEN begun THEN newest_ms ELSE enqueued_ms END AS time_ms,
    coalesce(counts AND minute_of(event_ms) + 60000 <= before_ms, false) AS is_late
  FROM behind
)
SELECT partition_id, sequence, item, before_ms, time_ms,
  CASE kind WHEN 'event' THEN store_id ELSE 'unknown' END AS store_id, coalesce(verdict, 'none') AS reason,
  1 AS received, counts::BIGINT AS valid, (kind = 'reject')::BIGINT AS rejected,
  (kind = 'event' AND NOT counts)::BIGINT AS duplicates,
  coalesce(conflicts AND NOT counts, false)::BIGINT AS conflicting, coalesce(repeats, false)::BIGINT AS repeated_receipts, is_late::BIGINT AS late,
  CASE WHEN is_late THEN (newest_ms - event_ms) // 1000 ELSE 0 END AS late_seconds, late_seconds AS max_late_seconds
FROM timed LEFT JOIN truth.conflict USING (partition_id, sequence, item)
  LEFT JOIN truth.repeat USING (partition_id, sequence, item);

CREATE TABLE truth.stock_5m_part AS
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id, text_of(doc->'$.productId') AS product_id,
  text_of(doc->'$.onHand')::DECIMAL(18, 0)::BIGINT AS on_hand, on_hand AS min_on_hand
FROM truth.fact WHERE counts AND type = 'stock';

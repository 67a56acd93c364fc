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
  quantity AS total_qty, cents AS total_revenue, 1 AS transactions
FROM truth.part WHERE counts;

CREATE TABLE truth.store_1m_part AS
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id,
  1 AS total_transactions, total_revenue, customer_id AS unique_customers
FROM truth.sale JOIN (
  SELECT partition_id, sequence, item, sum(cents)::BIGINT AS total_revenue FROM truth.line GROUP BY ALL
) USING (partition_id, sequence, item)
WHERE counts;

-- A receipt is an order of the kind its first line is of.
CREATE TABLE truth.mix_1m_part AS
WITH kind AS (
  SELECT partition_id, sequence, item, labelled(category) AS category, labelled(brand) AS brand,
    sum(quantity)::BIGINT AS total_qty, sum(cents)::BIGINT AS total_revenue, min(line) AS first_line
  FROM truth.line GROUP BY ALL
)
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id,
  labelled(text_of(doc->'$.region')) AS region, labelled(text_of(doc->'$.city')) AS city,
  labelled(text_of(doc->'$.country')) AS country, coalesce(channel, 'unknown') AS channel,
  text_of(doc->'$.paymentMethod') AS payment_method, category, brand,
  coalesce(text_of(doc->'$.customerSegment'), 'unknown') AS customer_segment,
  total_qty, total_revenue, 1 AS transactions, (first_line = 1)::BIGINT AS orders
FROM kind JOIN truth.fact USING (partition_id, sequence, item)
WHERE counts;

-- A sale ends a way through the shop where it was online and sells something.
CREATE TABLE truth.funnel_1m_part AS
SELECT partition_id, sequence, item, before_ms, event_ms AS time_ms, store_id,
  coalesce(channel, 'unknown') AS channel, coalesce(text_of(doc->'$.category'), 'unknown') AS category,
  (action = 'view')::BIGINT AS views, (action = 'add_to_cart')::BIGINT AS add_to_carts,
  (action = 'checkout')::BIGINT AS checkouts, 0::BIGINT AS purchases, session_id AS sessions
FROM (SELECT *, text_of(doc->'$.action') AS action FROM truth.fact WHERE counts AND type = 'activity')
UNION ALL
SELECT DISTINCT partition_id, sequence, item, before_ms, event_ms, store_id,
  coalesce(channel, 'unknown'), coalesce(category, 'unknown'), 0, 0, 0, 1, session_id
FROM truth.fact JOIN truth.line USING (partition_id, sequence, item)
WHERE counts AND quantity > 0 AND (session_id IS NOT NULL OR channel IN ('web', 'app'));

CREATE TABLE truth.payment AS
SELECT partition_id, sequence, item, before_ms, counts, event_ms AS time_ms, store_id, text_of(doc->'$.method') AS method, status,
  CASE status WHEN 'succeeded' THEN 'none' ELSE coalesce(text_of(doc->'$.failureReason'), 'unknown') END AS failure_reason,
  1 AS payments, half_even(e4, (e4 % 100 + 100) % 100) AS amount
FROM (
  SELECT *, text_of(doc->'$.status') AS status, (text_of(doc->'$.amount')::DECIMAL(18, 4) * 10000)::BIGINT AS e4
  FROM truth.fact WHERE kind = 'event' AND type = 'payment'
);

CREATE VIEW truth.payments_1m_part AS SELECT * FROM truth.payment WHERE counts;

-- What a sale says was sold, as a list of its lines.
CREATE TABLE truth.receipt AS
SELECT partition_id, sequence, item, list({p: product_id, q: quantity, c: cents} ORDER BY line) AS lines
FROM truth.line GROUP BY ALL;

-- What happened, as far as two events with one id are held against each other; labels such as a city are left out.
CREATE TABLE truth.content AS
SELECT fact.partition_id, fact.identity, fact.sequence, fact.item, occurrence, first,
  {event_ms: event_ms, kind: type, customer: fact.customer_id, lines: lines, amount: amount,
    texts: CASE type
      WHEN 'sale' THEN [text_of(doc->'$.orderId')]
      WHEN 'payment' THEN [text_of(doc->'$.orderId'), text_of(doc->'$.method'), text_of(doc->'$.status')]
      WHEN 'stock' THEN [text_of(doc->'$.productId'), text_of(doc->'$.onHand')::DECIMAL(18, 0)::VARCHAR]
      WHEN 'activity' THEN [text_of(doc->'$.action'), text_of(doc->'$.productId'), session_id] END} AS said
FROM truth.fact AS fact
LEFT JOIN truth.receipt USING (partition_id, sequence, item)
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
  SELECT partition_id, sequence, item, before_ms, event_ms, store_id, text_of(doc->'$.orderId') AS order_id, lines
  FROM truth.fact JOIN truth.receipt USING (partition_id, sequence, item)
  WHERE counts AND type = 'sale' AND text_of(doc->'$.orderId') IS NOT NULL
), placed AS (
  SELECT partition_id, sequence, item, before_ms, dense_rank() OVER (ORDER BY partition_id, store_id, order_id, lines) AS receipt,
    row_number() OVER (PARTITION BY partition_id, store_id, order_id, lines ORDER BY sequence, item) AS occurrence,
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

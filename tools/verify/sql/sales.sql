-- Sales that were let in, line by line, in whole minor units; and which of several with one id of a store count.

-- Of ten-thousandths, the rest of a division by a hundred given: half to even.
CREATE MACRO half_even(e4, rest) AS
  (e4 - rest) // 100 + CASE WHEN rest > 50 OR (rest = 50 AND ((e4 - rest) // 100) % 2 <> 0) THEN 1 ELSE 0 END;

-- Place in the partition's log, and how often the id has come from its store up to here.
CREATE TABLE truth.entry AS
SELECT * EXCLUDE (doc), row_number() OVER (PARTITION BY partition_id ORDER BY sequence, item) AS n,
  CASE WHEN kind = 'event' THEN row_number() OVER (PARTITION BY partition_id, kind, identity ORDER BY sequence, item) END
    AS occurrence
FROM (
  SELECT *, CASE WHEN verdict IS NOT NULL THEN 'reject' WHEN type = 'pulse' THEN 'pulse' ELSE 'event' END AS kind
  FROM truth.event
);

-- The watermark before and after each entry: newest event time less the lateness. A heartbeat moves it in a partition
-- that has sold before and has been quiet for longer than the idle time by the hub's clock.
CREATE TABLE truth.tick AS
WITH begun AS (
  SELECT *,
    max(enqueued_ms) FILTER (kind <> 'pulse') OVER past AS active_ms,
    count(*) FILTER (kind = 'event') OVER past AS events
  FROM truth.entry
  WINDOW past AS (PARTITION BY partition_id ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), pushed AS (
  SELECT *,
    CASE WHEN occurrence = 1 OR (kind = 'pulse' AND events > 0 AND enqueued_ms - active_ms > getvariable('idle_ms'))
      THEN event_ms - getvariable('lateness_ms') END AS push_ms
  FROM begun
)
SELECT partition_id, n, sequence, item,
  coalesce(max(push_ms) OVER (mine ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -9e15::BIGINT) AS before_ms,
  coalesce(max(push_ms) OVER (mine ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), -9e15::BIGINT) AS after_ms
FROM pushed WINDOW mine AS (PARTITION BY partition_id ORDER BY n);

CREATE TABLE truth.rise AS SELECT * FROM truth.tick WHERE after_ms > before_ms;
CREATE TABLE truth.watermark AS SELECT partition_id, max(after_ms) AS ms FROM truth.tick GROUP BY ALL;

-- An id is remembered, by the minute, until the watermark has passed it by the lateness; one that comes back after
-- that counts anew. `first` is the occurrence that is remembered.
CREATE TABLE truth.again AS
WITH RECURSIVE shared AS (
  SELECT partition_id, identity, occurrence, sequence, item, before_ms,
    minute_of(greatest(event_ms, before_ms)) + 60000 + getvariable('lateness_ms') AS forget_ms
  FROM truth.entry JOIN truth.tick USING (partition_id, n, sequence, item)
  WHERE (partition_id, identity) IN (SELECT (partition_id, identity) FROM truth.entry WHERE occurrence = 2)
    AND kind = 'event'
), walk AS (
  SELECT partition_id, identity, occurrence, sequence, item, true AS counts, occurrence AS first, forget_ms
  FROM shared WHERE occurrence = 1
  UNION ALL
  SELECT next.partition_id, next.identity, next.occurrence, next.sequence, next.item, next.before_ms >= walk.forget_ms,
    CASE WHEN next.before_ms >= walk.forget_ms THEN next.occurrence ELSE walk.first END,
    CASE WHEN next.before_ms >= walk.forget_ms THEN next.forget_ms ELSE walk.forget_ms END
  FROM walk JOIN shared AS next
    ON next.partition_id = walk.partition_id AND next.identity = walk.identity AND next.occurrence = walk.occurrence + 1
)
SELECT partition_id, identity, sequence, item, counts, first FROM walk WHERE occurrence > 1;

-- Everything but heartbeats, with its body. `counts`: in silver. `first_of_day`: in gold, where an id of a store counts once a day,
-- the first by time of arrival.
CREATE TABLE truth.fact AS
SELECT partition_id, n, sequence, item, kind, type, verdict, event_id, entry.identity, event_ms, enqueued_ms, store_id, customer_id,
  before_ms, occurrence, first, doc,
  text_of(doc->'$.channel') AS channel, text_of(doc->'$.sessionId') AS session_id,
  entry.date,
  kind = 'event' AND (occurrence = 1 OR coalesce(again.counts, false)) AS counts,
  kind = 'event' AND row_number() OVER (
    PARTITION BY kind, entry.date, entry.identity ORDER BY enqueued_ms, partition_id, sequence, item
  ) = 1 AS first_of_day
FROM (SELECT *, date_of(store_id, event_ms) AS date FROM truth.entry) AS entry
  JOIN truth.tick USING (partition_id, n, sequence, item)
  JOIN (SELECT partition_id, sequence, item, doc FROM truth.event) USING (partition_id, sequence, item)
  LEFT JOIN (SELECT partition_id, sequence, item, counts, first FROM truth.again) AS again USING (partition_id, sequence, item)
WHERE kind <> 'pulse';

CREATE TABLE truth.sale AS
SELECT * EXCLUDE (kind, type, verdict, doc), minute_of(event_ms) + 60000 <= before_ms AS late
FROM truth.fact WHERE kind = 'event' AND type = 'sale';

CREATE TABLE truth.line AS
SELECT priced.* FROM truth.priced AS priced
  JOIN (SELECT partition_id, sequence, item FROM truth.event WHERE verdict IS NULL) USING (partition_id, sequence, item);
DROP TABLE truth.priced;

-- The lines of receipts with the signs of those that void another turned round: what `sign` times they count.
CREATE VIEW truth.turned AS
SELECT * REPLACE (sign * pieces AS pieces, sign * measured AS measured, sign * value AS value, sign * amount AS amount, sign * tax AS tax)
FROM truth.line;

-- What the goods of a sale add to a product, however many of its lines name it.
CREATE TABLE truth.part AS
SELECT sale.*, product_id, figures.* EXCLUDE (partition_id, sequence, item, product_id)
FROM (
  SELECT partition_id, sequence, item, product_id, any_value(sign) AS receipts,
    (any_value(sign) * sum(pieces))::BIGINT AS quantity, (any_value(sign) * sum(amount))::BIGINT AS cents,
    (any_value(sign) * coalesce(sum(value) FILTER (value > 0), 0))::BIGINT AS gross_sales,
    (any_value(sign) * coalesce(sum(discount) FILTER (value > 0), 0))::BIGINT AS discounts,
    (any_value(sign) * coalesce(sum(-pieces) FILTER (pieces < 0), 0))::BIGINT AS units_returned,
    (any_value(sign) * sum(measured))::BIGINT AS measured_qty
  FROM truth.turned WHERE kind = 'goods' GROUP BY ALL
) AS figures JOIN truth.sale AS sale USING (partition_id, sequence, item);

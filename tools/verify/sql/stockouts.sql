-- Stock-outs by their rule. A shelf is a product in a store; its newest sale of goods so far is the one that counts, returns
-- and voids left out. Silence after it becomes an alert with the first entry that brings the watermark to its time plus the
-- limit, unless a newer sale comes before that entry; the next newer sale resolves it.
CREATE TABLE truth.alert AS
WITH sold AS (
  SELECT DISTINCT partition_id, n, sequence, item, store_id, product_id, event_ms
  FROM truth.sale JOIN truth.line USING (partition_id, sequence, item)
  WHERE counts AND kind = 'goods' AND sign = 1 AND milli > 0
), newest AS (
  SELECT *, max(event_ms) OVER (
    PARTITION BY partition_id, store_id, product_id ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS newest_ms
  FROM sold
), step AS (
  SELECT * EXCLUDE (newest_ms), event_ms + getvariable('stockout_ms') AS due_ms,
    lead(n) OVER shelf AS next_n, lead(event_ms) OVER shelf AS next_ms,
    lead(sequence) OVER shelf AS next_sequence, lead(item) OVER shelf AS next_item
  FROM newest WHERE newest_ms IS NULL OR event_ms > newest_ms
  WINDOW shelf AS (PARTITION BY partition_id, store_id, product_id ORDER BY n)
), due AS (
  SELECT step.*, greatest(step.n, rise.n) AS from_n
  FROM step ASOF JOIN truth.rise AS rise ON step.partition_id = rise.partition_id AND step.due_ms <= rise.after_ms
), opened AS (
  SELECT due.* REPLACE (rise.sequence AS sequence, rise.item AS item), rise.n AS opened_n
  FROM due ASOF JOIN truth.rise AS rise ON due.partition_id = rise.partition_id AND due.from_n <= rise.n
)
SELECT partition_id, store_id, product_id, event_ms AS last_sale_ms, due_ms AS opened_ms, sequence, item,
  greatest(next_ms, due_ms) AS resolved_ms, next_sequence, next_item
FROM opened WHERE next_n IS NULL OR opened_n < next_n;

CREATE VIEW truth.stockout_rows AS
SELECT at_ms(opened_ms)::DATE AS date, store_id, product_id, 'opened' AS change, at_ms(last_sale_ms) AS last_sale_at,
  at_ms(opened_ms) AS opened_at, NULL::TIMESTAMP AS resolved_at, partition_id, sequence, item
FROM truth.alert
UNION ALL
SELECT at_ms(opened_ms)::DATE, store_id, product_id, 'resolved', at_ms(last_sale_ms),
  at_ms(opened_ms), at_ms(resolved_ms), partition_id, next_sequence, next_item
FROM truth.alert WHERE next_sequence IS NOT NULL;

-- From when until when each business date is, by each clock: from the first instant at which the local time, less the start of
-- the day, has come to it.
CREATE TABLE truth.span AS
WITH begun AS (
  SELECT store_id AS store, date, min(greatest(from_ms, epoch_ms(date::TIMESTAMP) + start_ms - offset_ms)) AS ms
  FROM truth.clock JOIN (SELECT date FROM truth.extent UNION SELECT date + 1 FROM truth.extent)
    ON greatest(from_ms, epoch_ms(date::TIMESTAMP) + start_ms - offset_ms) < until_ms
  GROUP BY ALL
)
SELECT today.store, today.date, today.ms AS day_ms, tomorrow.ms AS day_end_ms
FROM begun AS today JOIN begun AS tomorrow ON today.store = tomorrow.store AND tomorrow.date = today.date + 1
WHERE today.date IN (SELECT date FROM truth.extent);

-- Alerts day by day. Sales lost: receipts of the store during the outage × pieces of the product per receipt over the 28
-- days that end with it, as gold has them; at the revenue of the product per receipt.
CREATE VIEW truth.gold_stockout_daily AS
WITH outage AS (
  SELECT date, store_id, product_id, greatest(opened_ms, day_ms) AS from_ms, least(end_ms, day_end_ms) AS to_ms
  FROM (
    SELECT *, CASE WHEN next_sequence IS NULL THEN 9e15::BIGINT ELSE resolved_ms END AS end_ms,
      CASE WHEN store_id IN (SELECT store_id FROM truth.clock) THEN store_id ELSE '' END AS clock_of
    FROM truth.alert
  ) JOIN truth.span ON clock_of = span.store AND opened_ms < day_end_ms AND (opened_ms >= day_ms OR end_ms > day_ms)
), missed AS (
  SELECT outage.*, (
    SELECT coalesce(sum(total_transactions), 0) FROM truth.day_sale AS sale JOIN truth.taken USING (partition_id, sequence, item)
    WHERE sale.date = outage.date AND sale.store_id = outage.store_id AND event_ms >= from_ms AND event_ms < to_ms
  ) AS receipts
  FROM outage
), shelf AS (
  SELECT date, store_id, product_id, count(*) AS alerts, sum(to_ms - from_ms)::BIGINT AS out_ms,
    sum(receipts)::BIGINT AS receipts,
    coalesce((SELECT sum(total_qty)::BIGINT FROM lake.gold_daily_sales AS s WHERE s.store_id = missed.store_id
      AND s.product_id = missed.product_id AND s.date BETWEEN missed.date - 27 AND missed.date), 0) AS pieces,
    coalesce((SELECT (sum(total_revenue) * ten_to(getvariable('minor_digits')))::BIGINT FROM lake.gold_daily_sales AS s WHERE s.store_id = missed.store_id
      AND s.product_id = missed.product_id AND s.date BETWEEN missed.date - 27 AND missed.date), 0) AS cents,
    (SELECT sum(total_transactions)::BIGINT FROM lake.gold_daily_store AS t WHERE t.store_id = missed.store_id
      AND t.date BETWEEN missed.date - 27 AND missed.date) AS visits
  FROM missed GROUP BY ALL
)
SELECT date, store_id, product_id, alerts, hundredths(mean(out_ms, 36000)) AS hours_out,
  hundredths(coalesce(mean(100 * receipts * greatest(pieces, 0), visits), 0)) AS lost_units,
  money(CASE WHEN pieces > 0 THEN coalesce(mean(receipts * greatest(cents, 0), visits), 0) ELSE 0 END) AS lost_revenue
FROM shelf;

-- Days whose alerts, or whose 28 days before, are not those that their batch saw.
CREATE TABLE truth.unsettled AS
SELECT date FROM truth.overtaken
UNION
SELECT day.date FROM pg.daily_batch AS day JOIN pg.daily_batch AS earlier
  ON earlier.date BETWEEN day.date - 27 AND day.date - 1 AND earlier.batched_at > day.batched_at
UNION
SELECT extent.date FROM truth.extent AS extent JOIN truth.alert AS alert USING (partition_id)
WHERE date_of(store_id, opened_ms) = extent.date AND alert.sequence > extent.sequence;

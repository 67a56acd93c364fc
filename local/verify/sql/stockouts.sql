-- Stock-outs by their rule. A shelf is a product in a store; its newest sale so far is the one that counts, returns
-- left out. Silence after it becomes an alert with the first entry that brings the watermark to its time plus the
-- limit, unless a newer sale comes before that entry; the next newer sale resolves it.
CREATE TABLE truth.alert AS
WITH sold AS (
  SELECT DISTINCT partition_id, n, sequence, item, store_id, product_id, event_ms
  FROM truth.sale JOIN truth.line USING (partition_id, sequence, item)
  WHERE counts AND quantity > 0
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

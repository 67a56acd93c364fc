-- Up Migration

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
  (array_agg(reason ORDER BY rejected DESC, reason) FILTER (WHERE rejected > 0))[1] AS main_reject_reason
FROM (
  SELECT
    date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS hour,
    reason,
    sum(received) AS received,
    sum(valid) AS valid,
    sum(rejected) AS rejected,
    sum(duplicates) AS duplicates,
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

CREATE VIEW v_stock_on_hand AS
SELECT DISTINCT ON (store_id, product_id)
  store_id,
  product_id,
  on_hand,
  on_hand_at,
  on_hand = 0 AS empty
FROM stock_5m
WHERE on_hand IS NOT NULL
ORDER BY store_id, product_id, window_start DESC;

COMMENT ON VIEW v_stock_on_hand IS 'What is on each shelf, as seen last.';
COMMENT ON COLUMN v_stock_on_hand.store_id IS 'Store.';
COMMENT ON COLUMN v_stock_on_hand.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_stock_on_hand.on_hand IS 'Pieces.';
COMMENT ON COLUMN v_stock_on_hand.on_hand_at IS 'When they were seen.';
COMMENT ON COLUMN v_stock_on_hand.empty IS 'True when nothing was left.';

CREATE VIEW v_stockouts_open AS
SELECT
  o.store_id,
  o.product_id,
  o.opened_at,
  o.last_sale_at,
  now_at AS as_of,
  round(greatest(0, extract(epoch FROM now_at - o.opened_at)) / 3600, 1) AS hours_open,
  round(greatest(0, extract(epoch FROM now_at - o.last_sale_at)) / 3600, 1) AS hours_since_sale,
  shelf.on_hand,
  shelf.on_hand_at,
  CASE
    WHEN shelf.on_hand IS NULL THEN 'nobody counted'
    WHEN shelf.on_hand = 0 THEN 'shelf empty'
    ELSE 'stock on paper'
  END AS likely_cause
FROM gold_stockout AS o
-- The time of the newest sale anywhere and not the clock: a replayed year, or a night, opens nothing further.
CROSS JOIN (SELECT max(window_start) + interval '1 minute' AS now_at FROM store_1m) AS newest
LEFT JOIN LATERAL (
  SELECT s.on_hand, s.on_hand_at
  FROM stock_5m AS s
  WHERE s.store_id = o.store_id AND s.product_id = o.product_id AND s.on_hand IS NOT NULL
  ORDER BY s.window_start DESC
  LIMIT 1
) AS shelf ON true
WHERE o.status = 'open';

COMMENT ON VIEW v_stockouts_open IS 'Products that used to sell in a store and have stopped: shelves to look at now, and for how long.';
COMMENT ON COLUMN v_stockouts_open.store_id IS 'Store.';
COMMENT ON COLUMN v_stockouts_open.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN v_stockouts_open.opened_at IS 'When the silence had lasted too long.';
COMMENT ON COLUMN v_stockouts_open.last_sale_at IS 'When the product was last sold there.';
COMMENT ON COLUMN v_stockouts_open.as_of IS 'The time up to which sales are known; how long is counted to here.';
COMMENT ON COLUMN v_stockouts_open.hours_open IS 'Hours since the alert opened.';
COMMENT ON COLUMN v_stockouts_open.hours_since_sale IS 'Hours since the last sale.';
COMMENT ON COLUMN v_stockouts_open.on_hand IS 'Pieces on the shelf as seen last; empty when nobody counted.';
COMMENT ON COLUMN v_stockouts_open.on_hand_at IS 'When they were seen; empty when nobody counted.';
COMMENT ON COLUMN v_stockouts_open.likely_cause IS 'shelf empty: refill it. stock on paper: the count says there is some, go and look. nobody counted: count.';

-- Down Migration

DROP VIEW v_stockouts_open;
DROP VIEW v_stock_on_hand;
DROP VIEW v_data_quality;

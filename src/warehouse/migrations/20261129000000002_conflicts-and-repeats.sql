-- Up Migration

-- Rows from before count none of either; a rebuild of the live tables fills them.
ALTER TABLE quality_1m
  ADD COLUMN conflicting bigint NOT NULL DEFAULT 0,
  ADD COLUMN repeated_receipts bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN quality_1m.conflicting IS 'Duplicates that say something else than the event of their id that counted.';
COMMENT ON COLUMN quality_1m.repeated_receipts IS 'Valid sales whose store, order and lines had come shortly before under another id; they count all the same.';

CREATE OR REPLACE VIEW quality_1m_merged AS
SELECT
  window_start,
  store_id,
  reason,
  sum(received)::bigint AS received,
  sum(valid)::bigint AS valid,
  sum(rejected)::bigint AS rejected,
  sum(duplicates)::bigint AS duplicates,
  sum(late)::bigint AS late,
  sum(late_seconds)::bigint AS late_seconds,
  max(max_late_seconds) AS max_late_seconds,
  round(100 * sum(valid) / nullif(sum(received), 0), 2) AS quality_pct,
  bool_and(closed) AS closed,
  count(*) AS partitions,
  sum(conflicting)::bigint AS conflicting,
  sum(repeated_receipts)::bigint AS repeated_receipts
FROM quality_1m
GROUP BY window_start, store_id, reason;

COMMENT ON COLUMN quality_1m_merged.conflicting IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.repeated_receipts IS 'As in quality_1m, over all partitions.';

CREATE OR REPLACE VIEW v_data_quality AS
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

COMMENT ON COLUMN v_data_quality.conflicting IS 'Duplicates that say something else than the event that counted: two happenings under one id, of which one is in no figure.';
COMMENT ON COLUMN v_data_quality.repeated_receipts IS 'Valid sales whose store, order and lines had come shortly before under another id; they count.';

-- Down Migration

DROP VIEW v_data_quality;
DROP VIEW quality_1m_merged;
ALTER TABLE quality_1m DROP COLUMN conflicting, DROP COLUMN repeated_receipts;

CREATE VIEW quality_1m_merged AS
SELECT
  window_start,
  store_id,
  reason,
  sum(received)::bigint AS received,
  sum(valid)::bigint AS valid,
  sum(rejected)::bigint AS rejected,
  sum(duplicates)::bigint AS duplicates,
  sum(late)::bigint AS late,
  sum(late_seconds)::bigint AS late_seconds,
  max(max_late_seconds) AS max_late_seconds,
  round(100 * sum(valid) / nullif(sum(received), 0), 2) AS quality_pct,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM quality_1m
GROUP BY window_start, store_id, reason;

COMMENT ON VIEW quality_1m_merged IS 'quality_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN quality_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN quality_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN quality_1m_merged.reason IS 'As in quality_1m.';
COMMENT ON COLUMN quality_1m_merged.received IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.valid IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.rejected IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.duplicates IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.late IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.late_seconds IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.max_late_seconds IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.quality_pct IS 'As in quality_1m, over all partitions.';
COMMENT ON COLUMN quality_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN quality_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

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

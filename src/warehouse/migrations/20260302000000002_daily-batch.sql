-- Up Migration

CREATE TABLE daily_batch (
  date           date PRIMARY KEY,
  newest         jsonb NOT NULL DEFAULT '{}',
  run            bigint,
  batched_at     timestamptz,
  read_up_to     jsonb,
  alerts         text,
  bronze_version bigint,
  events         bigint,
  duplicates     bigint,
  rows_written   bigint,
  CHECK (num_nulls(run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written) IN (0, 8))
);

COMMENT ON TABLE daily_batch IS 'What each day of the gold_daily tables was made of. A day is due while newest is beyond read_up_to in some partition.';
COMMENT ON COLUMN daily_batch.date IS 'UTC day of event time.';
COMMENT ON COLUMN daily_batch.newest IS 'Highest sequence number by partition, among the events of the day that were found in bronze.';
COMMENT ON COLUMN daily_batch.run IS 'Number of the run that made the day last; null before the first. The log of gold/daily_sales has the same under daily-batch/<date> unless a later run did not come to its end.';
COMMENT ON COLUMN daily_batch.batched_at IS 'When that run began.';
COMMENT ON COLUMN daily_batch.read_up_to IS 'How far that run had read bronze: highest sequence number by partition, of any day.';
COMMENT ON COLUMN daily_batch.alerts IS 'Fingerprint of the stock-out alerts of the day that run knew of.';
COMMENT ON COLUMN daily_batch.bronze_version IS 'Version of bronze_events that run read.';
COMMENT ON COLUMN daily_batch.events IS 'Events of the day, duplicates not counted.';
COMMENT ON COLUMN daily_batch.duplicates IS 'Events left out because an earlier one of the day has their id.';
COMMENT ON COLUMN daily_batch.rows_written IS 'Rows of the day in all tables of the batch.';

CREATE TABLE daily_batch_scan (
  id             integer     PRIMARY KEY CHECK (id = 1),
  bronze_version bigint      NOT NULL,
  scanned_at     timestamptz NOT NULL
);

COMMENT ON TABLE daily_batch_scan IS 'How far bronze has been looked through for days that are due; at most one row.';
COMMENT ON COLUMN daily_batch_scan.id IS 'Always 1.';
COMMENT ON COLUMN daily_batch_scan.bronze_version IS 'Version of bronze_events whose events are all accounted for in daily_batch.newest.';
COMMENT ON COLUMN daily_batch_scan.scanned_at IS 'When that was.';

-- Down Migration

DROP TABLE daily_batch_scan;
DROP TABLE daily_batch;

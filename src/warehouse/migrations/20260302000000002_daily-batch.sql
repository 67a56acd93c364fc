-- Up Migration

CREATE TABLE daily_batch (
  date           date PRIMARY KEY,
  newest         jsonb NOT NULL DEFAULT '{}',
  run_id         text,
  batched_at     timestamptz,
  read_up_to     jsonb,
  alerts         text,
  bronze_version bigint,
  events         bigint,
  duplicates     bigint,
  rows           bigint,
  CHECK ((run_id IS NULL) = (batched_at IS NULL)),
  CHECK ((run_id IS NULL) = (read_up_to IS NULL)),
  CHECK ((run_id IS NULL) = (alerts IS NULL))
);

COMMENT ON TABLE daily_batch IS 'What each day of the gold_daily tables was made of; a day is due while newest is beyond read_up_to in some partition.';
COMMENT ON COLUMN daily_batch.date IS 'UTC day of event time.';
COMMENT ON COLUMN daily_batch.newest IS 'Highest sequence number by partition among the events of the day seen in bronze.';
COMMENT ON COLUMN daily_batch.run_id IS 'Run that made the day last, the same as in gold/daily_batch of the lake once it is complete; null before the first.';
COMMENT ON COLUMN daily_batch.batched_at IS 'When that run began.';
COMMENT ON COLUMN daily_batch.read_up_to IS 'Position of each partition in the version of bronze that run read: highest sequence number by partition.';
COMMENT ON COLUMN daily_batch.alerts IS 'Fingerprint of the stock-out alerts that run knew to be open in the day.';
COMMENT ON COLUMN daily_batch.bronze_version IS 'Version of bronze_events that run read.';
COMMENT ON COLUMN daily_batch.events IS 'Events of the day, duplicates not counted.';
COMMENT ON COLUMN daily_batch.duplicates IS 'Events left out because an earlier one of the day has their id.';
COMMENT ON COLUMN daily_batch.rows IS 'Rows written to all tables of the day.';

CREATE TABLE daily_batch_scan (
  id             integer     PRIMARY KEY CHECK (id = 1),
  bronze_version bigint      NOT NULL,
  scanned_at     timestamptz NOT NULL
);

COMMENT ON TABLE daily_batch_scan IS 'How far bronze has been looked through for days that are due; at most one row.';
COMMENT ON COLUMN daily_batch_scan.id IS 'Always 1.';
COMMENT ON COLUMN daily_batch_scan.bronze_version IS 'Version of bronze_events whose files are all accounted for in daily_batch.newest.';
COMMENT ON COLUMN daily_batch_scan.scanned_at IS 'When that was.';

-- Down Migration

DROP TABLE daily_batch_scan;
DROP TABLE daily_batch;

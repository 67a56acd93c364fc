-- What is verified, as it was found. Columns and types are written out here and not taken from the code that wrote
-- them. Times are UTC without a zone, money has the
-- digits of its currency.
SET TimeZone = 'UTC';

CREATE SCHEMA hub;
-- `packing` is none, gzip, or what is wrong with the gzip: broken, too-large; `unpacked` is what came out of it.
CREATE TABLE hub.message (partition_id INTEGER, sequence BIGINT, enqueued_ms BIGINT, body BLOB, packing VARCHAR, unpacked BLOB);
-- What each partition said it holds: the first number it can have had, or has still, and its last, null when empty.
CREATE TABLE hub.held (partition_id INTEGER, first_sequence BIGINT, last_sequence BIGINT);

CREATE SCHEMA lake;
CREATE TABLE lake.bronze_events (
  ingest_date DATE, partition_id INTEGER, sequence BIGINT, item INTEGER, enqueued_at TIMESTAMP,
  event_id VARCHAR, type VARCHAR, event_time TIMESTAMP, store_id VARCHAR,
  reject_reason VARCHAR, reject_detail VARCHAR, body BLOB, envelope BLOB
);
CREATE TABLE lake.gold_stockout (
  date DATE, store_id VARCHAR, product_id VARCHAR, change VARCHAR,
  last_sale_at TIMESTAMP, opened_at TIMESTAMP, resolved_at TIMESTAMP,
  partition_id INTEGER, sequence BIGINT, item INTEGER
);
CREATE TABLE lake.bronze_gaps (
  partition_id INTEGER, first_sequence BIGINT, last_sequence BIGINT, lost BIGINT, next_enqueued_at TIMESTAMP
);

CREATE SCHEMA pg;
CREATE TABLE pg.gold_stockout (
  store_id VARCHAR, product_id VARCHAR, opened_at TIMESTAMP, last_sale_at TIMESTAMP, resolved_at TIMESTAMP,
  status VARCHAR, partition_id INTEGER
);
-- What each day of gold was made of; `run` is null for one that never was.
CREATE TABLE pg.daily_batch (date DATE, run BIGINT, batched_at TIMESTAMP, read_up_to VARCHAR, stale BOOLEAN);
-- By which days the stores go: all of them, and some by their own.
CREATE TABLE pg.installation (zone VARCHAR, day_start VARCHAR);
CREATE TABLE pg.stores (store_id VARCHAR, zone VARCHAR, day_start VARCHAR, source VARCHAR);
-- How far each partition has come.
CREATE TABLE pg.sink_position (stream VARCHAR, partition_id INTEGER, sequence BIGINT);

CREATE MACRO hundredths(units) AS (units * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2);
CREATE MACRO at_ms(ms) AS epoch_ms(ms::BIGINT);
CREATE MACRO minute_of(ms) AS ms - ms % 60000;

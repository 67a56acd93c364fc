-- Up Migration

CREATE TABLE quality_1m (
  window_start     timestamptz   NOT NULL,
  store_id         text          NOT NULL,
  reason           text          NOT NULL,
  received         bigint        NOT NULL,
  valid            bigint        NOT NULL,
  rejected         bigint        NOT NULL,
  duplicates       bigint        NOT NULL,
  late             bigint        NOT NULL,
  late_seconds     bigint        NOT NULL,
  max_late_seconds bigint,
  quality_pct      numeric(18,2),
  closed           boolean       NOT NULL,
  partition_id     integer       NOT NULL,
  sequence         bigint        NOT NULL,
  PRIMARY KEY (store_id, window_start, reason, partition_id)
);
CREATE INDEX quality_1m_window_start ON quality_1m (window_start);

COMMENT ON TABLE quality_1m IS 'Events that came in and what became of them, per minute; heartbeats are left out. The running window is here too, until closed.';
COMMENT ON COLUMN quality_1m.window_start IS 'First instant of the minute, event time; it ends before the next one starts.';
COMMENT ON COLUMN quality_1m.store_id IS 'Store the event names, unknown for a rejected one; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN quality_1m.reason IS 'Why it was rejected; none when it was not.';
COMMENT ON COLUMN quality_1m.received IS 'Events: valid, rejected and duplicates.';
COMMENT ON COLUMN quality_1m.valid IS 'Events that count, late ones too.';
COMMENT ON COLUMN quality_1m.rejected IS 'Events kept in bronze only, at the time of the newest event before them.';
COMMENT ON COLUMN quality_1m.duplicates IS 'Events whose id had come shortly before.';
COMMENT ON COLUMN quality_1m.late IS 'Valid events that came after their window had closed.';
COMMENT ON COLUMN quality_1m.late_seconds IS 'Seconds the late events were behind the newest event of their partition, summed.';
COMMENT ON COLUMN quality_1m.max_late_seconds IS 'The same of the latest one; 0 without any.';
COMMENT ON COLUMN quality_1m.quality_pct IS 'Percent of the events received that are valid.';
COMMENT ON COLUMN quality_1m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN quality_1m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN quality_1m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

CREATE TABLE stock_5m (
  window_start timestamptz NOT NULL,
  store_id     text        NOT NULL,
  product_id   text        NOT NULL,
  on_hand      bigint,
  on_hand_at   timestamptz,
  min_on_hand  bigint,
  closed       boolean     NOT NULL,
  partition_id integer     NOT NULL,
  sequence     bigint      NOT NULL,
  PRIMARY KEY (store_id, window_start, product_id)
);
CREATE INDEX stock_5m_window_start ON stock_5m (window_start);

COMMENT ON TABLE stock_5m IS 'What was seen on the shelves, per five minutes. The running window is here too, until closed.';
COMMENT ON COLUMN stock_5m.window_start IS 'First instant of the five minutes, event time; it ends before the next one starts.';
COMMENT ON COLUMN stock_5m.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN stock_5m.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN stock_5m.on_hand IS 'Pieces, as seen last.';
COMMENT ON COLUMN stock_5m.on_hand_at IS 'Event time of on_hand.';
COMMENT ON COLUMN stock_5m.min_on_hand IS 'Pieces, the fewest seen.';
COMMENT ON COLUMN stock_5m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN stock_5m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN stock_5m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

-- Down Migration

DROP TABLE stock_5m;
DROP TABLE quality_1m;

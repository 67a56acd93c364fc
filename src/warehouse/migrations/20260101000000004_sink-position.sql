-- Up Migration

-- Bookkeeping of a few rows, one per partition; on a sharded server it stays on the coordinator.
CREATE TABLE sink_position (
  stream       text        NOT NULL,
  partition_id integer     NOT NULL,
  sequence     bigint      NOT NULL,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream, partition_id)
) WITH (fillfactor = 50);

COMMENT ON TABLE sink_position IS 'How far each partition has come in this database: every row up to sequence is in.';
COMMENT ON COLUMN sink_position.stream IS 'The event hub and what is derived from it, as the pipeline names it.';
COMMENT ON COLUMN sink_position.partition_id IS 'Event Hubs partition.';
COMMENT ON COLUMN sink_position.sequence IS 'Event Hubs sequence number of the last event whose effects are all in; -1 before the first.';
COMMENT ON COLUMN sink_position.updated_at IS 'Server time of the last batch; for people, no logic depends on it.';

-- Down Migration

DROP TABLE sink_position;

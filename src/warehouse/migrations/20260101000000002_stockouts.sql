-- Up Migration

CREATE TABLE gold_stockout (
  store_id        text        NOT NULL,
  product_id      text        NOT NULL,
  opened_at       timestamptz NOT NULL,
  last_sale_at    timestamptz NOT NULL,
  resolved_at     timestamptz,
  status          text        NOT NULL CHECK (status IN ('open', 'resolved')),
  opened_sequence bigint,
  partition_id    integer     NOT NULL,
  sequence        bigint      NOT NULL,
  PRIMARY KEY (store_id, product_id, opened_at),
  CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE INDEX gold_stockout_open ON gold_stockout (store_id, opened_at) WHERE status = 'open';

COMMENT ON TABLE gold_stockout IS 'Stock-out alerts: a product that sold in a store and then stopped selling. One row per alert.';
COMMENT ON COLUMN gold_stockout.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN gold_stockout.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN gold_stockout.opened_at IS 'Event time at which the silence had lasted too long.';
COMMENT ON COLUMN gold_stockout.last_sale_at IS 'Event time of the last sale before the alert.';
COMMENT ON COLUMN gold_stockout.resolved_at IS 'Event time of the sale that ended the alert; null while it is open.';
COMMENT ON COLUMN gold_stockout.status IS 'open or resolved.';
COMMENT ON COLUMN gold_stockout.opened_sequence IS 'Sequence number of the event that opened the alert; null when it opened before this database was there.';
COMMENT ON COLUMN gold_stockout.partition_id IS 'Event Hubs partition the alert came from.';
COMMENT ON COLUMN gold_stockout.sequence IS 'Event Hubs sequence number, within the partition, of the event that last changed the row.';

-- Down Migration

DROP TABLE gold_stockout;

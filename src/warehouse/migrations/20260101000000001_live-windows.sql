-- Up Migration

CREATE TABLE sales_1m (
  window_start  timestamptz   NOT NULL,
  store_id      text          NOT NULL,
  product_id    text          NOT NULL,
  total_qty     bigint        NOT NULL,
  total_revenue numeric(18,2) NOT NULL,
  transactions  bigint        NOT NULL,
  closed        boolean       NOT NULL,
  partition_id  integer       NOT NULL,
  sequence      bigint        NOT NULL,
  PRIMARY KEY (store_id, window_start, product_id)
);
CREATE INDEX sales_1m_window_start ON sales_1m (window_start);

COMMENT ON TABLE sales_1m IS 'Sales per minute, store and product. The running minute is here too, until closed.';
COMMENT ON COLUMN sales_1m.window_start IS 'First instant of the minute, event time; the minute ends before the next one starts.';
COMMENT ON COLUMN sales_1m.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN sales_1m.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN sales_1m.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN sales_1m.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN sales_1m.transactions IS 'Sales with at least one line of this product.';
COMMENT ON COLUMN sales_1m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN sales_1m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN sales_1m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

CREATE TABLE store_1m (
  window_start          timestamptz   NOT NULL,
  store_id              text          NOT NULL,
  total_transactions    bigint        NOT NULL,
  total_revenue         numeric(18,2) NOT NULL,
  avg_transaction_value numeric(18,2),
  unique_customers      bigint        NOT NULL,
  closed                boolean       NOT NULL,
  partition_id          integer       NOT NULL,
  sequence              bigint        NOT NULL,
  PRIMARY KEY (store_id, window_start)
);
CREATE INDEX store_1m_window_start ON store_1m (window_start);

COMMENT ON TABLE store_1m IS 'Takings per minute and store. The running minute is here too, until closed.';
COMMENT ON COLUMN store_1m.window_start IS 'First instant of the minute, event time; the minute ends before the next one starts.';
COMMENT ON COLUMN store_1m.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN store_1m.total_transactions IS 'Sales, each counted once however many lines it has.';
COMMENT ON COLUMN store_1m.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN store_1m.avg_transaction_value IS 'total_revenue / total_transactions to 2 decimals, ties away from zero; null without transactions.';
COMMENT ON COLUMN store_1m.unique_customers IS 'Different customers among the sales that name one; every late sale counts its customer again.';
COMMENT ON COLUMN store_1m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN store_1m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN store_1m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

-- Down Migration

DROP TABLE store_1m;
DROP TABLE sales_1m;

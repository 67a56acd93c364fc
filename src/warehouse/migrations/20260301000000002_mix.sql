-- Up Migration

CREATE TABLE mix_1m (
  window_start     timestamptz   NOT NULL,
  store_id         text          NOT NULL,
  region           text          NOT NULL,
  city             text          NOT NULL,
  country          text          NOT NULL,
  channel          text          NOT NULL,
  payment_method   text          NOT NULL,
  category         text          NOT NULL,
  brand            text          NOT NULL,
  customer_segment text          NOT NULL,
  total_qty        bigint        NOT NULL,
  total_revenue    numeric(18,2) NOT NULL,
  transactions     bigint        NOT NULL,
  orders           bigint        NOT NULL,
  closed           boolean       NOT NULL,
  partition_id     integer       NOT NULL,
  sequence         bigint        NOT NULL,
  PRIMARY KEY (store_id, window_start, region, city, country, channel, payment_method, category, brand, customer_segment)
);
CREATE INDEX mix_1m_window_start ON mix_1m (window_start);

COMMENT ON TABLE mix_1m IS 'Sales per minute by place, channel, payment, kind of product and kind of customer. Labels are cut at 64 characters. The running window is here too, until closed.';
COMMENT ON COLUMN mix_1m.window_start IS 'First instant of the minute, event time; it ends before the next one starts.';
COMMENT ON COLUMN mix_1m.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN mix_1m.region IS 'Region of the store; unknown when the sale does not say.';
COMMENT ON COLUMN mix_1m.city IS 'City of the store; unknown when the sale does not say.';
COMMENT ON COLUMN mix_1m.country IS 'Country of the store or the web customer; unknown when the sale does not say.';
COMMENT ON COLUMN mix_1m.channel IS 'store, web or app; unknown when the sale does not say.';
COMMENT ON COLUMN mix_1m.payment_method IS 'How it was paid, as the tills name it.';
COMMENT ON COLUMN mix_1m.category IS 'Category of the products; unknown when the line does not say.';
COMMENT ON COLUMN mix_1m.brand IS 'Brand of the products; unknown when the line does not say.';
COMMENT ON COLUMN mix_1m.customer_segment IS 'B2C or B2B; unknown when the sale does not say.';
COMMENT ON COLUMN mix_1m.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN mix_1m.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN mix_1m.transactions IS 'Receipts with a line of this kind; one may count under several categories and brands.';
COMMENT ON COLUMN mix_1m.orders IS 'Receipts, each under its first line only: adds up over everything.';
COMMENT ON COLUMN mix_1m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN mix_1m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN mix_1m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

-- Down Migration

DROP TABLE mix_1m;

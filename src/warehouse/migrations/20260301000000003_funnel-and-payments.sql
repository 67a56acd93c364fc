-- Up Migration

CREATE TABLE funnel_1m (
  window_start    timestamptz NOT NULL,
  store_id        text        NOT NULL,
  channel         text        NOT NULL,
  category        text        NOT NULL,
  views           bigint      NOT NULL,
  add_to_carts    bigint      NOT NULL,
  checkouts       bigint      NOT NULL,
  purchases       bigint      NOT NULL,
  sessions        bigint      NOT NULL,
  sessions_sketch bytea,
  closed          boolean     NOT NULL,
  partition_id    integer     NOT NULL,
  sequence        bigint      NOT NULL,
  PRIMARY KEY (store_id, window_start, channel, category)
);
CREATE INDEX funnel_1m_window_start ON funnel_1m (window_start);

COMMENT ON TABLE funnel_1m IS 'Steps from looking to buying in web shop and app, per minute. The running window is here too, until closed.';
COMMENT ON COLUMN funnel_1m.window_start IS 'First instant of the minute, event time; it ends before the next one starts.';
COMMENT ON COLUMN funnel_1m.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN funnel_1m.channel IS 'store, web or app; unknown when the event does not say.';
COMMENT ON COLUMN funnel_1m.category IS 'Category of the product; unknown when the event does not say.';
COMMENT ON COLUMN funnel_1m.views IS 'Products looked at.';
COMMENT ON COLUMN funnel_1m.add_to_carts IS 'Products put into a cart.';
COMMENT ON COLUMN funnel_1m.checkouts IS 'Checkouts begun.';
COMMENT ON COLUMN funnel_1m.purchases IS 'Sales, once for each category in them.';
COMMENT ON COLUMN funnel_1m.sessions IS 'Different sessions; exact below 65536, then within 2 %. Not additive: merge the sketches.';
COMMENT ON COLUMN funnel_1m.sessions_sketch IS 'What sessions is counted by; sketch_estimate(sketch_merge(…)) counts over many rows.';
COMMENT ON COLUMN funnel_1m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN funnel_1m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN funnel_1m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

CREATE TABLE payments_1m (
  window_start   timestamptz   NOT NULL,
  store_id       text          NOT NULL,
  method         text          NOT NULL,
  status         text          NOT NULL,
  failure_reason text          NOT NULL,
  payments       bigint        NOT NULL,
  amount         numeric(18,2) NOT NULL,
  closed         boolean       NOT NULL,
  partition_id   integer       NOT NULL,
  sequence       bigint        NOT NULL,
  PRIMARY KEY (store_id, window_start, method, status, failure_reason)
);
CREATE INDEX payments_1m_window_start ON payments_1m (window_start);

COMMENT ON TABLE payments_1m IS 'Attempts to pay and how they ended, per minute. The running window is here too, until closed.';
COMMENT ON COLUMN payments_1m.window_start IS 'First instant of the minute, event time; it ends before the next one starts.';
COMMENT ON COLUMN payments_1m.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN payments_1m.method IS 'Means of payment, as the provider names it.';
COMMENT ON COLUMN payments_1m.status IS 'succeeded or failed.';
COMMENT ON COLUMN payments_1m.failure_reason IS 'Why it failed, none when it did not, unknown when nobody said.';
COMMENT ON COLUMN payments_1m.payments IS 'Attempts.';
COMMENT ON COLUMN payments_1m.amount IS 'Money tried, refunds subtracted, major units of the shop currency.';
COMMENT ON COLUMN payments_1m.closed IS 'The watermark has passed the window: only late corrections change the row now.';
COMMENT ON COLUMN payments_1m.partition_id IS 'Event Hubs partition the row came from.';
COMMENT ON COLUMN payments_1m.sequence IS 'Event Hubs sequence number, within the partition, of the last event in the row.';

-- Down Migration

DROP TABLE payments_1m;
DROP TABLE funnel_1m;

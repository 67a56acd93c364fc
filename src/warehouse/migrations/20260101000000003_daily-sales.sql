-- Up Migration

CREATE TABLE gold_daily_sales (
  date          date          NOT NULL,
  store_id      text          NOT NULL,
  product_id    text          NOT NULL,
  total_qty     bigint        NOT NULL,
  total_revenue numeric(18,2) NOT NULL,
  transactions  bigint        NOT NULL,
  PRIMARY KEY (store_id, date, product_id)
);
CREATE INDEX gold_daily_sales_date ON gold_daily_sales (date);

COMMENT ON TABLE gold_daily_sales IS 'Sales per day, store and product, recomputed from bronze by the daily batch; a day is replaced as a whole.';
COMMENT ON COLUMN gold_daily_sales.date IS 'Day of the event time, UTC.';
COMMENT ON COLUMN gold_daily_sales.store_id IS 'Store; first in the primary key, so that the table can be distributed by store.';
COMMENT ON COLUMN gold_daily_sales.product_id IS 'Product as the tills name it.';
COMMENT ON COLUMN gold_daily_sales.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN gold_daily_sales.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN gold_daily_sales.transactions IS 'Sales with at least one line of this product.';

-- Down Migration

DROP TABLE gold_daily_sales;

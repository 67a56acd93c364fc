-- Up Migration

CREATE TABLE gold_daily_store (
  date                  date          NOT NULL,
  store_id              text          NOT NULL,
  region                text          NOT NULL,
  city                  text          NOT NULL,
  country               text          NOT NULL,
  total_transactions    bigint        NOT NULL,
  total_revenue         numeric(18,2) NOT NULL,
  avg_transaction_value numeric(18,2) NOT NULL,
  units_sold            bigint        NOT NULL,
  units_returned        bigint        NOT NULL,
  unique_customers      bigint        NOT NULL,
  PRIMARY KEY (store_id, date)
);
CREATE INDEX gold_daily_store_date ON gold_daily_store (date);

COMMENT ON TABLE gold_daily_store IS 'What each store took in a day; by the daily batch.';
COMMENT ON COLUMN gold_daily_store.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_store.store_id IS 'Store.';
COMMENT ON COLUMN gold_daily_store.region IS 'Region of the store; unknown when no sale says; the newest sale that says counts.';
COMMENT ON COLUMN gold_daily_store.city IS 'City of the store; unknown when no sale says; the newest sale that says counts.';
COMMENT ON COLUMN gold_daily_store.country IS 'Country of the store or of its web customers; unknown when no sale says; the newest sale that says counts.';
COMMENT ON COLUMN gold_daily_store.total_transactions IS 'Receipts: sales and returns.';
COMMENT ON COLUMN gold_daily_store.total_revenue IS 'Revenue less refunds, currency units.';
COMMENT ON COLUMN gold_daily_store.avg_transaction_value IS 'total_revenue / total_transactions, rounded half away from zero, currency units.';
COMMENT ON COLUMN gold_daily_store.units_sold IS 'Pieces sold.';
COMMENT ON COLUMN gold_daily_store.units_returned IS 'Pieces returned, as a positive number.';
COMMENT ON COLUMN gold_daily_store.unique_customers IS 'Different known customers, exact; not additive over days or stores.';

CREATE TABLE gold_daily_mix (
  date             date          NOT NULL,
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
  PRIMARY KEY (store_id, date, region, city, country, channel, payment_method, category, brand, customer_segment)
);
CREATE INDEX gold_daily_mix_date ON gold_daily_mix (date);

COMMENT ON TABLE gold_daily_mix IS 'Where, how and to whom what kinds of products were sold in a day; labels are cut at 64 characters; by the daily batch.';
COMMENT ON COLUMN gold_daily_mix.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_mix.store_id IS 'Store.';
COMMENT ON COLUMN gold_daily_mix.region IS 'Region of the store; unknown when the sale does not say.';
COMMENT ON COLUMN gold_daily_mix.city IS 'City of the store; unknown when the sale does not say.';
COMMENT ON COLUMN gold_daily_mix.country IS 'Country of the store or of the web customer; unknown when the sale does not say.';
COMMENT ON COLUMN gold_daily_mix.channel IS 'store, web or app; unknown when the event does not say.';
COMMENT ON COLUMN gold_daily_mix.payment_method IS 'How it was paid, as the tills name it.';
COMMENT ON COLUMN gold_daily_mix.category IS 'Category of the products; unknown when the line does not say.';
COMMENT ON COLUMN gold_daily_mix.brand IS 'Brand of the products; unknown when the line does not say.';
COMMENT ON COLUMN gold_daily_mix.customer_segment IS 'B2C or B2B; unknown when the sale does not say.';
COMMENT ON COLUMN gold_daily_mix.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN gold_daily_mix.total_revenue IS 'Revenue less refunds, currency units.';
COMMENT ON COLUMN gold_daily_mix.transactions IS 'Receipts with a line of this kind; one may count under several categories and brands.';
COMMENT ON COLUMN gold_daily_mix.orders IS 'Receipts, each under its first line only: adds up over everything.';

CREATE TABLE gold_daily_funnel (
  date         date   NOT NULL,
  store_id     text   NOT NULL,
  channel      text   NOT NULL,
  category     text   NOT NULL,
  views        bigint NOT NULL,
  add_to_carts bigint NOT NULL,
  checkouts    bigint NOT NULL,
  purchases    bigint NOT NULL,
  sessions     bigint NOT NULL,
  PRIMARY KEY (store_id, date, channel, category)
);
CREATE INDEX gold_daily_funnel_date ON gold_daily_funnel (date);

COMMENT ON TABLE gold_daily_funnel IS 'Steps from looking to buying in web shop and app in a day; by the daily batch.';
COMMENT ON COLUMN gold_daily_funnel.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_funnel.store_id IS 'Store.';
COMMENT ON COLUMN gold_daily_funnel.channel IS 'store, web or app; unknown when the event does not say.';
COMMENT ON COLUMN gold_daily_funnel.category IS 'Category of the product; unknown when the event does not say.';
COMMENT ON COLUMN gold_daily_funnel.views IS 'Products looked at.';
COMMENT ON COLUMN gold_daily_funnel.add_to_carts IS 'Products put into a cart.';
COMMENT ON COLUMN gold_daily_funnel.checkouts IS 'Checkouts begun.';
COMMENT ON COLUMN gold_daily_funnel.purchases IS 'Sales online, once for each category bought.';
COMMENT ON COLUMN gold_daily_funnel.sessions IS 'Different sessions, exact; not additive over days, channels or categories.';

CREATE TABLE gold_daily_payments (
  date           date          NOT NULL,
  store_id       text          NOT NULL,
  method         text          NOT NULL,
  status         text          NOT NULL,
  failure_reason text          NOT NULL,
  payments       bigint        NOT NULL,
  amount         numeric(18,2) NOT NULL,
  PRIMARY KEY (store_id, date, method, status, failure_reason)
);
CREATE INDEX gold_daily_payments_date ON gold_daily_payments (date);

COMMENT ON TABLE gold_daily_payments IS 'Attempts to pay in a day and how they ended; by the daily batch.';
COMMENT ON COLUMN gold_daily_payments.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_payments.store_id IS 'Store.';
COMMENT ON COLUMN gold_daily_payments.method IS 'Means of payment, as the provider names it.';
COMMENT ON COLUMN gold_daily_payments.status IS 'succeeded or failed.';
COMMENT ON COLUMN gold_daily_payments.failure_reason IS 'Why it failed; none when it did not, unknown when nobody said.';
COMMENT ON COLUMN gold_daily_payments.payments IS 'Attempts.';
COMMENT ON COLUMN gold_daily_payments.amount IS 'Amount tried, refunds subtracted, currency units.';

CREATE TABLE gold_top_products (
  date          date          NOT NULL,
  store_id      text          NOT NULL,
  kind          text          NOT NULL,
  rank          integer       NOT NULL,
  name          text          NOT NULL,
  category      text          NOT NULL,
  total_qty     bigint        NOT NULL,
  total_revenue numeric(18,2) NOT NULL,
  transactions  bigint        NOT NULL,
  PRIMARY KEY (store_id, date, kind, rank)
);
CREATE INDEX gold_top_products_date ON gold_top_products (date);

COMMENT ON TABLE gold_top_products IS 'Products and categories with the most revenue in a day, per store and over all stores; setting TOP_PRODUCTS; by the daily batch.';
COMMENT ON COLUMN gold_top_products.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_top_products.store_id IS 'Store; empty text for all stores together.';
COMMENT ON COLUMN gold_top_products.kind IS 'product or category: what is ranked.';
COMMENT ON COLUMN gold_top_products.rank IS '1 is the most revenue; equal revenue goes by name.';
COMMENT ON COLUMN gold_top_products.name IS 'The product or the category.';
COMMENT ON COLUMN gold_top_products.category IS 'Category under which the product took the most; unknown when no line says.';
COMMENT ON COLUMN gold_top_products.total_qty IS 'Pieces sold less pieces returned.';
COMMENT ON COLUMN gold_top_products.total_revenue IS 'Revenue less refunds, currency units.';
COMMENT ON COLUMN gold_top_products.transactions IS 'Sales and returns that hold it.';

CREATE TABLE gold_daily_customers (
  date              date          NOT NULL,
  customer_id       text          NOT NULL,
  customer_segment  text          NOT NULL,
  purchases         bigint        NOT NULL,
  spend             numeric(18,2) NOT NULL,
  first_purchase_at timestamptz,
  last_purchase_at  timestamptz,
  PRIMARY KEY (customer_id, date)
);
CREATE INDEX gold_daily_customers_date ON gold_daily_customers (date);

COMMENT ON TABLE gold_daily_customers IS 'What each known customer bought in a day, in all stores together; by the daily batch.';
COMMENT ON COLUMN gold_daily_customers.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_customers.customer_id IS 'Customer as the tills name them.';
COMMENT ON COLUMN gold_daily_customers.customer_segment IS 'B2C or B2B as the newest sale that says has it; unknown when none does.';
COMMENT ON COLUMN gold_daily_customers.purchases IS 'Sales with at least one piece sold.';
COMMENT ON COLUMN gold_daily_customers.spend IS 'All lines of all sales, returns subtracted, currency units.';
COMMENT ON COLUMN gold_daily_customers.first_purchase_at IS 'Event time of the first purchase; null without one.';
COMMENT ON COLUMN gold_daily_customers.last_purchase_at IS 'Event time of the last purchase; null without one.';

CREATE TABLE gold_stockout_daily (
  date         date          NOT NULL,
  store_id     text          NOT NULL,
  product_id   text          NOT NULL,
  alerts       bigint        NOT NULL,
  hours_out    numeric(18,2) NOT NULL,
  lost_units   numeric(18,2) NOT NULL,
  lost_revenue numeric(18,2) NOT NULL,
  PRIMARY KEY (store_id, date, product_id)
);
CREATE INDEX gold_stockout_daily_date ON gold_stockout_daily (date);

COMMENT ON TABLE gold_stockout_daily IS 'How long products were out of stock in a day, and an estimate of what was not sold for it; by the daily batch.';
COMMENT ON COLUMN gold_stockout_daily.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_stockout_daily.store_id IS 'Store.';
COMMENT ON COLUMN gold_stockout_daily.product_id IS 'Product that was out of stock.';
COMMENT ON COLUMN gold_stockout_daily.alerts IS 'Alerts open at some time of the day.';
COMMENT ON COLUMN gold_stockout_daily.hours_out IS 'Hours of the day under an alert, from its opening to its end or midnight.';
COMMENT ON COLUMN gold_stockout_daily.lost_units IS 'Pieces not sold, an estimate: receipts of the store meanwhile × pieces per receipt over 28 days.';
COMMENT ON COLUMN gold_stockout_daily.lost_revenue IS 'lost_units at the average price of the 28 days, currency units.';

CREATE TABLE gold_customers (
  customer_id       text          NOT NULL,
  customer_segment  text          NOT NULL,
  purchases         bigint        NOT NULL,
  spend             numeric(18,2) NOT NULL,
  first_purchase_at timestamptz,
  last_purchase_at  timestamptz,
  loyal             boolean       NOT NULL,
  spending_segment  text          NOT NULL,
  PRIMARY KEY (customer_id)
);

COMMENT ON TABLE gold_customers IS 'What each known customer has bought over all days; by the daily batch.';
COMMENT ON COLUMN gold_customers.customer_id IS 'Customer as the tills name them.';
COMMENT ON COLUMN gold_customers.customer_segment IS 'B2C or B2B as the newest sale that says has it; unknown when none does.';
COMMENT ON COLUMN gold_customers.purchases IS 'Sales with at least one piece sold.';
COMMENT ON COLUMN gold_customers.spend IS 'All lines of all sales, returns subtracted, currency units.';
COMMENT ON COLUMN gold_customers.first_purchase_at IS 'Event time of the first purchase; null without one.';
COMMENT ON COLUMN gold_customers.last_purchase_at IS 'Event time of the last purchase; null without one.';
COMMENT ON COLUMN gold_customers.loyal IS 'At least as many purchases as setting LOYAL_PURCHASES says.';
COMMENT ON COLUMN gold_customers.spending_segment IS 'premium, standard or basic: spend by settings PREMIUM_SPEND and STANDARD_SPEND.';

-- Down Migration

DROP TABLE gold_customers;
DROP TABLE gold_stockout_daily;
DROP TABLE gold_daily_customers;
DROP TABLE gold_top_products;
DROP TABLE gold_daily_payments;
DROP TABLE gold_daily_funnel;
DROP TABLE gold_daily_mix;
DROP TABLE gold_daily_store;

-- Up Migration

-- Money as it was written, with as many decimals as its currency has.
ALTER TABLE gold_daily_sales ALTER COLUMN total_revenue TYPE numeric;
ALTER TABLE gold_daily_store ALTER COLUMN total_revenue TYPE numeric, ALTER COLUMN avg_transaction_value TYPE numeric;
ALTER TABLE gold_daily_mix ALTER COLUMN total_revenue TYPE numeric;
ALTER TABLE gold_daily_payments ALTER COLUMN amount TYPE numeric;
ALTER TABLE gold_top_products ALTER COLUMN total_revenue TYPE numeric;
ALTER TABLE gold_daily_customers ALTER COLUMN spend TYPE numeric;
ALTER TABLE gold_stockout_daily ALTER COLUMN lost_revenue TYPE numeric;
ALTER TABLE gold_customers ALTER COLUMN spend TYPE numeric;
ALTER TABLE sales_1m ALTER COLUMN total_revenue TYPE numeric;
ALTER TABLE store_1m ALTER COLUMN total_revenue TYPE numeric, ALTER COLUMN avg_transaction_value TYPE numeric;
ALTER TABLE mix_1m ALTER COLUMN total_revenue TYPE numeric;
ALTER TABLE payments_1m ALTER COLUMN amount TYPE numeric;
ALTER TABLE gold_daily_store ALTER COLUMN avg_transaction_value DROP NOT NULL;

COMMENT ON COLUMN store_1m.avg_transaction_value IS 'total_revenue / total_transactions, rounded half away from zero to minor_digits(); null without transactions.';
COMMENT ON COLUMN gold_daily_store.avg_transaction_value IS 'total_revenue / total_transactions, rounded half away from zero to minor_digits(); null without transactions.';
COMMENT ON COLUMN sales_1m.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN store_1m.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN mix_1m.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN gold_daily_sales.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN gold_daily_store.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN gold_daily_mix.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN gold_top_products.total_revenue IS 'Net sales: goods sold less discounts and returns, major units of the installation''s currency.';
COMMENT ON COLUMN store_1m.total_transactions IS 'Receipts, those with adjustments only left out. A void counts -1.';
COMMENT ON COLUMN gold_daily_store.total_transactions IS 'Receipts, those with adjustments only left out. A void counts -1.';
COMMENT ON COLUMN mix_1m.orders IS 'Receipts that sell, each under its first line that does: adds up over everything. A void counts -1.';
COMMENT ON COLUMN gold_daily_mix.orders IS 'Receipts that sell, each under its first line that does: adds up over everything. A void counts -1.';
COMMENT ON COLUMN gold_daily_customers.purchases IS 'Receipts that sell. A void counts -1.';
COMMENT ON COLUMN gold_customers.purchases IS 'Receipts that sell. A void counts -1.';
COMMENT ON COLUMN gold_daily_sales.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_daily_store.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_daily_mix.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_daily_funnel.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_daily_payments.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_top_products.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_daily_customers.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_stockout_daily.date IS 'Business date, by the store''s calendar.';
COMMENT ON COLUMN gold_stockout_daily.hours_out IS 'Hours of the day under an alert, from its opening to its end or that of the business day.';

-- Rows of before do not know what is new; a rebuild and the daily batch fill it in.
ALTER TABLE store_1m
  ADD COLUMN orders bigint NOT NULL DEFAULT 0,
  ADD COLUMN return_receipts bigint NOT NULL DEFAULT 0,
  ADD COLUMN gross_sales numeric NOT NULL DEFAULT 0,
  ADD COLUMN discounts numeric NOT NULL DEFAULT 0,
  ADD COLUMN returns numeric NOT NULL DEFAULT 0,
  ADD COLUMN order_revenue numeric NOT NULL DEFAULT 0,
  ADD COLUMN avg_order_value numeric,
  ADD COLUMN units_sold bigint NOT NULL DEFAULT 0,
  ADD COLUMN units_returned bigint NOT NULL DEFAULT 0,
  ADD COLUMN write_offs bigint NOT NULL DEFAULT 0,
  ADD COLUMN tax numeric NOT NULL DEFAULT 0,
  ADD COLUMN tax_included numeric NOT NULL DEFAULT 0,
  ADD COLUMN tips numeric NOT NULL DEFAULT 0,
  ADD COLUMN shipping numeric NOT NULL DEFAULT 0,
  ADD COLUMN fees numeric NOT NULL DEFAULT 0,
  ADD COLUMN gift_cards_sold numeric NOT NULL DEFAULT 0,
  ADD COLUMN gift_cards_redeemed numeric NOT NULL DEFAULT 0,
  ADD COLUMN adjustments numeric NOT NULL DEFAULT 0,
  ADD COLUMN adjustment_lines bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN store_1m.orders IS 'Receipts with goods sold: a goods line of value above 0. A void counts -1.';
COMMENT ON COLUMN store_1m.return_receipts IS 'Receipts with goods given back and none sold.';
COMMENT ON COLUMN store_1m.gross_sales IS 'Sum of the value of goods lines above 0, before discounts.';
COMMENT ON COLUMN store_1m.discounts IS 'Discounts of goods lines of value above 0, with their share of those of the receipt.';
COMMENT ON COLUMN store_1m.returns IS 'Sum of value less discount of goods lines below 0, as a positive number.';
COMMENT ON COLUMN store_1m.order_revenue IS 'Net sales of the receipts counted in orders.';
COMMENT ON COLUMN store_1m.avg_order_value IS 'order_revenue / orders, rounded half away from zero to minor_digits(); null without orders.';
COMMENT ON COLUMN store_1m.units_sold IS 'Pieces of goods lines of quantity above 0; a weighed thing is one piece.';
COMMENT ON COLUMN store_1m.units_returned IS 'Pieces of goods lines of quantity below 0, as a positive number.';
COMMENT ON COLUMN store_1m.write_offs IS 'Pieces of goods lines of value 0, whichever way they went.';
COMMENT ON COLUMN store_1m.tax IS 'Sum of the tax of goods, shipping and fee lines.';
COMMENT ON COLUMN store_1m.tax_included IS 'The part of tax that the prices contain.';
COMMENT ON COLUMN store_1m.tips IS 'Sum of the tips.';
COMMENT ON COLUMN store_1m.shipping IS 'Sum of the amounts of shipping lines.';
COMMENT ON COLUMN store_1m.fees IS 'Sum of the amounts of fee lines.';
COMMENT ON COLUMN store_1m.gift_cards_sold IS 'Sum of the amounts of gift card lines: revenue deferred.';
COMMENT ON COLUMN store_1m.gift_cards_redeemed IS 'What receipts paid by gift card come to: goods, shipping, fees, tax on top, tip.';
COMMENT ON COLUMN store_1m.adjustments IS 'Sum of the amounts of adjustment lines, signed; bad debt is below 0.';
COMMENT ON COLUMN store_1m.adjustment_lines IS 'Adjustment lines.';

ALTER TABLE sales_1m
  ADD COLUMN gross_sales numeric NOT NULL DEFAULT 0,
  ADD COLUMN discounts numeric NOT NULL DEFAULT 0,
  ADD COLUMN units_returned bigint NOT NULL DEFAULT 0,
  ADD COLUMN measured_qty numeric NOT NULL DEFAULT 0;

COMMENT ON COLUMN sales_1m.gross_sales IS 'Sum of the value of goods lines above 0, before discounts.';
COMMENT ON COLUMN sales_1m.discounts IS 'Discounts of goods lines of value above 0, with their share of those of the receipt.';
COMMENT ON COLUMN sales_1m.units_returned IS 'Pieces of goods lines of quantity below 0, as a positive number.';
COMMENT ON COLUMN sales_1m.measured_qty IS 'What was weighed or measured, in its unit (kg, l, m), 3 decimals; sold less returned.';

ALTER TABLE gold_daily_store
  ADD COLUMN orders bigint NOT NULL DEFAULT 0,
  ADD COLUMN return_receipts bigint NOT NULL DEFAULT 0,
  ADD COLUMN gross_sales numeric NOT NULL DEFAULT 0,
  ADD COLUMN discounts numeric NOT NULL DEFAULT 0,
  ADD COLUMN returns numeric NOT NULL DEFAULT 0,
  ADD COLUMN net_sales numeric NOT NULL DEFAULT 0,
  ADD COLUMN order_revenue numeric NOT NULL DEFAULT 0,
  ADD COLUMN avg_order_value numeric,
  ADD COLUMN write_offs bigint NOT NULL DEFAULT 0,
  ADD COLUMN tax numeric NOT NULL DEFAULT 0,
  ADD COLUMN tax_included numeric NOT NULL DEFAULT 0,
  ADD COLUMN tips numeric NOT NULL DEFAULT 0,
  ADD COLUMN shipping numeric NOT NULL DEFAULT 0,
  ADD COLUMN fees numeric NOT NULL DEFAULT 0,
  ADD COLUMN gift_cards_sold numeric NOT NULL DEFAULT 0,
  ADD COLUMN gift_cards_redeemed numeric NOT NULL DEFAULT 0,
  ADD COLUMN adjustments numeric NOT NULL DEFAULT 0,
  ADD COLUMN adjustment_lines bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN gold_daily_store.orders IS 'Receipts with goods sold: a goods line of value above 0. A void counts -1.';
COMMENT ON COLUMN gold_daily_store.return_receipts IS 'Receipts with goods given back and none sold.';
COMMENT ON COLUMN gold_daily_store.gross_sales IS 'Sum of the value of goods lines above 0, before discounts.';
COMMENT ON COLUMN gold_daily_store.discounts IS 'Discounts of goods lines of value above 0, with their share of those of the receipt.';
COMMENT ON COLUMN gold_daily_store.returns IS 'Sum of value less discount of goods lines below 0, as a positive number.';
COMMENT ON COLUMN gold_daily_store.net_sales IS 'gross_sales - discounts - returns; the same as total_revenue.';
COMMENT ON COLUMN gold_daily_store.order_revenue IS 'Net sales of the receipts counted in orders.';
COMMENT ON COLUMN gold_daily_store.avg_order_value IS 'order_revenue / orders, rounded half away from zero to minor_digits(); null without orders.';
COMMENT ON COLUMN gold_daily_store.write_offs IS 'Pieces of goods lines of value 0, whichever way they went.';
COMMENT ON COLUMN gold_daily_store.tax IS 'Sum of the tax of goods, shipping and fee lines.';
COMMENT ON COLUMN gold_daily_store.tax_included IS 'The part of tax that the prices contain.';
COMMENT ON COLUMN gold_daily_store.tips IS 'Sum of the tips.';
COMMENT ON COLUMN gold_daily_store.shipping IS 'Sum of the amounts of shipping lines.';
COMMENT ON COLUMN gold_daily_store.fees IS 'Sum of the amounts of fee lines.';
COMMENT ON COLUMN gold_daily_store.gift_cards_sold IS 'Sum of the amounts of gift card lines: revenue deferred.';
COMMENT ON COLUMN gold_daily_store.gift_cards_redeemed IS 'What receipts paid by gift card come to: goods, shipping, fees, tax on top, tip.';
COMMENT ON COLUMN gold_daily_store.adjustments IS 'Sum of the amounts of adjustment lines, signed; bad debt is below 0.';
COMMENT ON COLUMN gold_daily_store.adjustment_lines IS 'Adjustment lines.';

UPDATE gold_daily_store SET net_sales = total_revenue;

ALTER TABLE gold_daily_sales
  ADD COLUMN gross_sales numeric NOT NULL DEFAULT 0,
  ADD COLUMN discounts numeric NOT NULL DEFAULT 0,
  ADD COLUMN units_returned bigint NOT NULL DEFAULT 0,
  ADD COLUMN measured_qty numeric NOT NULL DEFAULT 0;

COMMENT ON COLUMN gold_daily_sales.gross_sales IS 'Sum of the value of goods lines above 0, before discounts.';
COMMENT ON COLUMN gold_daily_sales.discounts IS 'Discounts of goods lines of value above 0, with their share of those of the receipt.';
COMMENT ON COLUMN gold_daily_sales.units_returned IS 'Pieces of goods lines of quantity below 0, as a positive number.';
COMMENT ON COLUMN gold_daily_sales.measured_qty IS 'What was weighed or measured, in its unit (kg, l, m), 3 decimals; sold less returned.';

-- Down Migration

ALTER TABLE store_1m DROP COLUMN orders, DROP COLUMN return_receipts, DROP COLUMN gross_sales, DROP COLUMN discounts, DROP COLUMN returns, DROP COLUMN order_revenue, DROP COLUMN avg_order_value, DROP COLUMN units_sold, DROP COLUMN units_returned, DROP COLUMN write_offs, DROP COLUMN tax, DROP COLUMN tax_included, DROP COLUMN tips, DROP COLUMN shipping, DROP COLUMN fees, DROP COLUMN gift_cards_sold, DROP COLUMN gift_cards_redeemed, DROP COLUMN adjustments, DROP COLUMN adjustment_lines;
ALTER TABLE sales_1m DROP COLUMN gross_sales, DROP COLUMN discounts, DROP COLUMN units_returned, DROP COLUMN measured_qty;
ALTER TABLE gold_daily_sales DROP COLUMN gross_sales, DROP COLUMN discounts, DROP COLUMN units_returned, DROP COLUMN measured_qty;
ALTER TABLE gold_daily_store DROP COLUMN orders, DROP COLUMN return_receipts, DROP COLUMN gross_sales, DROP COLUMN discounts, DROP COLUMN returns, DROP COLUMN net_sales, DROP COLUMN order_revenue, DROP COLUMN avg_order_value, DROP COLUMN write_offs, DROP COLUMN tax, DROP COLUMN tax_included, DROP COLUMN tips, DROP COLUMN shipping, DROP COLUMN fees, DROP COLUMN gift_cards_sold, DROP COLUMN gift_cards_redeemed, DROP COLUMN adjustments, DROP COLUMN adjustment_lines;
ALTER TABLE gold_daily_sales ALTER COLUMN total_revenue TYPE numeric(18,2);
ALTER TABLE gold_daily_store ALTER COLUMN total_revenue TYPE numeric(18,2), ALTER COLUMN avg_transaction_value TYPE numeric(18,2);
ALTER TABLE gold_daily_mix ALTER COLUMN total_revenue TYPE numeric(18,2);
ALTER TABLE gold_daily_payments ALTER COLUMN amount TYPE numeric(18,2);
ALTER TABLE gold_top_products ALTER COLUMN total_revenue TYPE numeric(18,2);
ALTER TABLE gold_daily_customers ALTER COLUMN spend TYPE numeric(18,2);
ALTER TABLE gold_stockout_daily ALTER COLUMN lost_revenue TYPE numeric(18,2);
ALTER TABLE gold_customers ALTER COLUMN spend TYPE numeric(18,2);
ALTER TABLE sales_1m ALTER COLUMN total_revenue TYPE numeric(18,2);
ALTER TABLE store_1m ALTER COLUMN total_revenue TYPE numeric(18,2), ALTER COLUMN avg_transaction_value TYPE numeric(18,2);
ALTER TABLE mix_1m ALTER COLUMN total_revenue TYPE numeric(18,2);
ALTER TABLE payments_1m ALTER COLUMN amount TYPE numeric(18,2);
UPDATE gold_daily_store SET avg_transaction_value = 0 WHERE avg_transaction_value IS NULL;
ALTER TABLE gold_daily_store ALTER COLUMN avg_transaction_value SET NOT NULL;
COMMENT ON COLUMN store_1m.avg_transaction_value IS 'total_revenue / total_transactions to 2 decimals, ties away from zero; null without transactions.';
COMMENT ON COLUMN gold_daily_store.avg_transaction_value IS 'total_revenue / total_transactions, rounded half away from zero, currency units.';
COMMENT ON COLUMN sales_1m.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN store_1m.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN mix_1m.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN gold_daily_sales.total_revenue IS 'Money taken less money given back, major units of the shop currency.';
COMMENT ON COLUMN gold_daily_store.total_revenue IS 'Revenue less refunds, currency units.';
COMMENT ON COLUMN gold_daily_mix.total_revenue IS 'Revenue less refunds, currency units.';
COMMENT ON COLUMN gold_top_products.total_revenue IS 'Revenue less refunds, currency units.';
COMMENT ON COLUMN store_1m.total_transactions IS 'Sales, each counted once however many lines it has.';
COMMENT ON COLUMN gold_daily_store.total_transactions IS 'Receipts: sales and returns.';
COMMENT ON COLUMN mix_1m.orders IS 'Receipts, each under its first line only: adds up over everything.';
COMMENT ON COLUMN gold_daily_mix.orders IS 'Receipts, each under its first line only: adds up over everything.';
COMMENT ON COLUMN gold_daily_customers.purchases IS 'Sales with at least one piece sold.';
COMMENT ON COLUMN gold_customers.purchases IS 'Sales with at least one piece sold.';
COMMENT ON COLUMN gold_daily_sales.date IS 'Day of the event time, UTC.';
COMMENT ON COLUMN gold_daily_store.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_mix.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_funnel.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_payments.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_top_products.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_daily_customers.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_stockout_daily.date IS 'UTC day of event time.';
COMMENT ON COLUMN gold_stockout_daily.hours_out IS 'Hours of the day under an alert, from its opening to its end or midnight.';

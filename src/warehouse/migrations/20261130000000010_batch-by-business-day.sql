-- Up Migration

ALTER TABLE daily_batch_scan ADD COLUMN calendars text;

COMMENT ON COLUMN daily_batch_scan.calendars IS 'By which calendars of stores the days were told; where they are others now, all of bronze is looked through again. Null: before stores had calendars.';
COMMENT ON COLUMN gold_daily_store.avg_transaction_value IS 'total_revenue / total_transactions, rounded half away from zero to minor_digits(); 0 without transactions.';
COMMENT ON COLUMN gold_daily_customers.spend IS 'Net sales to the customer, major units of the installation''s currency.';
COMMENT ON COLUMN gold_customers.spend IS 'Net sales to the customer, major units of the installation''s currency.';

-- Down Migration

ALTER TABLE daily_batch_scan DROP COLUMN calendars;
COMMENT ON COLUMN gold_daily_store.avg_transaction_value IS 'total_revenue / total_transactions, rounded half away from zero to minor_digits(); null without transactions.';
COMMENT ON COLUMN gold_daily_customers.spend IS 'All lines of all sales, returns subtracted, currency units.';
COMMENT ON COLUMN gold_customers.spend IS 'All lines of all sales, returns subtracted, currency units.';

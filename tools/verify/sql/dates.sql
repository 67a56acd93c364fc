-- The business date of an instant of a store, by the clock of the store or that of all which have none of their own.
-- `truth.clock`: an offset of a store's zone from an instant until another; the store is empty for those others.
CREATE MACRO date_by(clock_of, ms) AS (
  SELECT business_date(ms, from_ms, offset_ms, before_ms, start_ms) FROM truth.clock
  WHERE clock.store_id = clock_of AND ms >= from_ms AND ms < until_ms);
CREATE MACRO date_of(store, ms) AS coalesce(date_by(store, ms), date_by('', ms));

-- The business date and the hour of an instant, from the offset in force (since from_ms) and the one before it.
-- A date is the largest the local clock, less the start of the day, has shown so far: it may have gone back since.
CREATE MACRO business_date(at_ms, from_ms, offset_ms, before_ms, start_ms) AS
  DATE '1970-01-01' + ((greatest(at_ms + offset_ms, from_ms - 1 + before_ms) - start_ms) // 86400000)::INTEGER;
CREATE MACRO hour_start(at_ms, from_ms, offset_ms) AS
  greatest(from_ms, at_ms - (at_ms + offset_ms) % 3600000);

-- The business date of an instant of a store, by the clock of the store or that of all which have none of their own.
-- `truth.clock`: an offset of a store's zone from an instant until another; the store is empty for those others.
CREATE MACRO date_by(clock_of, ms) AS (
  SELECT business_date(ms, from_ms, offset_ms, before_ms, start_ms) FROM truth.clock
  WHERE clock.store_id = clock_of AND ms >= from_ms AND ms < until_ms);
CREATE MACRO date_of(store, ms) AS coalesce(date_by(store, ms), date_by('', ms));

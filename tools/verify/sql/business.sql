-- The business date and the hour of an instant, from the offset in force (since from_ms) and the one before it.
-- A date is the largest the local clock, less the start of the day, has shown so far: it may have gone back since.
CREATE MACRO business_date(at_ms, from_ms, offset_ms, before_ms, start_ms) AS
  DATE '1970-01-01' + ((greatest(at_ms + offset_ms, from_ms - 1 + before_ms) - start_ms) // 86400000)::INTEGER;
CREATE MACRO hour_start(at_ms, from_ms, offset_ms) AS
  greatest(from_ms, at_ms - (at_ms + offset_ms) % 3600000);

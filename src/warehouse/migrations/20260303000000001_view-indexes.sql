-- Up Migration

-- Views show hours, and people ask for some of them. Rows come in the order of time, so a summary of each few pages is
-- enough to skip the others, and costs a writer next to nothing.
CREATE INDEX sales_1m_hour ON sales_1m
  USING brin ((date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX store_1m_hour ON store_1m
  USING brin ((date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX quality_1m_hour ON quality_1m
  USING brin ((date_trunc('hour', window_start AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')) WITH (pages_per_range = 32, autosummarize = on);

-- What is on a shelf now: the last row of its own.
CREATE INDEX stock_5m_shelf ON stock_5m (store_id, product_id, window_start DESC);

-- Days whose figures the batch has not computed, between two moments; few, hence the estimate. Views take these from the
-- windows of the stream and all others from the batch, so that no day is in twice and none is missing.
CREATE FUNCTION days_without_batch(first_at timestamptz, last_at timestamptz)
RETURNS TABLE (date date, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE ROWS 3 AS $$
  SELECT day::date, day AT TIME ZONE 'UTC', (day + interval '1 day') AT TIME ZONE 'UTC'
  FROM generate_series(date_trunc('day', first_at AT TIME ZONE 'UTC'), last_at AT TIME ZONE 'UTC', interval '1 day') AS day
  WHERE NOT EXISTS (SELECT FROM daily_batch AS b WHERE b.date = day::date AND b.batched_at IS NOT NULL)
$$;

COMMENT ON FUNCTION days_without_batch(timestamptz, timestamptz) IS 'UTC days between two moments that the daily batch has not computed.';

-- Down Migration

DROP FUNCTION days_without_batch(timestamptz, timestamptz);
DROP INDEX stock_5m_shelf;
DROP INDEX quality_1m_hour;
DROP INDEX store_1m_hour;
DROP INDEX sales_1m_hour;

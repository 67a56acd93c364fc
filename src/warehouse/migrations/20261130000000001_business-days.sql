-- Up Migration

-- Whose figures these are: one row, put in by whoever writes first.
CREATE TABLE installation (
  id              integer     PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  currency        text        NOT NULL,
  minor_digits    integer     NOT NULL CHECK (minor_digits BETWEEN 0 AND 4),
  zone            text        NOT NULL,
  day_start       text        NOT NULL CHECK (day_start ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  fiscal_calendar text        NOT NULL CHECK (fiscal_calendar IN ('iso', '4-5-4')),
  said_at         timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE installation IS 'By which currency and which days the figures of this database are made; one row.';
COMMENT ON COLUMN installation.id IS 'Always 1.';
COMMENT ON COLUMN installation.currency IS 'Currency of every sum of money, ISO 4217; setting CURRENCY.';
COMMENT ON COLUMN installation.minor_digits IS 'Decimals of that currency: 2 for GBP, 0 for JPY, 3 for KWD.';
COMMENT ON COLUMN installation.zone IS 'Time zone of stores that have none of their own, IANA; setting BUSINESS_ZONE.';
COMMENT ON COLUMN installation.day_start IS 'When the business day begins, HH:MM of the local clock; setting BUSINESS_DAY_START.';
COMMENT ON COLUMN installation.fiscal_calendar IS 'How fiscal years are divided: iso or 4-5-4; setting FISCAL_CALENDAR.';
COMMENT ON COLUMN installation.said_at IS 'When this row was last written; for people, no logic depends on it.';

CREATE FUNCTION minor_digits() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce((SELECT minor_digits FROM installation), 2) $$;

COMMENT ON FUNCTION minor_digits() IS 'Decimals of the installation''s currency; what a ratio of money is rounded to.';

CREATE TABLE stores (
  store_id  text PRIMARY KEY,
  name      text,
  zone      text,
  day_start text CHECK (day_start ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  region    text,
  city      text,
  currency  text,
  source    text        NOT NULL CHECK (source IN ('file', 'stream')),
  said_at   timestamptz NOT NULL
);

COMMENT ON TABLE stores IS 'What is known of single stores: npm run stores, and events that say storeZone. A store need not be here.';
COMMENT ON COLUMN stores.store_id IS 'Store as the tills name it.';
COMMENT ON COLUMN stores.name IS 'Name for people; null when nobody said.';
COMMENT ON COLUMN stores.zone IS 'Time zone, IANA; null: the installation''s.';
COMMENT ON COLUMN stores.day_start IS 'When its business day begins, HH:MM of its local clock; null: the installation''s.';
COMMENT ON COLUMN stores.region IS 'Region; null when nobody said.';
COMMENT ON COLUMN stores.city IS 'City; null when nobody said.';
COMMENT ON COLUMN stores.currency IS 'Currency of its tills, which has to be the installation''s; null when nobody said.';
COMMENT ON COLUMN stores.source IS 'file or stream: who said the zone. What a file says stands, whatever the stream says.';
COMMENT ON COLUMN stores.said_at IS 'Of the stream: time of the newest event that said the zone. Of a file: when it was read.';

CREATE VIEW v_store_calendars AS
SELECT
  s.store_id,
  coalesce(s.zone, i.zone, 'UTC') || ' ' || coalesce(s.day_start, i.day_start, '00:00') AS calendar,
  coalesce(s.zone, i.zone, 'UTC') AS zone,
  s.said_at
FROM stores AS s LEFT JOIN installation AS i ON true;

COMMENT ON VIEW v_store_calendars IS 'Calendar of each store that is in stores; all others go by the installation''s.';
COMMENT ON COLUMN v_store_calendars.store_id IS 'Store.';
COMMENT ON COLUMN v_store_calendars.calendar IS 'Zone and start of the day, as business_days names it: Europe/London 04:00.';
COMMENT ON COLUMN v_store_calendars.zone IS 'Time zone, IANA.';
COMMENT ON COLUMN v_store_calendars.said_at IS 'As in stores.';

CREATE FUNCTION default_calendar() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT coalesce((SELECT zone || ' ' || day_start FROM installation), 'UTC 00:00') $$;

COMMENT ON FUNCTION default_calendar() IS 'Calendar of stores that have none of their own.';

CREATE FUNCTION calendar_of(store text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce((SELECT calendar FROM v_store_calendars WHERE store_id = store), default_calendar())
$$;

COMMENT ON FUNCTION calendar_of(text) IS 'Calendar of a store.';

-- Time zones change their rules, and each program brings rules of its own release. So one program, which also makes the
-- files of the lake, writes down what they are, and nothing here is left to PostgreSQL's.
CREATE TABLE zone_offsets (
  zone       text        NOT NULL,
  starts_at  timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL,
  utc_offset interval    NOT NULL,
  PRIMARY KEY (zone, starts_at),
  CHECK (starts_at < ends_at)
);

COMMENT ON TABLE zone_offsets IS 'How far the clocks of a zone in use are ahead of UTC, and from when until when.';
COMMENT ON COLUMN zone_offsets.zone IS 'Time zone, IANA.';
COMMENT ON COLUMN zone_offsets.starts_at IS 'First instant with this offset.';
COMMENT ON COLUMN zone_offsets.ends_at IS 'First instant after it.';
COMMENT ON COLUMN zone_offsets.utc_offset IS 'Local time less UTC.';

CREATE TABLE business_days (
  calendar      text        NOT NULL,
  date          date        NOT NULL,
  starts_at     timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL,
  weekday       integer     NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  iso_year      integer     NOT NULL,
  iso_week      integer     NOT NULL,
  fiscal_year   integer     NOT NULL,
  fiscal_period integer     NOT NULL,
  fiscal_week   integer     NOT NULL,
  PRIMARY KEY (calendar, date),
  CHECK (starts_at <= ends_at)
);
CREATE INDEX business_days_starts_at ON business_days (calendar, starts_at, date);

COMMENT ON TABLE business_days IS 'When each business date begins and ends, by each calendar in use; days follow each other without gap or overlap.';
COMMENT ON COLUMN business_days.calendar IS 'Zone and start of the day: Europe/London 04:00.';
COMMENT ON COLUMN business_days.date IS 'Business date: a sale at 01:00 of a day that begins at 04:00 is of the date before.';
COMMENT ON COLUMN business_days.starts_at IS 'First instant of the day.';
COMMENT ON COLUMN business_days.ends_at IS 'First instant after it: 23 or 25 hours later where clocks change, the same where the zone skipped the date.';
COMMENT ON COLUMN business_days.weekday IS '1 is Monday, 7 is Sunday.';
COMMENT ON COLUMN business_days.iso_year IS 'Year of the ISO 8601 week.';
COMMENT ON COLUMN business_days.iso_week IS 'ISO 8601 week, 1 to 53.';
COMMENT ON COLUMN business_days.fiscal_year IS 'Year of the fiscal week, by setting FISCAL_CALENDAR.';
COMMENT ON COLUMN business_days.fiscal_period IS 'Period of the fiscal year, 1 to 12.';
COMMENT ON COLUMN business_days.fiscal_week IS 'Week of the fiscal year, 1 to 53.';

ALTER TABLE daily_batch
  ADD COLUMN stores text[] NOT NULL DEFAULT '{}',
  ADD COLUMN stale boolean NOT NULL DEFAULT false;

COMMENT ON TABLE daily_batch IS 'What each day of the gold_daily tables was made of. A day is due while newest is beyond read_up_to in some partition, and when it is stale.';
COMMENT ON COLUMN daily_batch.date IS 'Business date, by the calendar of the event''s store.';
COMMENT ON COLUMN daily_batch.stores IS 'Stores with events in the day when it was made.';
COMMENT ON COLUMN daily_batch.stale IS 'Made by other days or rules than those of now: views take the day from the live windows until it is made again.';

-- Days of before lack the measures that are new; the next batch makes them again.
UPDATE daily_batch SET stale = true WHERE batched_at IS NOT NULL;

-- Down Migration

COMMENT ON TABLE daily_batch IS 'What each day of the gold_daily tables was made of. A day is due while newest is beyond read_up_to in some partition.';
COMMENT ON COLUMN daily_batch.date IS 'UTC day of event time.';
ALTER TABLE daily_batch DROP COLUMN stores, DROP COLUMN stale;
DROP FUNCTION calendar_of(text);
DROP FUNCTION default_calendar();
DROP VIEW v_store_calendars;
DROP TABLE business_days;
DROP TABLE zone_offsets;
DROP TABLE stores;
DROP FUNCTION minor_digits();
DROP TABLE installation;

import { calendarId, dateAt, hourStart } from '../../src/business/calendar'
import { offsetsOf } from '../../src/business/zone'
import { dateOf, dayMs } from '../../src/day'
import { fillCalendars, markStale, writeCalendar } from '../../src/warehouse/business-days'
import { migrate } from '../../src/warehouse/migrate'
import { type Session } from '../../src/warehouse/connection'
import { startTestWarehouse, type TestWarehouse } from './postgres'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => server.warehouse.query('DELETE FROM installation; DELETE FROM daily_batch'))

const within = <T>(work: (session: Session) => Promise<T>) => server.warehouse.transaction(work)

const goBy = (zone: string, dayStart: string, fiscal = 'iso') =>
  server.warehouse.query(
    `INSERT INTO installation (currency, minor_digits, zone, day_start, fiscal_calendar) VALUES ('GBP', 2, $1, $2, $3)`,
    [zone, dayStart, fiscal],
  )

const made = (date: string, stores: string) =>
  server.warehouse.query(
    `INSERT INTO daily_batch (date, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written, stores)
     VALUES ($1, 1, now(), '{}', '', 1, 1, 0, 1, $2)`,
    [date, stores],
  )

async function staleDates(): Promise<readonly (string | null | undefined)[]> {
  const rows = await server.warehouse.query('SELECT date FROM daily_batch WHERE stale ORDER BY 1')
  return rows.map(({ date }) => date)
}

test('migrations write down the days of UTC', async () => {
  const [row] = await server.warehouse.query(
    `SELECT count(*) AS days, min(starts_at) AS first, max(ends_at) AS last, count(*) FILTER (WHERE ends_at - starts_at <> interval '24 hours') AS odd
     FROM business_days WHERE calendar = 'UTC 00:00'`,
  )
  expect(row).toEqual({ days: '24838', first: '1969-12-31 00:00:00+00', last: '2038-01-01 00:00:00+00', odd: '0' })
})

test('a calendar in use is filled in once, weeks by the fiscal calendar', async () => {
  await goBy('America/Chicago', '04:00', '4-5-4')
  expect(await within((session) => fillCalendars(session, 'missing'))).toEqual(['America/Chicago 04:00'])
  expect(await within((session) => fillCalendars(session, 'missing'))).toEqual([])
  const days = await server.warehouse.query(
    `SELECT date, starts_at, ends_at, weekday, iso_week, fiscal_year, fiscal_period, fiscal_week FROM business_days
     WHERE calendar = 'America/Chicago 04:00' AND date IN ('2026-03-07', '2024-02-03') ORDER BY 1`,
  )
  expect(days.map((row) => Object.values(row))).toEqual([
    ['2024-02-03', '2024-02-03 10:00:00+00', '2024-02-04 10:00:00+00', '6', '5', '2023', '12', '53'],
    ['2026-03-07', '2026-03-07 10:00:00+00', '2026-03-08 09:00:00+00', '6', '10', '2026', '2', '5'],
  ])
})

test('where a zone has got other rules the next migration takes them, and days that begin otherwise are stale', async () => {
  await goBy('Europe/London', '00:00')
  await within((session) => fillCalendars(session, 'missing'))
  for (const date of ['2026-07-01', '2026-07-02']) await made(date, '{S1}')
  // As if summer time had been another: rules of an older release.
  await server.warehouse.query(
    `UPDATE zone_offsets SET utc_offset = '2 hours' WHERE zone = 'Europe/London' AND starts_at = '2026-03-29T01:00Z';
     UPDATE business_days SET starts_at = starts_at - interval '1 hour' WHERE calendar = 'Europe/London 00:00' AND date = '2026-07-02'`,
  )
  await migrate(server.settings)
  expect(await staleDates()).toEqual(['2026-07-02'])
  const [day] = await server.warehouse.query(
    `SELECT starts_at, (SELECT utc_offset FROM zone_offsets WHERE zone = 'Europe/London' AND starts_at <= d.starts_at AND ends_at > d.starts_at)
     FROM business_days AS d WHERE calendar = 'Europe/London 00:00' AND date = '2026-07-02'`,
  )
  expect(day).toEqual({ starts_at: '2026-07-01 23:00:00+00', utc_offset: '01:00:00' })
  expect(await within((session) => fillCalendars(session, 'moved'))).toEqual([])
})

test('days are stale that hold a store whose calendar changed, and no others', async () => {
  await made('2026-03-01', '{S1,S2}')
  await made('2026-03-02', '{S2}')
  await server.warehouse.query(`INSERT INTO daily_batch (date) VALUES ('2026-03-03')`)
  await within((session) => markStale(session, { stores: ['S1', 'S9'] }))
  expect(await staleDates()).toEqual(['2026-03-01'])
  await within((session) => markStale(session, 'all'))
  expect(await staleDates()).toEqual(['2026-03-01', '2026-03-02'])
})

/* Around every change of every zone's clocks: what PostgreSQL reads out of the tables is what src/business says. */

const [fromMs, toMs] = [Date.UTC(2000, 0, 1), Date.UTC(2038, 0, 1)]
const startsOfDay = [0, 150, 240, 1410]
const probes = [-86_400, -7200, -3601, -3600, -1800, -1, 0, 1, 1799, 1800, 3599, 3600, 7200, 86_400]

test('dates and hours are those of src/business, in every zone around each change of its clocks, 2000 to 2037', async () => {
  const counts = { zones: 0, changes: 0, instants: 0 }
  const seen = new Set<string>()
  for (const [index, zone] of Intl.supportedValuesOf('timeZone').entries()) {
    const changes = offsetsOf(zone, fromMs, toMs).slice(1)
    counts.zones++
    // Many zones are others by another name.
    const rules = JSON.stringify(offsetsOf(zone, fromMs, toMs))
    if (changes.length === 0 || seen.has(rules)) continue
    seen.add(rules)
    const calendar = { zone, startMinutes: startsOfDay[index % startsOfDay.length] ?? 0 }
    const around = changes.flatMap((change) =>
      [-3, -2, -1, 0, 1, 2, 3].map((day) => dateOf(change.fromMs + day * dayMs)),
    )
    const dates = [...new Set(around)].sort()
    const instants = changes.flatMap((change) => probes.map((seconds) => change.fromMs + seconds * 1000))
    const expected = instants.map((at) => {
      const hour = hourStart(zone, at)
      return { at, date: dateAt(calendar, at), hour, hourDate: dateAt(calendar, hour) }
    })
    const iso = (ms: number) => new Date(ms).toISOString()
    const wrong = await within(async (session) => {
      const id = calendarId(calendar)
      const [zoneName = '', dayStart = ''] = id.split(' ')
      await session.query('DELETE FROM installation; DELETE FROM business_days; DELETE FROM zone_offsets')
      await session.query(
        `INSERT INTO installation (currency, minor_digits, zone, day_start, fiscal_calendar) VALUES ('GBP', 2, $1, $2, 'iso')`,
        [zoneName, dayStart],
      )
      await writeCalendar(session, { calendar: id, fiscal: 'iso', isThere: false, dates })
      await session.query('CREATE TEMPORARY TABLE hours ON COMMIT DROP AS SELECT * FROM live_hours($1, $2)', [
        iso(fromMs - 9 * dayMs),
        iso(toMs + 9 * dayMs),
      ])
      await session.query('CREATE INDEX ON hours (hour); ANALYZE hours')
      const overlaps = await session.query(
        `SELECT hour FROM (SELECT hour, lag(ends_at) OVER (ORDER BY hour) AS before FROM hours) AS h WHERE before > hour`,
      )
      const differing = await session.query(
        `SELECT $1 AS calendar, p.at, p.date AS wanted, b.date AS got, p.hour AS wanted_hour, h.hour AS got_hour, h.date AS hour_date
         FROM unnest($2::timestamptz[], $3::date[], $4::timestamptz[], $5::date[]) AS p(at, date, hour, hour_date)
         LEFT JOIN business_days AS b ON b.calendar = $1 AND b.date = p.date AND p.at >= b.starts_at AND p.at < b.ends_at
         LEFT JOIN hours AS h ON h.hour = p.hour AND p.at >= h.hour AND p.at < h.ends_at
         WHERE b.date IS NULL OR h.date IS DISTINCT FROM p.hour_date`,
        [
          id,
          expected.map(({ at }) => iso(at)),
          expected.map(({ date }) => date),
          expected.map(({ hour }) => iso(hour)),
          expected.map(({ hourDate }) => hourDate),
        ],
      )
      return [...overlaps, ...differing]
    })
    expect({ zone, wrong: wrong.slice(0, 3) }).toEqual({ zone, wrong: [] })
    counts.changes += changes.length
    counts.instants += instants.length
  }
  const { zones, changes, instants } = counts
  console.log(
    `${zones} zones, ${seen.size} of rules of their own with ${changes} changes: ${instants} instants compared`,
  )
  expect(changes).toBeGreaterThan(5000)
}, 600_000)

test('weeks and weekdays do not depend on the zone', async () => {
  await goBy('Asia/Kathmandu', '06:00')
  await within((session) => fillCalendars(session, 'missing'))
  const dates = Array.from({ length: 400 }, (_, day) => dateOf(Date.UTC(2026, 0, 1) + day * dayMs))
  const rows = await server.warehouse.query(
    `SELECT date FROM business_days
     WHERE calendar = 'Asia/Kathmandu 06:00' AND date = ANY($1::date[]) AND weekday = extract(isodow FROM date)
       AND iso_week = extract(week FROM date) AND iso_year = extract(isoyear FROM date)`,
    [dates],
  )
  expect(rows).toHaveLength(dates.length)
})

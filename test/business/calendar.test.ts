import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zoneOffset } from '../../generator/csv/local-time'
import {
  type Calendar,
  calendarId,
  calendarOf,
  clockTime,
  dateAt,
  dayRange,
  dayStart,
  hourStart,
} from '../../src/business/calendar'
import { offsetAt, offsetsOf } from '../../src/business/zone'
import { dateOf, dayMs, startOf } from '../../src/day'
import { type Engine, openEngine } from '../../tools/verify/engine'
import { runs } from '../thorough'

const hourMs = 3_600_000
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16)
const utc = (text: string) => Date.parse(`${text}:00Z`)
const hoursOf = (calendar: Calendar, date: string) => {
  const { startMs, endMs } = dayRange(calendar, date)
  return (endMs - startMs) / hourMs
}
const midnight = (zone: string): Calendar => ({ zone, startMinutes: 0 })

test('days of 23 and 25 hours, and the day that never was', () => {
  const london = midnight('Europe/London')
  expect([hoursOf(london, '2026-03-29'), hoursOf(london, '2026-10-25'), hoursOf(london, '2026-07-05')]).toEqual([
    23, 25, 24,
  ])
  expect(iso(dayStart(london, '2011-07-05'))).toBe('2011-07-04T23:00')
  expect(hoursOf(midnight('Australia/Lord_Howe'), '2026-04-05')).toBe(24.5)
  expect(hoursOf(midnight('Pacific/Apia'), '2011-12-30')).toBe(0)
  expect(dateAt(midnight('Pacific/Apia'), utc('2011-12-30T10:00') - 1)).toBe('2011-12-29')
  expect(dateAt(midnight('Pacific/Apia'), utc('2011-12-30T10:00'))).toBe('2011-12-31')
})

test('where clocks go back over midnight a date begins once, at the first midnight', () => {
  // St. John's went back at 00:01, to 23:01 of the day before: that hour is of the new day.
  const johns = midnight('America/St_Johns')
  expect(iso(dayStart(johns, '2010-11-07'))).toBe('2010-11-07T02:30')
  expect([hoursOf(johns, '2010-11-06'), hoursOf(johns, '2010-11-07')]).toEqual([24, 25])
  expect(dateAt(johns, utc('2010-11-07T02:31'))).toBe('2010-11-07')
  expect(iso(hourStart('America/St_Johns', utc('2010-11-07T02:45')))).toBe('2010-11-07T02:31')
  // Havana goes back at 01:00 to midnight, and forward at midnight to 01:00.
  const havana = midnight('America/Havana')
  expect([iso(dayStart(havana, '2026-11-01')), hoursOf(havana, '2026-11-01')]).toEqual(['2026-11-01T04:00', 25])
  expect([iso(dayStart(havana, '2026-03-08')), hoursOf(havana, '2026-03-08')]).toEqual(['2026-03-08T05:00', 23])
})

test('a day that begins at 04:00 holds the night', () => {
  const chicago = calendarOf('America/Chicago 04:00')
  expect(calendarId(chicago)).toBe('America/Chicago 04:00')
  expect(iso(dayStart(chicago, '2026-03-05'))).toBe('2026-03-05T10:00')
  expect(dateAt(chicago, utc('2026-03-06T09:59'))).toBe('2026-03-05')
  // Clocks go forward at 02:00, before the day begins.
  expect([hoursOf(chicago, '2026-03-07'), hoursOf(chicago, '2026-03-08')]).toEqual([23, 24])
  // A start the clocks skip: the first instant after it.
  expect(iso(dayStart(calendarOf('America/Chicago 02:30'), '2026-03-08'))).toBe('2026-03-08T08:00')
})

test('an hour that comes twice is two hours', () => {
  const passes = ['00:10', '00:50', '01:10', '01:50', '02:10'].map((time) =>
    iso(hourStart('Europe/London', utc(`2026-10-25T${time}`))),
  )
  expect(passes).toEqual([
    '2026-10-25T00:00',
    '2026-10-25T00:00',
    '2026-10-25T01:00',
    '2026-10-25T01:00',
    '2026-10-25T02:00',
  ])
  // Lord Howe goes back by half an hour at 02:00: the half hour that comes again is an hour of its own.
  const lordHowe = ['14:40', '15:10', '15:40'].map((time) =>
    iso(hourStart('Australia/Lord_Howe', utc(`2026-04-04T${time}`))),
  )
  expect(lordHowe).toEqual(['2026-04-04T14:00', '2026-04-04T15:00', '2026-04-04T15:30'])
})

test('names that are no calendar are told', () => {
  expect(() => calendarOf('Europe/London')).toThrow('expected a zone and a time such as "Europe/London 04:00"')
  expect(() => calendarOf('Europe/London 24:00')).toThrow('expected HH:MM from 00:00 to 23:59, got "24:00"')
  expect(clockTime(1439)).toBe('23:59')
})

describe('every zone and every change of its clocks, 2000 to 2037', () => {
  const [fromMs, toMs] = [Date.UTC(2000, 0, 1), Date.UTC(2038, 0, 1)]
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  const starts = [0, 150, 240]
  const changes = zones.flatMap((zone) =>
    offsetsOf(zone, fromMs, toMs)
      .slice(1)
      .map((change) => ({ zone, ms: change.fromMs })),
  )

  /** Instants about a change: on either side of it, and where a day or an hour might begin. */
  const about = [-dayMs, -hourMs, -1_800_000, -60_000, -1, 0, 1, 59_999, 1_800_000, hourMs, 2 * hourMs, dayMs]

  test('the changes are those a look at every day finds', () => {
    const few = ['America/Boa_Vista', 'Africa/Casablanca', 'Africa/Cairo', 'Pacific/Apia', 'America/Scoresbysund']
    const differing = zones
      .filter((zone, index) => few.includes(zone) || index % runs({ few: 60, many: 1 }) === 0)
      .filter((zone) => {
        const offsetMs = zoneOffset(zone)
        const days = Array.from({ length: (toMs - fromMs) / dayMs }, (_, day) => fromMs + day * dayMs)
        const offsets = offsetsOf(zone, fromMs, toMs)
        let at = 0
        return days.some((ms) => {
          while ((offsets[at + 1]?.fromMs ?? Infinity) <= ms) at++
          return offsets[at]?.offsetMs !== offsetMs(ms)
        })
      })
    expect(differing).toEqual([])
  }, 300_000)

  test('days leave nothing out and never overlap, and a date is the inverse of its start', () => {
    const faults: string[] = []
    for (const { zone, ms } of changes) {
      for (const startMinutes of starts) {
        const calendar = { zone, startMinutes }
        const first = startOf(dateOf(ms)) - 2 * dayMs
        const dates = Array.from({ length: 5 }, (_, day) => dateOf(first + day * dayMs))
        for (const date of dates) {
          const { startMs, endMs } = dayRange(calendar, date)
          const say = (what: string) => faults.push(`${calendarId(calendar)} ${date} ${iso(startMs)}: ${what}`)
          if (endMs < startMs) say('ends before it begins')
          if (endMs - startMs > 27 * hourMs) say('is longer than 27 hours')
          if (endMs === startMs) {
            if (dateAt(calendar, startMs) <= date) say('is empty and yet a date of something')
            continue
          }
          if (dateAt(calendar, startMs) !== date) say('its first instant is of another date')
          if (dateAt(calendar, endMs - 1) !== date) say('its last instant is of another date')
          if (startMs + offsetAt(zone, startMs) < startOf(date) + startMinutes * 60_000)
            say('begins before its local time')
        }
      }
    }
    expect(faults.slice(0, 10)).toEqual([])
    expect(changes.length).toBeGreaterThan(10_000)
    console.info(`business days: ${changes.length} changes of clocks of ${zones.length} zones, 2000 to 2037`)
  }, 300_000)

  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  test('DuckDB, given the offsets, comes to the same dates and hours by a rule of its own', async () => {
    const offsets = zones.flatMap((zone) => {
      let beforeMs: number | undefined
      return offsetsOf(zone, fromMs - 7 * dayMs, toMs + 7 * dayMs).map(({ fromMs: sinceMs, offsetMs }) => {
        const row = [zone, sinceMs, offsetMs, beforeMs ?? offsetMs].join(',')
        beforeMs = offsetMs
        return row
      })
    })
    const asked = changes.flatMap(({ zone, ms }) =>
      about.flatMap((by) => {
        const at = ms + by
        const hour = hourStart(zone, at)
        return starts.map((startMinutes) =>
          [zone, startMinutes, at, dateAt({ zone, startMinutes }, at), hour].join(','),
        )
      }),
    )
    const [offsetFile, askedFile] = [join(engine.folder, 'offsets.csv'), join(engine.folder, 'asked.csv')]
    await writeFile(offsetFile, ['zone,from_ms,offset_ms,before_ms', ...offsets].join('\n'))
    await writeFile(askedFile, ['zone,start_minutes,at_ms,date,hour_ms', ...asked].join('\n'))
    await engine.script('business')
    const differing = await engine.query(`
      SELECT asked.*, business_date(at_ms, from_ms, offset_ms, before_ms, start_minutes * 60000)::VARCHAR AS in_sql,
        hour_start(at_ms, from_ms, offset_ms) AS hour_in_sql
      FROM (SELECT * FROM read_csv('${askedFile}')) AS asked
      ASOF JOIN (SELECT * FROM read_csv('${offsetFile}')) AS o ON asked.zone = o.zone AND at_ms >= from_ms
      WHERE in_sql <> date::VARCHAR OR hour_in_sql <> hour_ms LIMIT 10`)
    expect(differing).toEqual([])
    console.info(`business days: DuckDB agrees on ${asked.length} instants`)
  }, 300_000)
})

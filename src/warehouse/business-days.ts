import { calendarOf, dayStart } from '../business/calendar'
import { type FiscalCalendar, type FiscalWeek, fiscalWeekOf, isoWeekOf, weekdayOf } from '../business/fiscal'
import { offsetsOf } from '../business/zone'
import { dateOf, dayMs, startOf } from '../day'
import { type Session } from './connection'
import { type ColumnSpec, identifiers, relation, type Row } from './table'

/** Dates that are written down: every event time the contract takes is in one of them, in any zone, until 2037. */
export const writtenDates = { first: '1969-12-31', last: '2037-12-31' } as const

const [firstMs, endMs] = [startOf(writtenDates.first) - dayMs, startOf(writtenDates.last) + 3 * dayMs]

/** Calendars to write: those not there yet; also those whose zone has got other rules; or all in use. */
export type Which = 'missing' | 'moved' | 'all'

/**
 * Writes down the days and offsets of calendars in use, in a transaction of the caller's. A day that begins or ends
 * otherwise than before is stale. Returns the calendars written. Throws when a zone is none that Node knows.
 */
export async function fillCalendars(session: Session, which: Which): Promise<readonly string[]> {
  const rows = await session.query(
    `SELECT calendar, zone, coalesce((SELECT fiscal_calendar FROM installation), 'iso') AS fiscal,
       EXISTS (SELECT FROM business_days AS b WHERE b.calendar = c.calendar)
         AND EXISTS (SELECT FROM zone_offsets AS o WHERE o.zone = c.zone) AS written
     FROM calendars_in_use() AS c ORDER BY calendar`,
  )
  const wanted: string[] = []
  for (const { calendar, zone, fiscal, written } of rows) {
    const isThere = written === 't'
    if (isThere && (which === 'missing' || (which === 'moved' && !(await hasMoved(session, zone ?? ''))))) continue
    await writeCalendar(session, { calendar: calendar ?? '', fiscal: fiscal as FiscalCalendar, isThere })
    wanted.push(calendar ?? '')
  }
  return wanted
}

/** A calendar to be written down. */
export interface Written {
  /** Its name: `Europe/London 04:00`. */
  readonly calendar: string
  readonly fiscal: FiscalCalendar
  /** Whether days of it have been written before. */
  readonly isThere: boolean
  /** Ascending, `YYYY-MM-DD`; default: every date of `writtenDates`. */
  readonly dates?: readonly string[]
}

/** Writes down the offsets of a calendar's zone and its days, in a transaction of the caller's. */
export async function writeCalendar(session: Session, written: Written): Promise<void> {
  await writeDays(session, written)
  await writeOffsets(session, calendarOf(written.calendar).zone)
}

/** Whether the offsets of a zone are others than those written down. */
async function hasMoved(session: Session, zone: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT extract(epoch FROM starts_at)::bigint AS starts, extract(epoch FROM utc_offset)::bigint AS ahead
     FROM zone_offsets WHERE zone = $1 ORDER BY starts_at`,
    [zone],
  )
  const now = offsetsOf(zone, firstMs, endMs).map(({ fromMs, offsetMs }) => `${fromMs / 1000} ${offsetMs / 1000}`)
  return rows.map(({ starts, ahead }) => `${starts} ${ahead}`).join() !== now.join()
}

const offsetColumns: readonly ColumnSpec[] = [
  { name: 'zone', type: 'text' },
  { name: 'starts_at', type: 'timestamptz' },
  { name: 'ends_at', type: 'timestamptz' },
  { name: 'utc_offset', type: 'integer' },
]

async function writeOffsets(session: Session, zone: string): Promise<void> {
  const offsets = offsetsOf(zone, firstMs, endMs)
  const rows: Row[] = offsets.map(({ fromMs, offsetMs }, index) => ({
    zone,
    starts_at: fromMs,
    ends_at: offsets[index + 1]?.fromMs ?? endMs,
    utc_offset: offsetMs / 1000,
  }))
  const source = relation('zone_offsets', { columns: offsetColumns, rows })
  await session.query('DELETE FROM zone_offsets WHERE zone = $1', [zone])
  await session.query(
    `INSERT INTO zone_offsets (${identifiers(offsetColumns)})
     SELECT zone, starts_at, ends_at, make_interval(secs => utc_offset) FROM ${source.sql}
     ON CONFLICT (zone, starts_at) DO UPDATE SET ends_at = excluded.ends_at, utc_offset = excluded.utc_offset`,
    source.parameters,
  )
}

const dayKey: readonly ColumnSpec[] = [
  { name: 'calendar', type: 'text' },
  { name: 'date', type: 'date' },
]
const dayValues: readonly ColumnSpec[] = [
  { name: 'starts_at', type: 'timestamptz' },
  { name: 'ends_at', type: 'timestamptz' },
  { name: 'weekday', type: 'integer' },
  { name: 'iso_year', type: 'integer' },
  { name: 'iso_week', type: 'integer' },
  { name: 'fiscal_year', type: 'integer' },
  { name: 'fiscal_period', type: 'integer' },
  { name: 'fiscal_week', type: 'integer' },
]

async function writeDays(session: Session, written: Written): Promise<void> {
  const columns = [...dayKey, ...dayValues]
  const source = relation('business_days', { columns, rows: daysOf(written) })
  if (written.isThere) {
    await holdCalendars(session)
    await session.query(
      `UPDATE daily_batch SET stale = true WHERE batched_at IS NOT NULL AND NOT stale AND date IN (
         SELECT r.date FROM ${source.sql} JOIN business_days AS b ON b.calendar = r.calendar AND b.date = r.date
         WHERE (b.starts_at, b.ends_at) IS DISTINCT FROM (r.starts_at, r.ends_at))`,
      source.parameters,
    )
  }
  await session.query(
    `INSERT INTO business_days AS b (${identifiers(columns)}) SELECT ${identifiers(columns)} FROM ${source.sql}
     ON CONFLICT (${identifiers(dayKey)}) DO UPDATE
     SET (${identifiers(dayValues)}) = ROW (${identifiers(dayValues, 'excluded.')})
     WHERE (${identifiers(dayValues, 'b.')}) IS DISTINCT FROM (${identifiers(dayValues, 'excluded.')})`,
    source.parameters,
  )
}

function daysOf({ calendar: id, fiscal, dates = allDates() }: Written): readonly Row[] {
  const calendar = calendarOf(id)
  let end: { readonly date: string; readonly ms: number } | undefined
  return dates.map((date) => {
    const startsMs = end?.date === date ? end.ms : dayStart(calendar, date)
    const next = dateOf(startOf(date) + dayMs)
    end = { date: next, ms: dayStart(calendar, next) }
    const { weekday, iso, week } = weekOf(fiscal, date)
    return {
      calendar: id,
      date,
      starts_at: startsMs,
      ends_at: end.ms,
      weekday,
      iso_year: iso.year,
      iso_week: iso.week,
      fiscal_year: week.year,
      fiscal_period: week.period,
      fiscal_week: week.week,
    }
  })
}

function allDates(): readonly string[] {
  const dates: string[] = []
  for (let ms = startOf(writtenDates.first); ms <= startOf(writtenDates.last); ms += dayMs) dates.push(dateOf(ms))
  return dates
}

interface Week {
  readonly weekday: number
  readonly iso: FiscalWeek
  readonly week: FiscalWeek
}

const weeks = { iso: new Map<string, Week>(), '4-5-4': new Map<string, Week>() }

/** Weeks are those of the date alone, the same by all calendars. */
function weekOf(fiscal: FiscalCalendar, date: string): Week {
  const known = weeks[fiscal].get(date)
  if (known) return known
  const week = { weekday: weekdayOf(date), iso: isoWeekOf(date), week: fiscalWeekOf(fiscal, date) }
  weeks[fiscal].set(date, week)
  return week
}

/** Whose calendar has changed: those stores, or all that have none of their own. */
export type Changed = { readonly stores: readonly string[] } | 'all'

/**
 * Marks the days that were made by calendars which have changed, in the transaction that changes them: they are due, and
 * views take them from the live windows meanwhile. Call it after the change: a daily batch that holds the calendars at
 * that moment goes first, and one that comes later sees the change.
 */
export async function markStale(session: Session, changed: Changed): Promise<void> {
  await holdCalendars(session)
  const all = changed === 'all'
  await session.query(
    `UPDATE daily_batch SET stale = true
     WHERE batched_at IS NOT NULL AND NOT stale AND ($1::boolean OR stores && $2::text[])`,
    [all, all ? [] : changed.stores],
  )
}

/**
 * Keeps calendars as they are until the transaction ends. Who has made a day by them takes this before entering it, and
 * then reads them once more: where they are others by now, the day is stale from the start.
 */
export async function holdCalendars(session: Session): Promise<void> {
  await session.query(`SELECT pg_advisory_xact_lock(hashtext('calendars'))`)
}

// Tested in test/report/report.test.ts.
import { type Session, type TextRow } from '../warehouse/connection'
import { type Day, type Offset } from './clock'
import { count, text } from './row'

/** The calendars stores go by: the installation's, and those of stores that have one of their own. */
export interface Calendars {
  /** The installation's: `Europe/London 04:00`. */
  readonly own: string
  readonly all: readonly string[]
}

/** An instant as epoch milliseconds. */
export const epochMs = (instant: string) => `(extract(epoch FROM ${instant}) * 1000)::bigint`

/** An instant as PostgreSQL reads it. */
export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

/** Reads the calendars in use. */
export async function readCalendars(session: Session): Promise<Calendars> {
  const rows = await session.query(
    `SELECT default_calendar() AS own, calendar FROM v_store_calendars UNION SELECT default_calendar(), default_calendar()`,
  )
  return { own: text(rows[0]?.own), all: rows.map(({ calendar }) => text(calendar)).sort() }
}

/** The zone of a calendar. */
export function zoneOf(calendar: string): string {
  return calendar.slice(0, calendar.lastIndexOf(' '))
}

/** A business date by each calendar; throws, naming the calendar, when there is no such day in it. */
export async function readDays(session: Session, { all }: Calendars, date: string): Promise<readonly Day[]> {
  const rows = await session.query(
    `SELECT calendar, ${epochMs('starts_at')} AS starts, ${epochMs('ends_at')} AS ends
     FROM business_days WHERE date = $1::date AND calendar = ANY($2)`,
    [date, all],
  )
  return all.map((calendar) => {
    const row = rows.find((each) => each.calendar === calendar)
    if (row) return { calendar, zone: zoneOf(calendar), startMs: count(row.starts), endMs: count(row.ends) }
    throw new Error(
      `report: expected ${date} among the business days of calendar ${calendar}, got none; run \`npm run migrate\``,
    )
  })
}

/** The business date of an instant at a store; null beyond the calendars. */
export async function readDateAt(
  session: Session,
  { store, ms }: { readonly store: string; readonly ms: number },
): Promise<string | null> {
  // Of days that begin at one instant all but the last are empty: dates that the zone has skipped.
  const [row] = await session.query(
    `SELECT to_char(date, 'YYYY-MM-DD') AS date FROM business_days
     WHERE calendar = calendar_of($1) AND starts_at <= $2::timestamptz AND ends_at > $2::timestamptz
     ORDER BY business_days.date DESC LIMIT 1`,
    [store, instant(ms)],
  )
  return row?.date ?? null
}

/** The offsets of each zone from one instant to another, ascending. */
export async function readOffsets(
  session: Session,
  { zones, fromMs, toMs }: { readonly zones: readonly string[]; readonly fromMs: number; readonly toMs: number },
): Promise<ReadonlyMap<string, readonly Offset[]>> {
  const rows = await session.query(
    `SELECT zone, ${epochMs('greatest(starts_at, $2)')} AS starts, ${epochMs('least(ends_at, $3)')} AS ends,
       (extract(epoch FROM utc_offset) * 1000)::bigint AS ahead
     FROM zone_offsets WHERE zone = ANY($1) AND ends_at > $2::timestamptz AND starts_at < $3::timestamptz
     ORDER BY zone_offsets.starts_at`,
    [[...new Set(zones)], instant(fromMs), instant(toMs)],
  )
  return new Map(zones.map((zone) => [zone, rows.filter((row) => row.zone === zone).map(offsetOf)]))
}

function offsetOf({ starts, ends, ahead }: TextRow): Offset {
  return { fromMs: count(starts), toMs: count(ends), offsetMs: count(ahead) }
}

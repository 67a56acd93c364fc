// Tested in test/report/before.test.ts.
import { dateOf, dayMs, startOf } from '../day'
import { type Session } from '../warehouse/connection'
import { differences, differenceText, type Installation, readInstallation } from '../warehouse/installation'
import { type Calendars, epochMs, readCalendars, readDateAt, readDays, readOffsets, zoneOf } from './calendars'
import { clockText, type Day, type Offset, weekBefore } from './clock'
import { type AsOf } from './figures'
import { count, only, text } from './row'
import { isMade, type Scope } from './source'

const minuteMs = 60_000

/** How far PostgreSQL has come when figures are read. */
export interface Standing {
  readonly installation: Installation
  readonly calendars: Calendars
  readonly newest: NewestSale | undefined
  readonly delivered: Delivered
  /** The time the figures have come to, epoch milliseconds; -Infinity before the first sale of the stream. */
  readonly nowMs: number
}

/** Reads how far PostgreSQL has come; throws when the settings are of other days or money than the figures. */
export async function standingOf(session: Session, settings: Installation): Promise<Standing> {
  const installation = await installationOf(session, settings)
  const newest = await newestSale(session)
  const calendars = await readCalendars(session)
  const delivered = await positionsOf(session)
  return { installation, calendars, newest, delivered, nowMs: timeReached(newest?.endMs, delivered.atMs) }
}

/** A business day as PostgreSQL has it. */
export interface DayStanding {
  readonly scope: Scope
  /** When the batch that made it began, as PostgreSQL writes it; null while its figures are those of the stream. */
  readonly made: string | null
  /** Whether it goes on at some store. */
  readonly isRunning: boolean
  /** Around the day and the week before it. */
  readonly offsets: ReadonlyMap<string, readonly Offset[]>
  readonly ofZone: (zone: string) => readonly Offset[]
}

/** Reads where figures of a date are taken from; throws when it is none of the calendars' days. */
export async function dayStandingOf(
  session: Session,
  { calendars, delivered, nowMs, installation }: Standing,
  date: string,
): Promise<DayStanding> {
  const days = await readDays(session, calendars, date)
  const offsets = await offsetsAround(session, calendars, { days, nowMs, atMs: delivered.atMs })
  const made = await madeOn(session, date)
  const { minorDigits } = installation
  return {
    scope: { date, source: made === null ? 'live' : 'batch', days, own: calendars.own, minorDigits },
    made,
    isRunning: made === null && days.some(({ endMs }) => nowMs < endMs),
    offsets,
    ofZone: (of) => offsets.get(of) ?? [],
  }
}

/** The same weekday a week before a day. */
export interface ScopeBefore {
  /** As far as the day has come. */
  readonly scope: Scope
  /** All of it. */
  readonly days: readonly Day[]
  /** Time of the local clock up to which both days are counted, `14:03`; null where both are whole days. */
  readonly untilTime: string | null
}

/** The same weekday a week before, up to the same minute of each shop's clock where the day goes on. */
export async function scopeBefore(
  session: Session,
  { calendars, nowMs }: Standing,
  { scope, isRunning, ofZone }: DayStanding,
): Promise<ScopeBefore> {
  const date = dateOf(startOf(scope.date) - 7 * dayMs)
  const whole = await readDays(session, calendars, date)
  if (!isRunning) {
    const source = (await madeOn(session, date)) === null ? 'live' : 'batch'
    return { scope: { ...scope, date, source, days: whole }, days: whole, untilTime: null }
  }
  // The batch knows no minutes, so part of a day is always of the stream's.
  const days = whole.map((day) => {
    const running = scope.days.find(({ calendar }) => calendar === day.calendar)
    if (!running || nowMs >= running.endMs) return day
    return { ...day, endMs: weekBefore(Math.max(nowMs, running.startMs), { day, offsets: ofZone(day.zone) }) }
  })
  const untilTime = clockText(ofZone(zoneOf(calendars.own)), nowMs).slice(11, 16)
  return { scope: { ...scope, date, source: 'live', days }, days: whole, untilTime }
}

/** By what the figures are made; throws, naming both, when the settings say something else. */
async function installationOf(session: Session, settings: Installation): Promise<Installation> {
  // Until somebody has said, days are those of UTC.
  const found = (await readInstallation(session)) ?? { ...settings, zone: 'UTC', dayStart: '00:00' }
  const [difference] = differences(found, settings)
  if (difference) throw new Error(`report: ${differenceText(difference)}`)
  return found
}

/** When something was sold last. */
export interface NewestSale {
  /** Business date, by its store's calendar. */
  readonly date: string | undefined
  /** End of its minute. */
  readonly endMs: number
}

/** The newest minute with sales, of the stream or else of the batch; undefined before the first. */
async function newestSale(session: Session): Promise<NewestSale | undefined> {
  const [row] = await session.query(
    `SELECT store_id, ${epochMs('window_start')} AS at FROM store_1m ORDER BY window_start DESC LIMIT 1`,
  )
  if (row) {
    const ms = count(row.at)
    const date = await readDateAt(session, { store: text(row.store_id), ms })
    return { date: date ?? undefined, endMs: ms + minuteMs }
  }
  const gold = only(await session.query(`SELECT to_char(max(date), 'YYYY-MM-DD') AS date FROM gold_daily_store`))
  return gold.date === null || gold.date === undefined ? undefined : { date: gold.date, endMs: -Infinity }
}

/** What the stream has brought. */
export interface Delivered {
  readonly positions: AsOf['positions']
  /** When the partition that is furthest behind delivered last, epoch milliseconds; undefined before any has. */
  readonly atMs: number | undefined
}

/**
 * How far each partition has come. All tables of the stream are written in one transaction with it, so the position of one
 * is that of all.
 */
async function positionsOf(session: Session): Promise<Delivered> {
  const rows = await session.query(
    `SELECT stream, partition_id, sequence, ${epochMs('updated_at')} AS at FROM sink_position ORDER BY stream, partition_id`,
  )
  return {
    positions: rows.map((row) => ({
      stream: text(row.stream),
      partition: count(row.partition_id),
      sequence: count(row.sequence),
    })),
    atMs: rows.length === 0 ? undefined : Math.min(...rows.map(({ at }) => count(at))),
  }
}

/**
 * The time the day has come to: that of the last delivery, for time passes where nobody sells, but that of the newest sale
 * where history is being replayed, whose last sales are days behind the delivery.
 */
function timeReached(saleMs = -Infinity, deliveredMs = -Infinity): number {
  return deliveredMs - saleMs < 2 * dayMs ? Math.max(saleMs, deliveredMs) : saleMs
}

/** Offsets from before the week before until after the day, and around the instants the page names. */
async function offsetsAround(
  session: Session,
  calendars: Calendars,
  { days, nowMs, atMs }: { readonly days: readonly Day[]; readonly nowMs: number; readonly atMs: number | undefined },
): Promise<ReadonlyMap<string, readonly Offset[]>> {
  const instants = [...days.flatMap(({ startMs, endMs }) => [startMs, endMs]), nowMs, atMs ?? nowMs].filter(
    Number.isFinite,
  )
  const zones = [zoneOf(calendars.own), ...days.map(({ zone }) => zone)]
  return readOffsets(session, {
    zones,
    // Whole days: hours are looked up by the second.
    fromMs: (Math.floor(Math.min(...instants) / dayMs) - 9) * dayMs,
    toMs: (Math.ceil(Math.max(...instants) / dayMs) + 1) * dayMs,
  })
}

/** When the batch that made a date began, as PostgreSQL writes it; null when none has, or its figures no longer stand. */
async function madeOn(session: Session, date: string): Promise<string | null> {
  const [row] = await session.query(
    `SELECT b.batched_at FROM daily_batch AS b WHERE b.date = $1::date AND ${isMade('$1::date')}`,
    [date],
  )
  return row?.batched_at ?? null
}

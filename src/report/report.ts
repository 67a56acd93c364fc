import { dateOf, dayMs, startOf } from '../day'
import { type Session, type Warehouse } from '../warehouse/connection'
import { differences, differenceText, type Installation, readInstallation } from '../warehouse/installation'
import { type Calendars, epochMs, readCalendars, readDateAt, readDays, readOffsets, zoneOf } from './calendars'
import { clockText, type Day, type Offset, weekBefore } from './clock'
import { type AsOf, type Before, type Figures } from './figures'
import { funnelOf, paymentsOf, qualityOf } from './operations'
import { count, only, text } from './row'
import { hoursOf, mixOf, productsOf, storesOf, totalsOf } from './sales'
import { isMade, type Scope } from './source'
import { stockoutsOf } from './stockouts'

/** Which day, and what the settings say of days and money. */
export interface Wanted {
  /** Business date; the newest with sales when none is named. */
  readonly date?: string | undefined
  readonly settings: Installation
}

const minuteMs = 60_000

/**
 * The figures of a business day, all of one instant: what is still open from the minutes of the stream, what is done from
 * the daily batch, read in one repeatable-read transaction, in which every table of PostgreSQL is at the same position.
 * Throws when settings are of other days or money than the figures, and when nothing was sold that day, with the days on
 * which something was.
 */
export function readReport(warehouse: Warehouse, wanted: Wanted): Promise<Figures> {
  return warehouse.transaction(async (session) => {
    await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    return read(session, wanted)
  })
}

async function read(session: Session, { date: named, settings }: Wanted): Promise<Figures> {
  const { currency, minorDigits, zone } = await installationOf(session, settings)
  const newest = await newestSale(session)
  const date = named ?? newest?.date
  if (date === undefined) throw new Error('report: nothing was sold yet; run `npm start` or `npm run replay` first')

  const calendars = await readCalendars(session)
  const days = await readDays(session, calendars, date)
  const delivered = await positionsOf(session)
  const nowMs = timeReached(newest?.endMs, delivered.atMs)
  const offsets = await offsetsAround(session, calendars, { days, nowMs, atMs: delivered.atMs })
  const ofZone = (of: string) => offsets.get(of) ?? []

  const made = await madeOn(session, date)
  const isRunning = made === null && days.some(({ endMs }) => nowMs < endMs)
  const scope: Scope = { date, source: made === null ? 'live' : 'batch', days, own: calendars.own, minorDigits }
  const totals = await totalsOf(session, scope)
  if (!totals) throw await noSales(session, date, newest)
  const mix = await mixOf(session, scope)
  return {
    date,
    currency,
    minorDigits,
    calendar: calendars.own,
    zone,
    asOf: asOf(delivered, ofZone(zone)),
    source: scope.source,
    batchedAt: made === null ? null : await localOf(session, zone, made),
    isRunning,
    totals,
    before: await beforeOf(session, scope, { calendars, nowMs: isRunning ? nowMs : undefined, ofZone }),
    hours: await hoursOf(session, scope, offsets),
    stores: await storesOf(session, scope),
    products: await productsOf(session, scope),
    categories: mix.top('category'),
    regions: mix.regions,
    channels: mix.top('channel'),
    funnel: await funnelOf(session, scope, mix.onlineOrders),
    payments: await paymentsOf(session, scope),
    quality: await qualityOf(session, scope),
    stockouts: await stockoutsOf(session, scope),
  }
}

/** By what the figures are made; throws, naming both, when the settings say something else. */
async function installationOf(session: Session, settings: Installation): Promise<Installation> {
  // Until somebody has said, days are those of UTC.
  const found = (await readInstallation(session)) ?? { ...settings, zone: 'UTC', dayStart: '00:00' }
  const [difference] = differences(found, settings)
  if (difference) throw new Error(`report: ${differenceText(difference)}`)
  return found
}

interface NewestSale {
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

/** That there is nothing to show, and when there is. */
async function noSales(session: Session, date: string, newest: NewestSale | undefined): Promise<Error> {
  const [row] = await session.query(
    `SELECT store_id, ${epochMs('window_start')} AS at FROM store_1m ORDER BY window_start LIMIT 1`,
  )
  const live = row && (await readDateAt(session, { store: text(row.store_id), ms: count(row.at) }))
  const [gold] = await session.query(`SELECT to_char(min(date), 'YYYY-MM-DD') AS date FROM gold_daily_store`)
  const [first] = [live, gold?.date].filter((each) => typeof each === 'string').sort()
  if (first === undefined) return new Error('report: nothing was sold yet; run `npm start` or `npm run replay` first')
  return new Error(`report: no sales on ${date}; there are some from ${first} to ${newest?.date ?? first}`)
}

interface Delivered {
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

function asOf({ positions, atMs }: Delivered, offsets: readonly Offset[]): AsOf {
  if (atMs === undefined) return { at: null, local: null, positions }
  return { at: new Date(atMs).toISOString(), local: clockText(offsets, atMs), positions }
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

/** An instant of PostgreSQL on the clock of a zone. */
async function localOf(session: Session, zone: string, instant: string): Promise<string> {
  const row = only(
    await session.query(
      `SELECT to_char(($2::timestamptz + utc_offset) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS local
       FROM zone_offsets WHERE zone = $1 AND starts_at <= $2::timestamptz AND ends_at > $2::timestamptz`,
      [zone, instant],
    ),
  )
  return text(row.local)
}

interface Comparing {
  readonly calendars: Calendars
  /** The time reached where the day goes on; undefined where it is over, and whole days are compared. */
  readonly nowMs: number | undefined
  readonly ofZone: (zone: string) => readonly Offset[]
}

/** The same weekday a week before, up to the same minute of each shop's clock. */
async function beforeOf(session: Session, scope: Scope, { calendars, nowMs, ofZone }: Comparing): Promise<Before> {
  const date = dateOf(startOf(scope.date) - 7 * dayMs)
  const whole = await readDays(session, calendars, date)
  if (nowMs === undefined) {
    const source = (await madeOn(session, date)) === null ? 'live' : 'batch'
    return { date, untilTime: null, totals: await totalsOf(session, { ...scope, date, source, days: whole }) }
  }
  // The batch knows no minutes, so part of a day is always of the stream's.
  const days = whole.map((day) => {
    const running = scope.days.find(({ calendar }) => calendar === day.calendar)
    if (!running || nowMs >= running.endMs) return day
    return { ...day, endMs: weekBefore(Math.max(nowMs, running.startMs), { day, offsets: ofZone(day.zone) }) }
  })
  const totals = await totalsOf(session, { ...scope, date, source: 'live', days })
  const untilTime = clockText(ofZone(zoneOf(calendars.own)), nowMs).slice(11, 16)
  return { date, untilTime, totals }
}

import { type Session, type Warehouse } from '../warehouse/connection'
import { type Installation } from '../warehouse/installation'
import { epochMs, readDateAt } from './calendars'
import { clockText, type Offset } from './clock'
import { type AsOf, type Before, type Figures } from './figures'
import { funnelOf, paymentsOf, qualityOf } from './operations'
import { count, only, text } from './row'
import { hoursOf, mixOf, productsOf, storesOf, totalsOf } from './sales'
import {
  type DayStanding,
  dayStandingOf,
  type Delivered,
  type NewestSale,
  scopeBefore,
  type Standing,
  standingOf,
} from './standing'
import { stockoutsOf } from './stockouts'

/** Which day, and what the settings say of days and money. */
export interface Wanted {
  /** Business date; the newest with sales when none is named. */
  readonly date?: string | undefined
  readonly settings: Installation
}

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
  const standing = await standingOf(session, settings)
  const { newest } = standing
  const date = named ?? newest?.date
  if (date === undefined) throw new Error('report: nothing was sold yet; run `npm start` or `npm run replay` first')
  const day = await dayStandingOf(session, standing, date)
  const { scope, untilTime } = await scopeBefore(session, standing, day)
  const before = { date: scope.date, untilTime, totals: await totalsOf(session, scope) }
  const figures = await figuresOf(session, standing, { day, before })
  if (figures) return figures
  throw await noSales(session, date, newest)
}

/** The figures of a day beside those of the week before, in a transaction of the caller's; null when nothing was sold. */
export async function figuresOf(
  session: Session,
  { installation, calendars, delivered }: Standing,
  { day, before }: { readonly day: DayStanding; readonly before: Before },
): Promise<Figures | null> {
  const { scope, made, isRunning, offsets, ofZone } = day
  const { currency, minorDigits, zone } = installation
  const totals = await totalsOf(session, scope)
  if (!totals) return null
  const mix = await mixOf(session, scope)
  return {
    date: scope.date,
    currency,
    minorDigits,
    calendar: calendars.own,
    zone,
    asOf: asOf(delivered, ofZone(zone)),
    source: scope.source,
    batchedAt: made === null ? null : await localOf(session, zone, made),
    isRunning,
    totals,
    before,
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

function asOf({ positions, atMs }: Delivered, offsets: readonly Offset[]): AsOf {
  if (atMs === undefined) return { at: null, local: null, positions }
  return { at: new Date(atMs).toISOString(), local: clockText(offsets, atMs), positions }
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

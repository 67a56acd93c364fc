import { type Session, type Warehouse } from '../warehouse/connection'
import { type Calendars, epochMs, readCalendars, readDateAt, readDays, readOffsets, zoneOf } from './calendars'
import { clockText, type Day, type Offset, weekBefore } from './clock'
import { type AsOf, type Before, type Figures } from './figures'
import { checkInstallation, type Expected, readInstallation } from './installation'
import { funnelOf, paymentsOf, qualityOf } from './operations'
import { count, only, text } from './row'
import { hoursOf, mixOf, productsOf, storesOf, totalsOf } from './sales'
import { isMade, type Scope } from './source'
import { stockoutsOf } from './stockouts'

/** Which day, and by what the settings say its figures are made. */
export interface Wanted {
  /** Business date; the newest with sales when none is named. */
  readonly date?: string | undefined
  readonly expected: Expected
}

const minuteMs = 60_000
const dayMs = 86_400_000

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

async function read(session: Session, { date: named, expected }: Wanted): Promise<Figures> {
  const installation = await readInstallation(session, expected)
  checkInstallation(installation, expected)
  const { currency, minorDigits, zone } = installation
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

// Tested in test/live/trade.test.ts.
import { epochMs, instant, readOffsets } from '../report/calendars'
import { localMs } from '../report/clock'
import { count, minor, only, text } from '../report/row'
import { dayMs } from '../day'
import { type Session, type TextRow } from '../warehouse/connection'
import { type Minutes, type Projection, type Trade } from './schema'

const minuteMs = 60_000
const hourMs = 3_600_000

/** Minutes of a series. */
const shownMinutes = 60

/** Channels with a series of their own. */
const shownChannels = 6

/** A full sketch has so many bytes, and estimates. */
const fullSketchBytes = 6 * 65_536

/** A stretch of whole minutes, epoch milliseconds; the end is not in it. */
interface Stretch {
  readonly fromMs: number
  readonly untilMs: number
}

/** The hour up to the end of the minute of an instant. */
export function hourUntil(nowMs: number): Stretch {
  const untilMs = Math.ceil(nowMs / minuteMs) * minuteMs
  return { fromMs: untilMs - shownMinutes * minuteMs, untilMs }
}

interface Money {
  readonly zone: string
  readonly minorDigits: number
}

/** Orders and net sales of each of the last 60 minutes, over all and by channel, beside those a week before. */
export async function minutesOf(session: Session, nowMs: number, { zone, minorDigits }: Money): Promise<Minutes> {
  const stretch = hourUntil(nowMs)
  const all = series(await rowsOf(session, stretch), stretch, minorDigits)
  const beforeRows = await rowsOf(session, await aWeekEarlier(session, zone, stretch))
  return {
    from: instant(stretch.fromMs),
    until: instant(stretch.untilMs),
    ...all,
    channels: await channelsOf(session, stretch, minorDigits),
    weekBefore: beforeRows.length === 0 ? null : series(beforeRows, stretch, minorDigits),
  }
}

/** By minute of the stretch, counted from 0. */
function rowsOf(session: Session, { fromMs, untilMs }: Stretch): Promise<readonly TextRow[]> {
  return session.query(
    `SELECT (${epochMs('window_start')} - ${epochMs('$1::timestamptz')}) / ${minuteMs} AS minute,
       sum(orders) AS orders, sum(total_revenue) AS revenue
     FROM store_1m WHERE window_start >= $1::timestamptz AND window_start < $2::timestamptz GROUP BY 1`,
    [instant(fromMs), instant(untilMs)],
  )
}

interface Series {
  readonly orders: readonly number[]
  readonly netSalesMinor: readonly number[]
}

function series(rows: readonly TextRow[], { fromMs, untilMs }: Stretch, digits: number): Series {
  const size = (untilMs - fromMs) / minuteMs
  const [orders, netSalesMinor] = [new Array<number>(size).fill(0), new Array<number>(size).fill(0)]
  for (const row of rows) {
    orders[count(row.minute)] = count(row.orders)
    netSalesMinor[count(row.minute)] = minor(row.revenue, digits)
  }
  return { orders, netSalesMinor }
}

async function channelsOf(session: Session, stretch: Stretch, digits: number): Promise<Minutes['channels']> {
  const rows = await session.query(
    `SELECT channel, (${epochMs('window_start')} - ${epochMs('$1::timestamptz')}) / ${minuteMs} AS minute,
       sum(orders) AS orders, sum(total_revenue) AS revenue
     FROM mix_1m WHERE window_start >= $1::timestamptz AND window_start < $2::timestamptz GROUP BY 1, 2`,
    [instant(stretch.fromMs), instant(stretch.untilMs)],
  )
  const names = [...new Set(rows.map(({ channel }) => text(channel)))]
  return names
    .map((name) => {
      const own = series(
        rows.filter(({ channel }) => channel === name),
        stretch,
        digits,
      )
      return { name, ...own }
    })
    .sort((a, b) => total(b.netSalesMinor) - total(a.netSalesMinor) || (a.name < b.name ? -1 : 1))
    .slice(0, shownChannels)
}

const total = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0)

/** The stretch at whose end the zone's clocks showed the same a week before. */
async function aWeekEarlier(session: Session, zone: string, { fromMs, untilMs }: Stretch): Promise<Stretch> {
  const earlierMs = untilMs - 7 * dayMs
  const read = await readOffsets(session, { zones: [zone], fromMs: earlierMs - dayMs, toMs: untilMs + dayMs })
  const offsets = read.get(zone) ?? []
  const changedMs = localMs(offsets, untilMs) - untilMs - (localMs(offsets, earlierMs) - earlierMs)
  return { fromMs: fromMs - 7 * dayMs + changedMs, untilMs: earlierMs + changedMs }
}

/** Known customers with a receipt in the last 60 minutes. */
export async function activeCustomersOf(session: Session, nowMs: number): Promise<Trade['activeCustomers']> {
  const { fromMs, untilMs } = hourUntil(nowMs)
  const row = only(
    await session.query(
      `SELECT coalesce(sketch_estimate(merged), 0) AS customers, coalesce(length(merged), 0) AS bytes FROM (
         SELECT sketch_merge(unique_customers_sketch) FILTER (WHERE length(unique_customers_sketch) > 0) AS merged
         FROM store_1m WHERE window_start >= $1::timestamptz AND window_start < $2::timestamptz
       ) AS hour`,
      [instant(fromMs), instant(untilMs)],
    ),
  )
  return { customers: count(row.customers), customersAre: count(row.bytes) >= fullSketchBytes ? 'estimated' : 'exact' }
}

/** What the hour of the zone's clock comes to, should the rest of it go as the last 60 minutes did. */
export async function projectedHour(
  session: Session,
  { zone, nowMs, minutes }: { readonly zone: string; readonly nowMs: number; readonly minutes: Minutes },
): Promise<Projection> {
  const { fromMs, untilMs } = hourUntil(nowMs)
  const lastMs = untilMs - minuteMs
  const read = await readOffsets(session, { zones: [zone], fromMs: lastMs, toMs: untilMs })
  const beganMs = lastMs - (localMs(read.get(zone) ?? [], lastMs) % hourMs)
  const [first, left] = [(beganMs - fromMs) / minuteMs, Math.max(0, beganMs + hourMs - nowMs) / hourMs]
  const projected = (list: readonly number[]) => Math.round(total(list.slice(first)) + total(list) * left)
  return {
    until: instant(beganMs + hourMs),
    orders: projected(minutes.orders),
    netSalesMinor: projected(minutes.netSalesMinor),
  }
}

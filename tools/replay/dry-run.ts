import { type Calendar, dateAt } from '../../src/business/calendar'
import { decode, type DecodeRules } from '../../src/event/decode'
import { type SaleEvent } from '../../src/event/event'
import { type ReplayEvent } from '../../generator/replay-event'

/** What the sales of one business day come to, by the measures of docs/metrics.md; money in minor units. */
export interface DaySums {
  readonly date: string
  readonly orders: number
  readonly returnReceipts: number
  /** Pieces sold less pieces returned. */
  readonly pieces: number
  readonly grossMinor: number
  readonly discountsMinor: number
  readonly returnsMinor: number
  readonly netMinor: number
  /** Tax of goods, shipping and fees, whether on top or contained. */
  readonly taxMinor: number
  readonly shippingMinor: number
}

/** Rejects of one kind: the same reason and field. */
export interface RejectKind {
  readonly reason: string
  /** The field, what was expected and what came, of the first. */
  readonly detail: string
  readonly events: number
  readonly rows: number
  /** The first as it would be sent, shortened. */
  readonly first: string
}

/** What a replay would do. */
export interface DryRun {
  readonly events: number
  readonly rows: number
  readonly accepted: number
  readonly rejected: number
  readonly days: readonly DaySums[]
  readonly rejects: readonly RejectKind[]
}

/**
 * Decodes the events of a replay as the pipeline would, were they sent at `nowMs`, and adds up the sales by business day.
 * Nothing is sent. Memory: a day's sums, and one example of each kind of reject.
 */
export async function dryRun(
  events: AsyncIterable<ReplayEvent>,
  { rules, calendar, nowMs }: { readonly rules: DecodeRules; readonly calendar: Calendar; readonly nowMs: number },
): Promise<DryRun> {
  const days = new Map<string, DaySums>()
  const rejects = new Map<string, RejectKind>()
  let [sent, rows, rejected] = [0, 0, 0]
  for await (const { body, rows: rowsOfEvent } of events) {
    sent++
    rows += rowsOfEvent
    const decoded = decode(body, { enqueuedMs: nowMs, rules })
    const refusal = decoded.find((each) => each.kind === 'reject')
    if (refusal) {
      rejected++
      const kind = `${refusal.reason} ${refusal.detail.split(':', 1)[0]}`
      const before = rejects.get(kind)
      rejects.set(kind, {
        reason: refusal.reason,
        detail: before?.detail ?? refusal.detail,
        events: (before?.events ?? 0) + 1,
        rows: (before?.rows ?? 0) + rowsOfEvent,
        first: before?.first ?? Buffer.from(body).toString().slice(0, shown),
      })
      continue
    }
    for (const each of decoded) {
      if (each.kind !== 'event' || each.event.type !== 'sale') continue
      const date = dateAt(calendar, each.event.eventTimeMs)
      days.set(date, plus(days.get(date) ?? nothing(date), each.event))
    }
  }
  return {
    events: sent,
    rows,
    accepted: sent - rejected,
    rejected,
    days: [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1)),
    rejects: [...rejects.values()].sort((a, b) => b.events - a.events),
  }
}

/** Characters of an example. */
const shown = 500

function nothing(date: string): DaySums {
  const money = { grossMinor: 0, discountsMinor: 0, returnsMinor: 0, netMinor: 0, taxMinor: 0, shippingMinor: 0 }
  return { date, orders: 0, returnReceipts: 0, pieces: 0, ...money }
}

/** A receipt that takes another back counts as minus the one it takes back. */
function plus(day: DaySums, { lines, voids }: SaleEvent): DaySums {
  const sign = voids === undefined ? 1 : -1
  const goods = lines.filter(({ kind }) => kind === 'goods')
  const sells = goods.some(({ valueMinor }) => sign * valueMinor > 0)
  const returns = goods.some(({ valueMinor }) => sign * valueMinor < 0)
  const sum = <T>(of: readonly T[], value: (each: T) => number) => of.reduce((total, each) => total + value(each), 0)
  const sold = goods.filter(({ valueMinor }) => sign * valueMinor > 0)
  const returned = goods.filter(({ valueMinor }) => sign * valueMinor < 0)
  const taxed = lines.filter(({ kind }) => kind === 'goods' || kind === 'shipping' || kind === 'fee')
  return {
    date: day.date,
    orders: day.orders + (sells ? sign : 0),
    returnReceipts: day.returnReceipts + (returns && !sells ? sign : 0),
    pieces: day.pieces + sum(goods, ({ pieces }) => pieces),
    grossMinor: day.grossMinor + sum(sold, ({ valueMinor }) => valueMinor),
    discountsMinor: day.discountsMinor + sign * sum(sold, ({ discountMinor }) => discountMinor),
    returnsMinor: day.returnsMinor - sum(returned, ({ amountMinor }) => amountMinor),
    netMinor: day.netMinor + sum(goods, ({ amountMinor }) => amountMinor),
    taxMinor: day.taxMinor + sum(taxed, ({ taxMinor }) => taxMinor),
    shippingMinor: day.shippingMinor + sum(lines, (line) => (line.kind === 'shipping' ? line.amountMinor : 0)),
  }
}

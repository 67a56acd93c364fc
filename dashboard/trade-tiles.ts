import { type Trade } from '../src/live/schema'
import { changeOf, pointsOf } from './change'
import { moneyText, numberText, percentText, shortDate, timeText } from './format'
import { type Tile } from './tile'

/** The tiles of the trade view, in their order. */
export const tradeTileNames = [
  'Net sales',
  'Orders',
  'Average order',
  'Items per basket',
  'Active customers',
  'Hour, projected',
  'Day, projected',
  'Open stock-outs',
  'Data quality',
  'Late events',
] as const

type Name = (typeof tradeTileNames)[number]

/** What the trade view is compared with, in a line. */
export function againstText({ today, weekBefore, business }: Trade): string {
  if (today === null) return `Nothing sold yet${business.date === null ? '' : ` on ${shortDate(business.date)}`}`
  return weekBefore === null
    ? 'Nothing was sold on the same weekday a week before up to this minute: all of today is new'
    : `Compared with ${shortDate(weekBefore.date)} up to ${weekBefore.untilTime}`
}

/** The tiles of an answer; a figure that is not there is a dash. */
export function tradeTiles(trade: Trade): readonly Tile[] {
  const { today, weekBefore, activeCustomers, projected, business } = trade
  const [now, before] = [today?.totals ?? null, weekBefore?.totals ?? null]
  const was = (text: string) => (before === null ? '' : `was ${text}`)
  const tile = (name: Name, value: string, rest: Omit<Tile, 'name' | 'value'>): Tile => ({ name, value, ...rest })
  const projection = (name: Name, of: Trade['projected']['hour'], until: string): Tile =>
    tile(name, moneyText(of?.netSalesMinor ?? null, trade), {
      note: of === null ? 'nothing to go by yet' : `${numberText(of.orders)} orders ${until}`,
    })
  const lost = today?.stockouts.lost ?? null
  const quality = today?.quality ?? null
  const qualityBefore = weekBefore?.quality ?? null
  return [
    tile('Net sales', moneyText(now?.netSalesMinor ?? null, trade), {
      change: changeOf(now?.netSalesMinor ?? null, before?.netSalesMinor ?? null),
      note: was(moneyText(before?.netSalesMinor ?? null, trade)),
    }),
    tile('Orders', numberText(now?.orders ?? null), {
      change: changeOf(now?.orders ?? null, before?.orders ?? null),
      note: was(numberText(before?.orders ?? null)),
    }),
    tile('Average order', moneyText(now?.averageOrderMinor ?? null, trade), {
      change: changeOf(now?.averageOrderMinor ?? null, before?.averageOrderMinor ?? null),
      note: was(moneyText(before?.averageOrderMinor ?? null, trade)),
    }),
    tile('Items per basket', numberText(now?.itemsPerBasket ?? null, 2), {
      change: changeOf(now?.itemsPerBasket ?? null, before?.itemsPerBasket ?? null),
      note: was(numberText(before?.itemsPerBasket ?? null, 2)),
    }),
    tile('Active customers', numberText(activeCustomers.customers), {
      note: `known, in the last 60 min${activeCustomers.customersAre === 'estimated' ? ', estimated' : ''}`,
    }),
    projection(
      'Hour, projected',
      projected.hour,
      projected.hour ? `until ${timeText(Date.parse(projected.hour.until), business.zone)}` : '',
    ),
    projection('Day, projected', projected.day, 'by its end'),
    tile('Open stock-outs', numberText(today?.stockouts.open ?? null), {
      note: today
        ? `${numberText(today.stockouts.opened)} opened, ${numberText(today.stockouts.resolved)} resolved today${
            lost === null ? '' : `, ${moneyText(lost.revenueMinor, trade)} lost`
          }`
        : '',
    }),
    tile('Data quality', percentText(quality?.qualityPct ?? null, 2), {
      change: pointsOf(quality?.qualityPct ?? null, qualityBefore?.qualityPct ?? null),
      note: quality ? `${numberText(quality.rejected)} of ${numberText(quality.received)} rejected` : '',
    }),
    tile('Late events', numberText(quality?.late ?? null), {
      change: changeOf(quality?.late ?? null, qualityBefore?.late ?? null),
      note: quality && quality.late > 0 ? `latest by ${numberText(quality.lateSecondsMax)} s` : '',
    }),
  ]
}

/** The trade view in a sentence. */
export function tradeSummary(trade: Trade): string {
  const [sales, orders] = tradeTiles(trade)
  if (!trade.today || !sales || !orders) return 'Nothing sold yet'
  const change = sales.change?.words ? `, ${sales.change.words}` : ''
  return `Net sales ${sales.value}${change}; ${orders.value} orders; ${numberText(trade.today.stockouts.open)} open stock-outs`
}

/** A name of the data, which can be empty. */
export function named(name: string): string {
  return name === '' ? 'not said' : name
}

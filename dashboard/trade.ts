// Tested in test/dashboard/page.test.ts.
import { type Trade } from '../src/live/schema'
import { openBarsChart } from './bars-chart'
import { type CardPlan } from './card'
import { openColumnsChart } from './columns-chart'
import { moneyText, numberText, percentText, shortMoney } from './format'
import { stepsOf } from './funnel'
import { hourPairs } from './hours'
import { openMinutesChart } from './minutes-chart'
import {
  funnelTable,
  hoursTable,
  minutesTable,
  paymentsTable,
  stockoutsTable,
  type Top,
  topTable,
} from './trade-tables'
import { againstText, named, tradeSummary, tradeTileNames, tradeTiles } from './trade-tiles'
import { type ViewPlan } from './view'

const nothingSold = 'Nothing sold yet'
const weekDashed = 'dashed: the same minutes a week before; dotted: the minute under way, so far'

const minutes = (of: 'orders' | 'netSalesMinor', id: string, title: string): CardPlan<Trade> => ({
  id,
  title,
  note: ({ minutes: series }) =>
    series?.weekBefore ? `Last 60 minutes; ${weekDashed}` : 'Last 60 minutes; dotted: the minute under way, so far',
  none: 'No minute yet',
  table: minutesTable,
  chart: (body) => {
    const draw = openMinutesChart(body)
    return (trade) => {
      if (!trade.minutes) return
      const labels =
        of === 'orders'
          ? {
              value: (count: number) => `${numberText(count)} orders`,
              tick: (count: number) => numberText(count),
              step: 1,
            }
          : {
              value: (minor: number) => moneyText(Math.round(minor), trade),
              tick: (minor: number) => shortMoney(minor, trade),
              step: 10 ** trade.minorDigits,
            }
      draw(
        {
          fromMs: Date.parse(trade.minutes.from),
          values: trade.minutes[of],
          before: trade.minutes.weekBefore?.[of] ?? null,
          zone: trade.business.zone,
        },
        labels,
      )
    }
  },
})

const hours: CardPlan<Trade> = {
  id: 'hours',
  title: 'Net sales by hour',
  isWide: true,
  note: ({ weekBefore }) =>
    weekBefore
      ? 'Columns: today, the hour under way dotted; line: the same weekday a week before, all of it'
      : 'Today; the hour under way is dotted',
  none: nothingSold,
  table: hoursTable,
  chart: (body) => {
    const draw = openColumnsChart(body)
    return (trade) => {
      const pairs = hourPairs(trade.today?.hours ?? [], trade.weekBefore?.hours ?? [])
      const under = trade.today?.isRunning ? trade.business.local?.slice(11, 13) : undefined
      const last = pairs.findLastIndex(({ now }) => now !== null)
      const columns = pairs.map(({ label, now, before }, at) => ({
        label,
        value: now?.revenueMinor ?? null,
        before: before?.revenueMinor ?? null,
        isSoFar: at === last && label.slice(0, 2) === under,
      }))
      const best = pairs.reduce((a, b) => ((b.now?.revenueMinor ?? 0) > (a.now?.revenueMinor ?? 0) ? b : a))
      const summary = `Columns of ${pairs.length} hours; highest today ${moneyText(best.now?.revenueMinor ?? 0, trade)} at ${best.label}`
      draw(columns, { tick: (minor) => shortMoney(minor, trade), least: 4 * 10 ** trade.minorDigits, summary })
    }
  },
}

interface TopOptions {
  readonly id: string
  readonly title: string
  readonly of: string
  readonly list: (trade: Trade) => Top | null
  readonly before?: (trade: Trade) => Top | null
}

const top = ({ id, title, of, list, before }: TopOptions): CardPlan<Trade> => ({
  id,
  title,
  note: (trade) => {
    const found = list(trade)
    if (!found) return 'Net sales today'
    return found.count > found.list.length
      ? `Net sales today, the first ${found.list.length} of ${numberText(found.count)}`
      : 'Net sales today'
  },
  none: nothingSold,
  table: (trade) => topTable(trade, list(trade), of, before?.(trade)),
  chart: (body) => {
    const draw = openBarsChart(body)
    return (trade) => {
      const bars = (list(trade)?.list ?? []).map(({ name, revenueMinor }) => ({
        name: named(name),
        words: moneyText(revenueMinor, trade),
        value: revenueMinor,
      }))
      draw(bars, `Bars: ${bars.map(({ name, words }) => `${name} ${words}`).join(', ')}`)
    }
  },
})

const funnel: CardPlan<Trade> = {
  id: 'funnel',
  title: 'From looking to buying',
  note: ({ today }) => {
    const sessions = today?.funnel?.sessions ?? null
    return sessions === null ? 'Web and app, today' : `Web and app, today; ${numberText(sessions)} visits`
  },
  none: 'No visit and no sale yet',
  table: funnelTable,
  chart: (body) => {
    const draw = openBarsChart(body)
    return ({ today }) => {
      const bars = (today?.funnel ? stepsOf(today.funnel) : []).map(({ name, count, dropPercent }) => ({
        name,
        words: `${numberText(count)}${dropPercent === null ? '' : ` (−${percentText(dropPercent)})`}`,
        value: count,
      }))
      draw(bars, `Funnel: ${bars.map(({ name, words }) => `${name} ${words}`).join(', ')}`)
    }
  },
}

const payments: CardPlan<Trade> = {
  id: 'payments',
  title: 'Payments',
  note: ({ today }) => {
    const found = today?.payments
    if (!found) return 'Attempts today'
    const tried = found.succeeded + found.failed
    return `${numberText(found.failed)} of ${numberText(tried)} attempts failed today; failed in red`
  },
  none: 'No attempt to pay yet',
  table: paymentsTable,
  chart: (body) => {
    const draw = openBarsChart(body)
    return ({ today }) => {
      const found = today?.payments
      const methods = (found?.byMethod ?? []).map(({ method, payments: all, failed }) => ({
        name: named(method),
        words: failed === 0 ? numberText(all) : `${numberText(all)}, ${numberText(failed)} failed`,
        value: all,
        part: failed,
      }))
      const reasons = (found?.failures ?? []).map(({ reason, payments: count }) => ({
        name: `failed: ${named(reason)}`,
        words: numberText(count),
        value: count,
        part: count,
      }))
      const bars = [...methods, ...reasons]
      draw(bars, `Bars: ${bars.map(({ name, words }) => `${name} ${words}`).join(', ')}`)
    }
  },
}

const stockouts: CardPlan<Trade> = {
  id: 'stock-outs',
  title: 'Stock-outs that cost most',
  note: ({ today }) =>
    `${numberText(today?.stockouts.open ?? 0)} open; those whose product took most in seven days, first`,
  none: 'No open stock-out',
  table: stockoutsTable,
}

/** What a shop looks at. */
export const tradeView: ViewPlan<Trade> = {
  title: 'Trade',
  against: againstText,
  tileNames: tradeTileNames,
  tiles: tradeTiles,
  summary: tradeSummary,
  cards: [
    minutes('orders', 'orders-per-minute', 'Orders per minute'),
    minutes('netSalesMinor', 'sales-per-minute', 'Net sales per minute'),
    hours,
    top({
      id: 'channels',
      title: 'Channels',
      of: 'Channel',
      list: ({ today }) => today?.channels ?? null,
      before: ({ weekBefore }) => weekBefore?.channels ?? null,
    }),
    top({ id: 'products', title: 'Top products', of: 'Product', list: ({ today }) => today?.products ?? null }),
    top({ id: 'categories', title: 'Top categories', of: 'Category', list: ({ today }) => today?.categories ?? null }),
    top({ id: 'regions', title: 'Regions', of: 'Region', list: ({ today }) => today?.regions ?? null }),
    top({ id: 'stores', title: 'Top stores', of: 'Store', list: ({ today }) => today?.stores ?? null }),
    funnel,
    payments,
    stockouts,
  ],
}

import { type Trade } from '../src/live/schema'
import { money, number, percent, text } from './cells'
import { changeOf } from './change'
import { stepsOf } from './funnel'
import { hourPairs } from './hours'
import { timeText } from './format'
import { type Cell, type Table } from './table'
import { named } from './trade-tiles'

type Today = NonNullable<Trade['today']>

export type Top = Today['stores']

const minuteMs = 60_000

/** Orders and net sales of each of the last minutes, all and by channel, and of the same minutes a week before. */
export function minutesTable(trade: Trade): Table | null {
  const { minutes, business } = trade
  if (!minutes) return null
  const fromMs = Date.parse(minutes.from)
  const rows = minutes.orders.map((orders, at): readonly Cell[] => [
    text(`${timeText(fromMs + at * minuteMs, business.zone)}${at === minutes.orders.length - 1 ? ' so far' : ''}`),
    number(orders),
    money(minutes.netSalesMinor[at] ?? 0, trade),
    number(minutes.weekBefore?.orders[at] ?? null),
    money(minutes.weekBefore?.netSalesMinor[at] ?? null, trade),
    ...minutes.channels.flatMap((channel) => [
      number(channel.orders[at] ?? 0),
      money(channel.netSalesMinor[at] ?? 0, trade),
    ]),
  ])
  const channels = minutes.channels.flatMap(({ name }) => [`${named(name)}: orders`, `${named(name)}: net sales`])
  return {
    header: ['Minute', 'Orders', 'Net sales', 'Orders a week before', 'Net sales a week before', ...channels],
    rows,
  }
}

/** Each hour of the business day beside the one a week before. */
export function hoursTable(trade: Trade): Table | null {
  const pairs = hourPairs(trade.today?.hours ?? [], trade.weekBefore?.hours ?? [])
  if (pairs.length === 0) return null
  return {
    header: ['Hour', 'Net sales', 'Orders', 'Net sales a week before', 'Orders a week before'],
    rows: pairs.map(({ label, now, before }) => [
      text(label),
      money(now?.revenueMinor ?? null, trade),
      number(now?.orders ?? null),
      money(before?.revenueMinor ?? null, trade),
      number(before?.orders ?? null),
    ]),
  }
}

/** A list of those that took most; with `before` each against the week before. */
export function topTable(trade: Trade, top: Top | null, of: string, before?: Top | null): Table | null {
  if (!top || top.list.length === 0) return null
  const counts = (['orders', 'quantity'] as const).filter((count) =>
    top.list.some((share) => share[count] !== undefined),
  )
  const columns = counts.map((count) => (count === 'orders' ? 'Orders' : 'Pieces'))
  return {
    header: [of, 'Net sales', 'Share', ...columns, ...(before === undefined ? [] : ['A week before', 'Change'])],
    rows: top.list.map((share) => {
      const was = before?.list.find(({ name }) => name === share.name)?.revenueMinor ?? null
      return [
        text(named(share.name)),
        money(share.revenueMinor, trade),
        percent(top.revenueMinor > 0 ? (100 * share.revenueMinor) / top.revenueMinor : null),
        ...counts.map((count) => number(share[count] ?? null)),
        ...(before === undefined ? [] : [money(was, trade), text(changeOf(share.revenueMinor, was).words)]),
      ]
    }),
  }
}

/** The steps from looking to buying, what each loses, and what it was a week before. */
export function funnelTable({ today, weekBefore }: Trade): Table | null {
  if (!today?.funnel) return null
  const before = weekBefore?.funnel ? stepsOf(weekBefore.funnel) : []
  return {
    header: ['Step', 'Count', 'Lost since the step before', 'A week before'],
    rows: stepsOf(today.funnel).map(({ name, count, dropPercent }, at) => [
      text(name),
      number(count),
      percent(dropPercent),
      number(before[at]?.count ?? null),
    ]),
  }
}

/** Attempts to pay by method, then those that failed by reason. */
export function paymentsTable(trade: Trade): Table | null {
  const payments = trade.today?.payments
  if (!payments) return null
  const row = (name: string, all: number, failed: number | null, minor: number | null) => [
    text(name),
    number(all),
    number(failed),
    money(minor, trade),
  ]
  const { succeeded, failed, succeededMinor, failedMinor, byMethod, failures } = payments
  return {
    header: ['Payments', 'Attempts', 'Failed', 'Amount'],
    rows: [
      row('Succeeded', succeeded, 0, succeededMinor),
      row('Failed', failed, failed, failedMinor),
      ...byMethod.map((each) => row(`By ${named(each.method)}`, each.payments, each.failed, null)),
      ...failures.map((each) => row(`Failed: ${named(each.reason)}`, each.payments, each.payments, each.amountMinor)),
    ],
  }
}

/** The open alerts whose product takes most. */
export function stockoutsTable(trade: Trade): Table | null {
  const foremost = trade.today?.stockouts.foremost ?? []
  if (foremost.length === 0) return null
  return {
    header: ['Store', 'Product', 'Since, shop time', 'Took in 7 days', 'Last count'],
    rows: foremost.map(({ storeId, productId, openedAt, weekRevenueMinor, onHand }) => [
      text(storeId),
      text(productId),
      // Of today the time will do.
      { shown: openedAt.startsWith(`${trade.business.date} `) ? openedAt.slice(11) : openedAt, value: openedAt },
      money(weekRevenueMinor, trade),
      number(onHand),
    ]),
  }
}

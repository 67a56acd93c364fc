// Tested in test/tools/query/report.test.ts.
import { type Figures } from '../../../src/report/figures'
import { printable, wrap } from '../printable'
import { countOf, type Currency, duration, grouped, money, percent } from './format'
import { barLines, type BarRow, columnLines, type Lines, type PageOptions } from './layout'

/** The way from looking to buying, each step with its share of the one before. */
export function funnelLines(funnel: Figures['funnel'], { width, paint }: PageOptions): Lines {
  if (!funnel) return [paint('dim', 'no visits recorded that day')]
  const { sessions, views, addToCarts, checkouts, purchases, orders } = funnel
  if (views + addToCarts + checkouts === 0) {
    return [`${grouped(purchases)} bought`, paint('dim', 'no visits recorded that day')]
  }
  const steps = [
    ['viewed', views, null],
    ['put in cart', addToCarts, views],
    ['checked out', checkouts, addToCarts],
    ['ordered', orders, checkouts],
  ] as const
  const rows = steps.map(([label, value, before]): BarRow => {
    const share = before === null || before === 0 ? '' : percent(value, before)
    return { label, value, cells: [grouped(value), share] }
  })
  const visits = sessions === null ? '' : `${countOf(sessions, 'visit')}; `
  const note = `${visits}percent of the step before`
  return [...barLines(rows, { width, paint }), ...wrap(note, width).map((line) => paint('dim', line))]
}

/** How many payments succeeded, why the others did not, and by what means. */
export function paymentLines(payments: Figures['payments'], currency: Currency, { width, paint }: PageOptions): Lines {
  if (!payments) return [paint('dim', 'no payments recorded that day')]
  const { succeeded, failed, succeededMinor, failedMinor, byMethod, failures } = payments
  const summary = `${percent(succeeded, succeeded + failed)} of ${grouped(succeeded + failed)} succeeded, ${money(succeededMinor, currency)}`
  const rows = failures.map(({ reason, payments: count, amountMinor }) => ({
    label: reason,
    value: count,
    cells: [grouped(count), money(amountMinor, currency)],
  }))
  const failure = `${grouped(failed)} failed, ${money(failedMinor, currency)}`
  const methods = byMethod.map(({ method, payments: count }) => `${printable(method)} ${grouped(count)}`).join(', ')
  return [
    ...wrap(summary, width),
    paint(failed > 0 ? 'red' : 'green', failed > 0 ? `${failure}:` : 'none failed'),
    ...(rows.length > 0 ? barLines(rows, { width, paint, style: 'red' }) : []),
    ...wrap(`by ${methods}`, width).map((line) => paint('dim', line)),
  ]
}

/** A quality below this is worth a look. */
const goodPct = 99

/** What came in, what of it counts, and how late the late came. */
export function qualityLines(quality: Figures['quality'], { width, paint }: PageOptions): Lines {
  if (!quality) return [paint('dim', 'not measured that day')]
  const { received, valid, rejected, duplicates, conflicting, repeatedReceipts, qualityPct, rejections } = quality
  const { late, lateSecondsMean, lateSecondsMax } = quality
  const verdict =
    qualityPct === null ? 'nothing came in' : `${qualityPct.toFixed(2)} % of ${grouped(received)} events are valid`
  const rows = rejections.map(({ reason, events }) => ({ label: reason, value: events, cells: [grouped(events)] }))
  const lateness =
    late === 0 || lateSecondsMean === null
      ? 'none came late'
      : `${grouped(late)} came late (${percent(late, valid)}) and count: ${duration(lateSecondsMean)} on average, ${duration(lateSecondsMax)} at most`
  return [
    paint((qualityPct ?? 100) >= goodPct ? 'green' : 'yellow', verdict),
    `${grouped(rejected)} rejected, ${countOf(duplicates, 'duplicate')} left out`,
    ...(rows.length > 0 ? barLines(rows, { width, paint, style: 'yellow' }) : []),
    ...wrap(lateness, width),
    ...(conflicting > 0
      ? wrap(
          `${countOf(conflicting, 'duplicate says', 'duplicates say')} something else than what counted: see runbook conflicting-ids`,
          width,
        )
      : []),
    ...(repeatedReceipts > 0
      ? wrap(
          `${countOf(repeatedReceipts, 'receipt')} came under several ids and count${repeatedReceipts === 1 ? 's' : ''} each time`,
          width,
        )
      : []),
  ]
}

/** The alerts open at the end of the day, those of products that sell most by name. */
export function stockoutLines({ stockouts, date, ...currency }: Figures, { width, paint }: PageOptions): Lines {
  const { open, opened, resolved, lost, foremost } = stockouts
  const summary = `${grouped(open)} open; that day ${grouped(opened)} opened and ${grouped(resolved)} resolved`
  const hasHands = foremost.some(({ onHand }) => onHand !== null)
  const rows = foremost.map(({ storeId, productId, openedAt, onHand }) => [
    storeId,
    productId,
    sinceText(openedAt, date),
    ...(hasHands ? [onHand === null ? '' : `${grouped(onHand)} left`] : []),
  ])
  const rest = open - foremost.length
  const counted = hasHands ? ', and pieces counted last' : ''
  return [
    ...wrap(summary, width).map((line) => paint(open > 0 ? 'yellow' : 'green', line)),
    ...(lost === null ? [] : wrap(lostText(lost, currency), width)),
    ...(rows.length > 0 ? [paint('dim', `open since${counted}`)] : []),
    ...columnLines(rows, { width, left: 2 }),
    ...(rest > 0 ? [paint('dim', `and ${grouped(rest)} more, of products that sell less`)] : []),
  ]
}

function lostText({ shelves, ofShelves, revenueMinor }: NonNullable<Figures['stockouts']['lost']>, currency: Currency) {
  if (ofShelves === 0) return 'nothing was out of stock'
  if (shelves === 0) return `no lost sales that can be told, of ${countOf(ofShelves, 'shelf', 'shelves')} with an alert`
  return (
    `about ${money(revenueMinor, currency)} not sold, estimated for the ${grouped(shelves)} of ` +
    `${countOf(ofShelves, 'shelf', 'shelves')} that were silent for longer than by chance`
  )
}

/** `14:05` on the day of the page, else the date with it. */
function sinceText(openedAt: string, date: string): string {
  return openedAt.startsWith(date) ? openedAt.slice(11) : openedAt
}

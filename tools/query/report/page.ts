// Tested in test/tools/query/report.test.ts.
import { fill, printable, widthOf, wrap } from '../printable'
import { type Figures, type Top, type Totals } from './figures'
import { dayText, grouped, money, percent } from './format'
import { barLines, type BarRow, beside, halves, type Lines, type PageOptions, section } from './layout'
import { funnelLines, paymentLines, qualityLines, stockoutLines } from './operations-page'

const widest = 120
const narrowest = 60

/** The figures of a day on one page of text, in two columns where there is room. */
export function pageOf(figures: Figures, options: PageOptions): string {
  const width = Math.max(narrowest, Math.min(widest, options.width))
  const blocks = blocksOf(figures)
  const lines: string[] = [...headOf(figures, { ...options, width })]
  const split = halves(width)
  for (const [left, right] of blocks) {
    lines.push('')
    if (split) {
      const [leftLines, rightLines] = [left, right].map(({ title, draw }, i) => {
        const inner = { ...options, width: split[i] ?? width }
        return section(title, draw(inner), inner)
      })
      lines.push(...beside(leftLines ?? [], rightLines ?? [], split[0]))
    } else {
      const inner = { ...options, width }
      const [first, second] = [left, right].map(({ title, draw }) => section(title, draw(inner), inner))
      lines.push(...(first ?? []), '', ...(second ?? []))
    }
  }
  return lines.join('\n')
}

interface Block {
  readonly title: string
  readonly draw: (options: PageOptions) => Lines
}

function blocksOf(figures: Figures): readonly (readonly [Block, Block])[] {
  const { hours, stores, products, categories, regions, channels } = figures
  const { funnel, payments, quality, stockouts } = figures
  const places = { region: 'Regions', city: 'Cities', country: 'Countries' }
  return [
    [
      { title: 'Sales by hour, UTC', draw: (options) => hourLines(hours, options) },
      { title: titleOf('Stores', stores), draw: (options) => topLines(stores, options) },
    ],
    [
      { title: titleOf('Products', products), draw: (options) => topLines(products, options) },
      { title: titleOf('Categories', categories), draw: (options) => topLines(categories, options) },
    ],
    [
      { title: titleOf(places[regions?.by ?? 'region'], regions), draw: (options) => topLines(regions, options) },
      { title: 'Channels', draw: (options) => channelLines(channels, figures.totals, options) },
    ],
    [
      { title: 'Web shop and app', draw: (options) => funnelLines(funnel, options) },
      { title: 'Payments', draw: (options) => paymentLines(payments, options) },
    ],
    [
      { title: 'Stock-outs', draw: (options) => stockoutLines(stockouts, figures.date, options) },
      { title: 'Data quality', draw: (options) => qualityLines(quality, options) },
    ],
  ]
}

function titleOf(name: string, top: Top | null): string {
  return top && top.count > top.list.length ? `${name}, top ${top.list.length} of ${grouped(top.count)}` : name
}

function headOf(figures: Figures, { width, currency, paint }: PageOptions): Lines {
  const { date, countedUntil, totals, before, returns } = figures
  const title = dayText(date)
  const until = countedUntil === null ? '' : `sales counted up to ${clockText(countedUntil, date)}`
  const tiles = tilesOf(totals, currency)
  const tileWidth = Math.floor(width / tiles.length)
  const row = (texts: readonly string[]) =>
    texts
      .map((text) => fill(text, tileWidth))
      .join('')
      .trimEnd()
  const past = before && tilesOf(before, currency)
  const changes = tiles.map((tile, i) => changeText(tile.value, past?.[i]?.value ?? null))
  const painted = changes.map(({ text, style }) => paint(style, text) + ' '.repeat(tileWidth - widthOf(text)))
  return [
    `${paint('bold', title)}${paint('dim', fill(until, width - title.length, 'right'))}`,
    '',
    paint('dim', row(tiles.map(({ name }) => name))),
    paint('bold', row(tiles.map(({ text }) => text))),
    ...(before ? [painted.join('').trimEnd(), paint('dim', `compared with ${dayText(before.date)}`)] : []),
    ...(returns ? wrap(returnsText(returns, currency), width) : []),
  ]
}

interface Tile {
  readonly name: string
  readonly text: string
  /** To compare with; null where there is nothing to compare. */
  readonly value: number | null
}

function tilesOf(totals: Totals, currency: string): readonly Tile[] {
  const { revenueCents, orders, averageOrderCents, quantity, customers, customersAre } = totals
  const average = averageOrderCents === null ? '–' : money(averageOrderCents, currency)
  const counted = customers === null ? 'not known' : `${customersAre === 'estimated' ? '≈ ' : ''}${grouped(customers)}`
  return [
    { name: 'Revenue', text: money(revenueCents, currency), value: revenueCents },
    { name: 'Orders', text: grouped(orders), value: orders },
    { name: 'Average order', text: average, value: averageOrderCents },
    { name: 'Pieces', text: grouped(quantity), value: quantity },
    { name: 'Customers', text: counted, value: customers },
  ]
}

function changeText(now: number | null, past: number | null): { text: string; style: 'green' | 'red' | 'dim' } {
  if (now === null || past === null || past <= 0) return { text: '', style: 'dim' }
  const change = `${Math.abs((100 * (now - past)) / past).toFixed(1)} %`
  if (now === past) return { text: '= unchanged', style: 'dim' }
  return now > past ? { text: `▲ ${change}`, style: 'green' } : { text: `▼ ${change}`, style: 'red' }
}

function returnsText(
  { quantity, quantityIs, refundsCents }: NonNullable<Figures['returns']>,
  currency: string,
): string {
  if (quantity === 0 && refundsCents === 0) return 'Returns: none seen'
  const pieces = `${grouped(quantity)} ${quantityIs === 'exact' ? '' : 'or more '}pieces`
  return `Returns: ${pieces}, ${money(refundsCents, currency)} or more paid back; taken off all figures already`
}

/** `20:59 UTC` of the same day, `the end of the day` of the instant after it. */
function clockText(instant: string, date: string): string {
  return instant.startsWith(date) ? `${instant.slice(11, 16)} UTC` : 'the end of the day'
}

function hourLines(hours: Figures['hours'], { width, currency, paint }: PageOptions): Lines {
  const [first, last] = [hours[0]?.hour ?? 0, hours.at(-1)?.hour ?? -1]
  const rows = Array.from({ length: last - first + 1 }, (_, i): BarRow => {
    const found = hours.find(({ hour }) => hour === first + i)
    const label = `${String(first + i).padStart(2, '0')}:00`
    const cells = found ? [money(found.revenueCents, currency), ordersText(found.orders)] : ['–', '']
    return { label, value: found?.revenueCents ?? 0, cells }
  })
  return barLines(rows, { width, paint })
}

function topLines(top: Top | null, { width, currency, paint }: PageOptions): Lines {
  if (!top || top.list.length === 0) return [paint('dim', 'no sale names one that day')]
  const rows = top.list.map(({ name, revenueCents, orders, quantity }): BarRow => {
    const count = orders === undefined ? `${grouped(quantity ?? 0)} pcs` : ordersText(orders)
    return { label: name, value: revenueCents, cells: [money(revenueCents, currency), count] }
  })
  return barLines(rows, { width, paint })
}

function channelLines(
  channels: Top | null,
  { revenueCents: all }: Totals,
  { width, currency, paint }: PageOptions,
): Lines {
  if (!channels) return [paint('dim', 'no sale names one that day')]
  const rows = channels.list.map(({ name, revenueCents, orders = 0 }) => ({
    label: printable(name),
    value: revenueCents,
    cells: [money(revenueCents, currency), percent(revenueCents, all), ordersText(orders)],
  }))
  return barLines(rows, { width, paint })
}

function ordersText(orders: number): string {
  return `${grouped(orders)} ${orders === 1 ? 'order ' : 'orders'}`
}

// Tested in test/tools/query/report.test.ts.
import { type Figures, type Top, type Totals } from '../../../src/report/figures'
import { fill, printable, widthOf, wrap } from '../printable'
import { countOf, type Currency, dayText, grouped, money, percent, percents } from './format'
import { barLines, type BarRow, beside, columnLines, halves, type Lines, type PageOptions, section } from './layout'
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
  const { stores, products, categories, regions, zone } = figures
  const places = { region: 'Regions', city: 'Cities', country: 'Countries' }
  return [
    [
      { title: 'Net sales', draw: (options) => salesLines(figures, options) },
      { title: 'Beside the sales', draw: (options) => besideLines(figures, options) },
    ],
    [
      { title: `Sales by hour, ${zone}`, draw: (options) => hourLines(figures, options) },
      { title: titleOf('Stores', stores), draw: (options) => topLines(stores, figures, options) },
    ],
    [
      { title: titleOf('Products', products), draw: (options) => topLines(products, figures, options) },
      { title: titleOf('Categories', categories), draw: (options) => topLines(categories, figures, options) },
    ],
    [
      {
        title: titleOf(places[regions?.by ?? 'region'], regions),
        draw: (options) => topLines(regions, figures, options),
      },
      { title: 'Channels', draw: (options) => channelLines(figures, options) },
    ],
    [
      { title: 'Web shop and app', draw: (options) => funnelLines(figures.funnel, options) },
      { title: 'Payments', draw: (options) => paymentLines(figures.payments, figures, options) },
    ],
    [
      { title: 'Stock-outs', draw: (options) => stockoutLines(figures, options) },
      { title: 'Data quality', draw: (options) => qualityLines(figures.quality, options) },
    ],
  ]
}

function titleOf(name: string, top: Top | null): string {
  return top && top.count > top.list.length ? `${name}, top ${top.list.length} of ${grouped(top.count)}` : name
}

function headOf(figures: Figures, { width, paint }: PageOptions): Lines {
  const { date, totals, before } = figures
  const title = dayText(date)
  const tiles = tilesOf(totals, figures)
  const tileWidth = Math.floor(width / tiles.length)
  const row = (texts: readonly string[]) =>
    texts
      .map((text) => fill(text, tileWidth))
      .join('')
      .trimEnd()
  const past = before.totals && tilesOf(before.totals, figures)
  const changes = tiles.map((tile, i) => changeText(tile.value, past?.[i]?.value ?? 0))
  const painted = changes.map(({ text, style }) => paint(style, text) + ' '.repeat(tileWidth - widthOf(text)))
  return [
    `${paint('bold', title)}${paint('dim', fill(asOfText(figures), width - title.length, 'right'))}`,
    ...wrap(sourceText(figures), width).map((line) => paint('dim', line)),
    '',
    paint('dim', row(tiles.map(({ name }) => name))),
    paint('bold', row(tiles.map(({ text }) => text))),
    painted.join('').trimEnd(),
    ...wrap(comparedText(before), width).map((line) => paint('dim', line)),
  ]
}

/** `as of 14:03:07 UTC`, with the date where it is another than the page's. */
function asOfText({ asOf: { local }, date, zone }: Figures): string {
  if (local === null) return ''
  return `as of ${local.startsWith(date) ? local.slice(11) : local} ${zone}`
}

/** Positions beyond these are too many for a line. */
const positionsShown = 8

/** Where the figures are from, and the position they are of. */
function sourceText({ source, batchedAt, isRunning, asOf: { positions } }: Figures): string {
  const made = batchedAt ?? ''
  const from =
    source === 'batch'
      ? `from the daily batch of ${made}`
      : isRunning
        ? 'so far, from the stream'
        : 'from the stream, no batch yet'
  if (positions.length === 0) return from
  if (positions.length <= positionsShown) {
    return `${from}; position ${positions.map(({ partition, sequence }) => `${partition}:${sequence}`).join(' ')}`
  }
  const sequences = positions.map(({ sequence }) => sequence)
  return `${from}; positions ${Math.min(...sequences)} to ${Math.max(...sequences)} in ${positions.length} partitions`
}

function comparedText({ date, untilTime, totals }: Figures['before']): string {
  const until = untilTime === null ? '' : ` up to ${untilTime}`
  return totals ? `compared with ${dayText(date)}${until}` : `nothing was sold on ${dayText(date)}${until}`
}

interface Tile {
  readonly name: string
  readonly text: string
  /** To compare with; null where there is nothing to compare. */
  readonly value: number | null
}

function tilesOf(totals: Totals, currency: Currency): readonly Tile[] {
  const { netSalesMinor, orders, averageOrderMinor, itemsPerBasket, customers, customersAre } = totals
  const average = averageOrderMinor === null ? '–' : money(averageOrderMinor, currency)
  const basket = itemsPerBasket === null ? '–' : itemsPerBasket.toFixed(2)
  const known = `${customersAre === 'estimated' ? '≈ ' : ''}${grouped(customers)}`
  return [
    { name: 'Net sales', text: money(netSalesMinor, currency), value: netSalesMinor },
    { name: 'Orders', text: grouped(orders), value: orders },
    { name: 'Average order', text: average, value: averageOrderMinor },
    { name: 'Items a basket', text: basket, value: itemsPerBasket },
    { name: 'Known customers', text: known, value: customers },
  ]
}

function changeText(now: number | null, past: number | null): { text: string; style: 'green' | 'red' | 'dim' } {
  if (now === null || now === 0) return { text: '', style: 'dim' }
  if (past === null || past <= 0) return { text: 'new', style: 'dim' }
  const change = `${Math.abs((100 * (now - past)) / past).toFixed(1)} %`
  if (now === past) return { text: '= unchanged', style: 'dim' }
  return now > past ? { text: `▲ ${change}`, style: 'green' } : { text: `▼ ${change}`, style: 'red' }
}

type Row = readonly [name: string, figure: string, note?: string]

function lines(rows: readonly Row[], width: number): Lines {
  return columnLines(
    rows.map(([name, figure, note = '']) => [name, note, figure]),
    { width, left: 2 },
  )
}

/** From gross to net. */
function salesLines({ totals, ...currency }: Figures, { width, paint }: PageOptions): Lines {
  const { grossSalesMinor, discountsMinor, returnsMinor, netSalesMinor, unitsSold, unitsReturned } = totals
  const minus = (minor: number) => (minor === 0 ? money(0, currency) : `-${money(minor, currency)}`)
  const rows: readonly Row[] = [
    ['gross sales', money(grossSalesMinor, currency), `${countOf(unitsSold, 'piece')}`],
    ['discounts', minus(discountsMinor)],
    ['returns', minus(returnsMinor), unitsReturned === 0 ? '' : countOf(unitsReturned, 'piece')],
    ['net sales', money(netSalesMinor, currency), countOf(totals.receipts, 'receipt')],
  ]
  const drawn = lines(rows, width)
  return drawn.map((line, i) => (i === drawn.length - 1 ? paint('bold', line) : line))
}

/** What passes through the tills and is no sale; what there was none of is left out. */
function besideLines({ totals, ...currency }: Figures, { width, paint }: PageOptions): Lines {
  const { taxMinor, taxIncludedMinor, adjustmentLines, writeOffs, returnReceipts } = totals
  const included =
    taxIncludedMinor === 0
      ? ''
      : taxIncludedMinor === taxMinor
        ? 'in the prices'
        : `${money(taxIncludedMinor, currency)} in the prices`
  const amounts: readonly (readonly [string, number, string?])[] = [
    ['tax', taxMinor, included],
    ['tips', totals.tipsMinor],
    ['shipping', totals.shippingMinor],
    ['fees', totals.feesMinor],
    ['gift cards sold', totals.giftCardsSoldMinor, 'owed until spent'],
    ['gift cards spent', totals.giftCardsRedeemedMinor],
    ['adjustments', totals.adjustmentsMinor, adjustmentLines === 0 ? '' : countOf(adjustmentLines, 'line')],
  ]
  const rows: readonly Row[] = [
    ...amounts
      .filter(([name, minor]) => minor !== 0 || (name === 'adjustments' && adjustmentLines > 0))
      .map(([name, minor, note = '']): Row => [name, money(minor, currency), note]),
    ...(returnReceipts === 0 ? [] : [['returns alone', countOf(returnReceipts, 'receipt')] as const]),
    ...(writeOffs === 0 ? [] : [['written off', countOf(writeOffs, 'piece')] as const]),
  ]
  return rows.length === 0 ? [paint('dim', 'no tax, tips, shipping or gift cards')] : lines(rows, width)
}

/** Hours from the first with sales to the last, on the shops' clocks. */
function hourLines({ hours, ...currency }: Figures, { width, paint }: PageOptions): Lines {
  if (hours.length === 0) return [paint('dim', 'the minutes of that day are no longer kept')]
  const rows = hours.map(({ time, isAgain, revenueMinor, orders }): BarRow => {
    const label = isAgain ? `${time} again` : time
    return { label, value: revenueMinor, cells: [money(revenueMinor, currency), ordersText(orders)] }
  })
  return barLines(rows, { width, paint })
}

function topLines(top: Top | null, currency: Currency, { width, paint }: PageOptions): Lines {
  if (!top || top.list.length === 0) return [paint('dim', 'no sale names one that day')]
  const rows = top.list.map(({ name, revenueMinor, orders, quantity = 0 }): BarRow => {
    const counted = orders === undefined ? padded(quantity, 'piece') : ordersText(orders)
    return { label: name, value: revenueMinor, cells: [money(revenueMinor, currency), counted] }
  })
  return barLines(rows, { width, paint })
}

/** Channels with their shares, which add up to 100 %. */
function channelLines({ channels, ...currency }: Figures, { width, paint }: PageOptions): Lines {
  if (!channels) return [paint('dim', 'no sale names one that day')]
  const listed = channels.list.reduce((sum, { revenueMinor }) => sum + revenueMinor, 0)
  const shares = percents([...channels.list.map(({ revenueMinor }) => revenueMinor), channels.revenueMinor - listed])
  const rows = channels.list.map(({ name, revenueMinor, orders = 0 }, i) => ({
    label: printable(name),
    value: revenueMinor,
    cells: [
      money(revenueMinor, currency),
      shares[i] ?? percent(revenueMinor, channels.revenueMinor),
      ordersText(orders),
    ],
  }))
  return barLines(rows, { width, paint })
}

function ordersText(orders: number): string {
  return padded(orders, 'order')
}

/** A count whose number stands below those of others, whatever their plural. */
function padded(number: number, one: string): string {
  return `${countOf(number, one)}${number === 1 ? ' ' : ''}`
}

// Tested in test/report/report.test.ts.
import { type Session, type TextRow } from '../warehouse/connection'
import { type Offset } from './clock'
import { type Hour, type Share, type Top, type Totals } from './figures'
import { count, minor, only, ratio, text } from './row'
import { liveRows, rowsOf, type Scope } from './source'

/** Items a list shows. */
const shown = 8

/** Columns that add up over rows and stores. */
const money = [
  'total_revenue',
  'gross_sales',
  'discounts',
  'returns',
  'order_revenue',
  'tax',
  'tax_included',
  'tips',
  'shipping',
  'fees',
  'gift_cards_sold',
  'gift_cards_redeemed',
  'adjustments',
] as const
const counts = [
  'total_transactions',
  'orders',
  'return_receipts',
  'units_sold',
  'units_returned',
  'write_offs',
  'adjustment_lines',
] as const

/** What all stores together took; null when there is not one row of the day. */
export async function totalsOf(session: Session, scope: Scope): Promise<Totals | null> {
  const { sql, parameters } = rowsOf(scope, 'store')
  const sums = [...money, ...counts].map((name) => `sum(${name}) AS ${name}`).join(', ')
  const row = only(
    await session.query(`SELECT ${sums}, count(*) AS rows, count(DISTINCT store_id) AS stores FROM ${sql}`, parameters),
  )
  if (row.rows === '0') return null
  const of = (name: (typeof money)[number]) => minor(row[name], scope.minorDigits)
  const orders = count(row.orders)
  const unitsSold = count(row.units_sold)
  const hundredths = ratio(100 * unitsSold, orders)
  return {
    netSalesMinor: of('total_revenue'),
    grossSalesMinor: of('gross_sales'),
    discountsMinor: of('discounts'),
    returnsMinor: of('returns'),
    orders,
    returnReceipts: count(row.return_receipts),
    receipts: count(row.total_transactions),
    averageOrderMinor: ratio(of('order_revenue'), orders),
    unitsSold,
    unitsReturned: count(row.units_returned),
    itemsPerBasket: hundredths === null ? null : hundredths / 100,
    writeOffs: count(row.write_offs),
    taxMinor: of('tax'),
    taxIncludedMinor: of('tax_included'),
    tipsMinor: of('tips'),
    shippingMinor: of('shipping'),
    feesMinor: of('fees'),
    giftCardsSoldMinor: of('gift_cards_sold'),
    giftCardsRedeemedMinor: of('gift_cards_redeemed'),
    adjustmentsMinor: of('adjustments'),
    adjustmentLines: count(row.adjustment_lines),
    ...(await customersOf(session, scope)),
    stores: count(row.stores),
  }
}

/** A sketch of this many bytes is full: from there on it estimates. */
const fullSketchBytes = 6 * 65_536

/** Known customers: counted by the daily batch, else by the merged sketches, which are exact too until they are full. */
async function customersOf(session: Session, scope: Scope): Promise<Pick<Totals, 'customers' | 'customersAre'>> {
  if (scope.source === 'batch') {
    const row = only(
      await session.query('SELECT count(*) AS customers FROM gold_daily_customers WHERE date = $1::date', [scope.date]),
    )
    return { customers: count(row.customers), customersAre: 'exact' }
  }
  const { different, isFull } = await differentOf(session, scope, 'store_1m', 'unique_customers_sketch')
  return { customers: different, customersAre: isFull ? 'estimated' : 'exact' }
}

/** How many different things the sketches of a day's windows stand for. */
export async function differentOf(
  session: Session,
  scope: Scope,
  table: string,
  sketch: string,
): Promise<{ readonly different: number; readonly isFull: boolean; readonly rows: number }> {
  const { sql, parameters } = liveRows(scope, table)
  const row = only(
    await session.query(
      `SELECT coalesce(sketch_estimate(merged), 0) AS different, coalesce(length(merged), 0) AS bytes, rows FROM (
         SELECT sketch_merge(${sketch}) FILTER (WHERE length(${sketch}) > 0) AS merged, count(*) AS rows FROM ${sql}
       ) AS all_rows`,
      parameters,
    ),
  )
  return { different: count(row.different), isFull: count(row.bytes) >= fullSketchBytes, rows: count(row.rows) }
}

/** What was taken in each hour of the shops' clocks that took anything, in the order of the day. Of the stream: the batch knows no hours. */
export async function hoursOf(
  session: Session,
  scope: Scope,
  offsets: ReadonlyMap<string, readonly Offset[]>,
): Promise<readonly Hour[]> {
  const { sql, parameters } = liveRows(scope, 'store_1m')
  const flat = [...offsets].flatMap(([zone, list]) => list.map((offset) => ({ zone, ...offset })))
  const at = (number: number) => `$${parameters.length + number}`
  const rows = await session.query(
    `SELECT t.zone, o.ahead, b.bucket, sum(t.total_revenue) AS revenue, sum(t.orders) AS orders
     FROM ${sql}
     CROSS JOIN LATERAL (SELECT extract(epoch FROM t.window_start)::bigint AS at) AS e
     JOIN unnest(${at(1)}::text[], ${at(2)}::bigint[], ${at(3)}::bigint[], ${at(4)}::bigint[]) AS o(zone, from_s, to_s, ahead)
       ON o.zone = t.zone AND e.at >= o.from_s AND e.at < o.to_s
     CROSS JOIN LATERAL (SELECT greatest(e.at - (e.at + o.ahead) % 3600, o.from_s) AS bucket) AS b
     GROUP BY 1, 2, 3 ORDER BY 3`,
    [
      ...parameters,
      flat.map(({ zone }) => zone),
      flat.map(({ fromMs }) => fromMs / 1000),
      flat.map(({ toMs }) => toMs / 1000),
      flat.map(({ offsetMs }) => offsetMs / 1000),
    ],
  )
  return mergeHours(rows, scope.minorDigits)
}

/** Hours of several zones by what the clocks of each showed; the second pass of an hour is an hour of its own. */
function mergeHours(rows: readonly TextRow[], digits: number): readonly Hour[] {
  const seen = new Map<string, { localS: number; hour: Hour }>()
  const passed = new Set<string>()
  for (const { zone, ahead, bucket, revenue, orders } of rows) {
    const localS = count(bucket) + count(ahead)
    // Rows are in the order of time, so what a zone's clocks have shown before they show again.
    const isAgain = passed.has(`${text(zone)} ${localS}`)
    passed.add(`${text(zone)} ${localS}`)
    const key = `${localS} ${isAgain}`
    const before = seen.get(key)?.hour
    const hour = {
      time: new Date(localS * 1000).toISOString().slice(11, 16),
      isAgain,
      revenueMinor: (before?.revenueMinor ?? 0) + minor(revenue, digits),
      orders: (before?.orders ?? 0) + count(orders),
    }
    seen.set(key, { localS, hour })
  }
  const all = [...seen.values()].sort((a, b) => a.localS - b.localS || Number(a.hour.isAgain) - Number(b.hour.isAgain))
  return all.map(({ hour }) => hour)
}

/** The stores that took most. */
export function storesOf(session: Session, scope: Scope): Promise<Top> {
  return topOf(session, scope, { what: 'store', by: 'store_id', counted: { name: 'orders', column: 'orders' } })
}

/** The products that brought in most. */
export function productsOf(session: Session, scope: Scope): Promise<Top> {
  return topOf(session, scope, { what: 'sales', by: 'product_id', counted: { name: 'quantity', column: 'total_qty' } })
}

interface Ranking {
  readonly what: 'store' | 'sales'
  readonly by: string
  readonly counted: { readonly name: 'orders' | 'quantity'; readonly column: string }
}

async function topOf(session: Session, scope: Scope, { what, by, counted }: Ranking): Promise<Top> {
  const { sql, parameters } = rowsOf(scope, what)
  const rows = await session.query(
    `SELECT ${by} AS name, sum(total_revenue) AS revenue, sum(${counted.column}) AS counted,
       count(*) OVER () AS count, sum(sum(total_revenue)) OVER () AS all_revenue
     FROM ${sql} GROUP BY 1 ORDER BY 2 DESC, ${by} COLLATE "C" LIMIT ${shown}`,
    parameters,
  )
  return {
    count: count(rows[0]?.count),
    revenueMinor: minor(rows[0]?.all_revenue, scope.minorDigits),
    list: rows.map((row) => ({
      name: text(row.name),
      revenueMinor: minor(row.revenue, scope.minorDigits),
      [counted.name]: count(row.counted),
    })),
  }
}

const dimensions = ['channel', 'category', 'region', 'city', 'country'] as const
type Dimension = (typeof dimensions)[number]

/** What `mix_1m` tells of a day. */
export interface Mix {
  /** The largest values of a dimension; null when no sale of the day names one. */
  top(by: Dimension): Top | null
  /** Regions, or the next smaller or larger places where no sale names one. */
  readonly regions: (Top & { readonly by: 'region' | 'city' | 'country' }) | null
  /** Receipts that sell, of the channels web and app. */
  readonly onlineOrders: number
}

/** Where and how what kinds of products were sold. */
export async function mixOf(session: Session, scope: Scope): Promise<Mix> {
  const { sql, parameters } = rowsOf(scope, 'mix')
  const rows = await session.query(
    `SELECT ${dimensions.map((name) => `CASE grouping(${name}) WHEN 0 THEN ${name} END AS ${name}`).join(', ')},
       sum(total_revenue) AS revenue, sum(orders) AS orders, sum(total_qty) AS quantity
     FROM ${sql} GROUP BY GROUPING SETS (${dimensions.map((name) => `(${name})`).join(', ')})`,
    parameters,
  )
  const all = (by: Dimension): readonly Share[] =>
    rows
      .filter((row) => row[by] !== null)
      .map((row) => ({
        name: text(row[by]),
        revenueMinor: minor(row.revenue, scope.minorDigits),
        // A receipt is an order once, under its first line: by category that would say too little.
        ...(by === 'category' ? { quantity: count(row.quantity) } : { orders: count(row.orders) }),
      }))
      .sort((a, b) => b.revenueMinor - a.revenueMinor || (a.name < b.name ? -1 : 1))
  const top = (by: Dimension): Top | null => {
    const list = all(by)
    if (!list.some(({ name }) => name !== 'unknown')) return null
    const revenueMinor = list.reduce((sum, each) => sum + each.revenueMinor, 0)
    return { count: list.length, revenueMinor, list: list.slice(0, shown) }
  }
  const regions = (['region', 'city', 'country'] as const).flatMap((by) => {
    const found = top(by)
    return found ? [{ ...found, by }] : []
  })
  const online = all('channel').filter(({ name }) => name === 'web' || name === 'app')
  return { top, regions: regions[0] ?? null, onlineOrders: online.reduce((sum, { orders = 0 }) => sum + orders, 0) }
}

// Tested in test/tools/query/report.test.ts.
import { sketchSize } from '../../../src/fold/sketch'
import { type Asker, type Hour, type Returns, type Share, type Top, type Totals } from './figures'
import { number, text } from './row'

/** Items a list shows. */
const shown = 8

const cents = (column: string) => `(coalesce(sum(${column}), 0) * 100)::BIGINT`

/** What all stores together took on a day; null when `store_1m` has nothing of it. */
export async function totalsOf(ask: Asker, date: string): Promise<Totals | null> {
  if (!(await ask.has('store_1m'))) return null
  const [row] = await ask.rows(
    `SELECT ${cents('total_revenue')} AS revenue, sum(total_transactions) AS orders,
       count(DISTINCT store_id) AS stores FROM store_1m WHERE date = DATE '${date}'`,
  )
  if (!row || row.orders === null) return null
  const [revenueCents, orders] = [number(row.revenue), number(row.orders)]
  const [sold] = (await ask.has('sales_1m'))
    ? await ask.rows(`SELECT sum(total_qty) AS quantity FROM sales_1m WHERE date = DATE '${date}'`)
    : []
  return {
    revenueCents,
    orders,
    averageOrderCents: orders === 0 ? null : roundedRatio(revenueCents, orders),
    quantity: number(sold?.quantity ?? 0),
    ...(await customersOf(ask, { date, orders })),
    stores: number(row.stores),
  }
}

/**
 * Known customers of a day: counted by the daily batch where it has seen every order that silver has, else by the merged
 * sketches, which are exact too until they are full.
 */
async function customersOf(
  ask: Asker,
  { date, orders }: { readonly date: string; readonly orders: number },
): Promise<Pick<Totals, 'customers' | 'customersAre'>> {
  if ((await ask.has('gold_daily_store')) && (await ask.has('gold_daily_customers'))) {
    const [batch] = await ask.rows(
      `SELECT sum(total_transactions) AS orders FROM gold_daily_store WHERE date = DATE '${date}'`,
    )
    const [counted] = await ask.rows(
      `SELECT count(DISTINCT customer_id) AS customers FROM gold_daily_customers WHERE date = DATE '${date}'`,
    )
    if (number(batch?.orders ?? 0) === orders) {
      return { customers: number(counted?.customers ?? 0), customersAre: 'exact' }
    }
  }
  if (!(await ask.has('store_1m', 'unique_customers_sketch'))) return { customers: null, customersAre: 'unknown' }
  const [merged] = await ask.rows(
    `SELECT sketch_estimate(sketch_merge(unique_customers_sketch)) AS customers,
       octet_length(sketch_merge(unique_customers_sketch)) AS bytes FROM store_1m WHERE date = DATE '${date}'`,
  )
  const isFull = number(merged?.bytes ?? 0) >= fullSketchBytes
  return { customers: number(merged?.customers ?? 0), customersAre: isFull ? 'estimated' : 'exact' }
}

/** Pieces that came back and what was paid back for them; null when `sales_1m` has nothing of the day. */
export async function returnsOf(ask: Asker, date: string, { orders }: Totals): Promise<Returns | null> {
  if (!(await ask.has('sales_1m'))) return null
  const [seen] = await ask.rows(
    `SELECT coalesce(-sum(total_qty) FILTER (total_qty < 0), 0) AS quantity,
       (coalesce(-sum(total_revenue) FILTER (total_revenue < 0), 0) * 100)::BIGINT AS refunds
     FROM sales_1m WHERE date = DATE '${date}'`,
  )
  const refundsCents = number(seen?.refunds ?? 0)
  if (await ask.has('gold_daily_store')) {
    const [batch] = await ask.rows(
      `SELECT sum(units_returned) AS quantity, sum(total_transactions) AS orders
       FROM gold_daily_store WHERE date = DATE '${date}'`,
    )
    if (number(batch?.orders ?? -1) === orders) {
      return { quantity: number(batch?.quantity ?? 0), quantityIs: 'exact', refundsCents }
    }
  }
  return { quantity: number(seen?.quantity ?? 0), quantityIs: 'at least', refundsCents }
}

/** What was taken in each hour of the UTC day that took anything. */
export async function hoursOf(ask: Asker, date: string): Promise<readonly Hour[]> {
  const rows = await ask.rows(
    `SELECT hour(window_start) AS hour, ${cents('total_revenue')} AS revenue, sum(total_transactions) AS orders
     FROM store_1m WHERE date = DATE '${date}' GROUP BY ALL ORDER BY ALL`,
  )
  return rows.map(({ hour, revenue, orders }) => ({
    hour: number(hour),
    revenueCents: number(revenue),
    orders: number(orders),
  }))
}

/** The stores that took most. */
export function storesOf(ask: Asker, date: string): Promise<Top> {
  return topOf(ask, { date, table: 'store_1m', by: 'store_id', counts: { orders: 'total_transactions' } })
}

/** The products that brought in most. */
export function productsOf(ask: Asker, date: string): Promise<Top> {
  return topOf(ask, { date, table: 'sales_1m', by: 'product_id', counts: { quantity: 'total_qty' } })
}

/** The largest values of a dimension of `mix_1m`; null when no sale of the day names one. */
export async function mixOf(
  ask: Asker,
  { date, by }: { readonly date: string; readonly by: 'category' | 'region' | 'city' | 'country' | 'channel' },
): Promise<Top | null> {
  if (!(await ask.has('mix_1m'))) return null
  // A sale counts as an order once, under its first line: by category that would say too little.
  const counts = by === 'category' ? ({ quantity: 'total_qty' } as const) : ({ orders: 'orders' } as const)
  const top = await topOf(ask, { date, table: 'mix_1m', by, counts })
  return top.list.some(({ name }) => name !== 'unknown') ? top : null
}

/** Regions, or the next smaller or larger places where no sale names one. */
export async function regionsOf(
  ask: Asker,
  date: string,
): Promise<(Top & { readonly by: 'region' | 'city' | 'country' }) | null> {
  for (const by of ['region', 'city', 'country'] as const) {
    const top = await mixOf(ask, { date, by })
    if (top) return { ...top, by }
  }
  return null
}

async function topOf(
  ask: Asker,
  {
    date,
    table,
    by,
    counts,
  }: {
    readonly date: string
    readonly table: string
    readonly by: string
    readonly counts: Readonly<Partial<Record<'orders' | 'quantity', string>>>
  },
): Promise<Top> {
  if (!(await ask.has(table))) return { count: 0, list: [] }
  const sums = Object.entries(counts).map(([name, column]) => `sum(${column}) AS ${name}`)
  const rows = await ask.rows(
    `SELECT ${by} AS name, ${[`${cents('total_revenue')} AS revenue`, ...sums].join(', ')}, count(*) OVER () AS count
     FROM ${table} WHERE date = DATE '${date}' GROUP BY ALL ORDER BY revenue DESC, name LIMIT ${shown}`,
  )
  const list = rows.map(({ name, revenue, ...row }): Share => ({
    name: text(name),
    revenueCents: number(revenue),
    ...('orders' in counts && { orders: number(row.orders ?? 0) }),
    ...('quantity' in counts && { quantity: number(row.quantity ?? 0) }),
  }))
  return { count: number(rows[0]?.count ?? 0), list }
}

/** A ratio of whole numbers, rounded half away from zero, by whole numbers throughout. */
function roundedRatio(numerator: number, denominator: number): number {
  const [twice, by] = [2n * BigInt(Math.abs(numerator)), BigInt(denominator)]
  return Math.sign(numerator) * Number((twice + by) / (2n * by))
}

const fullSketchBytes = 6 * sketchSize

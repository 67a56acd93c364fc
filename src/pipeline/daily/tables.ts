import { type Column, scaleOf } from '../../lake/schema'
import { type ColumnType, type Table as WarehouseTable } from '../../warehouse/table'
import { type TableSpec } from '../rows/tables'
import { queries } from './queries'

/** A gold table of the daily batch: what it is in the lake and in PostgreSQL, and what fills it. */
export interface DailyTable {
  readonly spec: TableSpec
  /** One sentence for people. */
  readonly about: string
  /** Primary key in PostgreSQL; `store_id` leads where there is one, so that the table can be distributed by store. */
  readonly key: readonly string[]
  /** `day`: a date is replaced as a whole. `all`: there are no dates, and everything is replaced. */
  readonly holds: 'day' | 'all'
  /**
   * A SELECT in DuckDB of every column but `date`, by name: money and hours as whole hundredths, instants as epoch
   * milliseconds. What it reads is in queries.ts.
   */
  readonly query: string
  /** Whether the query is run once, or for each of some shares of its rows. */
  readonly runs: 'once' | 'by-share'
}

const column = (name: string, type: Column['type'], comment: string): Column => ({
  name,
  type,
  nullable: false,
  comment,
})
const text = (name: string, comment: string) => column(name, 'string', comment)
const count = (name: string, comment: string) => column(name, 'long', comment)
const money = (name: string, comment: string) => column(name, 'decimal(18,2)', `${comment}, currency units`)
const orNull = (of: Column): Column => ({ ...of, nullable: true })

const date = column('date', 'date', 'UTC day of event time')
const store = text('store_id', 'store')
const channel = text('channel', 'store, web or app; unknown when the event does not say')
const quantity = count('total_qty', 'pieces sold less pieces returned')
const revenue = money('total_revenue', 'revenue less refunds')
const place = [
  text('region', 'region of the store; unknown when no sale says'),
  text('city', 'city of the store; unknown when no sale says'),
  text('country', 'country of the store or of its web customers; unknown when no sale says'),
]
const customer = [
  text('customer_id', 'customer as the tills name them'),
  text('customer_segment', 'B2C or B2B as the newest sale that says has it; unknown when none does'),
  count('purchases', 'sales with at least one piece sold'),
  money('spend', 'all lines of all sales, returns subtracted'),
  orNull(column('first_purchase_at', 'timestamp', 'event time of the first purchase; null without one')),
  orNull(column('last_purchase_at', 'timestamp', 'event time of the last purchase; null without one')),
]

/** What each store sold of each product in a day, by the daily batch. */
export const goldDailySales: TableSpec = {
  name: 'gold_daily_sales',
  root: 'gold/daily_sales',
  schema: {
    columns: [
      column('date', 'date', 'UTC day of event time'),
      column('store_id', 'string', 'store that sold'),
      column('product_id', 'string', 'product sold'),
      column('total_qty', 'long', 'units sold less units returned'),
      column('total_revenue', 'decimal(18,2)', 'revenue less refunds, in the currency of the shops'),
      column('transactions', 'long', 'sales and returns that hold the product'),
    ],
    partitionBy: ['date'],
  },
}

function dayTable(
  name: keyof typeof queries,
  {
    about,
    key,
    columns,
    runs = 'once',
  }: Pick<DailyTable, 'about' | 'key'> & Partial<Pick<DailyTable, 'runs'>> & { readonly columns: readonly Column[] },
): DailyTable {
  const schema = { columns: [date, ...columns], partitionBy: ['date'] }
  return { spec: { name, root: rootOf(name), schema }, about, key, holds: 'day', query: queries[name], runs }
}

function rootOf(name: string): string {
  return name.replace('gold_', 'gold/')
}

/**
 * The gold tables of the daily batch, in the order in which they are made: later ones may read earlier ones. Adding a
 * table is one entry here, its query, and one migration.
 */
export const dailyTables: readonly DailyTable[] = [
  {
    spec: goldDailySales,
    about: 'what each store sold of each product in a day',
    key: ['store_id', 'date', 'product_id'],
    holds: 'day',
    query: queries.gold_daily_sales,
    runs: 'by-share',
  },
  dayTable('gold_daily_store', {
    about: 'what each store took in a day',
    key: ['store_id', 'date'],
    columns: [
      store,
      ...place.map((of) => ({ ...of, comment: `${of.comment}; the newest sale that says counts` })),
      count('total_transactions', 'receipts: sales and returns'),
      revenue,
      money('avg_transaction_value', 'total_revenue / total_transactions, rounded half away from zero'),
      count('units_sold', 'pieces sold'),
      count('units_returned', 'pieces returned, as a positive number'),
      count('unique_customers', 'different known customers, exact; not additive over days or stores'),
    ],
  }),
  dayTable('gold_daily_mix', {
    about: 'where, how and to whom what kinds of products were sold in a day; labels are cut at 64 characters',
    key: [
      'store_id',
      'date',
      'region',
      'city',
      'country',
      'channel',
      'payment_method',
      'category',
      'brand',
      'customer_segment',
    ],
    columns: [
      store,
      text('region', 'region of the store; unknown when the sale does not say'),
      text('city', 'city of the store; unknown when the sale does not say'),
      text('country', 'country of the store or of the web customer; unknown when the sale does not say'),
      channel,
      text('payment_method', 'how it was paid, as the tills name it'),
      text('category', 'category of the products; unknown when the line does not say'),
      text('brand', 'brand of the products; unknown when the line does not say'),
      text('customer_segment', 'B2C or B2B; unknown when the sale does not say'),
      quantity,
      revenue,
      count('transactions', 'receipts with a line of this kind; one may count under several categories and brands'),
      count('orders', 'receipts, each under its first line only: adds up over everything'),
    ],
    runs: 'by-share',
  }),
  dayTable('gold_daily_funnel', {
    about: 'steps from looking to buying in web shop and app in a day',
    key: ['store_id', 'date', 'channel', 'category'],
    columns: [
      store,
      channel,
      text('category', 'category of the product; unknown when the event does not say'),
      count('views', 'products looked at'),
      count('add_to_carts', 'products put into a cart'),
      count('checkouts', 'checkouts begun'),
      count('purchases', 'sales online, once for each category bought'),
      count('sessions', 'different sessions, exact; not additive over days, channels or categories'),
    ],
  }),
  dayTable('gold_daily_payments', {
    about: 'attempts to pay in a day and how they ended',
    key: ['store_id', 'date', 'method', 'status', 'failure_reason'],
    columns: [
      store,
      text('method', 'means of payment, as the provider names it'),
      text('status', 'succeeded or failed'),
      text('failure_reason', 'why it failed; none when it did not, unknown when nobody said'),
      count('payments', 'attempts'),
      money('amount', 'amount tried, refunds subtracted'),
    ],
  }),
  dayTable('gold_top_products', {
    about:
      'products and categories with the most revenue in a day, per store and over all stores; setting TOP_PRODUCTS',
    key: ['store_id', 'date', 'kind', 'rank'],
    columns: [
      text('store_id', 'store; empty text for all stores together'),
      text('kind', 'product or category: what is ranked'),
      column('rank', 'integer', '1 is the most revenue; equal revenue goes by name'),
      text('name', 'the product or the category'),
      text('category', 'category under which the product took the most; unknown when no line says'),
      quantity,
      revenue,
      count('transactions', 'sales and returns that hold it'),
    ],
  }),
  dayTable('gold_daily_customers', {
    about: 'what each known customer bought in a day, in all stores together',
    key: ['customer_id', 'date'],
    columns: customer,
    runs: 'by-share',
  }),
  dayTable('gold_stockout_daily', {
    about: 'how long products were out of stock in a day, and an estimate of what was not sold for it',
    key: ['store_id', 'date', 'product_id'],
    columns: [
      store,
      text('product_id', 'product that was out of stock'),
      count('alerts', 'alerts open at some time of the day'),
      column('hours_out', 'decimal(18,2)', 'hours of the day under an alert, from its opening to its end or midnight'),
      column(
        'lost_units',
        'decimal(18,2)',
        'pieces not sold, an estimate: receipts of the store meanwhile × pieces per receipt over 28 days',
      ),
      money('lost_revenue', 'lost_units at the average price of the 28 days'),
    ],
  }),
  {
    spec: {
      name: 'gold_customers',
      root: 'gold/customers',
      schema: {
        columns: [
          ...customer,
          column('loyal', 'boolean', 'at least as many purchases as setting LOYAL_PURCHASES says'),
          text('spending_segment', 'premium, standard or basic: spend by settings PREMIUM_SPEND and STANDARD_SPEND'),
        ],
        partitionBy: [],
      },
    },
    about: 'what each known customer has bought over all days',
    key: ['customer_id'],
    holds: 'all',
    query: queries.gold_customers,
    runs: 'by-share',
  },
]

const warehouseTypes: Readonly<Partial<Record<Column['type'], ColumnType>>> = {
  string: 'text',
  boolean: 'boolean',
  integer: 'integer',
  long: 'bigint',
  date: 'date',
  timestamp: 'timestamptz',
  'decimal(18,2)': 'numeric',
}

/** A table of the batch as PostgreSQL has it. */
export function warehouseTable({ spec: { name, schema }, key }: DailyTable): WarehouseTable {
  const columns = schema.columns.map((of) => {
    const type = of.type === 'money' ? undefined : warehouseTypes[of.type]
    if (of.type !== 'money' && type === 'numeric') return { name: of.name, type, scale: scaleOf(of.type) ?? 0 }
    if (!type || type === 'numeric')
      throw new Error(`daily batch: ${name}.${of.name} expected a type PostgreSQL has, got ${of.type}`)
    return { name: of.name, type }
  })
  const byKey = key.flatMap((wanted) => columns.filter((of) => of.name === wanted))
  return { name, key: byKey, values: columns.filter((of) => !key.includes(of.name)) }
}

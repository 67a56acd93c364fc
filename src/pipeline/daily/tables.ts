import { type ColumnType, decimalType, scaleOf } from '../../lake/schema'
import { type ColumnSpec, type ColumnType as WarehouseType, type Table as WarehouseTable } from '../../warehouse/table'
import { type SpecColumn, type TableSpec } from '../rows/tables'
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
   * A SELECT in DuckDB of every column but `date`, by name: money as whole minor units, other decimals as whole units of
   * their last digit, instants as epoch milliseconds. What it reads is in queries.ts.
   */
  readonly query: string
  /** Whether the query is run once, or for each of some shares of its rows. */
  readonly runs: 'once' | 'by-share'
}

const column = (name: string, type: SpecColumn['type'], comment: string): SpecColumn => ({
  name,
  type,
  nullable: false,
  comment,
})
const text = (name: string, comment: string) => column(name, 'string', comment)
const count = (name: string, comment: string) => column(name, 'long', comment)
const money = (name: string, comment: string) => column(name, 'money', comment)
const orNull = (of: SpecColumn): SpecColumn => ({ ...of, nullable: true })

const date = column('date', 'date', "Business date, by the store's calendar")
const store = text('store_id', 'store')
const channel = text('channel', 'store, web or app; unknown when the event does not say')
const quantity = count('total_qty', 'pieces sold less pieces returned')
const revenue = money(
  'total_revenue',
  "Net sales: goods sold less discounts and returns, major units of the installation's currency",
)
const grossSales = money('gross_sales', 'Sum of the value of goods lines above 0, before discounts')
const discounts = money(
  'discounts',
  'Discounts of goods lines of value above 0, with their share of those of the receipt',
)
const place = [
  text('region', 'region of the store; unknown when no sale says'),
  text('city', 'city of the store; unknown when no sale says'),
  text('country', 'country of the store or of its web customers; unknown when no sale says'),
]
const customer = [
  text('customer_id', 'customer as the tills name them'),
  text('customer_segment', 'B2C or B2B as the newest sale that says has it; unknown when none does'),
  count('purchases', 'receipts that sell. A void counts -1'),
  money('spend', "net sales to the customer, major units of the installation's currency"),
  orNull(column('first_purchase_at', 'timestamp', 'event time of the first purchase; null without one')),
  orNull(column('last_purchase_at', 'timestamp', 'event time of the last purchase; null without one')),
]

/** What a sale is besides: columns that days of before have not. */
const soldColumns = [
  count('orders', 'Receipts with goods sold: a goods line of value above 0. A void counts -1'),
  count('return_receipts', 'Receipts with goods given back and none sold'),
  grossSales,
  discounts,
  money('returns', 'Sum of value less discount of goods lines below 0, as a positive number'),
  money('net_sales', 'gross_sales - discounts - returns; the same as total_revenue'),
  money('order_revenue', 'Net sales of the receipts counted in orders'),
  money(
    'avg_order_value',
    'order_revenue / orders, rounded half away from zero to minor_digits(); null without orders',
  ),
  count('write_offs', 'Pieces of goods lines of value 0, whichever way they went'),
  money('tax', 'Sum of the tax of goods, shipping and fee lines'),
  money('tax_included', 'The part of tax that the prices contain'),
  money('tips', 'Sum of the tips'),
  money('shipping', 'Sum of the amounts of shipping lines'),
  money('fees', 'Sum of the amounts of fee lines'),
  money('gift_cards_sold', 'Sum of the amounts of gift card lines: revenue deferred'),
  money('gift_cards_redeemed', 'What receipts paid by gift card come to: goods, shipping, fees, tax on top, tip'),
  money('adjustments', 'Sum of the amounts of adjustment lines, signed; bad debt is below 0'),
  count('adjustment_lines', 'Adjustment lines'),
]

/** What each store sold of each product in a day, by the daily batch. */
export const goldDailySales: TableSpec = {
  name: 'gold_daily_sales',
  root: 'gold/daily_sales',
  schema: {
    columns: [
      date,
      text('store_id', 'store that sold'),
      text('product_id', 'product sold'),
      count('total_qty', 'units sold less units returned'),
      revenue,
      count('transactions', 'sales and returns that hold the product'),
      ...[
        grossSales,
        discounts,
        count('units_returned', 'Pieces of goods lines of quantity below 0, as a positive number'),
        column(
          'measured_qty',
          'decimal(18,3)',
          'What was weighed or measured, in its unit (kg, l, m), 3 decimals; sold less returned',
        ),
      ].map(orNull),
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
  }: Pick<DailyTable, 'about' | 'key'> &
    Partial<Pick<DailyTable, 'runs'>> & { readonly columns: readonly SpecColumn[] },
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
      count('total_transactions', 'Receipts, those with adjustments only left out. A void counts -1'),
      revenue,
      money(
        'avg_transaction_value',
        'total_revenue / total_transactions, rounded half away from zero to minor_digits(); 0 without transactions',
      ),
      count('units_sold', 'pieces sold'),
      count('units_returned', 'pieces returned, as a positive number'),
      count('unique_customers', 'different known customers, exact; not additive over days or stores'),
      ...soldColumns.map(orNull),
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
      count(
        'orders',
        'Receipts that sell, each under its first line that does: adds up over everything. A void counts -1',
      ),
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
      money('amount', 'amount tried, refunds subtracted, currency units'),
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
      column(
        'hours_out',
        'decimal(18,2)',
        'hours of the day under an alert, from its opening to its end or that of the business day',
      ),
      column(
        'lost_units',
        'decimal(18,2)',
        'pieces not sold, an estimate: receipts of the store meanwhile × pieces per receipt over 28 days',
      ),
      money('lost_revenue', 'lost_units at the average price of the 28 days, currency units'),
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

const warehouseTypes: Readonly<Partial<Record<ColumnType, Exclude<WarehouseType, 'numeric'>>>> = {
  string: 'text',
  boolean: 'boolean',
  integer: 'integer',
  long: 'bigint',
  date: 'date',
  timestamp: 'timestamptz',
}

/** A table of the batch as PostgreSQL has it, its money with the digits of the currency's minor unit. */
export function warehouseTable({ spec: { name, schema }, key }: DailyTable, minorDigits: number): WarehouseTable {
  const columns = schema.columns.map((of): ColumnSpec => {
    const held = of.type === 'money' ? decimalType(minorDigits) : of.type
    const scale = scaleOf(held)
    if (scale !== undefined) return { name: of.name, type: 'numeric', scale }
    const type = warehouseTypes[held]
    if (!type) throw new Error(`daily batch: ${name}.${of.name} expected a type PostgreSQL has, got ${of.type}`)
    return { name: of.name, type }
  })
  const byKey = key.flatMap((wanted) => columns.filter((of) => of.name === wanted))
  return { name, key: byKey, values: columns.filter((of) => !key.includes(of.name)) }
}

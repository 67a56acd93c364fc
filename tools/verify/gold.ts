/*
 * The gold tables of the daily batch as they should be, written out a second time: columns here, what is in them in
 * sql/daily.sql. Nothing is taken from the code that wrote them.
 *
 * Tested in test/tools/verify/verify.test.ts and week.test.ts.
 */

/** A table of the daily batch, in the lake and in PostgreSQL; types are DuckDB's. */
export interface GoldTable {
  readonly name: string
  readonly about: string
  readonly key: readonly string[]
  readonly values: Readonly<Record<string, Type>>
  /** Days that cannot be told from what is there now, as SQL that is true for `date`; default none. */
  readonly unless?: string
}

/** `MONEY` has the digits of the installation's currency. */
type Type = 'BIGINT' | 'INTEGER' | 'MONEY' | 'DECIMAL(18, 2)' | 'DECIMAL(18, 3)' | 'VARCHAR' | 'TIMESTAMP' | 'BOOLEAN'

const sold: Readonly<Record<string, Type>> = {
  total_qty: 'BIGINT',
  total_revenue: 'MONEY',
  transactions: 'BIGINT',
}
const customer: Readonly<Record<string, Type>> = {
  customer_segment: 'VARCHAR',
  purchases: 'BIGINT',
  spend: 'MONEY',
  first_purchase_at: 'TIMESTAMP',
  last_purchase_at: 'TIMESTAMP',
}
const counts = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name): [string, Type] => [name, 'BIGINT']))
const amounts = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name): [string, Type] => [name, 'MONEY']))
const kinds = ['region', 'city', 'country', 'channel', 'payment_method', 'category', 'brand', 'customer_segment']

export const goldTables: readonly GoldTable[] = [
  {
    name: 'gold_daily_sales',
    about: 'every day adds up to its sales, by store and product',
    key: ['date', 'store_id', 'product_id'],
    values: {
      ...sold,
      ...amounts('gross_sales', 'discounts'),
      ...counts('units_returned'),
      measured_qty: 'DECIMAL(18, 3)',
    },
  },
  {
    name: 'gold_daily_store',
    about: 'what each store took, of whom, and where it is',
    key: ['date', 'store_id'],
    values: {
      region: 'VARCHAR',
      city: 'VARCHAR',
      country: 'VARCHAR',
      ...counts('total_transactions', 'units_sold', 'units_returned', 'unique_customers'),
      ...amounts('total_revenue', 'avg_transaction_value'),
      ...counts('orders', 'return_receipts'),
      ...amounts('gross_sales', 'discounts', 'returns', 'net_sales', 'order_revenue', 'avg_order_value'),
      ...counts('write_offs'),
      ...amounts('tax', 'tax_included', 'tips', 'shipping', 'fees'),
      ...amounts('gift_cards_sold', 'gift_cards_redeemed', 'adjustments'),
      ...counts('adjustment_lines'),
    },
  },
  {
    name: 'gold_daily_mix',
    about: 'sales by place, channel, payment, kind of product and customer',
    key: ['date', 'store_id', ...kinds],
    values: { ...sold, ...counts('orders') },
  },
  {
    name: 'gold_daily_funnel',
    about: 'steps from looking to buying, and exact sessions',
    key: ['date', 'store_id', 'channel', 'category'],
    values: counts('views', 'add_to_carts', 'checkouts', 'purchases', 'sessions'),
  },
  {
    name: 'gold_daily_payments',
    about: 'attempts to pay and how they ended',
    key: ['date', 'store_id', 'method', 'status', 'failure_reason'],
    values: { ...counts('payments'), amount: 'MONEY' },
  },
  {
    name: 'gold_top_products',
    about: 'products and categories by revenue, per store and over all',
    key: ['date', 'store_id', 'kind', 'rank'],
    values: { name: 'VARCHAR', category: 'VARCHAR', ...sold },
  },
  {
    name: 'gold_daily_customers',
    about: 'what each known customer bought in a day',
    key: ['date', 'customer_id'],
    values: customer,
  },
  {
    name: 'gold_customers',
    about: 'what each known customer has bought over all days, and their segment',
    key: ['customer_id'],
    values: { ...customer, loyal: 'BOOLEAN', spending_segment: 'VARCHAR' },
  },
  {
    name: 'gold_stockout_daily',
    about: 'hours under an alert, and the estimate of what was not sold',
    key: ['date', 'store_id', 'product_id'],
    values: {
      ...counts('alerts'),
      hours_out: 'DECIMAL(18, 2)',
      lost_units: 'DECIMAL(18, 2)',
      lost_revenue: 'MONEY',
    },
    unless: 'date IN (SELECT date FROM truth.unsettled)',
  },
]

/** The columns of a table, in the order key, values. */
export function goldColumns({ key, values }: GoldTable): readonly string[] {
  return [...key, ...Object.keys(values)]
}

const keyTypes: Readonly<Record<string, string>> = { date: 'DATE', rank: 'INTEGER' }

/** SQL that makes the tables of schemas `lake` and `pg` that copies go into. */
export function goldTablesSql(minorDigits: number): string {
  const typeOf = (type: Type) => (type === 'MONEY' ? `DECIMAL(18, ${minorDigits})` : type)
  return goldTables
    .flatMap(({ name, key, values }) => {
      const keys = key.map((column) => `${column} ${keyTypes[column] ?? 'VARCHAR'}`)
      const columns = [...keys, ...Object.entries(values).map(([column, type]) => `${column} ${typeOf(type)}`)].join(
        ', ',
      )
      return ['lake', 'pg'].map((schema) => `CREATE TABLE ${schema}.${name} (${columns});`)
    })
    .join('\n')
}

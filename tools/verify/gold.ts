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

type Type = 'BIGINT' | 'INTEGER' | 'DECIMAL(18, 2)' | 'VARCHAR' | 'TIMESTAMP' | 'BOOLEAN'

const sold: Readonly<Record<string, Type>> = {
  total_qty: 'BIGINT',
  total_revenue: 'DECIMAL(18, 2)',
  transactions: 'BIGINT',
}
const customer: Readonly<Record<string, Type>> = {
  customer_segment: 'VARCHAR',
  purchases: 'BIGINT',
  spend: 'DECIMAL(18, 2)',
  first_purchase_at: 'TIMESTAMP',
  last_purchase_at: 'TIMESTAMP',
}
const counts = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name): [string, Type] => [name, 'BIGINT']))
const kinds = ['region', 'city', 'country', 'channel', 'payment_method', 'category', 'brand', 'customer_segment']

export const goldTables: readonly GoldTable[] = [
  {
    name: 'gold_daily_sales',
    about: 'every day adds up to its sales, by store and product',
    key: ['date', 'store_id', 'product_id'],
    values: sold,
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
      total_revenue: 'DECIMAL(18, 2)',
      avg_transaction_value: 'DECIMAL(18, 2)',
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
    values: { ...counts('payments'), amount: 'DECIMAL(18, 2)' },
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
      lost_revenue: 'DECIMAL(18, 2)',
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
export function goldTablesSql(): string {
  return goldTables
    .flatMap(({ name, key, values }) => {
      const keys = key.map((column) => `${column} ${keyTypes[column] ?? 'VARCHAR'}`)
      const columns = [...keys, ...Object.entries(values).map(([column, type]) => `${column} ${type}`)].join(', ')
      return ['lake', 'pg'].map((schema) => `CREATE TABLE ${schema}.${name} (${columns});`)
    })
    .join('\n')
}

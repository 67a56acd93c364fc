import { type RetailEvent } from '../event/event'
import { type Contribution, type Rollup } from './rollup'

const minuteMs = 60_000

/** The windowed aggregates. Adding one is one entry here and one migration for its PostgreSQL table. */
export const rollups: readonly Rollup[] = [
  {
    name: 'sales_1m',
    comment: 'what each store sold of each product, by minute of event time',
    windowMs: minuteMs,
    dimensions: [
      { name: 'store_id', comment: 'store that sold' },
      { name: 'product_id', comment: 'product sold' },
    ],
    measures: [
      { kind: 'sum', name: 'total_qty', unit: 'count', comment: 'units sold less units returned' },
      {
        kind: 'sum',
        name: 'total_revenue',
        unit: 'cents',
        comment: 'revenue less refunds, in the currency of the shops',
      },
      { kind: 'sum', name: 'transactions', unit: 'count', comment: 'sales and returns that hold the product' },
    ],
    contributions: salesByProduct,
  },
  {
    name: 'store_1m',
    comment: 'what each store took, by minute of event time',
    windowMs: minuteMs,
    dimensions: [{ name: 'store_id', comment: 'store that sold' }],
    measures: [
      { kind: 'sum', name: 'total_transactions', unit: 'count', comment: 'sales and returns' },
      {
        kind: 'sum',
        name: 'total_revenue',
        unit: 'cents',
        comment: 'revenue less refunds, in the currency of the shops',
      },
      {
        kind: 'ratio',
        name: 'avg_transaction_value',
        unit: 'cents',
        numerator: 'total_revenue',
        denominator: 'total_transactions',
        comment: 'total_revenue / total_transactions, rounded half away from zero',
      },
      { kind: 'distinct', name: 'unique_customers', comment: 'different known customers within the window' },
    ],
    contributions: salesByStore,
  },
]

/** One contribution per product of a sale, however many of its lines name the product. */
function salesByProduct(event: RetailEvent): readonly Contribution[] {
  if (event.type !== 'sale') return []
  const products = new Map<string, { total_qty: number; total_revenue: number; transactions: number }>()
  for (const line of event.lines) {
    const sum = products.get(line.productId)
    if (sum) {
      sum.total_qty += line.quantity
      sum.total_revenue += line.amountCents
    } else {
      products.set(line.productId, { total_qty: line.quantity, total_revenue: line.amountCents, transactions: 1 })
    }
  }
  return Array.from(products, ([productId, amounts]) => ({ key: [event.storeId, productId], amounts }))
}

function salesByStore(event: RetailEvent): readonly Contribution[] {
  if (event.type !== 'sale') return []
  const total_revenue = event.lines.reduce((sum, line) => sum + line.amountCents, 0)
  return [
    { key: [event.storeId], amounts: { total_transactions: 1, total_revenue, unique_customers: event.customerId } },
  ]
}

import { type SaleEvent } from '../event/event'
import { unknown } from './label'
import { purchases, salesByKind, salesByProduct, salesByStore } from './receipt'
import { type Contribution, type Dimension, type Fact, type Rollup } from './rollup'

const minuteMs = 60_000

/** Reason of an event or a payment that did not fail. */
const none = 'none'

const store: Dimension = { name: 'store_id', comment: 'store the event names' }
const salesStore: Dimension = { name: 'store_id', comment: 'store that sold' }
const product: Dimension = { name: 'product_id', comment: 'product sold' }
const channel: Dimension = { name: 'channel', comment: 'store, web or app; unknown when the event does not say' }

function money<N extends string>(name: N, comment: string) {
  return { kind: 'sum', name, unit: 'money', comment: `currency units: ${comment}` } as const
}

function count<N extends string>(name: N, comment: string) {
  return { kind: 'sum', name, unit: 'count', comment } as const
}

// What lines of goods come to. A receipt that voids another counts as minus that one in every figure.
const revenue = money('total_revenue', 'net sales: gross sales less discounts and returns')
const grossSales = money('gross_sales', 'quantity × price of what was sold, before discounts')
const discounts = money('discounts', 'taken off what was sold, by line and by receipt')
const quantity = count('total_qty', 'pieces sold less pieces returned; what is weighed is one piece')
const unitsReturned = count('units_returned', 'pieces returned')
const transactions = { kind: 'sum', name: 'transactions', unit: 'count' } as const

/** The windowed aggregates. CONTRIBUTING.md lists what else a new one needs. */
export const rollups: readonly Rollup[] = [
  {
    name: 'sales_1m',
    comment: 'what each store sold of each product, by minute of event time',
    windowMs: minuteMs,
    dimensions: [salesStore, product],
    measures: [
      quantity,
      revenue,
      { ...transactions, comment: 'receipts: sales and returns that hold the product' },
      grossSales,
      discounts,
      unitsReturned,
      { kind: 'sum', name: 'measured_qty', unit: 'thousandths', comment: 'kg, l or m sold less returned' },
    ],
    contributions: salesOnly(salesByProduct),
  },
  {
    name: 'store_1m',
    comment: 'what each store took, by minute of event time',
    windowMs: minuteMs,
    dimensions: [salesStore],
    measures: [
      count('total_transactions', 'receipts: sales and returns; those of adjustments alone are none'),
      revenue,
      {
        kind: 'ratio',
        name: 'avg_transaction_value',
        unit: 'money',
        numerator: 'total_revenue',
        denominator: 'total_transactions',
        comment: 'currency units: total_revenue / total_transactions, rounded half away from zero',
      },
      {
        kind: 'distinct',
        name: 'unique_customers',
        comment: 'different known customers; exact below 65536, then within 2 %; not additive, merge the sketches',
      },
      count('orders', 'receipts that sell goods'),
      count('return_receipts', 'receipts that take goods back and sell none'),
      grossSales,
      discounts,
      money('returns', 'paid back for goods returned, discounts they were sold at taken off; positive'),
      money('order_revenue', 'net sales of the receipts in orders'),
      {
        kind: 'ratio',
        name: 'avg_order_value',
        unit: 'money',
        numerator: 'order_revenue',
        denominator: 'orders',
        comment: 'currency units: order_revenue / orders, rounded half away from zero',
      },
      count('units_sold', 'pieces sold'),
      unitsReturned,
      count('write_offs', 'pieces of goods at no price, in or out'),
      money('tax', 'tax of goods, shipping and fees'),
      money('tax_included', 'the part of tax that is contained in the prices'),
      money('tips', 'tips on top'),
      money('shipping', 'shipping charged'),
      money('fees', 'fees charged, deposits and bags among them'),
      money('gift_cards_sold', 'gift cards sold: deferred revenue, no sale yet'),
      money('gift_cards_redeemed', 'receipts paid by gift card: goods, shipping, fees, tax on top and tips'),
      money('adjustments', 'lines that are no sale, bad debt is negative'),
      count('adjustment_lines', 'how many lines those are'),
    ],
    contributions: salesOnly(salesByStore),
  },
  {
    name: 'mix_1m',
    comment: 'where, how and to whom what kinds of products were sold, by minute; labels are cut at 64 characters',
    windowMs: minuteMs,
    dimensions: [
      salesStore,
      { name: 'region', comment: 'region of the store; unknown when the sale does not say' },
      { name: 'city', comment: 'city of the store; unknown when the sale does not say' },
      { name: 'country', comment: 'country of the store or the web customer; unknown when the sale does not say' },
      channel,
      { name: 'payment_method', comment: 'how it was paid, as the tills name it' },
      { name: 'category', comment: 'category of the products; unknown when the line does not say' },
      { name: 'brand', comment: 'brand of the products; unknown when the line does not say' },
      { name: 'customer_segment', comment: 'B2C or B2B; unknown when the sale does not say' },
    ],
    measures: [
      quantity,
      revenue,
      {
        ...transactions,
        comment: 'receipts with a line of this kind; one may count under several categories and brands',
      },
      count('orders', 'receipts that sell goods, each under its first line that does: adds up'),
    ],
    contributions: salesOnly(salesByKind),
  },
  {
    name: 'funnel_1m',
    comment: 'steps from looking to buying in web shop and app, by minute of event time',
    windowMs: minuteMs,
    dimensions: [
      store,
      channel,
      { name: 'category', comment: 'category of the product; unknown when the event does not say' },
    ],
    measures: [
      { kind: 'sum', name: 'views', unit: 'count', comment: 'products looked at' },
      { kind: 'sum', name: 'add_to_carts', unit: 'count', comment: 'products put into a cart' },
      { kind: 'sum', name: 'checkouts', unit: 'count', comment: 'checkouts begun' },
      { kind: 'sum', name: 'purchases', unit: 'count', comment: 'sales of goods, once for each category in them' },
      {
        kind: 'distinct',
        name: 'sessions',
        comment: 'different sessions; exact below 65536, then within 2 %; not additive, merge the sketches',
      },
    ],
    contributions: funnelSteps,
  },
  {
    name: 'payments_1m',
    comment: 'attempts to pay and how they ended, by minute of event time',
    windowMs: minuteMs,
    dimensions: [
      store,
      { name: 'method', comment: 'means of payment, as the provider names it' },
      { name: 'status', comment: 'succeeded or failed' },
      { name: 'failure_reason', comment: 'why it failed, none when it did not, unknown when nobody said' },
    ],
    measures: [
      { kind: 'sum', name: 'payments', unit: 'count', comment: 'attempts' },
      { kind: 'sum', name: 'amount', unit: 'money', comment: 'currency units tried, refunds subtracted' },
    ],
    contributions: payments,
  },
  {
    name: 'quality_1m',
    comment: 'what came in and what became of it, by minute of event time; heartbeats are left out',
    windowMs: minuteMs,
    // Rejected events name no store: the same key comes from every partition that took one.
    dimensions: [
      { name: 'store_id', comment: 'store the event names; unknown for a rejected one' },
      { name: 'reason', comment: 'why it was rejected; none when it was not' },
    ],
    measures: [
      { kind: 'sum', name: 'received', unit: 'count', comment: 'events: valid, rejected and duplicates' },
      { kind: 'sum', name: 'valid', unit: 'count', comment: 'events that count, late ones too' },
      {
        kind: 'sum',
        name: 'rejected',
        unit: 'count',
        comment: 'events kept in bronze only, at the time of the newest event before them',
      },
      {
        kind: 'sum',
        name: 'duplicates',
        unit: 'count',
        comment: 'events whose id had come shortly before, from their store',
      },
      {
        kind: 'sum',
        name: 'conflicting',
        unit: 'count',
        comment: 'duplicates that say something else than what counted',
      },
      {
        kind: 'sum',
        name: 'repeated_receipts',
        unit: 'count',
        comment:
          'valid sales whose store, order, edition and lines had come shortly before under another id; they count',
      },
      { kind: 'sum', name: 'late', unit: 'count', comment: 'valid events that came after their window had closed' },
      {
        kind: 'sum',
        name: 'late_seconds',
        unit: 'seconds',
        comment: 'seconds the late events were behind the newest event of their partition, summed',
      },
      { kind: 'max', name: 'max_late_seconds', unit: 'seconds', comment: 'the same of the latest one; 0 without any' },
      {
        kind: 'ratio',
        name: 'quality_pct',
        unit: 'percent',
        numerator: 'valid',
        denominator: 'received',
        comment: 'percent of the events received that are valid',
      },
    ],
    contributions: quality,
  },
  {
    name: 'stock_5m',
    comment: 'what was seen on the shelves, by five minutes of event time',
    windowMs: 5 * minuteMs,
    dimensions: [
      { name: 'store_id', comment: 'store of the shelf' },
      { name: 'product_id', comment: 'product on it' },
    ],
    measures: [
      { kind: 'last', name: 'on_hand', unit: 'count', comment: 'pieces, as seen last' },
      { kind: 'min', name: 'min_on_hand', unit: 'count', comment: 'pieces, the fewest seen' },
    ],
    contributions: shelves,
  },
]

function salesOnly(contributions: (sale: SaleEvent) => readonly Contribution[]): Rollup['contributions'] {
  return (fact) => (fact.kind === 'counted' && fact.event.type === 'sale' ? contributions(fact.event) : [])
}

const steps = { view: 'views', add_to_cart: 'add_to_carts', checkout: 'checkouts' } as const

function funnelSteps(fact: Fact): readonly Contribution[] {
  if (fact.kind !== 'counted') return []
  const { event } = fact
  if (event.type === 'activity') {
    const key = [event.storeId, event.channel ?? unknown, event.category ?? unknown]
    return [{ key, amounts: { [steps[event.action]]: 1, sessions: event.sessionId } }]
  }
  return event.type === 'sale' ? purchases(event) : []
}

function payments(fact: Fact): readonly Contribution[] {
  if (fact.kind !== 'counted' || fact.event.type !== 'payment') return []
  const { storeId, method, status, failureReason = unknown, amountMinor } = fact.event
  const reason = status === 'failed' ? failureReason : none
  return [{ key: [storeId, method, status, reason], amounts: { payments: 1, amount: amountMinor } }]
}

function quality(fact: Fact): readonly Contribution[] {
  switch (fact.kind) {
    case 'counted': {
      const lateSeconds = Math.floor(fact.lateMs / 1000)
      const late = { late: fact.lateMs > 0 ? 1 : 0, late_seconds: lateSeconds, max_late_seconds: lateSeconds }
      const repeated_receipts = fact.isRepeated ? 1 : 0
      return [{ key: [fact.event.storeId, none], amounts: { received: 1, valid: 1, repeated_receipts, ...late } }]
    }
    case 'duplicate': {
      const conflicting = fact.isConflicting ? 1 : 0
      const amounts = { received: 1, duplicates: 1, conflicting, max_late_seconds: 0 }
      return [{ key: [fact.event.storeId, none], amounts }]
    }
    case 'rejected':
      return [{ key: [unknown, fact.reason], amounts: { received: 1, rejected: 1, max_late_seconds: 0 } }]
  }
}

function shelves(fact: Fact): readonly Contribution[] {
  if (fact.kind !== 'counted' || fact.event.type !== 'stock') return []
  const { storeId, productId, onHand } = fact.event
  return [{ key: [storeId, productId], amounts: { on_hand: onHand, min_on_hand: onHand } }]
}

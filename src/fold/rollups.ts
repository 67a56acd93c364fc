import { type SaleEvent, type SaleLine } from '../event/event'
import { type Contribution, type Dimension, type Fact, type Rollup } from './rollup'

const minuteMs = 60_000

/** Dimension value of a field the event does not have. */
const unknown = 'unknown'
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
        comment: 'valid sales whose store, order and lines had come shortly before under another id; they count',
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

/** The most characters of a label: a key of nine of them has to fit PostgreSQL's index entries of 2704 bytes. */
const labelLength = 64

function label(text: string = unknown): string {
  return text.length <= labelLength ? text : Array.from(text).slice(0, labelLength).join('')
}

function salesOnly(contributions: (sale: SaleEvent) => readonly Contribution[]): Rollup['contributions'] {
  return (fact) => (fact.kind === 'counted' && fact.event.type === 'sale' ? contributions(fact.event) : [])
}

/** −1 for a receipt that voids another: it counts as minus the receipt it is with its signs turned round. */
function signOf({ voids }: SaleEvent): 1 | -1 {
  return voids === undefined ? 1 : -1
}

/** Whether a line sells goods, and makes its receipt an order. */
function sells({ kind, valueMinor }: SaleLine, sign: 1 | -1): boolean {
  return kind === 'goods' && valueMinor * sign > 0
}

/** One contribution per product of a sale, however many of its lines name the product. */
function salesByProduct(sale: SaleEvent): readonly Contribution[] {
  const sign = signOf(sale)
  const products = new Map<string, ReturnType<typeof nothingSold>>()
  for (const line of sale.lines) {
    if (line.kind !== 'goods') continue
    const { productId, pieces } = line
    let sum = products.get(productId)
    if (!sum) products.set(productId, (sum = nothingSold(sign)))
    sum.total_qty += pieces
    sum.total_revenue += line.amountMinor
    sum.measured_qty += line.measured
    if (pieces * sign < 0) sum.units_returned -= pieces
    if (!sells(line, sign)) continue
    sum.gross_sales += line.valueMinor
    sum.discounts += sign * line.discountMinor
  }
  return Array.from(products, ([productId, amounts]) => ({ key: [sale.storeId, productId], amounts }))
}

function nothingSold(transactions: 1 | -1) {
  return {
    total_qty: 0,
    total_revenue: 0,
    transactions,
    gross_sales: 0,
    discounts: 0,
    units_returned: 0,
    measured_qty: 0,
  }
}

function salesByStore(sale: SaleEvent): readonly Contribution[] {
  const { storeId, lines, customerId, paymentMethod, tipMinor, taxIncluded } = sale
  const sign = signOf(sale)
  const sums = { ...nothingTaken, tips: tipMinor, unique_customers: customerId }
  let charged = 0
  let isOrder = false
  let isReturn = false
  for (const line of lines) {
    const { kind, amountMinor, taxMinor } = line
    switch (kind) {
      case 'goods': {
        const { valueMinor, pieces } = line
        if (valueMinor === 0) sums.write_offs += sign * Math.abs(pieces)
        else if (valueMinor * sign > 0) {
          isOrder = true
          sums.gross_sales += valueMinor
          sums.discounts += sign * line.discountMinor
        } else {
          isReturn = true
          sums.returns -= amountMinor
        }
        if (pieces * sign > 0) sums.units_sold += pieces
        else sums.units_returned -= pieces
        sums.total_revenue += amountMinor
        sums.tax += taxMinor
        break
      }
      case 'shipping':
      case 'fee':
        sums[kind === 'fee' ? 'fees' : 'shipping'] += amountMinor
        sums.tax += taxMinor
        break
      case 'gift_card':
        sums.gift_cards_sold += amountMinor
        break
      case 'adjustment':
        sums.adjustments += amountMinor
        sums.adjustment_lines += sign
        continue
      case 'discount':
        // Spread over the goods already.
        break
    }
    sums.total_transactions = sign
  }
  if (isOrder) {
    sums.orders = sign
    sums.order_revenue = sums.total_revenue
  } else if (isReturn) sums.return_receipts = sign
  if (taxIncluded) sums.tax_included = sums.tax
  else charged = sums.tax
  if (paymentMethod === 'gift_card') {
    sums.gift_cards_redeemed = sums.total_revenue + sums.shipping + sums.fees + charged + tipMinor
  }
  return [{ key: [storeId], amounts: sums }]
}

const nothingTaken = {
  total_transactions: 0,
  total_revenue: 0,
  orders: 0,
  return_receipts: 0,
  gross_sales: 0,
  discounts: 0,
  returns: 0,
  order_revenue: 0,
  units_sold: 0,
  units_returned: 0,
  write_offs: 0,
  tax: 0,
  tax_included: 0,
  shipping: 0,
  fees: 0,
  gift_cards_sold: 0,
  gift_cards_redeemed: 0,
  adjustments: 0,
  adjustment_lines: 0,
}

/** One contribution per category and brand among the goods of a sale. */
function salesByKind(sale: SaleEvent): readonly Contribution[] {
  const { region, city, country, channel = unknown } = sale
  const sign = signOf(sale)
  const before = [sale.storeId, label(region), label(city), label(country), channel, sale.paymentMethod]
  const after = [sale.customerSegment ?? unknown]
  const kinds = new Map<string, Map<string, ReturnType<typeof nothingOfKind>>>()
  let isOrder = false
  for (const line of sale.lines) {
    if (line.kind !== 'goods') continue
    const [category, brand] = [label(line.category), label(line.brand)]
    let ofCategory = kinds.get(category)
    if (!ofCategory) kinds.set(category, (ofCategory = new Map<string, ReturnType<typeof nothingOfKind>>()))
    let kind = ofCategory.get(brand)
    if (!kind) ofCategory.set(brand, (kind = nothingOfKind([...before, category, brand, ...after], sign)))
    kind.amounts.total_qty += line.pieces
    kind.amounts.total_revenue += line.amountMinor
    if (isOrder || !sells(line, sign)) continue
    isOrder = true
    kind.amounts.orders = sign
  }
  return [...kinds.values()].flatMap((ofCategory) => [...ofCategory.values()])
}

function nothingOfKind(key: readonly string[], transactions: 1 | -1) {
  return { key, amounts: { total_qty: 0, total_revenue: 0, transactions, orders: 0 } }
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

/** The last step of the funnel: goods sold online, once for each category bought; returns do not count. */
function purchases(sale: SaleEvent): readonly Contribution[] {
  const { storeId, channel, sessionId, lines } = sale
  if (sessionId === undefined && channel !== 'web' && channel !== 'app') return []
  const sign = signOf(sale)
  const categories = new Set<string>()
  for (const { kind, pieces, category = unknown } of lines) {
    if (kind === 'goods' && pieces * sign > 0) categories.add(category)
  }
  return Array.from(categories, (category) => ({
    key: [storeId, channel ?? unknown, category],
    amounts: { purchases: sign, sessions: sessionId },
  }))
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

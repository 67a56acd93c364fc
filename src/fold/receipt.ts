// Tested in test/fold/receipt.test.ts.
import { type SaleEvent, type SaleLine } from '../event/event'
import { label, unknown } from './label'
import { type Contribution } from './rollup'

/*
 * What a receipt adds to the rollups, in one pass over its lines each. Only goods sell. Figures are linear in receipts: one
 * that voids another is computed with its signs turned round and counts as minus that, so it takes away what the other
 * added and is no return.
 */

/** −1 for a receipt that voids another: it counts as minus the receipt it is with its signs turned round. */
function signOf({ voids }: SaleEvent): 1 | -1 {
  return voids === undefined ? 1 : -1
}

/** Whether a line sells goods, and makes its receipt an order. */
function sells({ kind, valueMinor }: SaleLine, sign: 1 | -1): boolean {
  return kind === 'goods' && valueMinor * sign > 0
}

/** One contribution per product of a sale, however many of its lines name the product. */
export function salesByProduct(sale: SaleEvent): readonly Contribution[] {
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

/** What a receipt adds to its store: of every line what it is, of the receipt whether it is an order or a return. */
export function salesByStore(sale: SaleEvent): readonly Contribution[] {
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
export function salesByKind(sale: SaleEvent): readonly Contribution[] {
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

/** The last step of the funnel: goods sold online, once for each category bought; returns do not count. */
export function purchases(sale: SaleEvent): readonly Contribution[] {
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

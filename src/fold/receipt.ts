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
  const { storeId, lines, customerId, tipMinor, taxIncluded } = sale
  const sign = signOf(sale)
  let [isReceipt, isOrder, isReturn] = [false, false, false]
  let [gross, off, back, net, tax] = [0, 0, 0, 0, 0]
  let [unitsSold, unitsReturned, writeOffs] = [0, 0, 0]
  let [shipping, fees, cards, adjustments, adjustmentLines] = [0, 0, 0, 0, 0]
  for (const { kind, valueMinor, discountMinor, amountMinor, taxMinor, pieces } of lines) {
    // Discounts are spread over the goods already, and a line of them counts in nothing else.
    if (kind !== 'adjustment') isReceipt = true
    if (kind === 'goods') {
      if (valueMinor === 0) writeOffs += sign * Math.abs(pieces)
      else if (valueMinor * sign > 0) {
        isOrder = true
        gross += valueMinor
        off += sign * discountMinor
      } else {
        isReturn = true
        back -= amountMinor
      }
      if (pieces * sign > 0) unitsSold += pieces
      else unitsReturned -= pieces
      net += amountMinor
      tax += taxMinor
    } else if (kind === 'shipping') {
      shipping += amountMinor
      tax += taxMinor
    } else if (kind === 'fee') {
      fees += amountMinor
      tax += taxMinor
    } else if (kind === 'gift_card') cards += amountMinor
    else if (kind === 'adjustment') {
      adjustments += amountMinor
      adjustmentLines += sign
    }
  }
  const amounts = {
    total_transactions: isReceipt ? sign : 0,
    total_revenue: net,
    unique_customers: customerId,
    orders: isOrder ? sign : 0,
    return_receipts: isReturn && !isOrder ? sign : 0,
    gross_sales: gross,
    discounts: off,
    returns: back,
    order_revenue: isOrder ? net : 0,
    units_sold: unitsSold,
    units_returned: unitsReturned,
    write_offs: writeOffs,
    tax,
    tax_included: taxIncluded ? tax : 0,
    tips: tipMinor,
    shipping,
    fees,
    gift_cards_sold: cards,
    gift_cards_redeemed:
      sale.paymentMethod === 'gift_card' ? net + shipping + fees + (taxIncluded ? 0 : tax) + tipMinor : 0,
    adjustments,
    adjustment_lines: adjustmentLines,
  }
  return [{ key: [storeId], amounts }]
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

import { type DecodeRules, decode } from '../../src/event/decode'
import { type SaleEvent } from '../../src/event/event'
import { parseProductKinds } from '../../src/event/product-kinds'
import { purchases, salesByKind, salesByProduct, salesByStore } from '../../src/fold/receipt'
import { type Contribution } from '../../src/fold/rollup'
import { line, sale } from './entries'

const rules: DecodeRules = {
  currency: 'GBP',
  productKinds: parseProductKinds('GIFTCARD=gift_card'),
  maxAheadMs: Infinity,
  maxBehindMs: Infinity,
  maxEventBytes: Infinity,
}

/** The receipt that a till's JSON is. */
function receiptOf(fields: object): SaleEvent {
  const head = { eventId: '01JNJ8Z5W0Q4T7M2K9X3C6V8BD', type: 'sale', eventTime: '2026-03-05T10:00:00Z', storeId: 's1' }
  const body = Buffer.from(JSON.stringify({ ...head, paymentMethod: 'card', ...fields }))
  const [decoded] = decode(body, { enqueuedMs: Date.parse(head.eventTime), rules })
  if (decoded?.kind === 'event' && decoded.event.type === 'sale') return decoded.event
  throw new Error(`expected a sale, got ${decoded?.kind === 'reject' ? decoded.detail : 'another event'}`)
}

/** What a receipt adds to its store, zeros left out. */
function taken(receipt: SaleEvent): Readonly<Record<string, unknown>> {
  const [{ amounts } = { amounts: {} }] = salesByStore(receipt)
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0 && amount !== undefined))
}

const sold = { quantity: 1, unitPrice: 10 }

// docs/metrics.md, "One receipt, worked through".
const worked = {
  discount: 10,
  lines: [
    { productId: 'MUG', quantity: 2, unitPrice: 20 },
    { productId: 'PLATE', quantity: 1, unitPrice: 15 },
    { productId: 'SPOON', quantity: -1, unitPrice: 5 },
    { productId: 'GIFTCARD', quantity: 1, unitPrice: 50 },
    { productId: 'POST', quantity: 1, unitPrice: 4.95, kind: 'shipping' },
  ],
}

test('the receipt of docs/metrics.md adds to its store what stands there', () => {
  expect(taken(receiptOf(worked))).toEqual({
    total_transactions: 1,
    total_revenue: 4000,
    orders: 1,
    gross_sales: 5500,
    discounts: 1000,
    returns: 500,
    order_revenue: 4000,
    units_sold: 3,
    units_returned: 1,
    shipping: 495,
    gift_cards_sold: 5000,
  })
})

test('by product only goods are sold, each with its share of the discount', () => {
  const figures = ({ key, amounts }: Contribution) => [key[1], amounts['gross_sales'], amounts['discounts']]
  expect(salesByProduct(receiptOf(worked)).map(figures)).toEqual([
    ['MUG', 4000, 727],
    ['PLATE', 1500, 273],
    ['SPOON', 0, 0],
  ])
})

test('a void takes away whatever the receipt added that it takes back', () => {
  const lines = worked.lines.map((each) => ({ ...each, quantity: -each.quantity }))
  const [told, voided] = [receiptOf(worked), receiptOf({ ...worked, lines, voids: 'order-1' })]
  for (const contributions of [salesByProduct, salesByStore, salesByKind, purchases]) {
    const online = (receipt: SaleEvent) => contributions({ ...receipt, channel: 'web' })
    expect(online(voided).map(negated)).toEqual(online(told))
  }
})

function negated({ key, amounts }: Contribution): Contribution {
  const turned = Object.entries(amounts).map(([name, amount]) => [
    name,
    typeof amount === 'number' ? 0 - amount : amount,
  ])
  return { key, amounts: Object.fromEntries(turned) as Contribution['amounts'] }
}

const receipt = { total_transactions: 1 }
const order = { ...receipt, orders: 1, gross_sales: 1000, units_sold: 1 }
const back = { returns: 3000, units_returned: 3 }

test.each([
  ['goods sold', [sold], { ...order, total_revenue: 1000, order_revenue: 1000 }],
  [
    'goods sold and brought back',
    [sold, { ...sold, quantity: -3 }],
    { ...order, ...back, total_revenue: -2000, order_revenue: -2000 },
  ],
  [
    'goods brought back',
    [{ ...sold, quantity: -3 }],
    { ...receipt, ...back, total_revenue: -3000, return_receipts: 1 },
  ],
  ['goods given away', [{ quantity: 4, unitPrice: 0 }], { ...receipt, write_offs: 4, units_sold: 4 }],
  ['goods written off', [{ quantity: -4, unitPrice: 0 }], { ...receipt, write_offs: 4, units_returned: 4 }],
  ['a fee', [{ ...sold, kind: 'fee' }], { ...receipt, fees: 1000 }],
  ['bad debt', [{ quantity: 1, unitPrice: -11062.06 }], { adjustments: -1106206, adjustment_lines: 1 }],
])('%s alone', (_, lines, figures) => {
  expect(taken(receiptOf({ lines: lines.map((each) => ({ productId: 'p', ...each })) }))).toEqual(figures)
})

test('tax is that of goods, shipping and fees, on top or contained', () => {
  const taxed = (kind: string) => ({ productId: 'p', ...sold, kind, taxRate: 0.2 })
  const lines = ['goods', 'shipping', 'fee', 'gift_card', 'adjustment'].map(taxed)
  expect(taken(receiptOf({ lines }))).toMatchObject({ tax: 600 })
  expect(taken(receiptOf({ lines }))).not.toHaveProperty('tax_included')
  // 10.00 contains 1.666…, half even to 1.67 line by line.
  expect(taken(receiptOf({ lines, taxIncluded: true }))).toMatchObject({ tax: 501, tax_included: 501 })
})

test('a receipt paid by gift card redeems goods, shipping, fees, tax on top and tip', () => {
  const lines = [
    { productId: 'p', ...sold, taxRate: 0.2 },
    { productId: 'f', ...sold, kind: 'fee' },
    { productId: 'GIFTCARD', ...sold },
  ]
  const paid = { lines, tip: 1.5, paymentMethod: 'gift_card' }
  expect(taken(receiptOf(paid))).toMatchObject({ gift_cards_redeemed: 2350, tips: 150, gift_cards_sold: 1000 })
  expect(taken(receiptOf({ ...paid, taxIncluded: true }))).toMatchObject({ gift_cards_redeemed: 2150 })
  expect(taken(receiptOf({ ...paid, paymentMethod: 'card' }))).not.toHaveProperty('gift_cards_redeemed')
})

test('what is weighed is one piece, and its weight is kept', () => {
  const lines = [
    { productId: 'cheese', quantity: 0.485, unitPrice: 19.8, unit: 'kg' },
    { productId: 'cheese', quantity: 2, unitPrice: 19.8, unit: 'kg' },
    { productId: 'cheese', quantity: -0.1, unitPrice: 19.8, unit: 'kg' },
  ]
  const [{ amounts } = { amounts: {} }] = salesByProduct(receiptOf({ lines }))
  expect(amounts).toMatchObject({ total_qty: 1, units_returned: 1, measured_qty: 2385, gross_sales: 960 + 3960 })
})

test('an order counts under the first line that sells', () => {
  const brought = line({ quantity: -1, amountMinor: -5, category: 'toys' })
  const mixed = sale(0, { lines: [line({ kind: 'fee' }), brought, line({ category: 'dairy' })] })
  const kinds = salesByKind(mixed as SaleEvent).map(({ key, amounts }) => [key[6], amounts['orders']])
  expect(kinds).toEqual([
    ['toys', 0],
    ['dairy', 1],
  ])
})

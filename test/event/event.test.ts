import { decode } from '../../src/event/decode'
import { type MeaningRules, type SaleEvent } from '../../src/event/event'
import { examples } from '../../src/event/examples'
import { parseProductKinds } from '../../src/event/product-kinds'

const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }
const enqueuedMs = Date.parse('2026-03-01T10:00:00Z')

type Fields = Readonly<Record<string, unknown>>

function verdictOf(fields: Fields, meaning: Partial<MeaningRules> = {}) {
  const sale = { ...examples.sale, taxIncluded: undefined, currency: undefined, ...fields }
  const [item] = decode(Buffer.from(JSON.stringify(sale)), { enqueuedMs, rules: { ...rules, ...meaning } })
  if (item === undefined) throw new Error('no item')
  return item
}

/** The typed sale of some lines and other fields. */
function saleOf(fields: Fields, meaning: Partial<MeaningRules> = {}): SaleEvent {
  const item = verdictOf(fields, meaning)
  if (item.kind !== 'event' || item.event.type !== 'sale')
    throw new Error(`expected a sale, got ${JSON.stringify(item)}`)
  return item.event
}

const mug = { productId: 'MUG', quantity: 2, unitPrice: 20 }
const plate = { productId: 'PLATE', quantity: 1, unitPrice: 15 }
const spoon = { productId: 'SPOON', quantity: 4, unitPrice: 5 }
const back = { productId: 'SPOON', quantity: -1, unitPrice: 5 }

test('the discount of a receipt is spread over what it sells, to the cent', () => {
  const { lines } = saleOf({ lines: [mug, plate, back, { ...spoon, discount: 2 }], discount: 10 })
  expect(lines.map(({ discountMinor }) => discountMinor)).toEqual([548, 205, 0, 447])
  expect(lines.map(({ amountMinor }) => amountMinor)).toEqual([3452, 1295, -500, 1553])
})

test('a line that is a discount is taken off the goods, and sells nothing', () => {
  const off = { productId: 'ORDER-DISCOUNT', quantity: -1, unitPrice: 10 }
  const productKinds = parseProductKinds('ORDER-DISCOUNT=discount')
  const { lines } = saleOf({ lines: [mug, off] }, { productKinds })
  expect(lines).toMatchObject([
    { kind: 'goods', amountMinor: 3000 },
    { kind: 'discount', amountMinor: -1000 },
  ])
  expect(saleOf({ lines: [mug, { ...off, productId: 'X', kind: 'discount' }] }).lines[0]?.amountMinor).toBe(3000)
})

test('a receipt that takes another back has its amounts, turned round', () => {
  const turned = [mug, plate, back].map((line) => ({ ...line, quantity: -line.quantity }))
  const [first, second] = [
    saleOf({ lines: [mug, plate, back], discount: 10 }),
    saleOf({ lines: turned, discount: 10, voids: 'R-1' }),
  ]
  expect(second.voids).toBe('R-1')
  expect(second.lines.map(({ amountMinor }) => -amountMinor)).toEqual(first.lines.map(({ amountMinor }) => amountMinor))
})

test('the discount of a return is not paid back', () => {
  expect(saleOf({ lines: [{ ...back, quantity: -3, discount: 5 }] }).lines[0]).toMatchObject({
    valueMinor: -1500,
    discountMinor: 500,
    amountMinor: -1000,
  })
  expect(saleOf({ lines: [{ ...back, quantity: -2 }], discount: 5 }).lines[0]?.amountMinor).toBe(-500)
})

test.each([
  ['on top', false, { taxRate: 0.19 }, 760],
  ['in the price', true, { taxRate: 0.19 }, 639],
  ['as the till says', true, { taxRate: 0.19, taxAmount: 6.4 }, 640],
  ['none', true, {}, 0],
  ['of a gift card, which is taxed when it is spent', false, { taxRate: 0.19, kind: 'gift_card' }, 0],
])('tax %s', (_, taxIncluded, fields, taxMinor) => {
  const { lines } = saleOf({ lines: [{ ...mug, ...fields }], taxIncluded })
  expect(lines[0]?.taxMinor).toBe(taxMinor)
})

test.each([
  ['whole pieces', { quantity: -3 }, { pieces: -3, measured: 0 }],
  ['a weight', { quantity: 2, unit: 'kg' }, { pieces: 1, measured: 2000 }],
  ['a weight nobody named', { quantity: -0.485 }, { pieces: -1, measured: -485 }],
])('a quantity of %s', (_, fields, counted) => {
  expect(saleOf({ lines: [{ ...mug, ...fields }] }).lines[0]).toMatchObject(counted)
})

test('a negative price is an adjustment, and a kind stands over what the product is known as', () => {
  const productKinds = parseProductKinds(' CARD = gift_card, ')
  const lines = [
    { productId: 'B', quantity: 1, unitPrice: -20 },
    { productId: 'CARD', quantity: 1, unitPrice: 50 },
    { productId: 'CARD', quantity: 1, unitPrice: 50, kind: 'goods' },
  ]
  expect(saleOf({ lines }, { productKinds }).lines.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
    ['adjustment', -2000],
    ['gift_card', 5000],
    ['goods', 5000],
  ])
})

test('a line comes to what the till says, where it says it', () => {
  const line = { productId: 'p', quantity: 3, unitPrice: 3.3333, amount: 10 }
  expect(saleOf({ lines: [line] }).lines[0]?.valueMinor).toBe(1000)
  expect(saleOf({ lines: [{ ...line, amount: 0.125 }] }, { currency: 'KWD' }).lines[0]?.valueMinor).toBe(125)
})

test.each([
  [{ lines: [{ ...mug, discount: 40.01 }] }, 'lines/0/discount: expected at most what the line comes to, got 40.01'],
  [{ lines: [mug, back], discount: 41 }, 'discount: expected at most 40, what the goods come to, got 41'],
  [{ lines: [{ ...mug, kind: 'fee' }], discount: 1 }, 'discount: expected at most 0, what the goods come to, got 1'],
  [{ lines: [{ ...mug, amount: -40 }] }, 'lines/0/amount: expected the sign of quantity × unitPrice, got -40'],
  [
    { storeZone: '../etc/passwd' },
    'storeZone: expected text, name of a time zone, such as Europe/London, got "../etc/passwd"',
  ],
])('amounts that do not fit are a reject that says which: %j', (fields, detail) => {
  expect(verdictOf(fields)).toMatchObject({ kind: 'reject', reason: 'schema', detail })
})

test.each(['GIFTCARD', 'A=gift', '=fee', 'A=fee,A=goods'])('PRODUCT_KINDS %j is refused by name', (text) => {
  expect(() => parseProductKinds(text)).toThrow(/^PRODUCT_KINDS: expected .*got "/)
})

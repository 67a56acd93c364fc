import { type RetailEvent, type SaleEvent } from '../../src/event/event'
import { decodeState, emptyState, encodeState } from '../../src/fold/state'
import { type Emit, step } from '../../src/fold/step'
import { line, log, rules, sale } from './entries'

const uuid = '7f0e9d3a-1111-4222-8333-abcdefabcdef'

/** What quality_1m says of a log, all windows together, and the sales counted. */
function counted(...events: RetailEvent[]) {
  const { out, state, counts } = step(emptyState(rules), log(...events), rules)
  const open = [...(state.windows.get('quality_1m')?.values() ?? [])].flatMap((cells) => [...cells.values()])
  const quality = rules.rollups.find(({ name }) => name === 'quality_1m')
  const index = (name: string) => quality?.measures.findIndex((measure) => measure.name === name) ?? -1
  const isQuality = (emit: Emit) => emit.kind !== 'stockout' && emit.rollup.name === 'quality_1m'
  const sum = (name: string) =>
    out.filter(isQuality).reduce((total, emit) => total + Number('values' in emit ? emit.values[name] : 0), 0) +
    open.reduce((total, { values }) => total + Number(values[index(name)]), 0)
  const names = ['valid', 'duplicates', 'conflicting', 'repeated_receipts'] as const
  return { counts, ...Object.fromEntries(names.map((name) => [name, sum(name)])) }
}

const once = { valid: 1, duplicates: 1, conflicting: 0, repeated_receipts: 0 }

test('W4: an id belongs to its store: two stores with one id count both', () => {
  expect(counted(sale(1, { id: 'a', store: 's1' }), sale(1, { id: 'a', store: 's2' }))).toMatchObject({
    valid: 2,
    duplicates: 0,
  })
})

test('an id is one in any case of its letters (b4b-uuid-case)', () => {
  expect(counted(sale(1, { id: uuid }), sale(1, { id: uuid.toUpperCase() }))).toMatchObject(once)
})

const receipt = (fields: Partial<SaleEvent> & { readonly eventId: string }): RetailEvent => ({
  ...(sale(1) as SaleEvent),
  orderId: 'R-77',
  ...fields,
})

test.each([
  ['a time', { eventTimeMs: 61_000 }],
  ['an order', { orderId: 'R-78' }],
  ['a customer', { customerId: 'c9' }],
  ['a product', { lines: [line({ productId: 'p2' })] }],
  ['pieces', { lines: [line({ quantity: 2 })] }],
  ['an amount', { lines: [line({ amountMinor: -100 })] }],
  ['an amount beyond 32 bits', { lines: [line({ amountMinor: 100 + 2 ** 32 })] }],
  ['a line', { lines: [line(), line()] }],
  ['a part of a piece', { lines: [line({ quantity: 1.001 })] }],
  ['a kind of line', { lines: [line({ kind: 'fee' })] }],
  ['a unit', { lines: [line({ unit: 'kg' })] }],
  ['a discount', { lines: [line({ discountMinor: 5 })] }],
  ['a tax', { lines: [line({ taxMinor: 5 })] }],
  ['a tip', { tipMinor: 5 }],
  ['taxes included', { taxIncluded: true }],
  ['a void', { voids: 'R-1' }],
  ['an edition', { edition: 2 }],
] as const)('the same id with %s of its own is a duplicate that conflicts', (_, fields) => {
  const found = counted(receipt({ eventId: 'a' }), receipt({ eventId: 'a', ...fields }))
  expect(found).toMatchObject({ ...once, conflicting: 1, counts: { duplicates: 1, conflicting: 1 } })
})

test('the same id with another label says the same', () => {
  expect(counted(receipt({ eventId: 'a' }), receipt({ eventId: 'a', city: 'Leeds' }))).toMatchObject(once)
})

const elsewhere: readonly [string, RetailEvent, RetailEvent][] = [
  ['payment', payment({ amountMinor: 5 }), payment({ amountMinor: 6 })],
  ['stock', stock(5), stock(6)],
]

function payment(fields: { readonly amountMinor: number }): RetailEvent {
  const stamp = { eventId: 'a', eventTimeMs: 60_000, schemaVersion: 1, storeId: 's1' }
  return { ...stamp, type: 'payment', orderId: 'o', method: 'card', status: 'failed', ...fields }
}

function stock(onHand: number): RetailEvent {
  const stamp = { eventId: 'a', eventTimeMs: 60_000, schemaVersion: 1, storeId: 's1' }
  return { ...stamp, type: 'stock', productId: 'p1', onHand, reason: 'count' }
}

test.each(elsewhere)('a %s that differs conflicts, one that does not is a resend', (_, first, other) => {
  expect(counted(first, first)).toMatchObject(once)
  expect(counted(first, other)).toMatchObject({ ...once, conflicting: 1 })
})

test('a receipt under another id counts, and is seen (b4-duplicate-receipt)', () => {
  const found = counted(receipt({ eventId: 'a' }), receipt({ eventId: 'b' }), receipt({ eventId: 'c' }))
  expect(found).toMatchObject({ valid: 3, duplicates: 0, repeated_receipts: 2 })
})

test.each([
  ['store', { storeId: 's2' }],
  ['order', { orderId: 'R-78' }],
  ['edition', { edition: 2 }],
  ['voided order', { voids: 'R-1' }],
  ['lines', { lines: [line({ quantity: 2 })] }],
] as const)('of another %s it is another receipt', (_, fields) => {
  expect(counted(receipt({ eventId: 'a' }), receipt({ eventId: 'b', ...fields }))).toMatchObject({
    valid: 2,
    repeated_receipts: 0,
  })
})

test('sales without an order are no receipt to be compared', () => {
  expect(counted(sale(1, { id: 'a' }), sale(1, { id: 'b' }))).toMatchObject({ valid: 2, repeated_receipts: 0 })
})

test('receipts and contents are remembered as long as ids, across a saved state, and no longer', () => {
  const state = step(emptyState(rules), log(receipt({ eventId: 'a' })), rules).state
  const restored = decodeState(encodeState(state), rules)
  const next = log(sale(0), receipt({ eventId: 'b' }), receipt({ eventId: 'a', customerId: 'c9' })).slice(1)
  expect(step(restored, next, rules).counts).toMatchObject({ duplicates: 1, conflicting: 1 })
  const later = step(emptyState(rules), log(receipt({ eventId: 'a' }), sale(30), receipt({ eventId: 'b' })), rules)
  expect(later.state.seen.receipts.size).toBe(1)
  expect(
    later.out.some((emit) => emit.kind === 'correction' && Number(emit.values['repeated_receipts'] ?? 0) > 0),
  ).toBe(false)
})

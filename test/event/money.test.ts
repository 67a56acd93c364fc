import fc from 'fast-check'
import { isMultipleOf, lineCents } from '../../src/event/money'

/** Half to even on whole numbers without bound. */
function reference(units: bigint): bigint {
  const sign = units < 0n ? -1n : 1n
  const size = units * sign
  const [cents, rest] = [size / 100n, size % 100n]
  return sign * (rest > 50n || (rest === 50n && cents % 2n === 1n) ? cents + 1n : cents)
}

test('a line is price × quantity, half to even, for every price and quantity', () => {
  const price = fc.integer({ min: 0, max: 10_000_000_000 })
  const quantity = fc.integer({ min: -1_000_000, max: 1_000_000 })
  // Ties are one in a hundred by chance alone: prices that end in half a cent make them common.
  const tied = fc.integer({ min: 0, max: 1_000_000 }).map((cents) => cents * 100 + 50)
  fc.assert(
    fc.property(fc.oneof(price, tied), fc.oneof(quantity, fc.integer({ min: -9, max: 9 })), (units, pieces) => {
      const cents = lineCents(
        Number(`${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`),
        pieces,
      )
      const exact = BigInt(units) * BigInt(pieces)
      const size = exact < 0n ? -exact : exact
      expect(cents).toBe(size > 10n ** 13n ? undefined : Number(reference(exact)))
    }),
    { numRuns: 5000 },
  )
})

test.each([
  [0.005, 1, 0],
  [0.015, 1, 2],
  [0.025, -1, -2],
  [1.005, 1, 100],
  [1.0051, 1, 101],
  [0, -5, 0],
])('%d × %d is %d cents', (unitPrice, quantity, cents) => {
  expect(lineCents(unitPrice, quantity)).toBe(cents)
})

test('a number has four decimals exactly when its shortest decimal form has', () => {
  const numbers = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc
      .tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }))
      .map(([whole, rest]) => Number(`${whole}.${String(rest).padStart(6, '0')}`)),
  )
  fc.assert(
    fc.property(numbers, (value) => {
      const shortest = String(value)
      const fits = !shortest.includes('e') && (shortest.split('.')[1] ?? '').length <= 4
      expect(isMultipleOf(value, 0.0001)).toBe(fits)
    }),
    { numRuns: 5000 },
  )
})

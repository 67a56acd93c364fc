import fc from 'fast-check'
import { type MinorDigits, minorDigits } from '../../src/event/currency'
import { isMultipleOf, lineMinor, minorOf, proportion, spread } from '../../src/event/money'

const digits = fc.constantFrom<MinorDigits>(0, 2, 3, 4)

/** Half to even on whole numbers without bound: `units` in parts of `by`. */
function reference(units: bigint, by: bigint): bigint {
  const sign = units < 0n ? -1n : 1n
  const size = units * sign
  const [whole, rest] = [size / by, 2n * (size % by)]
  return sign * (rest > by || (rest === by && whole % 2n === 1n) ? whole + 1n : whole)
}

/** A whole number of 10^-decimals, as text reads it. */
function decimalOf(units: number, decimals: number): number {
  const text = String(Math.abs(units)).padStart(decimals + 1, '0')
  return Number(`${units < 0 ? '-' : ''}${text.slice(0, -decimals)}.${text.slice(-decimals)}`)
}

test('a line is price × quantity, half to even to the minor unit, for every price, quantity and currency', () => {
  const price = fc.integer({ min: -10_000_000_000, max: 10_000_000_000 })
  // Ties are one in a hundred by chance alone: prices that end in half a cent make them common.
  const tied = fc.integer({ min: 0, max: 1_000_000 }).map((cents) => cents * 100 + 50)
  const pieces = fc.oneof(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: -9, max: 9 }))
  const quantity = fc.oneof(
    pieces.map((whole) => whole * 1000),
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
  )
  fc.assert(
    fc.property(fc.oneof(price, tied), quantity, digits, (units, milli, places) => {
      const exact = BigInt(units) * BigInt(milli)
      const size = exact < 0n ? -exact : exact
      const expected = size > 10n ** 16n ? undefined : Number(reference(exact, 10n ** BigInt(7 - places)))
      const got = lineMinor(decimalOf(units, 4), decimalOf(milli, 3), places)
      // In ten-thousandths of a whole currency, where both are the same number.
      expect(got).toBe(expected)
    }),
    { numRuns: 10_000 },
  )
})

test.each([
  [0.005, 1, 2, 0],
  [0.015, 1, 2, 2],
  [0.025, -1, 2, -2],
  [1.005, 1, 2, 100],
  [1.0051, 1, 2, 101],
  [0, -5, 2, 0],
  [19.8, 0.485, 2, 960],
  [1.255, 1, 3, 1255],
  [0.5, 1, 0, 0],
  [1.5, 1, 0, 2],
  [0.0001, 3, 4, 3],
] as const)('%d × %d is %d places: %d', (unitPrice, quantity, places, minor) => {
  expect(lineMinor(unitPrice, quantity, places)).toBe(minor)
})

test('the case of three decimals: 1.255 + 3 × 0.985 + 10 × 0.125 − 0.125 KWD is 5.335', () => {
  const lines = [
    [1.255, 1],
    [0.985, 3],
    [0.125, 10],
    [0.125, -1],
  ] as const
  const sum = lines.reduce((all, [price, quantity]) => all + (lineMinor(price, quantity, minorDigits('KWD')) ?? NaN), 0)
  expect(sum).toBe(5335)
})

test('an amount is the line of one piece', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000_000_000, max: 10_000_000_000 }), digits, (units, places) => {
      expect(minorOf(decimalOf(units, 4), places)).toBe(lineMinor(decimalOf(units, 4), 1, places))
    }),
  )
})

test('a proportion is exact and half to even, however large', () => {
  const amount = fc.integer({ min: -1e13, max: 1e13 })
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 20_000 }), (a, times, by) => {
      expect(proportion(a, times, by)).toBe(Number(reference(BigInt(a) * BigInt(times), BigInt(by))))
    }),
    { numRuns: 2000 },
  )
})

test('what is spread adds up, takes no more than there is, and is off by less than one from the proportion', () => {
  const weights = fc.array(fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 1e12 })), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (each, part) => {
      const sum = each.reduce((all, weight) => all + weight, 0)
      const total = Math.floor(sum * part)
      const shares = spread(total, each)
      expect(shares.reduce((all, share) => all + share, 0)).toBe(total)
      shares.forEach((share, index) => {
        const weight = each[index] ?? 0
        expect(share).toBeLessThanOrEqual(weight)
        const whole = sum === 0 ? 0n : (BigInt(total) * BigInt(weight)) / BigInt(sum)
        expect(BigInt(share) - whole === 0n || BigInt(share) - whole === 1n).toBe(true)
      })
    }),
    { numRuns: 2000 },
  )
})

test('what is left over goes to the largest remainders, of equals to the earlier', () => {
  expect(spread(100, [1, 1, 1])).toEqual([34, 33, 33])
  expect(spread(1000, [4000, 1500, 2000])).toEqual([533, 200, 267])
  expect(spread(0, [5, 0])).toEqual([0, 0])
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

test('decimal places are those of ISO 4217, also where Intl shows fewer', () => {
  const codes = ['GBP', 'EUR', 'JPY', 'KRW', 'KWD', 'IQD', 'CLF', 'HUF', 'XXX']
  expect(codes.map(minorDigits)).toEqual([2, 2, 0, 0, 3, 3, 4, 2, 2])
})

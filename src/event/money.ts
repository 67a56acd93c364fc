import { type MinorDigits } from './currency'

/*
 * Amounts are whole minor units of the currency (cents, fils, whole yen): numbers on the wire have up to four decimals,
 * are rounded half to even once, where they come in, and never again.
 */

/** Decimals that a price, and a quantity, may have on the wire. */
const priceDecimals = 4
const quantityDecimals = 3
/** A thousand million currency units, the largest amount taken: more is a producer's fault, and sums below it stay exact. */
const maxUnits = 1e9

/** The largest amount taken, in minor units. */
export function maxMinor(digits: MinorDigits): number {
  return maxUnits * 10 ** digits
}

/**
 * True when `value` is a whole multiple of `step` (0.0001 and the like) as written in JSON. Exact: the quotient of two
 * whole numbers is the double nearest to that decimal, which is what parsing the decimal gives too.
 */
export function isMultipleOf(value: number, step: number): boolean {
  const perOne = Math.round(1 / step)
  return Math.round(value * perOne) / perOne === value
}

/** Thousandths of a quantity of at most 3 decimals. */
export function thousandths(quantity: number): number {
  return Math.round(quantity * 1000)
}

/** Minor units of an amount in currency units of at most 4 decimals, rounded half to even. */
export function minorOf(amount: number, digits: MinorDigits): number {
  return rescaled(Math.round(amount * 10 ** priceDecimals), priceDecimals, digits)
}

/**
 * Minor units of `quantity` (at most 3 decimals) at `unitPrice` currency units (at most 4), rounded half to even; undefined
 * beyond ± 1e9 currency units. Exact, and never -0.
 */
export function lineMinor(unitPrice: number, quantity: number, digits: MinorDigits): number | undefined {
  const price = Math.round(unitPrice * 10 ** priceDecimals)
  const milli = thousandths(quantity)
  if (milli % 1000 === 0) {
    const units = price * (milli / 1000)
    return Math.abs(units) <= maxUnits * 10 ** priceDecimals ? rescaled(units, priceDecimals, digits) : undefined
  }
  const decimals = priceDecimals + quantityDecimals
  if (Math.abs(price * milli) <= Number.MAX_SAFE_INTEGER) return rescaled(price * milli, decimals, digits)
  const units = BigInt(price) * BigInt(milli)
  const size = units < 0n ? -units : units
  return size <= BigInt(maxUnits) * 10n ** BigInt(decimals)
    ? halfEvenBig(units, 10n ** BigInt(decimals - digits))
    : undefined
}

/** `amount × times / by` of whole numbers, rounded half to even; `by` is positive. */
export function proportion(amount: number, times: number, by: number): number {
  const product = amount * times
  return Number.isSafeInteger(product) ? halfEven(product, by) : halfEvenBig(BigInt(amount) * BigInt(times), BigInt(by))
}

/**
 * Shares of a whole `total` by whole weights, none negative, by largest remainder: each its proportion cut to a whole
 * number, and what is left one by one to the largest remainders, of equals to the earlier. They add up to `total` exactly;
 * none is larger than its weight while `total` is not larger than all weights.
 */
export function spread(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  if (sum === 0) return weights.map(() => 0)
  const parts = weights.map((weight, index) => ({ index, ...cut(total, weight, sum) }))
  const left = total - parts.reduce((all, { whole }) => all + whole, 0)
  const shares = parts.map(({ whole }) => whole)
  const largest = parts.toSorted((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest < b.rest ? 1 : -1))
  for (const { index } of largest.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1
  return shares
}

/** `total × weight / sum` as a whole number and what is left of it, in parts of `sum`. */
function cut(total: number, weight: number, sum: number): { readonly whole: number; readonly rest: number } {
  const product = total * weight
  if (Number.isSafeInteger(product)) return { whole: (product - (product % sum)) / sum, rest: product % sum }
  const exact = BigInt(total) * BigInt(weight)
  return { whole: Number(exact / BigInt(sum)), rest: Number(exact % BigInt(sum)) }
}

function rescaled(units: number, from: number, to: number): number {
  return to >= from ? units * 10 ** (to - from) + 0 : halfEven(units, 10 ** (from - to))
}

function halfEven(units: number, by: number): number {
  const rest = units % by
  const whole = (units - rest) / by
  const twice = 2 * Math.abs(rest)
  return (twice > by || (twice === by && whole % 2 !== 0) ? whole + Math.sign(rest) : whole) + 0
}

function halfEvenBig(units: bigint, by: bigint): number {
  const rest = units % by
  const whole = units / by
  const twice = 2n * (rest < 0n ? -rest : rest)
  const up = twice > by || (twice === by && whole % 2n !== 0n)
  return Number(up ? whole + (rest < 0n ? -1n : 1n) : whole)
}

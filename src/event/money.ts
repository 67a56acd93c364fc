const unitsPerCent = 100
const unitsPerCurrency = 10_000
/** A thousand million currency units, the largest amount taken: more is a producer's fault, and sums below it stay exact. */
const maxUnits = 1e13
export const maxCents = maxUnits / unitsPerCent

/**
 * True when `value` is a whole multiple of `step` (0.0001 and the like) as written in JSON. Exact: the quotient of two
 * whole numbers is the double nearest to that decimal, which is what parsing the decimal gives too.
 */
export function isMultipleOf(value: number, step: number): boolean {
  const perOne = Math.round(1 / step)
  return Math.round(value * perOne) / perOne === value
}

/**
 * Cents of `quantity` pieces at `unitPrice` currency units (at most 4 decimals), rounded half to even; undefined
 * beyond ± 1e11 cents. Exact: everything below the limit is a whole number a double holds, and never -0.
 */
export function lineCents(unitPrice: number, quantity: number): number | undefined {
  const units = Math.round(unitPrice * unitsPerCurrency) * quantity
  return Math.abs(units) <= maxUnits ? halfEvenCents(units) : undefined
}

function halfEvenCents(units: number): number {
  const rest = units % unitsPerCent
  const cents = (units - rest) / unitsPerCent
  const half = unitsPerCent / 2
  if (Math.abs(rest) > half || (Math.abs(rest) === half && cents % 2 !== 0)) return cents + Math.sign(rest)
  return cents
}

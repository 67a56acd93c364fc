import { type TextRow } from '../warehouse/connection'

type Text = string | null | undefined

/** A whole number of a row, 0 for null; throws when it is none, or too large to be exact. */
export function count(text: Text): number {
  const number = Number(text ?? '0')
  if (Number.isSafeInteger(number)) return number
  throw new Error(`report: expected a whole number below 2^53, got ${JSON.stringify(text)}`)
}

/**
 * Money of a row in minor units, 0 for null: `12.5` with two digits is 1250. Throws when it has more decimals than the
 * currency, or is too large to be exact.
 */
export function minor(text: Text, digits: number): number {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text ?? '0') ?? []
  const excess = decimals.slice(digits)
  if (whole === '' || /[1-9]/.test(excess)) {
    throw new Error(`report: expected money with at most ${digits} decimals, got ${JSON.stringify(text)}`)
  }
  return count(`${sign}${whole}${decimals.slice(0, digits).padEnd(digits, '0')}`) || 0
}

/** A text of a row, empty for null. */
export function text(value: Text): string {
  return value ?? ''
}

/** The only row of an aggregate; throws when there is none. */
export function only(rows: readonly TextRow[]): TextRow {
  const [row] = rows
  if (!row) throw new Error('report: expected a row, got none')
  return row
}

/** A ratio of whole numbers, rounded half away from zero, by whole numbers throughout; null when dividing by 0. */
export function ratio(numerator: number, denominator: number): number | null {
  if (denominator === 0) return null
  const [twice, by] = [2n * BigInt(Math.abs(numerator)), BigInt(Math.abs(denominator))]
  const rounded = Number((twice + by) / (2n * by))
  return Math.sign(numerator) * Math.sign(denominator) * rounded || 0
}

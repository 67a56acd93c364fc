// Tested in test/tools/query/report.test.ts.
import { type Value } from '../answer'

/** A whole number of a row; throws when it is none, or too large to be exact. */
export function number(value: Value | undefined): number {
  if (typeof value === 'number') return value
  throw new Error(`report: expected a number, got ${JSON.stringify(value)}`)
}

/** A text of a row. */
export function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

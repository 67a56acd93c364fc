import { type RetailEvent } from '../event/event'

/** A grouping column of a rollup. */
export interface Dimension {
  readonly name: string
  readonly comment: string
}

/**
 * A computed column of a rollup. `sum` adds whole numbers, `distinct` counts different texts within the window, `ratio`
 * divides two sums of the same rollup. A correction row carries the increments of one late event, so sums add up over
 * all rows of a window; distinct counts and ratios of correction rows stand for that event alone.
 */
export type Measure =
  | { readonly kind: 'sum'; readonly name: string; readonly unit: 'count' | 'cents'; readonly comment: string }
  | { readonly kind: 'distinct'; readonly name: string; readonly comment: string }
  | {
      readonly kind: 'ratio'
      readonly name: string
      readonly unit: 'cents'
      readonly numerator: string
      readonly denominator: string
      readonly comment: string
    }

/** What one event adds to one key: dimension values, then one amount per measure that is fed (ratios are not). */
export interface Contribution {
  readonly key: readonly string[]
  readonly amounts: Readonly<Record<string, number | string | undefined>>
}

/** One windowed aggregate: drives the fold, the Delta schema, the PostgreSQL table and its upsert. */
export interface Rollup {
  readonly name: string
  readonly comment: string
  readonly windowMs: number
  readonly dimensions: readonly Dimension[]
  readonly measures: readonly Measure[]
  /** What the event adds, at most once per key; empty when the rollup does not count this kind of event. */
  contributions(event: RetailEvent): readonly Contribution[]
}

/** Running values of one key in one window, in the order of the rollup's measures; undefined under a ratio. */
export type Accumulator = (number | Set<string> | undefined)[]

/** An accumulator that has taken nothing. */
export function emptyAccumulator(rollup: Rollup): Accumulator {
  return rollup.measures.map((measure) => {
    switch (measure.kind) {
      case 'sum':
        return 0
      case 'distinct':
        return new Set<string>()
      case 'ratio':
        return undefined
    }
  })
}

/** Adds a contribution to an accumulator in place. */
export function accumulate(rollup: Rollup, accumulator: Accumulator, contribution: Contribution): void {
  rollup.measures.forEach((measure, index) => {
    const amount = contribution.amounts[measure.name]
    const current = accumulator[index]
    if (typeof current === 'number' && typeof amount === 'number') accumulator[index] = current + amount
    else if (current instanceof Set && typeof amount === 'string') current.add(amount)
  })
}

/** The value of every measure by name: whole numbers, money in cents; a ratio over nothing is null. */
export function measured(rollup: Rollup, accumulator: Accumulator): Record<string, number | null> {
  const values: Record<string, number | null> = {}
  rollup.measures.forEach((measure, index) => {
    const current = accumulator[index]
    if (measure.kind !== 'ratio') values[measure.name] = current instanceof Set ? current.size : (current ?? 0)
  })
  for (const measure of rollup.measures) {
    if (measure.kind !== 'ratio') continue
    values[measure.name] = ratio(values[measure.numerator] ?? 0, values[measure.denominator] ?? 0)
  }
  return values
}

/** Whole-number division rounded half away from zero, as PostgreSQL's round(numeric) does; null over nothing. */
export function ratio(numerator: number, denominator: number): number | null {
  if (denominator === 0) return null
  const sign = numerator < 0 !== denominator < 0 ? -1 : 1
  const [over, under] = [Math.abs(numerator), Math.abs(denominator)]
  const whole = Math.floor(over / under)
  const rest = over - whole * under
  return sign * (rest * 2 >= under ? whole + 1 : whole) || 0
}

import { type PulseEvent, type RetailEvent } from '../event/event'
import { addText, estimate, type Sketch, sketchBytes } from './sketch'

/** An event of the shops; heartbeats only move time. */
export type ShopEvent = Exclude<RetailEvent, PulseEvent>

/** What an entry of the log turned out to be, and the instant it counts at (epoch milliseconds). */
export type Fact = { readonly timeMs: number } & (
  | {
      readonly kind: 'counted'
      readonly event: ShopEvent
      /** How far the event was behind the newest of its partition, when that was too far for its window; else 0. */
      readonly lateMs: number
    }
  | { readonly kind: 'duplicate'; readonly event: ShopEvent }
  /** Its time is unknown, so it counts at that of the newest event before it. */
  | { readonly kind: 'rejected'; readonly reason: string }
)

/** A grouping column of a rollup. */
export interface Dimension {
  readonly name: string
  readonly comment: string
}

/** What a figure is counted in; cents are shown as currency units. */
export type Unit = 'count' | 'cents' | 'seconds'

/**
 * A computed column of a rollup, made of the amounts its facts contribute. A correction row carries the measures of one
 * late event alone; rows of a window combine as the kind says: sums add up, of `min` and `max` the extreme counts, of
 * `last` the one with the later time, sketches of `distinct` merge, ratios are those of the combined sums.
 */
export type Measure =
  | { readonly kind: 'sum' | 'min' | 'max'; readonly name: string; readonly unit: Unit; readonly comment: string }
  /** The amount of the newest event by event time, of equals the last to arrive; its time is column `<name>_at`. */
  | { readonly kind: 'last'; readonly name: string; readonly unit: Unit; readonly comment: string }
  /** How many different texts came; the sketch they are counted by is column `<name>_sketch`. */
  | { readonly kind: 'distinct'; readonly name: string; readonly comment: string }
  | {
      readonly kind: 'ratio'
      readonly name: string
      /** `percent`: a hundred times the ratio, to two decimals. */
      readonly unit: 'cents' | 'percent'
      readonly numerator: string
      readonly denominator: string
      readonly comment: string
    }

/** What one fact adds to one key: dimension values, then one amount per measure that is fed (ratios are not). */
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
  /** What the fact adds, at most once per key; empty when the rollup does not count this kind of fact. */
  contributions(fact: Fact): readonly Contribution[]
}

/** A column that a measure becomes: `hundredths` is a decimal kept as a whole number of hundredths. */
export interface MeasureColumn {
  readonly name: string
  readonly holds: 'whole' | 'hundredths' | 'instant' | 'sketch'
  /** Null stands for nothing to measure. */
  readonly nullable: boolean
  readonly comment: string
}

/** The columns of a measure, in table order. */
export function columnsOf(measure: Measure): readonly MeasureColumn[] {
  const { name, comment } = measure
  switch (measure.kind) {
    case 'sum':
      return [{ name, holds: holdsOf(measure.unit), nullable: false, comment }]
    case 'min':
    case 'max':
      return [{ name, holds: holdsOf(measure.unit), nullable: true, comment }]
    case 'last':
      return [
        { name, holds: holdsOf(measure.unit), nullable: true, comment },
        { name: `${name}_at`, holds: 'instant', nullable: true, comment: `event time of ${name}` },
      ]
    case 'distinct':
      return [
        { name, holds: 'whole', nullable: false, comment },
        {
          name: `${name}_sketch`,
          holds: 'sketch',
          // Rows from before there were sketches have none.
          nullable: true,
          comment: `what ${name} is counted by: the smallest 65536 SHA-256 hashes, 6 bytes each; merge it over rows`,
        },
      ]
    case 'ratio':
      return [{ name, holds: 'hundredths', nullable: true, comment }]
  }
}

function holdsOf(unit: Unit): 'whole' | 'hundredths' {
  return unit === 'cents' ? 'hundredths' : 'whole'
}

/** The amount that came with the newest event so far. */
interface Latest {
  readonly amount: number
  readonly timeMs: number
}

/** Running values of one key in one window, in the order of the rollup's measures; undefined: nothing yet, or a ratio. */
export type Accumulator = (number | Sketch | Latest | undefined)[]

/** An accumulator that has taken nothing. */
export function emptyAccumulator(rollup: Rollup): Accumulator {
  return rollup.measures.map(({ kind }) => {
    switch (kind) {
      case 'sum':
        return 0
      case 'distinct':
        return new Set<number>()
      case 'min':
      case 'max':
      case 'last':
      case 'ratio':
        return undefined
    }
  })
}

/** Adds a contribution made at `timeMs` to an accumulator, in place. */
export function accumulate(
  rollup: Rollup,
  accumulator: Accumulator,
  { amounts, timeMs }: Contribution & { readonly timeMs: number },
): void {
  rollup.measures.forEach(({ kind, name }, index) => {
    const amount = amounts[name]
    const current = accumulator[index]
    if (current instanceof Set) {
      if (typeof amount === 'string') addText(current, amount)
    } else if (typeof amount === 'number') {
      accumulator[index] = combined(kind, { current, amount, timeMs })
    }
  })
}

function combined(
  kind: Measure['kind'],
  { current, amount, timeMs }: { readonly current: number | Latest | undefined } & Latest,
): number | Latest | undefined {
  switch (kind) {
    case 'sum':
      return numberOf(current, 0) + amount
    case 'min':
      return Math.min(numberOf(current, Infinity), amount)
    case 'max':
      return Math.max(numberOf(current, -Infinity), amount)
    case 'last':
      return typeof current === 'object' && current.timeMs > timeMs ? current : { amount, timeMs }
    case 'distinct':
    case 'ratio':
      return current
  }
}

function numberOf(current: number | Latest | undefined, nothing: number): number {
  return typeof current === 'number' ? current : nothing
}

/** A measured value: whole numbers, hundredths as a whole number, instants in epoch milliseconds, sketches as bytes. */
export type Value = number | Uint8Array | null

/** The value of every measure's columns by name. */
export function measured(rollup: Rollup, accumulator: Accumulator): Record<string, Value> {
  const values: Record<string, Value> = {}
  rollup.measures.forEach(({ kind, name }, index) => {
    if (kind === 'ratio') return
    const current = accumulator[index]
    if (current instanceof Set) {
      values[name] = estimate(current)
      values[`${name}_sketch`] = sketchBytes(current)
    } else if (kind === 'last') {
      const latest = typeof current === 'object' ? current : undefined
      values[name] = latest?.amount ?? null
      values[`${name}_at`] = latest?.timeMs ?? null
    } else {
      values[name] = typeof current === 'number' ? current : null
    }
  })
  const sum = (name: string) => Number(values[name] ?? 0)
  for (const measure of rollup.measures) {
    if (measure.kind !== 'ratio') continue
    const times = measure.unit === 'percent' ? 10_000 : 1
    values[measure.name] = ratio(times * sum(measure.numerator), sum(measure.denominator))
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

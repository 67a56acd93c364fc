import { addText, estimate, type Sketch, sketchBytes, sketchSize } from './sketch'

/*
 * The measure table: everything a kind of measure is, one entry a kind. A new kind is an entry here and a shape in
 * `Shapes`; the compiler names what is missing.
 */

/** What a figure is counted in; money is whole minor units, a measured quantity thousandths of its unit. */
export type Unit = 'count' | 'money' | 'thousandths' | 'seconds'

interface Figure {
  readonly name: string
  readonly unit: Unit
  readonly comment: string
}

interface Distinct {
  readonly name: string
  readonly comment: string
}

/** A quotient of two sums of the same rollup. */
interface Ratio {
  readonly name: string
  /** `money`: to a minor unit. `percent`: a hundred times the ratio, to two decimals. */
  readonly unit: 'money' | 'percent'
  readonly numerator: string
  readonly denominator: string
  readonly comment: string
}

interface Shapes {
  readonly sum: Figure
  readonly min: Figure
  readonly max: Figure
  readonly last: Figure
  readonly distinct: Distinct
  readonly ratio: Ratio
}

export type MeasureKind = keyof Shapes

/**
 * A computed column of a rollup, made of the amounts its facts contribute. A correction row carries the measures of one
 * late event alone; rows of a window combine as the kind says: sums add up, of `min` and `max` the extreme counts, of
 * `last` the amount of the later event (of equals the last to arrive), sketches of `distinct` merge, ratios are those
 * of the combined sums.
 */
export type Measure<K extends MeasureKind = MeasureKind> = { [P in K]: { readonly kind: P } & Shapes[P] }[K]

/** The amount that came with the newest event so far. */
interface Latest {
  readonly amount: number
  readonly timeMs: number
}

/** What a kind keeps of the amounts so far. */
export interface Running {
  readonly sum: number
  readonly min: number | undefined
  readonly max: number | undefined
  readonly last: Latest | undefined
  readonly distinct: Sketch
  readonly ratio: undefined
}

/** A running value as JSON keeps it. */
export type Stored = number | Latest | readonly number[] | null

/** What a fact adds to a measure; texts are what `distinct` counts. */
export type Amount = number | string

/** A measured value: whole numbers, decimals as whole units of their last digit, instants in epoch milliseconds, sketches as bytes. */
export type Value = number | Uint8Array | null

/**
 * How a column of several rows of one key is merged: `least` and `greatest` pass over nulls, `latestBy` takes the value
 * whose time column is later, `union` merges sketches.
 */
export type Merge = 'sum' | 'least' | 'greatest' | 'union' | { readonly latestBy: string }

/** How a column follows from merged ones: times × a quotient of sums, rounded to what it holds, or the count a sketch stands for. */
export type Derivation =
  | { readonly kind: 'ratio'; readonly numerator: string; readonly denominator: string; readonly times: number }
  | { readonly kind: 'estimate'; readonly of: string }

/** A column that a measure becomes: decimals are kept as whole minor units of the currency, hundredths or thousandths. */
export interface MeasureColumn {
  readonly name: string
  readonly holds: 'whole' | 'minor' | 'hundredths' | 'thousandths' | 'instant' | 'sketch'
  /** Null stands for nothing to measure. */
  readonly nullable: boolean
  readonly comment: string
  readonly merged: { readonly by: Merge } | { readonly from: Derivation }
}

/** One entry of the measure table. */
interface Kind<K extends MeasureKind> {
  /** In table order. */
  readonly columns: (measure: Measure<K>) => readonly MeasureColumn[]
  readonly empty: () => Running[K]
  /** The running value with what a fact adds at `timeMs`; a sketch is changed in place. */
  readonly add: (running: Running[K], amount: Amount, timeMs: number) => Running[K]
  /** Writes the value of every column of the measure. */
  readonly write: (row: Row, measure: Measure<K>, running: Running[K]) => void
  /** The running value that JSON kept; of another kind's, nothing yet. */
  readonly restore: (stored: Stored) => Running[K]
  /** What of the measure changes the answer. Part of the rules' identity, which is kept on disk: see rules.ts. */
  readonly id: (measure: Measure<K>) => string
}

/** A row that is being measured. */
interface Row {
  readonly values: Record<string, Value>
  /** The running sum of a measure of the rollup. */
  readonly sumOf: (measure: string) => number
}

const numberOr = <T>(value: unknown, otherwise: T) => (typeof value === 'number' ? value : otherwise)

const held = { count: 'whole', money: 'minor', thousandths: 'thousandths', seconds: 'whole' } as const

/** The column of a measure that is one figure. */
function figure({ name, unit, comment }: Figure): Omit<MeasureColumn, 'nullable' | 'merged'> {
  return { name, holds: held[unit], comment }
}

const sum: Kind<'sum'> = {
  columns: (measure) => [{ ...figure(measure), nullable: false, merged: { by: 'sum' } }],
  empty: () => 0,
  add: (running, amount) => running + numberOr(amount, 0),
  write: ({ values }, measure, running) => {
    values[measure.name] = running
  },
  restore: (stored) => numberOr(stored, 0),
  id: ({ name }) => name,
}

/** The least or the greatest amount, of which `nearer` gives the one of two. */
function extreme<K extends 'min' | 'max'>(
  merge: 'least' | 'greatest',
  nearer: (a: number, b: number) => number,
): Kind<K> {
  return {
    columns: (measure) => [{ ...figure(measure), nullable: true, merged: { by: merge } }],
    empty: () => undefined,
    add: (running, amount) => (typeof amount === 'number' ? nearer(running ?? amount, amount) : running),
    write: ({ values }, measure, running) => {
      values[measure.name] = running ?? null
    },
    restore: (stored) => numberOr(stored, undefined),
    id: ({ kind, name }) => `${kind} ${name}`,
  }
}

const timeOf = (name: string) => `${name}_at`

/** The amount of the newest event by event time, of equals the last to arrive; its time is column `<name>_at`. */
const last: Kind<'last'> = {
  columns: (measure) => [
    { ...figure(measure), nullable: true, merged: { by: { latestBy: timeOf(measure.name) } } },
    {
      name: timeOf(measure.name),
      holds: 'instant',
      nullable: true,
      comment: `event time of ${measure.name}`,
      merged: { by: 'greatest' },
    },
  ],
  empty: () => undefined,
  add: (running, amount, timeMs) =>
    typeof amount !== 'number' || (running && running.timeMs > timeMs) ? running : { amount, timeMs },
  write: ({ values }, measure, running) => {
    values[measure.name] = running?.amount ?? null
    values[timeOf(measure.name)] = running?.timeMs ?? null
  },
  restore: (stored) => (stored && typeof stored === 'object' && 'timeMs' in stored ? stored : undefined),
  id: ({ name }) => `last ${name}`,
}

const sketchOf = (name: string) => `${name}_sketch`

/** How many different texts came; the sketch they are counted by is column `<name>_sketch`. */
const distinct: Kind<'distinct'> = {
  columns: ({ name, comment }) => [
    { name, holds: 'whole', nullable: false, comment, merged: { from: { kind: 'estimate', of: sketchOf(name) } } },
    {
      name: sketchOf(name),
      holds: 'sketch',
      // Rows from before there were sketches have none.
      nullable: true,
      comment: `what ${name} is counted by: the smallest 65536 SHA-256 hashes, 6 bytes each; merge it over rows`,
      merged: { by: 'union' },
    },
  ],
  empty: () => new Set(),
  add: (running, amount) => {
    if (typeof amount === 'string') addText(running, amount)
    return running
  },
  write: ({ values }, measure, running) => {
    values[measure.name] = estimate(running)
    values[sketchOf(measure.name)] = sketchBytes(running)
  },
  restore: (stored) => new Set(Array.isArray(stored) ? (stored as readonly number[]) : []),
  id: ({ name }) => `distinct${sketchSize} ${name}`,
}

/** What a quotient is and is multiplied by to be shown; a sum of money is minor units already, one of counts is not. */
const ratios = {
  money: { holds: 'minor', times: 1, timesSums: 1 },
  percent: { holds: 'hundredths', times: 100, timesSums: 10_000 },
} as const

const ratio: Kind<'ratio'> = {
  columns: ({ name, comment, numerator, denominator, unit }) => [
    {
      name,
      holds: ratios[unit].holds,
      nullable: true,
      comment,
      merged: { from: { kind: 'ratio', numerator, denominator, times: ratios[unit].times } },
    },
  ],
  empty: () => undefined,
  add: (running) => running,
  write: ({ values, sumOf }, { name, unit, numerator, denominator }) => {
    values[name] = quotient(ratios[unit].timesSums * sumOf(numerator), sumOf(denominator))
  },
  restore: () => undefined,
  id: ({ name, numerator, denominator }) => `${name}=${numerator}/${denominator}`,
}

/** Every kind of measure. */
export const measureTable: { readonly [K in MeasureKind]: Kind<K> } = {
  sum,
  min: extreme('least', Math.min),
  max: extreme('greatest', Math.max),
  last,
  distinct,
  ratio,
}

/** The columns of a measure, in table order. */
export function columnsOf<K extends MeasureKind>(measure: Measure<K>): readonly MeasureColumn[] {
  return measureTable[measure.kind].columns(measure)
}

/** What the identity of rules says of a measure. */
export function measureId<K extends MeasureKind>(measure: Measure<K>): string {
  return measureTable[measure.kind].id(measure)
}

/** Whole-number division rounded half away from zero, as PostgreSQL's round(numeric) does; null over nothing. */
function quotient(numerator: number, denominator: number): number | null {
  if (denominator === 0) return null
  const sign = numerator < 0 !== denominator < 0 ? -1 : 1
  const [over, under] = [Math.abs(numerator), Math.abs(denominator)]
  const whole = Math.floor(over / under)
  const rest = over - whole * under
  return sign * (rest * 2 >= under ? whole + 1 : whole) || 0
}

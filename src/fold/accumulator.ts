/* Tested in test/fold/measure.test.ts and properties.test.ts (state). */

import { type Measure, type MeasureKind, measureTable, type Running, type Stored, type Value } from './measure'
import { type Contribution, type Rollup } from './rollup'

/** Running values of one key in one window, in the order of the rollup's measures. */
export type Accumulator = Running[MeasureKind][]

/** An accumulator that has taken nothing. */
export function emptyAccumulator({ measures }: Rollup): Accumulator {
  return measures.map(({ kind }) => measureTable[kind].empty())
}

/** Adds a contribution made at `timeMs` to an accumulator, in place. */
export function accumulate(
  { measures }: Rollup,
  accumulator: Accumulator,
  { amounts, timeMs }: Contribution & { readonly timeMs: number },
): void {
  for (let index = 0; index < measures.length; index++) {
    const measure = measures[index]
    if (measure === undefined) continue
    const amount = amounts[measure.name]
    if (amount === undefined) continue
    accumulator[index] = measureTable[measure.kind].add(ofItsKind(accumulator[index]), amount, timeMs)
  }
}

/** The value of every measure's columns by name. */
export function measured({ measures }: Rollup, accumulator: Accumulator): Record<string, Value> {
  const values: Record<string, Value> = {}
  const sumOf = (name: string) => {
    const sum = accumulator[measures.findIndex((measure) => measure.name === name)]
    return typeof sum === 'number' ? sum : 0
  }
  const row = { values, sumOf }
  measures.forEach((measure, index) => {
    measureTable[measure.kind].write(row, ofItsKind(measure), ofItsKind(accumulator[index]))
  })
  return values
}

/** An accumulator as JSON keeps it. */
export function storeAccumulator(accumulator: Accumulator): readonly Stored[] {
  return accumulator.map((running) => (running instanceof Set ? [...running] : (running ?? null)))
}

/** The accumulator that `storeAccumulator` gave for a rollup of these measures. */
export function restoreAccumulator({ measures }: Rollup, stored: readonly Stored[]): Accumulator {
  return measures.map(({ kind }, index) => measureTable[kind].restore(stored[index] ?? null))
}

/** A running value stands at the index of its measure, hence is of its kind: which the type of an array cannot say. */
function ofItsKind(value: Measure | Running[MeasureKind]): never {
  return value as never
}

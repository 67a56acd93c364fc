import { compareUtf8 } from './cell'
import { type Cell, type Column, type ColumnType, decimalText, type Row, scaleOf } from '../schema'

/**
 * What is known of a column's values: 'empty' when there is none, 'range' when all lie in [min, max], 'open' when
 * nothing can be said (binary, boolean, a NaN).
 */
export type Bounds =
  | { readonly kind: 'empty' }
  | { readonly kind: 'range'; readonly min: Cell; readonly max: Cell }
  | { readonly kind: 'open' }

export interface ColumnStats {
  readonly nullCount: number
  readonly bounds: Bounds
}

/** Statistics of one data file as a filter sees them; a missing bound means "unknown", so the file must be read. */
export interface FileStats {
  readonly numRecords: number | undefined
  readonly min: Partial<Row>
  readonly max: Partial<Row>
  readonly nullCount: Readonly<Partial<Record<string, number>>>
}

/** Characters of a string kept in the log; the same number Delta Lake for Spark keeps. */
const prefixLength = 32

/** Bounds of a column's values, nulls left out. */
export function boundsOf(type: ColumnType, values: readonly Cell[]): Bounds {
  if (type === 'binary' || type === 'boolean') return { kind: 'open' }
  let [min, max] = [values[0], values[0]]
  if (min === undefined || max === undefined) return { kind: 'empty' }
  for (const value of values) {
    if (Number.isNaN(value)) return { kind: 'open' }
    if (isLess(value, min)) min = value
    else if (isLess(max, value)) max = value
  }
  return { kind: 'range', min, max }
}

/** Bounds that hold for both halves of a column. */
export function mergeBounds(a: Bounds, b: Bounds): Bounds {
  if (a.kind === 'empty' || b.kind === 'open') return b
  if (b.kind === 'empty' || a.kind === 'open') return a
  return { kind: 'range', min: isLess(b.min, a.min) ? b.min : a.min, max: isLess(a.max, b.max) ? b.max : a.max }
}

function isLess(a: Cell, b: Cell): boolean {
  if (typeof a === 'string' && typeof b === 'string') return compareUtf8(a, b) < 0
  return (a as number | bigint) < (b as number | bigint)
}

/**
 * The `stats` text of an `add` action (PROTOCOL.md, "Per-file Statistics"). Written by hand because decimals and
 * longs are JSON numbers beyond what a double holds. Strings are cut to a prefix, the maximum rounded up.
 */
export function statsText(
  columns: readonly Column[],
  rowCount: number,
  stats: ReadonlyMap<string, ColumnStats>,
): string {
  const pick = (text: (column: Column, of: ColumnStats) => string | undefined) =>
    columns.flatMap((column) => {
      const of = stats.get(column.name)
      const value = of && text(column, of)
      return value === undefined ? [] : [`${JSON.stringify(column.name)}:${value}`]
    })
  const low = pick(({ type }, { bounds }) => (bounds.kind === 'range' ? literal(type, bounds.min, 'min') : undefined))
  const high = pick(({ type }, { bounds }) => (bounds.kind === 'range' ? literal(type, bounds.max, 'max') : undefined))
  const nulls = pick((_, { nullCount }) => String(nullCount))
  return `{"numRecords":${rowCount},"minValues":{${low.join()}},"maxValues":{${high.join()}},"nullCount":{${nulls.join()}}}`
}

/** A bound as JSON text, undefined when JSON or the readers of the log have no spelling for it. */
function literal(type: ColumnType, cell: Cell, side: 'min' | 'max'): string | undefined {
  if (typeof cell === 'string') return type === 'string' ? prefix(cell, side) : JSON.stringify(cell)
  if (typeof cell !== 'number' && typeof cell !== 'bigint') return undefined
  if (type === 'timestamp') return timestampLiteral(Number(cell))
  const scale = scaleOf(type)
  if (scale !== undefined) return decimalText(cell, scale)
  return typeof cell === 'bigint' || Number.isFinite(cell) ? String(cell) : undefined
}

function timestampLiteral(ms: number): string | undefined {
  const text = new Date(ms).toISOString()
  // Outside the years 0 to 9999 ISO 8601 takes a sign, which other readers of the log refuse.
  return text.length === 24 ? JSON.stringify(text) : undefined
}

function prefix(text: string, side: 'min' | 'max'): string | undefined {
  if (text.length <= prefixLength) return JSON.stringify(text)
  const points = Array.from(text.slice(0, prefixLength * 2), (point) => point.codePointAt(0) ?? 0)
  const kept = points.slice(0, prefixLength)
  if (side === 'max' && points.length > prefixLength) return roundedUp(kept)
  return JSON.stringify(String.fromCodePoint(...kept))
}

/** The smallest text of at most this length above every text with this beginning. */
function roundedUp(points: readonly number[]): string | undefined {
  const last = points.findLastIndex((point) => point < 0x10ffff)
  if (last < 0) return undefined
  const next = (points[last] ?? 0) + 1
  return JSON.stringify(String.fromCodePoint(...points.slice(0, last), next === 0xd800 ? 0xe000 : next))
}

/**
 * The `stats` text of an `add` action as bounds in memory conventions. Numbers a double cannot hold exactly are left
 * out, so that a filter never skips a file on a rounded bound. No text, or a text that is no JSON, says nothing.
 */
export function parseStats(columns: readonly Column[], text: string | undefined): FileStats {
  const { numRecords, minValues, maxValues, nullCount } = jsonObject(text)
  const bounds = (values: unknown): Partial<Row> => {
    const found = (values ?? {}) as Record<string, unknown>
    return Object.fromEntries(
      columns.flatMap(({ name, type }) => {
        const cell = boundCell(type, found[name])
        return cell === undefined ? [] : [[name, cell]]
      }),
    )
  }
  return {
    numRecords: typeof numRecords === 'number' ? numRecords : undefined,
    min: bounds(minValues),
    max: bounds(maxValues),
    nullCount: (nullCount ?? {}) as Record<string, number>,
  }
}

function jsonObject(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch (error) {
    // Statistics are an aid to skip files; a table stays readable without them.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function boundCell(type: ColumnType, value: unknown): Cell | undefined {
  if (typeof value === 'string') {
    if (type !== 'timestamp') return type === 'string' || type === 'date' ? value : undefined
    const ms = Date.parse(value)
    return Number.isNaN(ms) ? undefined : ms
  }
  if (typeof value !== 'number') return undefined
  if (type === 'double') return value
  const whole = Math.round(value * 10 ** (scaleOf(type) ?? 0))
  // A double carries 15 decimal digits through text and back.
  return Math.abs(whole) < 1e15 ? whole : undefined
}

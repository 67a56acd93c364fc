// Tested in test/warehouse/live.test.ts.
/** PostgreSQL types the warehouse uses. */
export type ColumnType = 'text' | 'bigint' | 'integer' | 'numeric' | 'timestamptz' | 'date' | 'boolean' | 'bytea'

/** A column by name and type; what is written into a `numeric` has `scale` digits after the point. */
export type ColumnSpec = { readonly name: string } & (
  { readonly type: Exclude<ColumnType, 'numeric'> } | { readonly type: 'numeric'; readonly scale: number }
)

/**
 * How an addition to a row is merged into a column: `least` and `greatest` pass over nulls, `latestBy` takes the value
 * whose time column is later, of equals the one added last, `union` merges sketches.
 */
export type Merge = 'sum' | 'or' | 'least' | 'greatest' | 'union' | { readonly latestBy: string }

/** A column of values; without `merge`, its type says how additions go in. */
export type ValueColumn = ColumnSpec & { readonly merge?: Merge }

/**
 * A column computed by the database. `ratio`: times × numerator / denominator to `scale` digits after the point, ties away
 * from zero, null when dividing by 0. `estimate`: how many different things a sketch column stands for.
 */
export type Derived =
  | {
      readonly kind: 'ratio'
      readonly name: string
      readonly numerator: string
      readonly denominator: string
      readonly times?: number
      readonly scale: number
    }
  | { readonly kind: 'estimate'; readonly name: string; readonly of: string }

/** What the warehouse needs to know to write and read a table; the SQL follows from it. */
export interface Table {
  readonly name: string
  readonly key: readonly ColumnSpec[]
  readonly values: readonly ColumnSpec[]
}

/**
 * A table the stream keeps up to date: besides its own columns it has `partition_id`, which is part of its primary key, and
 * `sequence`. Each partition has rows of its own, for sequence numbers of two partitions say nothing about each other.
 */
export interface LiveTable extends Table {
  readonly values: readonly ValueColumn[]
  readonly derived?: readonly Derived[]
}

/**
 * A value on this side: `bigint` and `integer` as a whole number (a bigint beyond 2^53), `numeric` as whole units
 * of its last digit, `timestamptz` as epoch milliseconds, `date` as `YYYY-MM-DD`, `bytea` as bytes.
 */
export type Cell = string | number | bigint | boolean | Uint8Array | null

/** A row by column name; names the table does not have are ignored. */
export type Row = Readonly<Record<string, Cell>>

const partitionColumn: ColumnSpec = { name: 'partition_id', type: 'integer' }

/** The columns every live table has besides its own. */
const positionColumns: readonly ColumnSpec[] = [partitionColumn, { name: 'sequence', type: 'bigint' }]

/** Every column of a live table, in the order key, values, derived, position. */
export function columnsOf(table: LiveTable): readonly ColumnSpec[] {
  const derived = (table.derived ?? []).map((column): ColumnSpec =>
    column.kind === 'ratio'
      ? { name: column.name, type: 'numeric', scale: column.scale }
      : { name: column.name, type: 'bigint' },
  )
  return [...table.key, ...table.values.map(({ merge: _merge, ...column }) => column), ...derived, ...positionColumns]
}

/** The columns of a live table's primary key. */
export function primaryKeyOf({ key }: LiveTable): readonly ColumnSpec[] {
  return [...key, partitionColumn]
}

/**
 * A name as an SQL identifier, quoted. Throws unless it is lower case letters, digits and underscores, at most 63:
 * names come from code, so anything else is a mistake or an attack.
 */
export function identifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw new Error(`warehouse: expected a name of lower case letters, digits and _, got ${JSON.stringify(name)}`)
  }
  return `"${name}"`
}

/** Names as a comma separated list of SQL identifiers, each with `prefix` (such as `excluded.`) before it. */
export function identifiers(columns: readonly { readonly name: string }[], prefix = ''): string {
  return columns.map(({ name }) => `${prefix}${identifier(name)}`).join(', ')
}

/** The column that numbers the rows of a `relation`, from 1. */
export const rowNumber = identifier('row_number')

/**
 * Rows as a relation: the SQL of an `unnest` over one array parameter per column, numbered from `first`, and those
 * parameters; `rowNumber` numbers the rows. However many rows there are, it is one statement with a text of constant length.
 *
 * Throws, naming table and column, when a cell is missing or of the wrong kind.
 */
export function relation(
  name: string,
  {
    columns,
    rows,
    first = 1,
  }: { readonly columns: readonly ColumnSpec[]; readonly rows: readonly Row[]; readonly first?: number },
): { readonly sql: string; readonly parameters: readonly (readonly (string | null)[])[] } {
  const arrays = columns.map(({ type }, at) => `$${first + at}::${type}[]`)
  return {
    sql: `unnest(${arrays.join(', ')}) WITH ORDINALITY AS r(${identifiers(columns)}, ${rowNumber})`,
    parameters: columns.map((column) => rows.map((row) => encode(row[column.name], { column, table: name }))),
  }
}

/** Where a cell goes. */
interface Place {
  readonly table: string
  readonly column: ColumnSpec
}

/** A cell as the text PostgreSQL reads. Throws, naming the place, when it is missing or of the wrong kind. */
function encode(cell: Cell | undefined, place: Place): string | null {
  if (cell === null) return null
  const text = textOf(cell, place.column)
  if (text !== undefined) return text
  const { name, type } = place.column
  const got = cell === undefined ? 'nothing' : `${typeof cell} ${String(cell)}`
  throw new Error(`warehouse: ${place.table}.${name} expected ${expected[type]}, got ${got}`)
}

const expected: Record<ColumnType, string> = {
  text: 'a string',
  bigint: 'a whole number',
  integer: 'a whole number',
  numeric: 'a whole number of units of its last digit',
  timestamptz: 'epoch milliseconds',
  date: 'a date YYYY-MM-DD',
  boolean: 'true or false',
  bytea: 'bytes',
}

/** A cell as text, undefined when it is of the wrong kind. */
function textOf(cell: Cell | undefined, column: ColumnSpec): string | undefined {
  if (column.type !== 'numeric') return encodeAs[column.type](cell)
  return isWhole(cell) ? decimalText(cell, column.scale) : undefined
}

const encodeAs: Record<Exclude<ColumnType, 'numeric'>, (cell: Cell | undefined) => string | undefined> = {
  text: (cell) => (typeof cell === 'string' ? storableText(cell) : undefined),
  bigint: (cell) => (isWhole(cell) ? String(cell) : undefined),
  integer: (cell) => (isWhole(cell) ? String(cell) : undefined),
  timestamptz: (cell) => (isWhole(cell) && Math.abs(Number(cell)) <= maxTimeMs ? formatTime(Number(cell)) : undefined),
  date: (cell) => (typeof cell === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(cell) ? cell : undefined),
  boolean: (cell) => (typeof cell === 'boolean' ? String(cell) : undefined),
  bytea: (cell) => (cell instanceof Uint8Array ? `\\x${Buffer.from(cell).toString('hex')}` : undefined),
}

/** The end of the year 9999: beyond it ISO text is written differently. */
const maxTimeMs = Date.UTC(9999, 11, 31)

const formatTime = (timeMs: number) => new Date(timeMs).toISOString()

const isWhole = (cell: Cell | undefined): cell is number | bigint =>
  typeof cell === 'bigint' || Number.isSafeInteger(cell)

/**
 * Text as PostgreSQL can hold it: U+0000, which its text type lacks, becomes U+FFFD. The lake keeps the original; two
 * names that differ in nothing else meet here.
 */
function storableText(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}')
}

/** Whole units of the last digit as a decimal number: −5 of scale 2 is `-0.05`, 5 of scale 0 is `5`. */
function decimalText(units: number | bigint, scale: number): string {
  if (scale === 0) return String(units)
  const whole = BigInt(units)
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0')
  return `${whole < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

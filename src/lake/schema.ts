/** The column types a table may have, spelled as Delta spells them (PROTOCOL.md, "Primitive Types"). */
export const columnTypes = [
  'string',
  'binary',
  'boolean',
  'integer',
  'long',
  'double',
  'date',
  'timestamp',
  'decimal(18,2)',
  'decimal(18,4)',
] as const

export type ColumnType = (typeof columnTypes)[number]

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly comment?: string
}

export interface TableSchema {
  /** All columns in table order, the partition columns among them. */
  readonly columns: readonly Column[]
  /** Names of the columns that make the folders; empty for an unpartitioned table. */
  readonly partitionBy: readonly string[]
}

/**
 * One value in memory. timestamp: epoch milliseconds; date: `YYYY-MM-DD`; decimal: whole minor units; long and
 * decimal: number when safe, else bigint; binary: bytes.
 */
export type Cell = string | number | bigint | boolean | Uint8Array | null
export type Row = Readonly<Record<string, Cell>>

/** Types whose partition text has one spelling that every reader agrees on, whatever its session time zone. */
const partitionTypes: readonly ColumnType[] = ['string', 'integer', 'long', 'date', 'boolean']

// Delta without column mapping forbids ` ,;{}()\n\t=` in names; plain identifiers also need no quoting in SQL.
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Digits after the point of a decimal column, undefined for any other type. */
export function scaleOf(type: ColumnType): 2 | 4 | undefined {
  if (type === 'decimal(18,2)') return 2
  return type === 'decimal(18,4)' ? 4 : undefined
}

/** Columns stored in data files: partition columns live in the log only (PROTOCOL.md, "Data Files"). */
export function dataColumns(schema: TableSchema): readonly Column[] {
  return schema.columns.filter((column) => !schema.partitionBy.includes(column.name))
}

/** The column of that name; throws with the names there are. */
export function columnNamed(schema: TableSchema, name: string): Column {
  const found = schema.columns.find((column) => column.name === name)
  if (found) return found
  throw new Error(`schema: expected one of ${schema.columns.map((column) => column.name).join(', ')}, got "${name}"`)
}

/** Throws when a table of this schema could not be written or read back: names, duplicates, partition columns. */
export function checkSchema(schema: TableSchema): void {
  const seen = new Set<string>()
  for (const { name } of schema.columns) {
    if (!identifier.test(name)) throw new Error(`schema column "${name}": expected letters, digits and _`)
    // Spark and DuckDB resolve names without regard to case.
    if (seen.has(name.toLowerCase())) throw new Error(`schema column "${name}": expected once, got twice`)
    seen.add(name.toLowerCase())
  }
  for (const name of schema.partitionBy) {
    const { type } = columnNamed(schema, name)
    if (partitionTypes.includes(type)) continue
    throw new Error(`schema partition column "${name}": expected ${partitionTypes.join(', ')}, got ${type}`)
  }
  if (dataColumns(schema).length === 0) throw new Error('schema: expected a column outside the partition, got none')
}

/** The schema as the `schemaString` of a `metaData` action (PROTOCOL.md, "Schema Serialization Format"). */
export function toSchemaString(schema: TableSchema): string {
  const fields = schema.columns.map(({ name, type, nullable, comment }) => ({
    name,
    type,
    nullable,
    metadata: comment === undefined ? {} : { comment },
  }))
  return JSON.stringify({ type: 'struct', fields })
}

/**
 * A `schemaString` and `partitionColumns` as a schema. Throws on a type outside `columnTypes` and on a column
 * invariant, which a writer of version 2 has to enforce and this one does not.
 */
export function fromSchemaString(text: string, partitionBy: readonly string[]): TableSchema {
  const parsed = JSON.parse(text) as { fields?: unknown }
  if (!Array.isArray(parsed.fields)) throw new Error('delta schema: expected a struct with fields')
  return { columns: parsed.fields.map(columnFrom), partitionBy }
}

/** The first way in which two schemas differ, as a sentence part, or undefined when rows of one fit the other. */
export function schemaDifference(wanted: TableSchema, found: TableSchema): string | undefined {
  const shape = ({ name, type, nullable }: Column) => `${name} ${type}${nullable ? '' : ' not null'}`
  const length = Math.max(wanted.columns.length, found.columns.length)
  for (let i = 0; i < length; i++) {
    const [a, b] = [wanted.columns[i], found.columns[i]].map((column) => (column ? shape(column) : 'no column'))
    if (a !== b) return `column ${i + 1} expected ${a}, got ${b}`
  }
  const [a, b] = [wanted.partitionBy.join(', '), found.partitionBy.join(', ')]
  return a === b ? undefined : `partition columns expected (${a}), got (${b})`
}

function columnFrom(field: unknown): Column {
  const { name, type, nullable, metadata } = field as {
    name: string
    type: unknown
    nullable: boolean
    metadata?: { comment?: string; 'delta.invariants'?: string }
  }
  const known = columnTypes.find((candidate) => candidate === type)
  if (!known) {
    throw new Error(
      `delta schema column "${name}": expected one of ${columnTypes.join(', ')}, got ${JSON.stringify(type)}`,
    )
  }
  if (metadata?.['delta.invariants'] !== undefined) {
    throw new Error(`delta schema column "${name}": expected no invariant, got ${metadata['delta.invariants']}`)
  }
  return { name, type: known, nullable, ...(metadata?.comment !== undefined && { comment: metadata.comment }) }
}

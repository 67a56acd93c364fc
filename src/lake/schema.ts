// Table schemas: column types, what values of them are in memory, Delta's schemaString, schema compatibility.
// Tested in test/lake/write/evolve.test.ts and test/lake/parquet/.

/** Decimal types, by the digits after the point. */
const decimalScales = { 'decimal(18,0)': 0, 'decimal(18,2)': 2, 'decimal(18,3)': 3, 'decimal(18,4)': 4 } as const

export type DecimalType = keyof typeof decimalScales

const decimalTypes = Object.keys(decimalScales) as readonly DecimalType[]

/** The column types a table may have, spelled as Delta spells them (PROTOCOL.md, "Primitive Types"). */
const columnTypes = [
  'string',
  'binary',
  'boolean',
  'integer',
  'long',
  'double',
  'date',
  'timestamp',
  ...decimalTypes,
] as const

export type ColumnType = (typeof columnTypes)[number]

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly comment?: string
}

/** A column of a type this code has no values for, as other engines add them. */
export interface ForeignColumn {
  readonly name: string
  readonly nullable: boolean
  /** Why it is not read, as the end of a sentence. */
  readonly because: string
  /** Whether DuckDB hands its values on unchanged, so that a compaction may take files that hold it. */
  readonly isCopied: boolean
}

export interface TableSchema {
  /** All columns in table order, the partition columns among them; those of foreign types are not. */
  readonly columns: readonly Column[]
  /** Names of the columns that make the folders; empty for an unpartitioned table. */
  readonly partitionBy: readonly string[]
  /** Columns that are left to those who know them; absent: none. */
  readonly foreign?: readonly ForeignColumn[]
}

/**
 * One value in memory. timestamp: epoch milliseconds; date: `YYYY-MM-DD`; decimal: whole units of its last digit; long and
 * decimal: number when safe, else bigint; binary: bytes.
 */
export type Cell = string | number | bigint | boolean | Uint8Array | null
export type Row = Readonly<Record<string, Cell>>

/** Types whose partition text has one spelling that every reader agrees on, whatever its session time zone. */
const partitionTypes: readonly ColumnType[] = ['string', 'integer', 'long', 'date', 'boolean']

// Delta without column mapping forbids ` ,;{}()\n\t=` in names; plain identifiers also need no quoting in SQL.
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Digits after the point of a decimal column, undefined for any other type. */
export function scaleOf(type: ColumnType): number | undefined {
  return isDecimal(type) ? decimalScales[type] : undefined
}

function isDecimal(type: ColumnType): type is DecimalType {
  return Object.hasOwn(decimalScales, type)
}

/** The decimal type with so many digits after the point; throws, naming those there are, when there is none. */
export function decimalType(scale: number): DecimalType {
  const found = decimalTypes.find((type) => decimalScales[type] === scale)
  if (found) return found
  throw new Error(`schema: expected a decimal of ${Object.values(decimalScales).join(', ')} digits, got ${scale}`)
}

/** An entry for each decimal type, of its scale. */
export function byDecimalType<T>(entry: (scale: number, type: DecimalType) => T): Readonly<Record<DecimalType, T>> {
  const entries = decimalTypes.map((type) => [type, entry(decimalScales[type], type)])
  return Object.fromEntries(entries) as Record<DecimalType, T>
}

/** Whole units of the last digit as decimal text: (−5, 2) is `-0.05`, (5, 0) is `5`. Exact for number and bigint. */
export function decimalText(units: number | bigint, scale: number): string {
  const text = String(units)
  if (scale === 0) return text
  const digits = text.replace('-', '').padStart(scale + 1, '0')
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Columns stored in data files: partition columns live in the log only (PROTOCOL.md, "Data Files"). */
export function dataColumns(schema: TableSchema): readonly Column[] {
  return schema.columns.filter((column) => !schema.partitionBy.includes(column.name))
}

/** Why a column cannot be asked for. */
export function unreadable({ name, because }: ForeignColumn): string {
  return `"${name}": not readable here, because ${because}`
}

/** The partition columns whose values can be read. */
export function partitionColumns({ columns, partitionBy }: TableSchema): readonly Column[] {
  return partitionBy.flatMap((name) => columns.find((column) => column.name === name) ?? [])
}

/** The column of that name; throws with the names there are. */
export function columnNamed(schema: TableSchema, name: string): Column {
  const found = schema.columns.find((column) => column.name === name)
  if (found) return found
  const foreign = schema.foreign?.find((column) => column.name === name)
  if (foreign) throw new Error(`schema: ${unreadable(foreign)}`)
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
  return JSON.stringify({ type: 'struct', fields: schema.columns.map(field) })
}

function field({ name, type, nullable, comment }: Column) {
  return { name, type, nullable, metadata: comment === undefined ? {} : { comment } }
}

/**
 * A `schemaString` and `partitionColumns` as a schema. Columns of a type outside `columnTypes` are foreign. Throws on a
 * column invariant, which a writer of version 2 has to enforce and this one does not.
 */
export function fromSchemaString(text: string, partitionBy: readonly string[]): TableSchema {
  const parsed = JSON.parse(text) as { fields?: unknown }
  if (!Array.isArray(parsed.fields)) throw new Error('delta schema: expected a struct with fields')
  const all = (parsed.fields as readonly Field[]).map((field) => columnFrom(field, partitionBy))
  const foreign = all.flatMap((column) => ('because' in column ? [column] : []))
  const columns = all.flatMap((column) => ('because' in column ? [] : [column]))
  return { columns, partitionBy, ...(foreign.length > 0 && { foreign }) }
}

/**
 * A `schemaString` with the columns it lacks, each after the one it follows in the list; what it says about the others
 * stays to the letter.
 */
export function withColumns(text: string, columns: readonly Column[]): string {
  const parsed = JSON.parse(text) as { readonly fields: readonly { readonly name: string }[] }
  const fields = [...parsed.fields]
  columns.forEach((column, i) => {
    if (fields.some(({ name }) => name === column.name)) return
    const before = columns[i - 1]?.name
    fields.splice(fields.findIndex(({ name }) => name === before) + 1, 0, field(column))
  })
  return JSON.stringify({ ...parsed, fields })
}

/** How a schema fits the one a table has. */
export type SchemaFit =
  /** Its rows can be written and read as they are; the table may have nullable columns besides. */
  | { readonly kind: 'fits' }
  /** It would, if the table had these nullable columns. */
  | { readonly kind: 'lacks'; readonly columns: readonly Column[] }
  /** It does not; the first way in which, as a sentence part. */
  | { readonly kind: 'differs'; readonly difference: string }

/** Compares columns by name, type, nullability and order, and partition columns by name and order. */
export function fitSchema(wanted: TableSchema, found: TableSchema): SchemaFit {
  const difference =
    foreignDifference(wanted, found) ?? columnDifference(wanted, found) ?? orderDifference(wanted, found)
  if (difference !== undefined) return { kind: 'differs', difference }
  const columns = wanted.columns.filter(({ name }) => !isIn(found, name))
  return columns.length === 0 ? { kind: 'fits' } : { kind: 'lacks', columns }
}

function isIn({ columns }: TableSchema, name: string): boolean {
  return columns.some((column) => column.name === name)
}

/** The first column that one side lacks though it must have it, or that both have in different shapes. */
function columnDifference(wanted: TableSchema, found: TableSchema): string | undefined {
  const names = new Set([...wanted.columns, ...found.columns].map(({ name }) => name))
  for (const name of names) {
    const [a, b] = [wanted, found].map(({ columns }) => columns.find((column) => column.name === name))
    const one = a ?? b
    if ((a && b && shape(a) === shape(b)) || ((!a || !b) && one?.nullable === true)) continue
    return `column ${name} expected ${a ? shape(a) : 'nowhere'}, got ${b ? shape(b) : 'no such column'}`
  }
  return undefined
}

/** The first foreign column of the table that rows have to have a value for, or that the schema has as another. */
function foreignDifference(wanted: TableSchema, { foreign = [] }: TableSchema): string | undefined {
  const other = foreign.find(({ name, nullable }) => !nullable || isIn(wanted, name))
  return (
    other &&
    `column ${other.name} expected ${isIn(wanted, other.name) ? 'to be readable' : 'nowhere'}, but ${other.because}`
  )
}

function shape({ type, nullable }: Column): string {
  return nullable ? type : `${type} not null`
}

function orderDifference(wanted: TableSchema, found: TableSchema): string | undefined {
  const shared = (of: TableSchema, other: TableSchema) =>
    of.columns
      .map(({ name }) => name)
      .filter((name) => isIn(other, name))
      .join(', ')
  const [a, b] = [shared(wanted, found), shared(found, wanted)]
  if (a !== b) return `columns expected in the order (${a}), got (${b})`
  const [c, d] = [wanted.partitionBy.join(', '), found.partitionBy.join(', ')]
  return c === d ? undefined : `partition columns expected (${c}), got (${d})`
}

interface Field {
  readonly name: string
  readonly type: unknown
  readonly nullable: boolean
  readonly metadata?: { readonly comment?: string; readonly 'delta.invariants'?: string }
}

function columnFrom(field: Field, partitionBy: readonly string[]): Column | ForeignColumn {
  const { name, type, nullable, metadata } = field
  const known = columnTypes.find((candidate) => candidate === type)
  if (!known) return { name, nullable, because: `its type is ${typeName(type)}`, isCopied: isCopied(type) }
  if (partitionBy.includes(name) && !partitionTypes.includes(known)) {
    return { name, nullable, because: `the table is partitioned by it and its type is ${known}`, isCopied: false }
  }
  if (metadata?.['delta.invariants'] !== undefined) {
    throw new Error(`delta schema column "${name}": expected no invariant, got ${metadata['delta.invariants']}`)
  }
  return { name, type: known, nullable, ...(metadata?.comment !== undefined && { comment: metadata.comment }) }
}

/** A type in one word: `decimal(10,2)`, `array`. */
function typeName(type: unknown): string {
  return typeof type === 'string' ? type : String((type as { readonly type?: unknown } | null)?.type)
}

// Instants inside of other values are not among them: DuckDB takes Spark's INT96 there for local times.
const copiedTypes = /^(?:boolean|byte|short|integer|long|float|double|string|binary|date|decimal\(\d+,\d+\))$/

function isCopied(type: unknown): boolean {
  if (typeof type === 'string') return copiedTypes.test(type)
  const { elementType, keyType, valueType, fields, ...rest } = type as Readonly<Record<string, unknown>>
  switch (rest['type']) {
    case 'array':
      return isCopied(elementType)
    case 'map':
      return isCopied(keyType) && isCopied(valueType)
    case 'struct':
      return (fields as readonly Field[]).every((field) => isCopied(field.type))
    default:
      return false
  }
}

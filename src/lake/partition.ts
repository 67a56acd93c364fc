// Hive-style partitioning: partition values as the log spells them, as typed cells, and as folder names.
// Tested in test/lake/log/read-snapshot.test.ts ("reading rows").

import { dateOf, startOf } from '../day'
import { showCell } from './parquet/cell'
import { type Cell, type Column, columnNamed, partitionColumns, type Row, type TableSchema } from './schema'

/** Partition columns and their values as the log spells them; null is null. */
export type PartitionValues = Readonly<Record<string, string | null>>

/** What Hive, and after it every reader, calls the folder of null. */
const nullFolder = '__HIVE_DEFAULT_PARTITION__'

/**
 * The partition values of a row in the log's spelling (PROTOCOL.md, "Partition Value Serialization"). Throws on a
 * value of another type and on the empty string, which the log cannot tell from null.
 */
function partitionValuesOf(schema: TableSchema, row: Row): PartitionValues {
  return Object.fromEntries(
    schema.partitionBy.map((name) => [name, partitionText(columnNamed(schema, name), row[name] ?? null)]),
  )
}

/** One partition value in the log's spelling. */
function partitionText(column: Column, cell: Cell): string | null {
  const refuse = (expected: string) =>
    new Error(`partition column "${column.name}" ${column.type}: expected ${expected}, got ${showCell(cell)}`)
  if (cell === null) {
    if (column.nullable) return null
    throw refuse('a value')
  }
  switch (column.type) {
    case 'string':
      if (typeof cell === 'string' && cell !== '') return cell
      throw refuse('a string that is not empty')
    case 'date':
      if (typeof cell !== 'string') throw refuse('YYYY-MM-DD')
      return dateOf(startOf(cell))
    case 'boolean':
      if (typeof cell === 'boolean') return String(cell)
      throw refuse('a boolean')
    case 'integer':
    case 'long':
      if (typeof cell === 'bigint' || Number.isSafeInteger(cell)) return String(cell)
      throw refuse('a whole number')
    case 'double':
    case 'binary':
    case 'timestamp':
    case 'decimal(18,0)':
    case 'decimal(18,2)':
    case 'decimal(18,3)':
    case 'decimal(18,4)':
      throw refuse('a type that can partition')
    default: {
      const never: never = column.type
      return never
    }
  }
}

/** The partition values of a file as typed cells, by column; those of foreign types are left out. */
export function partitionCells(schema: TableSchema, values: PartitionValues): Row {
  const cells = partitionColumns(schema).map((column) => [column.name, partitionCell(column, values[column.name])])
  return Object.fromEntries(cells) as Row
}

/** A partition value of the log as a cell of the column's type; the empty string means null, as the protocol says. */
function partitionCell(column: Column, text: string | null | undefined): Cell {
  if (text === null || text === undefined || text === '') return null
  switch (column.type) {
    case 'string':
    case 'date':
      return text
    case 'boolean':
      return text === 'true'
    case 'integer':
    case 'long': {
      const exact = Number(text)
      return Number.isSafeInteger(exact) ? exact : BigInt(text)
    }
    case 'double':
    case 'binary':
    case 'timestamp':
    case 'decimal(18,0)':
    case 'decimal(18,2)':
    case 'decimal(18,3)':
    case 'decimal(18,4)':
      throw new Error(`partition column "${column.name}": expected a type that can partition, got ${column.type}`)
    default: {
      const never: never = column.type
      return never
    }
  }
}

/** Cells of some partition columns in the log's spelling; throws when one of them is no partition column. */
export function partitionFilter(schema: TableSchema, cells: Readonly<Record<string, Cell>>): PartitionValues {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => {
      if (schema.partitionBy.includes(name)) return [name, partitionText(columnNamed(schema, name), cell)]
      throw new Error(`partition: expected one of (${schema.partitionBy.join(', ')}), got "${name}"`)
    }),
  )
}

/** Whether a file's partition has all the wanted values; others it may have besides. */
export function isInPartition(values: PartitionValues, wanted: PartitionValues): boolean {
  // The log spells null as null or as the empty string.
  return Object.entries(wanted).every(([name, text]) => (values[name] ?? '') === (text ?? ''))
}

/** The folder of a partition, `date=2010-12-01/store=12`, or '' for an unpartitioned table. */
export function partitionFolder(partitionBy: readonly string[], values: PartitionValues): string {
  return partitionBy.map((name) => `${name}=${escapeHive(values[name] ?? null)}`).join('/')
}

/**
 * Rows by partition, each group with its values; the order of rows within a group is kept. Rows in one partition
 * after the other, the common case, are compared with the last group before the table of groups is asked.
 */
export function groupByPartition(
  schema: TableSchema,
  rows: readonly Row[],
): readonly { readonly values: PartitionValues; readonly rows: readonly Row[] }[] {
  if (schema.partitionBy.length === 0) return rows.length === 0 ? [] : [{ values: {}, rows }]
  const groups = new Map<string, { values: PartitionValues; rows: Row[] }>()
  let last: { key: readonly (Cell | undefined)[]; rows: Row[] } | undefined
  for (const row of rows) {
    const key = schema.partitionBy.map((name) => row[name])
    if (!last || !last.key.every((cell, i) => cell === key[i])) {
      const values = partitionValuesOf(schema, row)
      const text = JSON.stringify(Object.values(values))
      const group = groups.get(text) ?? { values, rows: [] }
      groups.set(text, group)
      last = { key, rows: group.rows }
    }
    last.rows.push(row)
  }
  return [...groups.values()]
}

// The characters Hive escapes in folder names, which Spark and delta-rs follow; the log then holds the path as a URI,
// so that a `/` in a value appears there as `%252F`.
// eslint-disable-next-line no-control-regex -- control characters are what has to be escaped
const hiveSpecial = /[\u0001-\u001f"#%'*/:=?\\\u007f{[\]^]/g

function escapeHive(value: string | null): string {
  if (value === null) return nullFolder
  return value.replace(hiveSpecial, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

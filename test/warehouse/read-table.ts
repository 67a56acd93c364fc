import { type TextRow, type Warehouse } from '../../src/warehouse/connection'
import {
  type Cell,
  type ColumnSpec,
  type ColumnType,
  identifier,
  identifiers,
  type Row,
} from '../../src/warehouse/table'

/** What to read of a table. */
interface TableRead {
  readonly name: string
  readonly columns: readonly ColumnSpec[]
  /** Only rows of this date; default all. */
  readonly date?: string
  /** Default any order. */
  readonly orderBy?: readonly ColumnSpec[]
}

/** The rows of a table as cells, the inverse of what the sink writes. */
export async function readTable(
  warehouse: Warehouse,
  { name, columns, date, orderBy = [] }: TableRead,
): Promise<readonly Row[]> {
  const list = columns.map((column) => `${selectAs(column)} AS ${identifier(column.name)}`).join(', ')
  const where = date === undefined ? '' : 'WHERE date = $1::date'
  const order = orderBy.length === 0 ? '' : `ORDER BY ${identifiers(orderBy, 't.')}`
  const statement = `SELECT ${list} FROM ${identifier(name)} AS t ${where} ${order}`
  const rows = await warehouse.query(statement, date === undefined ? [] : [date])
  return rows.map((row) => decode(row, columns))
}

function selectAs(spec: ColumnSpec): string {
  const column = identifier(spec.name)
  if (spec.type === 'numeric') return `(${column} * ${10 ** spec.scale})::bigint`
  if (spec.type === 'timestamptz') return `(extract(epoch FROM ${column}) * 1000)::bigint`
  return column
}

function decode(row: TextRow, columns: readonly ColumnSpec[]): Row {
  return Object.fromEntries(columns.map(({ name, type }) => [name, decodeAs(type, row[name] ?? null)]))
}

function decodeAs(type: ColumnType, text: string | null): Cell {
  if (text === null) return null
  switch (type) {
    case 'text':
    case 'date':
      return text
    case 'boolean':
      return text === 't'
    case 'bytea':
      return Buffer.from(text.slice('\\x'.length), 'hex')
    case 'bigint':
    case 'integer':
    case 'numeric':
    case 'timestamptz':
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
  }
}

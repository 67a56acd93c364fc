import { type Warehouse } from '../../src/warehouse/connection'
import { type ColumnType } from '../../src/warehouse/table'

/** A column as the database has it. */
interface ColumnDescription {
  readonly name: string
  readonly type: ColumnType
}

/** A table as the database has it. */
export interface TableDescription {
  /** The primary key, in its order. */
  readonly key: readonly ColumnDescription[]
  /** Every column, by name. */
  readonly columns: readonly ColumnDescription[]
}

/**
 * What the database says a table looks like, so that descriptors can be held against the migrations. Throws when there
 * is no such table.
 */
export async function describeTable(warehouse: Warehouse, name: string): Promise<TableDescription> {
  const rows = await warehouse.query(
    `SELECT c.column_name AS name, c.udt_name AS type, k.ordinal_position AS key_position
     FROM information_schema.columns c
     LEFT JOIN information_schema.table_constraints p
       ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
     LEFT JOIN information_schema.key_column_usage k
       ON k.constraint_schema = p.constraint_schema AND k.constraint_name = p.constraint_name
       AND k.table_name = c.table_name AND k.column_name = c.column_name
     WHERE c.table_schema = 'public' AND c.table_name = $1
     ORDER BY c.column_name`,
    [name],
  )
  if (rows.length === 0)
    throw new Error(`warehouse: expected a table ${name} in schema public, found none; run the migrations`)
  const columns = rows.map((row) => ({ name: row.name ?? '', type: typeNamed(row.type ?? ''), at: row.key_position }))
  return {
    key: columns
      .filter(({ at }) => at !== null)
      .toSorted((a, b) => Number(a.at) - Number(b.at))
      .map(({ name, type }) => ({ name, type })),
    columns: columns.map(({ name, type }) => ({ name, type })),
  }
}

function typeNamed(internalName: string): ColumnType {
  switch (internalName) {
    case 'int8':
      return 'bigint'
    case 'int4':
      return 'integer'
    case 'bool':
      return 'boolean'
    case 'text':
    case 'bytea':
    case 'numeric':
    case 'timestamptz':
    case 'date':
      return internalName
    default:
      throw new Error(`warehouse: expected a column of a type the warehouse uses, got ${internalName}`)
  }
}

import { type ColumnType } from '../../src/lake/schema'

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  binary: 'BLOB',
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  long: 'BIGINT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  'decimal(18,2)': 'DECIMAL(18,2)',
  'decimal(18,4)': 'DECIMAL(18,4)',
}

/** What DuckDB calls a column type of Delta. */
export function sqlType(type: ColumnType): string {
  return sqlTypes[type]
}

/** A name as SQL takes it whatever is in it. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

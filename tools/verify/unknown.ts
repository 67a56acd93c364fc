// Tested in test/tools/verify/verify.test.ts.
import { type Store } from '../../src/lake/store'
import { type Warehouse } from '../../src/warehouse/connection'
import { allTables } from '../query/catalog'
import { roots } from './lake-tables'
import { columns as warehouseColumns } from './warehouse-tables'

/** What has no place here: tables as `silver/returns_1m` or `postgres/gold_weather`, columns as `postgres/sales_1m note`. */
export interface Unknown {
  readonly tables: readonly string[]
  /** Of tables of PostgreSQL that are known. */
  readonly columns: readonly string[]
}

/** Looks for tables and columns that are not compared, because nobody has said here what should be in them. */
export async function findUnknown({
  store,
  warehouse,
}: {
  readonly store: Store
  readonly warehouse: Warehouse
}): Promise<Unknown> {
  const known = Object.values(roots)
  const inLake = (await allTables(store)).map(({ root }) => root).filter((root) => !known.includes(root))
  const { tables, columns } = await unknownInPostgres(warehouse)
  return { tables: [...inLake, ...tables], columns }
}

/** What the pipeline notes about its own writing: nothing that the hub's log would say. */
const bookkeeping = /^(sink_position|daily_batch|installation|stores) | (sequence|opened_sequence)$/

/** A table counts as the pipeline's when it is named or built like one: gold, or windows. */
async function unknownInPostgres(warehouse: Warehouse): Promise<Unknown> {
  const rows = await warehouse.query(`
    SELECT c.relname AS table, a.attname AS column FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum`)
  const isUnknown = (name: string) => !(name in warehouseColumns)
  const tables = rows.flatMap(({ table, column }) =>
    table && isUnknown(table) && (table.startsWith('gold_') || column === 'window_start') ? [`postgres/${table}`] : [],
  )
  const columns = rows.flatMap(({ table, column }) => {
    const known = warehouseColumns[table ?? '']
    const name = `${table} ${column}`
    return known && !known.includes(column ?? '') && !bookkeeping.test(name) ? [`postgres/${name}`] : []
  })
  return { tables: [...new Set(tables)], columns }
}

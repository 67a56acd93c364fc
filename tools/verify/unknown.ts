// Tested in test/tools/verify/verify.test.ts.
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Store } from '../../src/lake/store'
import { type Warehouse } from '../../src/warehouse/connection'
import { allTables } from '../query/catalog'
import { type Engine } from './engine'
import { roots } from './lake-tables'
import { columns as warehouseColumns } from './warehouse-tables'

/** What is in the lake and in PostgreSQL and has no place here, as `silver/returns_1m` and `postgres/sales_1m.note`. */
export interface Unknown {
  readonly tables: readonly string[]
  /** Of tables that are known. */
  readonly columns: readonly string[]
}

/** Looks for tables and columns that are not compared, because nobody has said here what should be in them. */
export async function findUnknown(
  engine: Engine,
  { store, warehouse }: { readonly store: Store; readonly warehouse: Warehouse },
): Promise<Unknown> {
  const [lake, postgres] = [await unknownInLake(engine, store), await unknownInPostgres(warehouse)]
  return { tables: [...lake.tables, ...postgres.tables], columns: [...lake.columns, ...postgres.columns] }
}

async function unknownInLake(engine: Engine, store: Store): Promise<Unknown> {
  const names = new Map(Object.entries(roots).map(([table, root]) => [root, table]))
  const found = (await allTables(store)).map(({ root }) => root)
  const columns: string[] = []
  for (const root of found) {
    const table = names.get(root)
    if (table === undefined) continue
    const known = (
      await engine.query(`SELECT column_name AS name FROM duckdb_columns()
      WHERE schema_name = 'lake' AND table_name = '${table}'`)
    ).map(({ name }) => name)
    for (const name of await columnsAt(store, root)) if (!known.includes(name)) columns.push(`${root}.${name}`)
  }
  return { tables: found.filter((root) => !names.has(root)), columns }
}

/** None where the table cannot be read, which the copying of the lake says already. */
async function columnsAt(store: Store, root: string): Promise<readonly string[]> {
  const snapshot = await readSnapshot(store, root).catch(() => undefined)
  const { columns = [], foreign = [] } = snapshot?.schema ?? {}
  return [...columns, ...foreign].map(({ name }) => name)
}

/** What the pipeline notes about its own writing: nothing that the hub's log would say. */
const bookkeeping = /^(sink_position|daily_batch)\.|\.(sequence|opened_sequence)$/

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
    const name = `${table}.${column}`
    return known && !known.includes(column ?? '') && !bookkeeping.test(name) ? [`postgres/${name}`] : []
  })
  return { tables: [...new Set(tables)], columns }
}

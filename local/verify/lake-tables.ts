import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dataPath } from '../../src/lake/data-file'
import { readSnapshot } from '../../src/lake/snapshot'
import { type Store } from '../../src/lake/store'
import { type Engine, literal } from './engine'

/** The Delta tables, by the name they have in schema `lake`, and where they are. */
const roots = {
  bronze_events: 'bronze/events',
  bronze_gaps: 'bronze/gaps',
  sales_1m: 'silver/sales_1m',
  store_1m: 'silver/store_1m',
  gold_stockout: 'gold/stockout',
  gold_daily_sales: 'gold/daily_sales',
} as const

export type LakeTable = keyof typeof roots

/** A table that cannot be read as its log says. */
export interface Unreadable {
  readonly table: LakeTable
  readonly reason: string
}

const filesAtOnce = 8

/**
 * Copies the newest version of every Delta table into schema `lake`: the log says which files, DuckDB reads them. A
 * table that is not there has no rows; one that cannot be read as its log says is returned, and has none either.
 */
export async function loadLake(engine: Engine, store: Store): Promise<readonly Unreadable[]> {
  const faults: Unreadable[] = []
  for (const table of Object.keys(roots) as LakeTable[]) {
    try {
      await loadTable(engine, { store, table })
    } catch (error) {
      faults.push({ table, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return faults
}

async function loadTable(
  { connection, folder }: Engine,
  { store, table }: { readonly store: Store; readonly table: LakeTable },
): Promise<void> {
  const root = roots[table]
  const snapshot = await readSnapshot(store, root)
  if (!snapshot || snapshot.files.size === 0) return
  const queue = snapshot.files.values()
  const copyNext = async () => {
    for (const file of queue) {
      const bytes = await store.read(dataPath(root, file))
      if (!bytes)
        throw new Error(`delta table ${root}: version ${snapshot.version} names ${file.path}, which is not there`)
      const local = join(folder, table, file.path)
      await mkdir(dirname(local), { recursive: true })
      await writeFile(local, bytes)
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, copyNext))
  const files = literal(join(folder, table, '**', '*.parquet'))
  await connection.run(
    `INSERT INTO lake.${table} BY NAME SELECT * FROM read_parquet(${files}, hive_partitioning = true, union_by_name = true)`,
  )
  if (table !== 'gold_daily_sales') return
  const days = Array.from(snapshot.files.values(), ({ partitionValues, modifiedMs }) => ({
    date: partitionValues.date,
    modifiedMs,
  }))
  const values = days.map(({ date, modifiedMs }) => `(${literal(date ?? '')}::DATE, ${modifiedMs})`)
  await connection.run(
    `INSERT INTO lake.batched SELECT d, min(ms) FROM (VALUES ${values.join(', ')}) AS v(d, ms) GROUP BY d`,
  )
}

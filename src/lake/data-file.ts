import { encodePath, type AddFile } from './log'
import { writeParquet } from './parquet-write'
import { groupByPartition, partitionFolder } from './partition'
import { dataColumns, type Row, type TableSchema } from './schema'
import { statsText } from './stats'
import type { Store } from './store'

/** A data file not stored yet: its bytes and the log's record of it. */
export interface DataFile {
  readonly add: AddFile
  readonly bytes: Uint8Array
}

/**
 * Rows as data files, one per partition, each under a name of its own. Pure apart from `uuid`: nothing is stored.
 * Throws when a row does not fit the schema.
 */
export function planDataFiles(
  schema: TableSchema,
  rows: readonly Row[],
  { nowMs, uuid }: { readonly nowMs: number; readonly uuid: () => string },
): readonly DataFile[] {
  const columns = dataColumns(schema)
  return groupByPartition(schema, rows).map((group, i) => {
    const { bytes, rowCount, stats } = writeParquet(columns, group.rows)
    const folder = partitionFolder(schema.partitionBy, group.values)
    const name = `part-${String(i).padStart(5, '0')}-${uuid()}.c000.snappy.parquet`
    const add: AddFile = {
      path: folder === '' ? name : `${folder}/${name}`,
      partitionValues: group.values,
      sizeBytes: bytes.byteLength,
      modifiedMs: nowMs,
      dataChange: true,
      stats: statsText(columns, rowCount, stats),
    }
    return { add, bytes }
  })
}

/** Stores a data file; readers do not see it before a log entry names it. */
export async function putDataFile(store: Store, root: string, { add, bytes }: DataFile): Promise<void> {
  await store.put(`${root}/${add.path}`, bytes)
}

/** The path of a data file in the store; throws on a file outside the table, as shallow clones have. */
export function dataPath(root: string, { path }: AddFile): string {
  if (!/^[a-z][a-z0-9+.-]*:|^\//i.test(path)) return `${root}/${path}`
  throw new Error(`delta table ${root}: expected files below the table, got ${encodePath(path)}`)
}

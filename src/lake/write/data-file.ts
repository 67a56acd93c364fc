// Data files to be: rows encoded as Parquet, with the `add` action that will name them.
// Tested in test/lake/write/commit.test.ts and test/lake/log/read-snapshot.test.ts.

import { type AddFile } from '../log/action'
import { writeParquet } from '../parquet/write'
import { groupByPartition, partitionFolder, type PartitionValues } from '../partition'
import { dataColumns, type Row, type TableSchema } from '../schema'
import { statsText } from '../parquet/stats'
import { type Store } from '../store'

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
    const add: AddFile = {
      path: newPath(schema, group.values, { part: i, id: uuid() }),
      partitionValues: group.values,
      sizeBytes: bytes.byteLength,
      modifiedMs: nowMs,
      dataChange: true,
      stats: statsText(columns, rowCount, stats),
    }
    return { add, bytes }
  })
}

/** A path, relative to the table's root, for a data file of a partition; nobody else's as long as `id` is not. */
export function newPath(
  { partitionBy }: TableSchema,
  values: PartitionValues,
  { part, id }: { readonly part: number; readonly id: string },
): string {
  const folder = partitionFolder(partitionBy, values)
  const name = `part-${String(part).padStart(5, '0')}-${id}.c000.snappy.parquet`
  return folder === '' ? name : `${folder}/${name}`
}

/** Stores a data file; readers do not see it before a log entry names it. */
export async function putDataFile(store: Store, root: string, { add, bytes }: DataFile): Promise<void> {
  await store.put(`${root}/${add.path}`, bytes)
}

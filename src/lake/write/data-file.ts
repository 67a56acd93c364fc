import { encodePath, type AddFile } from '../log/action'
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

/** A data file whole; throws when it is not there, which only a vacuum that did not wait explains. */
export async function readDataFile(store: Store, root: string, file: AddFile): Promise<Uint8Array> {
  const bytes = await store.read(dataPath(root, file))
  if (bytes) return bytes
  throw new Error(`delta table ${root}: expected the file the log names, ${encodePath(file.path)}, found none`)
}

/** The path of a data file in the store; throws on a file outside the table, as shallow clones have. */
export function dataPath(root: string, { path }: Pick<AddFile, 'path'>): string {
  if (!/^[a-z][a-z0-9+.-]*:|^\//i.test(path)) return `${root}/${path}`
  throw new Error(`delta table ${root}: expected files below the table, got ${encodePath(path)}`)
}

// Table scan: the rows of a snapshot, with partition pruning and data skipping by the file statistics of the log.
// Tested in test/lake/log/read-snapshot.test.ts ("reading rows").

import { type AddFile, encodePath } from './log/action'
import { readParquet, sourceInStore } from './parquet/read'
import { isInPartition, partitionCells, partitionFilter } from './partition'
import { type Cell, type Column, columnNamed, type Row, type TableSchema } from './schema'
import { type Snapshot } from './log/snapshot'
import { type FileStats, parseStats } from './parquet/stats'
import { type Store } from './store'

/** A data file as a filter sees it. */
export interface FileView extends FileStats {
  readonly path: string
  readonly sizeBytes: number
  /** Typed values of the partition columns, the same for every row of the file. */
  readonly partition: Row
}

/**
 * The rows of a snapshot, file by file in the order of their paths, one array per row group, partition columns
 * filled in. `partition` keeps files whose partition has exactly these values; `where` keeps files by their
 * statistics, where a missing bound means unknown. Rows are not filtered, only files skipped.
 *
 * @example
 * const partition = { date: '2010-12-01' }
 * for await (const rows of readRows({ store, root }, snapshot, { columns: ['store_id'], partition })) console.log(rows)
 */
export async function* readRows(
  { store, root }: { readonly store: Store; readonly root: string },
  snapshot: Snapshot,
  {
    columns = snapshot.schema.columns.map(({ name }) => name),
    partition = {},
    where = () => true,
  }: {
    readonly columns?: readonly string[]
    readonly partition?: Readonly<Record<string, Cell>>
    readonly where?: (file: FileView) => boolean
  } = {},
): AsyncGenerator<readonly Row[]> {
  for (const file of selectFiles(snapshot, { partition, where })) {
    yield* readFile({ store, root }, file, { schema: snapshot.schema, columns })
  }
}

/** The rows of one data file of a table with this schema, as `readRows` gives them. */
export async function* readFile(
  { store, root }: { readonly store: Store; readonly root: string },
  file: AddFile,
  { schema, columns }: { readonly schema: TableSchema; readonly columns: readonly string[] },
): AsyncGenerator<readonly Row[]> {
  const wanted = columns.map((name) => columnNamed(schema, name))
  const partition = partitionCells(schema, file.partitionValues)
  const stored = wanted.filter(({ name }) => !schema.partitionBy.includes(name))
  // A file is read for its row count even when every column asked for is in its partition.
  const read = stored.length > 0 ? stored : narrowest(schema)
  const source = await sourceInStore(store, dataPath(root, file), file.sizeBytes)
  for await (const rows of readParquet(source, read)) yield rows.map((row) => ordered(wanted, row, partition))
}

/** The data files a read of these partitions and statistics touches, ordered by path. */
export function selectFiles(
  { schema, files }: Snapshot,
  {
    partition = {},
    where = () => true,
  }: { readonly partition?: Readonly<Record<string, Cell>>; readonly where?: (file: FileView) => boolean } = {},
): readonly AddFile[] {
  const wanted = partitionFilter(schema, partition)
  const kept = [...files.values()].filter(
    (file) => isInPartition(file.partitionValues, wanted) && where(fileView(schema, file)),
  )
  return kept.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * Whether a file may hold values of a numeric column from `low` to `high`, both included, by its statistics; a bound
 * that nobody wrote may be anything.
 */
export function mayHold(file: FileView, column: string, [low, high]: readonly [low: number, high: number]): boolean {
  return Number(file.max[column] ?? Infinity) >= low && Number(file.min[column] ?? -Infinity) <= high
}

/** What the log says of a data file, as a filter sees it: typed partition values, row count and bounds. */
export function fileView(schema: TableSchema, file: AddFile): FileView {
  const { path, sizeBytes, stats } = file
  return {
    path,
    sizeBytes,
    partition: partitionCells(schema, file.partitionValues),
    ...parseStats(schema.columns, stats),
  }
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

function narrowest({ columns, partitionBy }: TableSchema): readonly Column[] {
  const stored = columns.filter(({ name }) => !partitionBy.includes(name))
  return stored
    .filter(({ type }) => type !== 'string' && type !== 'binary')
    .concat(stored)
    .slice(0, 1)
}

/** The row with exactly the wanted columns, in their order. */
function ordered(wanted: readonly Column[], row: Row, partition: Row): Row {
  const full: Record<string, Cell> = {}
  for (const { name } of wanted) full[name] = row[name] ?? partition[name] ?? null
  return full
}

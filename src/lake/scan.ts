import { dataPath } from './write/data-file'
import { type AddFile } from './log/action'
import { readParquet, sourceInStore } from './parquet/read'
import { isInPartition, partitionCell, partitionFilter } from './partition'
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
 * for await (const rows of readRows({ store, root }, snapshot, { columns: ['store_id'], partition: { date } })) …
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
  const partition = partitionOf(schema, file)
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
    (file) => isInPartition(file.partitionValues, wanted) && where(viewOf(schema, file)),
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

function viewOf(schema: TableSchema, file: AddFile): FileView {
  const { path, sizeBytes, stats } = file
  return { path, sizeBytes, partition: partitionOf(schema, file), ...parseStats(schema.columns, stats) }
}

function partitionOf(schema: TableSchema, { partitionValues }: AddFile): Row {
  const cells = schema.partitionBy.map((name) => [
    name,
    partitionCell(columnNamed(schema, name), partitionValues[name]),
  ])
  return Object.fromEntries(cells) as Row
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

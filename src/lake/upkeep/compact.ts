// Compaction (`OPTIMIZE`, bin packing): many small data files of a partition become few, the rows stay the same.

import { addActions, openingActions, removeActions } from '../write/actions'
import { commitPlanned, defaultRetry, type Plan, type Retry } from '../write/commit'
import { newPath, putDataFile } from '../write/data-file'
import { type Action, type AddFile } from '../log/action'
import { partitionCells, type PartitionValues } from '../partition'
import { rewriteParquet, type Rewritten } from './rewrite'
import { readDataFile, selectFiles } from '../scan'
import { type Cell, dataColumns, type Row, type TableSchema } from '../schema'
import { type Snapshot } from '../log/snapshot'
import { statsText } from '../parquet/stats'
import { refresh, type Table } from '../table'

// Invariants of a compaction:
// K1  The table's rows are the same before and after, in every version: the new files are read back and compared with
//     the old ones before the commit, and old and new change places in one entry.
// K2  Every file it takes out is still in the state its entry lands on; else it gives up and has changed nothing.
// K3  It never meets an append: that names other files.
// K4  Columns other engines added go over with the rest; a table with one that DuckDB might alter is left as it is.

/** Sizes of a compaction. */
export interface CompactionSizes {
  /** What a new file is to hold, by the size of the old ones. Files of less than half of it are small. */
  readonly targetBytes: number
  /** Old files taken in one go: a bound on this machine's disk. The rest is for the next. */
  readonly mostBytes: number
}

export const defaultSizes: CompactionSizes = { targetBytes: 64 << 20, mostBytes: 256 << 20 }

export type CompactResult =
  | { readonly kind: 'committed'; readonly version: number; readonly removed: number; readonly added: number }
  /** There are no small files to put together, or a column forbids it (K4); nothing was read. */
  | { readonly kind: 'nothing' }
  /** Another writer took out a file meanwhile; plan again on the state of `version`. */
  | { readonly kind: 'conflict'; readonly version: number }

/** Old files of one partition, and into how many new ones of about the same size they go. */
export interface Compaction {
  readonly values: PartitionValues
  readonly files: readonly AddFile[]
  readonly parts: number
}

/** A partition that compaction would change. */
export interface CompactablePartition {
  /** Typed values of the partition columns. */
  readonly partition: Row
  readonly smallFiles: number
  /** When the newest file of the partition was added, small or not, epoch milliseconds. */
  readonly newestMs: number
}

/** The partitions that have several small files, in no particular order. Pure. */
export function compactable(
  snapshot: Snapshot,
  sizes: CompactionSizes = defaultSizes,
): readonly CompactablePartition[] {
  const { schema } = snapshot
  if (!isRewritable(schema)) return []
  const groups = new Map<string, AddFile[]>()
  for (const file of snapshot.files.values()) {
    const key = JSON.stringify(schema.partitionBy.map((name) => file.partitionValues[name] ?? ''))
    const group = groups.get(key)
    if (group) group.push(file)
    else groups.set(key, [file])
  }
  return [...groups.values()].flatMap((files) => {
    const compaction = compactionOf(files, sizes)
    if (!compaction) return []
    return {
      partition: partitionCells(schema, compaction.values),
      smallFiles: compaction.files.length,
      newestMs: files.reduce((newest, { modifiedMs }) => Math.max(newest, modifiedMs), 0),
    }
  })
}

/** What a compaction of one partition would do; undefined when it would not leave fewer files. Pure. */
export function planCompaction(
  snapshot: Snapshot,
  partition: Readonly<Record<string, Cell>>,
  sizes: CompactionSizes = defaultSizes,
): Compaction | undefined {
  const missing = snapshot.schema.partitionBy.filter((name) => partition[name] === undefined)
  if (missing.length > 0) throw new Error(`compaction: expected one partition, got none of its ${missing.join(', ')}`)
  return isRewritable(snapshot.schema) ? compactionOf(selectFiles(snapshot, { partition }), sizes) : undefined
}

/** K4. */
function isRewritable({ foreign = [] }: TableSchema): boolean {
  return foreign.every((column) => column.isCopied)
}

/** Stored bytes of a row, on average, from which on DuckDB should not be given many of them at a time. */
const largeRowBytes = 8 << 10
/** What a data file may take whatever its rows: footer and page headers of wide tables. */
const fileOverheadBytes = 64 << 10

/**
 * Whether a file is of bodies so large that many of them in one row group could not be read again in a gigabyte: DuckDB
 * reads 2048 rows at a time, however few a group may have.
 */
function hasLargeRows({ sizeBytes, stats = '' }: AddFile): boolean {
  const rows = Number(/"numRecords"\s*:\s*(\d+)/.exec(stats)?.[1] ?? Infinity)
  return (sizeBytes - fileOverheadBytes) / rows > largeRowBytes
}

function compactionOf(files: readonly AddFile[], { targetBytes, mostBytes }: CompactionSizes): Compaction | undefined {
  const small = files.filter((file) => file.sizeBytes < targetBytes / 2 && !hasLargeRows(file))
  // The oldest first, so that what came in together stays together.
  small.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.path < b.path ? -1 : 1))
  const taken: AddFile[] = []
  let takenBytes = 0
  for (const file of small) {
    if (takenBytes + file.sizeBytes > mostBytes) break
    takenBytes += file.sizeBytes
    taken.push(file)
  }
  const parts = Math.max(1, Math.ceil(takenBytes / targetBytes))
  const [first] = taken
  return first && parts < taken.length ? { values: first.partitionValues, files: taken, parts } : undefined
}

/**
 * Puts the small files of one partition together into few, ordered by the columns named, in one commit that changes no
 * data (`OPTIMIZE` of Delta Lake). Writers go on beside it; a crash leaves the old files or the new ones in the table,
 * and unreferenced ones for the vacuum. Memory is bounded whatever the partition's size. Throws when the store fails or
 * no try to commit succeeds.
 *
 * @example
 * await compactPartition(silver, { partition: { date: '2010-12-01' }, orderBy: ['store_id', 'window_start'] })
 */
export async function compactPartition(
  table: Table,
  {
    partition,
    orderBy,
    sizes = defaultSizes,
    retry = defaultRetry,
  }: {
    /** A value for each partition column. */
    readonly partition: Readonly<Record<string, Cell>>
    readonly orderBy: readonly string[]
    readonly sizes?: CompactionSizes
    readonly retry?: Retry
  },
): Promise<CompactResult> {
  const snapshot = await refresh(table)
  const compaction = planCompaction(snapshot, partition, sizes)
  if (!compaction) return { kind: 'nothing' }
  const adds = await rewrite(table, snapshot.schema, { compaction, orderBy })
  const { files } = compaction
  const txnId = table.uuid()
  const actions = exchange(table, { files, adds, txnId })
  const plan = (state: Snapshot) => planExchange(state, files, actions)
  const outcome = await commitPlanned(table, plan, { txnId, retry })
  return outcome.kind === 'committed' ? { ...outcome, removed: files.length, added: adds.length } : outcome
}

/** Stores the new files; no entry names them yet. */
async function rewrite(
  { store, root, clock, uuid }: Table,
  schema: TableSchema,
  {
    compaction: { values, files, parts },
    orderBy,
  }: { readonly compaction: Compaction; readonly orderBy: readonly string[] },
): Promise<readonly AddFile[]> {
  const adds: AddFile[] = []
  const take = async ({ bytes, columns, rowCount, stats }: Rewritten) => {
    const add: AddFile = {
      path: newPath(schema, values, { part: adds.length, id: uuid() }),
      partitionValues: values,
      sizeBytes: bytes.byteLength,
      modifiedMs: clock(),
      dataChange: false,
      stats: statsText(columns, rowCount, stats),
    }
    await putDataFile(store, root, { add, bytes })
    adds.push(add)
  }
  const sources = files.map((file) => () => readDataFile(store, root, file))
  const others = (schema.foreign ?? []).map(({ name }) => name)
  await rewriteParquet(sources, { columns: dataColumns(schema), others, orderBy, parts, take })
  return adds
}

/** The entry that puts new files in the place of old ones (PROTOCOL.md, "Add File and Remove File": dataChange). */
function exchange(
  table: Table,
  {
    files,
    adds,
    txnId,
  }: { readonly files: readonly AddFile[]; readonly adds: readonly AddFile[]; readonly txnId: string },
): readonly Action[] {
  const nowMs = table.clock()
  return [
    ...openingActions(nowMs, { operation: 'OPTIMIZE', txnId, isBlindAppend: false }),
    ...removeActions(files, { deletedMs: nowMs, dataChange: false }),
    ...addActions(adds),
  ]
}

/** K2: the entry as long as all the old files are there. */
function planExchange(
  { files, version }: Snapshot,
  old: readonly AddFile[],
  actions: readonly Action[],
): Plan<Extract<CompactResult, { kind: 'conflict' }>> {
  const gone = old.some(({ path }) => !files.has(path))
  return gone ? { kind: 'stop', result: { kind: 'conflict', version } } : { kind: 'commit', actions }
}

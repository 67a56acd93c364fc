import { defaultRetry, openingActions, prepareAppend } from './append'
import { commitPlanned, type Plan, type Retry } from './commit'
import { type Action, type AddFile } from '../log/action'
import { isInPartition, partitionFilter, type PartitionValues } from '../partition'
import { type Cell, type Row } from '../schema'
import { type Snapshot } from '../log/snapshot'
import { type Table } from '../table'

export type ReplaceResult =
  | { readonly kind: 'committed'; readonly version: number }
  /** The partition was empty and stays so; nothing was committed. */
  | { readonly kind: 'unchanged'; readonly version: number }

/** Rows gathered into one file when they come in smaller chunks. */
const rowsPerFile = 100_000

/**
 * Makes `rows` the whole content of a partition, in one commit: readers see the old rows or the new ones, never both
 * or neither. Doing it again with the same rows leaves the same content. Rows may come in chunks, of which one file's
 * worth is in memory at a time, and need not carry the partition's columns. Whatever is in the partition when the
 * commit lands is replaced, rows appended meanwhile included. Throws when a row belongs to another partition, the
 * table is append-only, the store fails, or no try succeeds.
 *
 * @example
 * await replacePartition(gold, { partition: { date: '2010-12-01' }, rows, operation: 'WRITE' })
 */
export async function replacePartition(
  table: Table,
  {
    partition,
    rows,
    operation,
    retry = defaultRetry,
  }: {
    /** Values of partition columns; with some left out, all partitions that have these values. */
    readonly partition: Readonly<Record<string, Cell>>
    readonly rows: readonly Row[] | AsyncIterable<readonly Row[]>
    readonly operation: string
    readonly retry?: Retry
  },
): Promise<ReplaceResult> {
  const wanted = partitionFilter(table.schema, partition)
  if (Object.keys(wanted).length === 0) throw new Error(`delta table ${table.root}: expected a partition, got none`)
  const adds: AddFile[] = []
  for await (const batch of batches('length' in rows ? [rows] : rows)) {
    const placed = batch.map((row) => inPartition(row, partition))
    adds.push(...(await prepareAppend(table, placed)).adds)
  }
  const txnId = table.uuid()
  return commitPlanned(table, (snapshot) => planReplace(table, snapshot, { wanted, adds, operation, txnId }), {
    txnId,
    retry,
  })
}

/** Chunks joined until they fill a file: small chunks would leave small files. */
async function* batches(
  chunks: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let held: Row[] = []
  for await (const chunk of chunks) {
    for (const row of chunk) {
      held.push(row)
      if (held.length < rowsPerFile) continue
      yield held
      held = []
    }
  }
  if (held.length > 0) yield held
}

function inPartition(row: Row, partition: Readonly<Record<string, Cell>>): Row {
  for (const [name, cell] of Object.entries(partition)) {
    if (row[name] === undefined || row[name] === cell) continue
    throw new Error(`replace partition ${name}=${String(cell)}: got a row with ${name}=${String(row[name])}`)
  }
  return { ...row, ...partition }
}

function planReplace(
  table: Table,
  snapshot: Snapshot,
  change: {
    readonly wanted: PartitionValues
    readonly adds: readonly AddFile[]
    readonly operation: string
    readonly txnId: string
  },
): Plan<Extract<ReplaceResult, { kind: 'unchanged' }>> {
  const { wanted, adds, operation, txnId } = change
  const old = [...snapshot.files.values()].filter((file) => isInPartition(file.partitionValues, wanted))
  if (old.length === 0 && adds.length === 0) {
    return { kind: 'stop', result: { kind: 'unchanged', version: snapshot.version } }
  }
  // PROTOCOL.md, "Append-only Tables": a rule of writer version 2.
  if (old.length > 0 && snapshot.metadata.configuration['delta.appendOnly'] === 'true') {
    throw new Error(`delta table ${table.root}: expected no removes, it is append-only (delta.appendOnly)`)
  }
  const deletedMs = table.clock()
  const actions: readonly Action[] = [
    ...openingActions(table, { txns: [], operation, txnId, isBlindAppend: false }),
    ...old.map(({ path, partitionValues, sizeBytes }) => {
      return { kind: 'remove', file: { path, partitionValues, sizeBytes, deletedMs, dataChange: true } } as const
    }),
    ...adds.map((file) => ({ kind: 'add', file }) as const),
  ]
  return { kind: 'commit', actions }
}

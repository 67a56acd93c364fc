// Checkpoint, Delta's own: a snapshot stored as one Parquet file in the log, so that a reader need not read every
// entry.

import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sqlText, withDuckDb } from '../duckdb'
import { type Action, encodeActions, type Txn } from '../log/action'
import { checkWritable } from '../log/features'
import { checkpointPath, lastCheckpointPath, stagedCheckpointPath } from '../log/log-name'
import { fileRetentionMs } from './retention'
import { readHint } from '../log/read-snapshot'
import { type Snapshot } from '../log/snapshot'
import { recent, type Table } from '../table'

export type CheckpointResult =
  | { readonly kind: 'written'; readonly version: number; readonly sizeBytes: number }
  /** Somebody else has written it already; it holds the same state. */
  | { readonly kind: 'exists'; readonly version: number }

/**
 * Writes a classic checkpoint of the newest known state: one Parquet file, so that a reader need not read the log
 * before it, and the hint that names it (PROTOCOL.md, "Checkpoints" and "Last Checkpoint File"). Nobody sees it half
 * written, and any number may write at once. Throws when the table needs a later protocol or the store fails; the
 * table is as good as before then.
 *
 * @example
 * if (version % 100 === 0) await writeCheckpoint(bronze)
 */
export async function writeCheckpoint(table: Table): Promise<CheckpointResult> {
  const { store, root } = table
  const snapshot = withoutExpired(await recent(table), table.clock())
  const { version } = snapshot
  checkWritable(root, snapshot)
  const actions = checkpointActions(snapshot)
  const bytes = await encodeCheckpoint(actions)
  const staged = stagedCheckpointPath(root, table.uuid())
  await store.put(staged, bytes)
  const moved = await store.rename(staged, checkpointPath(root, version))
  // What this process keeps in memory is bounded by what a checkpoint keeps.
  if (table.seen.snapshot.version === version) table.seen.snapshot = snapshot
  if (moved === 'exists') return { kind: 'exists', version }
  const hint = { version, size: actions.length, sizeInBytes: bytes.byteLength, numOfAddFiles: snapshot.files.size }
  await pointTo(table, hint)
  return { kind: 'written', version, sizeBytes: bytes.byteLength }
}

/** Names the newest checkpoint. One that is behind another's is not named: the log before that may be gone soon. */
async function pointTo({ store, root }: Table, hint: { readonly version: number }): Promise<void> {
  const known = await readHint(store, root)
  if (known !== undefined && known >= hint.version) return
  await store.put(lastCheckpointPath(root), Buffer.from(JSON.stringify(hint)))
}

function withoutExpired(snapshot: Snapshot, nowMs: number): Snapshot {
  const sinceMs = nowMs - fileRetentionMs(snapshot.metadata)
  const expired = [...snapshot.tombstones.values()].filter(({ deletedMs }) => deletedMs <= sinceMs)
  const gone = new Map(expired.map(({ path }) => [path, undefined]))
  return { ...snapshot, tombstones: snapshot.tombstones.with(gone) }
}

/** A state as the actions that make it (PROTOCOL.md, "Action Reconciliation"). Pure. */
function checkpointActions(snapshot: Snapshot): readonly Action[] {
  const { protocol, metadata, files, tombstones } = snapshot
  const byPath = (a: { readonly path: string }, b: { readonly path: string }) => (a.path < b.path ? -1 : 1)
  // The files are no change of data here: that was said by the entries that brought them.
  return [
    { kind: 'protocol', protocol },
    { kind: 'metadata', metadata },
    ...txnsOf(snapshot).map((txn) => ({ kind: 'txn', txn }) as const),
    ...[...files.values()].sort(byPath).map((file) => ({ kind: 'add', file: { ...file, dataChange: false } }) as const),
    ...[...tombstones.values()]
      .sort(byPath)
      .map((file) => ({ kind: 'remove', file: { ...file, dataChange: false } }) as const),
  ]
}

/** Positions with their dates: other engines drop those that have none (delta.setTransactionRetentionDuration). */
function txnsOf({ txns, txnDates }: Snapshot): readonly Txn[] {
  return Array.from(txns, ([appId, version]) => {
    const updatedMs = txnDates.get(appId)
    return { appId, version, ...(updatedMs !== undefined && { updatedMs }) }
  })
}

const textMap = 'MAP(VARCHAR, VARCHAR)'

/** The columns of a checkpoint and their types (PROTOCOL.md, "Checkpoint Schema"), without those of later protocols. */
const columns: Readonly<Record<string, string>> = {
  txn: struct({ appId: 'VARCHAR', version: 'BIGINT', lastUpdated: 'BIGINT' }),
  add: struct({
    path: 'VARCHAR',
    partitionValues: textMap,
    size: 'BIGINT',
    modificationTime: 'BIGINT',
    dataChange: 'BOOLEAN',
    stats: 'VARCHAR',
    tags: textMap,
  }),
  remove: struct({
    path: 'VARCHAR',
    deletionTimestamp: 'BIGINT',
    dataChange: 'BOOLEAN',
    extendedFileMetadata: 'BOOLEAN',
    partitionValues: textMap,
    size: 'BIGINT',
  }),
  metaData: struct({
    id: 'VARCHAR',
    name: 'VARCHAR',
    description: 'VARCHAR',
    format: struct({ provider: 'VARCHAR', options: textMap }),
    schemaString: 'VARCHAR',
    partitionColumns: 'VARCHAR[]',
    configuration: textMap,
    createdTime: 'BIGINT',
  }),
  protocol: struct({ minReaderVersion: 'INTEGER', minWriterVersion: 'INTEGER' }),
}

function struct(fields: Readonly<Record<string, string>>): string {
  return `STRUCT(${Object.entries(fields)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ')})`
}

/** Lines converted at a time: a million files would not fit into one string. */
const linesAtOnce = 20_000

/** Actions as a Parquet file, one row each. The rows are the lines a log entry would have, so DuckDB reads them as JSON. */
function encodeCheckpoint(actions: readonly Action[]): Promise<Uint8Array> {
  return withDuckDb(async ({ connection, folder }) => {
    const [lines, file] = [join(folder, 'lines.json'), join(folder, 'checkpoint.parquet')]
    for (let i = 0; i < actions.length; i += linesAtOnce) {
      await appendFile(lines, encodeActions(actions.slice(i, i + linesAtOnce)))
    }
    const types = Object.entries(columns).map(([name, type]) => `${name}: ${sqlText(type)}`)
    const rows = `read_json(${sqlText(lines)}, format = 'newline_delimited', columns = {${types.join(', ')}})`
    await connection.run(`COPY (FROM ${rows}) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION snappy)`)
    return readFile(file)
  })
}

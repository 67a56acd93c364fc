// A snapshot is a table's state at one version; log/read-snapshot.ts reads one from the log.
// Tested in test/lake/log/read-snapshot.test.ts.

import { LayeredMap } from './layered-map'
import { checkReadable } from './features'
import { type Action, type AddFile, type LogEntry, type Metadata, type Protocol, type RemoveFile } from './action'
import { fromSchemaString, type TableSchema } from '../schema'

/** The state of a table at one version; immutable. */
export interface Snapshot {
  readonly version: number
  readonly protocol: Protocol
  readonly metadata: Metadata
  readonly schema: TableSchema
  /** Active data files by path. */
  readonly files: LayeredMap<AddFile>
  /**
   * Files taken out that readers of older versions may still want, by path; those past their retention may be missing
   * (PROTOCOL.md, "Add File and Remove File": tombstones).
   */
  readonly tombstones: LayeredMap<RemoveFile>
  /** The last version each application has committed, by appId. */
  readonly txns: ReadonlyMap<string, number | bigint>
  /** When each of them committed it, epoch milliseconds, where the log says so: `txn.lastUpdated`. */
  readonly txnDates: ReadonlyMap<string, number>
}

/**
 * The state after further entries (PROTOCOL.md, "Action Reconciliation"). Pure; `base` is left as it was. Throws when
 * the first entries lack protocol or metadata, or the table needs a reader this code is not.
 */
export function snapshotAfter(root: string, base: Snapshot | undefined, entries: readonly LogEntry[]): Snapshot {
  const last = entries.at(-1)
  if (!last && base) return base
  const changed: Changes = {
    files: new Map(),
    tombstones: new Map(),
    txns: new Map(base?.txns),
    txnDates: new Map(base?.txnDates),
  }
  let { protocol, metadata }: { protocol?: Protocol; metadata?: Metadata } = base ?? {}
  for (const action of entries.flatMap((entry) => entry.actions)) {
    apply(action, changed)
    if (action.kind === 'protocol') protocol = action.protocol
    if (action.kind === 'metadata') metadata = action.metadata
  }
  if (!last || !protocol || !metadata) {
    throw new Error(`delta log ${root}: expected protocol and metaData by version ${last?.version ?? 0}, found none`)
  }
  checkReadable(root, protocol)
  const schema =
    base?.metadata === metadata ? base.schema : fromSchemaString(metadata.schemaString, metadata.partitionColumns)
  const files = (base?.files ?? LayeredMap.empty<AddFile>()).with(changed.files)
  const tombstones = (base?.tombstones ?? LayeredMap.empty<RemoveFile>()).with(changed.tombstones)
  const { txns, txnDates } = changed
  return { version: last.version, protocol, metadata, schema, files, tombstones, txns, txnDates }
}

/** What entries change; undefined takes a path out. */
interface Changes {
  readonly files: Map<string, AddFile | undefined>
  readonly tombstones: Map<string, RemoveFile | undefined>
  readonly txns: Map<string, number | bigint>
  readonly txnDates: Map<string, number>
}

function apply(action: Action, { files, tombstones, txns, txnDates }: Changes): void {
  if (action.kind === 'txn') {
    const { appId, version, updatedMs } = action.txn
    txns.set(appId, version)
    // The newest commit of an application counts, and if that has no date there is none.
    if (updatedMs === undefined) txnDates.delete(appId)
    else txnDates.set(appId, updatedMs)
  }
  if (action.kind !== 'add' && action.kind !== 'remove') return
  const { path } = action.file
  files.set(path, action.kind === 'add' ? action.file : undefined)
  tombstones.set(path, action.kind === 'remove' ? action.file : undefined)
}

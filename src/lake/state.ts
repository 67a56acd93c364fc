import type { Action, AddFile, LogEntry, Metadata, Protocol } from './log'
import { fromSchemaString, type TableSchema } from './schema'

/** The state of a table at one version; immutable. */
export interface Snapshot {
  readonly version: number
  readonly protocol: Protocol
  readonly metadata: Metadata
  readonly schema: TableSchema
  /** Active data files by path. */
  readonly files: ReadonlyMap<string, AddFile>
  /** The last version each application has committed, by appId. */
  readonly txns: ReadonlyMap<string, number | bigint>
}

/**
 * The state after further entries (PROTOCOL.md, "Action Reconciliation"). Pure; `base` is left as it was. Throws when
 * the first entries lack protocol or metadata, or the table needs a reader this code is not.
 */
export function replay(root: string, base: Snapshot | undefined, entries: readonly LogEntry[]): Snapshot {
  const last = entries.at(-1)
  if (!last && base) return base
  const files = new Map(base?.files)
  const txns = new Map(base?.txns)
  let { protocol, metadata }: { protocol?: Protocol; metadata?: Metadata } = base ?? {}
  for (const action of entries.flatMap((entry) => entry.actions)) {
    applyToMaps(action, files, txns)
    if (action.kind === 'protocol') protocol = action.protocol
    if (action.kind === 'metadata') metadata = action.metadata
  }
  if (!last || !protocol || !metadata) {
    throw new Error(`delta log ${root}: expected protocol and metaData by version ${last?.version ?? 0}, found none`)
  }
  checkReadable(root, protocol)
  const schema =
    base?.metadata === metadata ? base.schema : fromSchemaString(metadata.schemaString, metadata.partitionColumns)
  return { version: last.version, protocol, metadata, schema, files, txns }
}

function applyToMaps(action: Action, files: Map<string, AddFile>, txns: Map<string, number | bigint>): void {
  if (action.kind === 'add') files.set(action.file.path, action.file)
  else if (action.kind === 'remove') files.delete(action.file.path)
  else if (action.kind === 'txn') txns.set(action.txn.appId, action.txn.version)
}

/** Throws when reading the table takes more than reader version 1, naming what it takes. */
function checkReadable(root: string, { minReaderVersion, readerFeatures }: Protocol): void {
  if (minReaderVersion <= 1) return
  // Version 2 stands for one feature that later versions list by name.
  const features = minReaderVersion === 2 ? ['columnMapping'] : readerFeatures
  throw new Error(
    `delta table ${root}: needs reader version ${minReaderVersion} (${features.join(', ')}), this one is version 1; ` +
      'drop the features or read it with another engine',
  )
}

/** Throws when writing the table takes more than writer version 2, naming what it takes. */
export function checkWritable(root: string, { minWriterVersion, writerFeatures }: Protocol): void {
  if (minWriterVersion <= 2) return
  const features = writerFeatures.length > 0 ? ` (${writerFeatures.join(', ')})` : ''
  throw new Error(
    `delta table ${root}: needs writer version ${minWriterVersion}${features}, this one is version 2; ` +
      'drop the features or write it with another engine',
  )
}

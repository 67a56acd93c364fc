import { narrow } from '../parquet/cell'

// Actions of a log entry, one JSON object per line (PROTOCOL.md, "Actions"). Paths are decoded in memory and encoded
// in the log; everything else keeps its meaning and takes the names of this code base.

export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures: readonly string[]
  readonly writerFeatures: readonly string[]
}

export interface Metadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdMs?: number
}

/** A data file of the table. Path relative to the table's root; partition values as the log spells them. */
export interface AddFile {
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly dataChange: boolean
  readonly stats?: string
  /** What other writers note about the file; kept as it is. */
  readonly tags?: Readonly<Record<string, string>>
}

export interface RemoveFile {
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly sizeBytes?: number
  readonly deletedMs: number
  readonly dataChange: boolean
}

/** How far an application has come: the idempotence key that rides with the data. */
export interface Txn {
  readonly appId: string
  readonly version: number | bigint
  /**
   * `lastUpdated`, epoch milliseconds. Where `delta.setTransactionRetentionDuration` is set, other engines forget a txn
   * that is older than it, and one without a date at once.
   */
  readonly updatedMs?: number
}

export interface CommitInfo {
  readonly timestampMs: number
  readonly operation: string
  readonly parameters: Readonly<Record<string, string>>
  /** Unique to one commit: how a writer knows its own entry when the answer to the rename was lost. */
  readonly txnId: string
  readonly isBlindAppend: boolean
}

export type Action =
  | { readonly kind: 'protocol'; readonly protocol: Protocol }
  | { readonly kind: 'metadata'; readonly metadata: Metadata }
  | { readonly kind: 'add'; readonly file: AddFile }
  | { readonly kind: 'remove'; readonly file: RemoveFile }
  | { readonly kind: 'txn'; readonly txn: Txn }
  | { readonly kind: 'commit-info'; readonly info: Partial<CommitInfo> }
  | { readonly kind: 'other'; readonly name: string }

/** A commit as read from the log. */
export interface LogEntry {
  readonly version: number
  readonly actions: readonly Action[]
}

/** The actions as the bytes of a log entry. */
export function encodeActions(actions: readonly Action[]): Uint8Array {
  return Buffer.from(actions.map((action) => `${encodeAction(action)}\n`).join(''))
}

function encodeAction(action: Action): string {
  switch (action.kind) {
    case 'protocol':
      return JSON.stringify({ protocol: protocolJson(action.protocol) })
    case 'metadata':
      return JSON.stringify({ metaData: metadataJson(action.metadata) })
    case 'add':
      return JSON.stringify({ add: addJson(action.file) })
    case 'remove':
      return JSON.stringify({ remove: removeJson(action.file) })
    case 'txn': {
      const { appId, version, updatedMs } = action.txn
      if (typeof version === 'number' && !Number.isSafeInteger(version)) {
        throw new Error(`delta txn "${appId}": expected a whole version, got ${version}`)
      }
      const updated = updatedMs === undefined ? '' : `,"lastUpdated":${updatedMs}`
      // JSON.stringify has no spelling for a bigint, JSON itself has.
      return `{"txn":{"appId":${JSON.stringify(appId)},"version":${version}${updated}}}`
    }
    case 'commit-info': {
      const { timestampMs, operation, parameters, txnId, isBlindAppend } = action.info
      const info = { timestamp: timestampMs, operation, operationParameters: parameters, isBlindAppend, txnId }
      return JSON.stringify({ commitInfo: { ...info, engineInfo: 'tillstream' } })
    }
    case 'other':
      throw new Error(`delta log: expected an action this writer knows, got "${action.name}"`)
    default: {
      const never: never = action
      return never
    }
  }
}

function protocolJson({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol): object {
  return {
    minReaderVersion,
    minWriterVersion,
    ...(minReaderVersion >= 3 && { readerFeatures }),
    ...(minWriterVersion >= 7 && { writerFeatures }),
  }
}

function metadataJson(metadata: Metadata): object {
  const { id, name, description, schemaString, partitionColumns, configuration, createdMs } = metadata
  const format = { provider: 'parquet', options: {} }
  return { id, name, description, format, schemaString, partitionColumns, configuration, createdTime: createdMs }
}

function addJson({ path, partitionValues, sizeBytes, modifiedMs, dataChange, stats, tags }: AddFile): object {
  const file = { path: encodePath(path), partitionValues, size: sizeBytes }
  return { ...file, modificationTime: modifiedMs, dataChange, stats, tags }
}

function removeJson({ path, partitionValues, sizeBytes, deletedMs, dataChange }: RemoveFile): object {
  const file = { path: encodePath(path), deletionTimestamp: deletedMs, dataChange }
  return { ...file, extendedFileMetadata: true, partitionValues, size: sizeBytes }
}

/** A path as the URI the log holds (PROTOCOL.md, "Add File and Remove File": RFC 2396). */
export function encodePath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent)
}

/** Parses the bytes of the entry of a version; throws naming entry and line when a line is no action. */
export function parseEntry(version: number, bytes: Uint8Array): LogEntry {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n')
  const actions = lines.flatMap((line, i) =>
    line.trim() === '' ? [] : [parseLine(line, `delta log ${String(version).padStart(20, '0')}.json line ${i + 1}`)],
  )
  return { version, actions }
}

function parseLine(line: string, where: string): Action {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (cause) {
    throw new Error(`${where}: expected a JSON object, got "${line.slice(0, 60)}"`, { cause })
  }
  const action = parseAction(parsed, where)
  if (action.kind !== 'txn' || Number.isSafeInteger(action.txn.version)) return action
  // JSON.parse has rounded the version; its digits stand in the line, and a quote inside appId would be escaped.
  const [, digits] = /(?<!\\)"version"\s*:\s*(-?\d+)/.exec(line) ?? []
  if (digits === undefined) throw new Error(`${where}: expected txn.version to be whole, got ${action.txn.version}`)
  return { ...action, txn: { ...action.txn, version: narrow(BigInt(digits)) } }
}

type Fields = Readonly<Record<string, unknown>>

/**
 * One action from its JSON object, or from a checkpoint row, where absent actions are null. Actions this reader has
 * no use for come back as 'other': in a table of reader version 1 they may be ignored. `where` opens errors.
 */
export function parseAction(value: unknown, where: string): Action {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const named = fields.filter(([, content]) => content !== null && content !== undefined)
  const [name, content] = named[0] ?? []
  if (named.length !== 1 || name === undefined) {
    throw new Error(`${where}: expected one action, got "${named.map(([key]) => key).join(', ')}"`)
  }
  const body = (content ?? {}) as Fields
  const at = `${where}: ${name}`
  switch (name) {
    case 'protocol':
      return { kind: 'protocol', protocol: protocolFrom(body, at) }
    case 'metaData':
      return { kind: 'metadata', metadata: metadataFrom(body, at) }
    case 'add':
      return { kind: 'add', file: addFrom(body, at) }
    case 'remove':
      return { kind: 'remove', file: removeFrom(body, at) }
    case 'txn':
      return txnFrom(body, at)
    case 'commitInfo':
      return { kind: 'commit-info', info: commitInfoFrom(body) }
    default:
      return { kind: 'other', name }
  }
}

function protocolFrom(body: Fields, at: string): Protocol {
  return {
    minReaderVersion: whole(body, 'minReaderVersion', at),
    minWriterVersion: whole(body, 'minWriterVersion', at),
    readerFeatures: (body['readerFeatures'] ?? []) as readonly string[],
    writerFeatures: (body['writerFeatures'] ?? []) as readonly string[],
  }
}

function metadataFrom(body: Fields, at: string): Metadata {
  const { name, description, configuration, partitionColumns } = body
  return {
    id: text(body, 'id', at),
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
    schemaString: text(body, 'schemaString', at),
    partitionColumns: (partitionColumns ?? []) as readonly string[],
    configuration: (configuration ?? {}) as Record<string, string>,
    ...optionalWhole(body, 'createdTime', (createdMs) => ({ createdMs })),
  }
}

function addFrom(body: Fields, at: string): AddFile {
  const { partitionValues, stats, tags, dataChange } = body
  return {
    path: decodePath(text(body, 'path', at), at),
    partitionValues: (partitionValues ?? {}) as Record<string, string | null>,
    sizeBytes: whole(body, 'size', at),
    modifiedMs: whole(body, 'modificationTime', at),
    dataChange: dataChange !== false,
    ...(typeof stats === 'string' && { stats }),
    ...(typeof tags === 'object' && tags !== null && { tags: tags as Record<string, string> }),
  }
}

function removeFrom(body: Fields, at: string): RemoveFile {
  return {
    path: decodePath(text(body, 'path', at), at),
    partitionValues: (body['partitionValues'] ?? {}) as Record<string, string | null>,
    deletedMs: body['deletionTimestamp'] === undefined ? 0 : Number(body['deletionTimestamp']),
    dataChange: body['dataChange'] !== false,
    ...optionalWhole(body, 'size', (sizeBytes) => ({ sizeBytes })),
  }
}

function txnFrom(body: Fields, at: string): Action {
  const { version } = body
  if (typeof version !== 'number' && typeof version !== 'bigint') {
    throw new Error(`${at}.version: expected a whole number, got ${JSON.stringify(version)}`)
  }
  return {
    kind: 'txn',
    txn: {
      appId: text(body, 'appId', at),
      version: typeof version === 'bigint' ? narrow(version) : version,
      ...optionalWhole(body, 'lastUpdated', (updatedMs) => ({ updatedMs })),
    },
  }
}

/** Free-form by the protocol, so nothing here is required. */
function commitInfoFrom(body: Fields): Partial<CommitInfo> {
  const { operation, operationParameters, txnId, isBlindAppend } = body
  return {
    ...optionalWhole(body, 'timestamp', (timestampMs) => ({ timestampMs })),
    ...(typeof operation === 'string' && { operation }),
    ...(typeof operationParameters === 'object' && { parameters: operationParameters as Record<string, string> }),
    ...(typeof txnId === 'string' && { txnId }),
    ...(typeof isBlindAppend === 'boolean' && { isBlindAppend }),
  }
}

function text(body: Fields, field: string, at: string): string {
  const value = body[field]
  if (typeof value === 'string') return value
  throw new Error(`${at}.${field}: expected a string, got ${JSON.stringify(value)}`)
}

function whole(body: Fields, field: string, at: string): number {
  const value = Number(body[field] ?? Number.NaN)
  if (Number.isSafeInteger(value)) return value
  throw new Error(`${at}.${field}: expected a whole number, got ${String(body[field])}`)
}

function optionalWhole<T extends object>(body: Fields, field: string, put: (value: number) => T): T | undefined {
  const value = body[field]
  return typeof value === 'number' || typeof value === 'bigint' ? put(Number(value)) : undefined
}

function decodePath(encoded: string, at: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch (cause) {
    throw new Error(`${at}.path: expected a URI, got "${encoded}"`, { cause })
  }
}

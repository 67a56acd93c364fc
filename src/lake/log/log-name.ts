// The names in `_delta_log`: parsed at the door into a union, and spelled.
// Tested in test/lake/log/read-snapshot.test.ts and test/lake/upkeep/clean-log.test.ts.

/** A file of `_delta_log`, told apart by its name alone (PROTOCOL.md, "Delta Log Entries" and "Checkpoints"). */
export type LogFile =
  | { readonly kind: 'commit'; readonly version: number }
  | { readonly kind: 'checkpoint'; readonly version: number; readonly form: 'classic' }
  | {
      readonly kind: 'checkpoint'
      readonly version: number
      readonly form: 'multipart'
      readonly part: number
      readonly parts: number
    }
  | { readonly kind: 'checkpoint'; readonly version: number; readonly form: 'v2'; readonly id: string }
  | { readonly kind: 'compacted'; readonly fromVersion: number; readonly toVersion: number }
  | { readonly kind: 'crc'; readonly version: number }
  | { readonly kind: 'last-checkpoint' }
  | { readonly kind: 'temporary' }
  | { readonly kind: 'unknown' }

/**
 * Parses a path inside `_delta_log`, without the folder. Never throws: names of later protocol versions are
 * 'unknown', and a reader passes them over.
 */
export function parseLogName(name: string): LogFile {
  if (name === '_last_checkpoint') return { kind: 'last-checkpoint' }
  // Spark writes `.<version>.json.<uuid>.tmp`, delta-rs `_commit_<uuid>.json.tmp`.
  if (name.endsWith('.tmp')) return { kind: 'temporary' }
  const [, digits, rest] = /^(\d{20})\.(.+)$/.exec(name) ?? []
  const version = Number(digits)
  // Versions beyond 2^53 would need a billion commits a second for months; such a name is somebody else's.
  if (rest === undefined || !Number.isSafeInteger(version)) return { kind: 'unknown' }
  if (rest === 'json') return { kind: 'commit', version }
  if (rest === 'crc') return { kind: 'crc', version }
  const [, to] = /^(\d{20})\.compacted\.json$/.exec(rest) ?? []
  if (to !== undefined) return { kind: 'compacted', fromVersion: version, toVersion: Number(to) }
  return parseCheckpoint(version, rest)
}

function parseCheckpoint(version: number, rest: string): LogFile {
  if (rest === 'checkpoint.parquet') return { kind: 'checkpoint', version, form: 'classic' }
  const [, part, parts] = /^checkpoint\.(\d{10})\.(\d{10})\.parquet$/.exec(rest) ?? []
  if (part !== undefined) {
    return { kind: 'checkpoint', version, form: 'multipart', part: Number(part), parts: Number(parts) }
  }
  const [, id] = /^checkpoint\.([0-9a-f-]{36})\.(?:json|parquet)$/.exec(rest) ?? []
  return id === undefined ? { kind: 'unknown' } : { kind: 'checkpoint', version, form: 'v2', id }
}

/** The folder of the log of the table at `root`. */
export function logFolder(root: string): string {
  return `${root}/_delta_log`
}

/** The name every log file of a version begins with. */
export function versionPrefix(version: number): string {
  return String(version).padStart(20, '0')
}

/** The path of the log entry of a version. */
export function entryPath(root: string, version: number): string {
  return `${logFolder(root)}/${versionPrefix(version)}.json`
}

/** The path of a classic single-file checkpoint of a version. */
export function checkpointPath(root: string, version: number): string {
  return `${logFolder(root)}/${versionPrefix(version)}.checkpoint.parquet`
}

/** The path of the hint that names the newest checkpoint. */
export function lastCheckpointPath(root: string): string {
  return `${logFolder(root)}/_last_checkpoint`
}

/**
 * The path of an entry not yet committed. Beside the log and not in it, so that listings of the log stay short;
 * readers and vacuums of other engines leave folders that begin with `_` alone.
 */
export function stagedPath(root: string, id: string): string {
  return `${root}/_staged/${id}.json`
}

/** The path of a checkpoint not yet in the log. */
export function stagedCheckpointPath(root: string, id: string): string {
  return `${root}/_staged/${id}.checkpoint.parquet`
}

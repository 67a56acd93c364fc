import { type LogEntry, parseAction, parseEntry } from './action'
import { checkpointPath, entryPath, lastCheckpointPath, logFolder, parseLogName, versionPrefix } from './log-name'
import { readParquetObjects, sourceOfBytes } from '../parquet/read'
import { snapshotAfter, type Snapshot } from './snapshot'
import { type Store } from '../store'

/** Which version of a table: the newest one, a version by number, or the newest not later than an instant. */
export type At = { readonly version: number } | { readonly timestampMs: number }

/** Log entries fetched at once. */
const parallelReads = 16

/**
 * The table's state, or undefined when there is no table at `root`. Starts from `from` (an earlier snapshot of the
 * same table), else from the newest checkpoint, and reads only the entries after it. By timestamp, a version counts
 * from the time its entry was stored, made to rise with the versions, as Delta Lake does it. Throws when the version
 * asked for does not exist, an entry is missing from the log, or the table needs a reader of a later protocol.
 */
export async function readSnapshot(
  store: Store,
  root: string,
  { at, from }: { readonly at?: At; readonly from?: Snapshot } = {},
): Promise<Snapshot | undefined> {
  const log = await listTail(store, root, { at, from })
  if (log.commits.length === 0 && log.checkpoints.length === 0 && !log.from) return undefined
  const target = targetVersion(root, log, at)
  const base = log.from ?? (await readBase(store, root, log, target))
  const wanted = log.commits.filter(({ version }) => version > (base?.version ?? -1) && version <= target)
  checkContiguous(root, base?.version, wanted, target)
  if (base?.version === target) return base
  const entries = await readEntries(
    store,
    root,
    wanted.map(({ version }) => version),
  )
  return snapshotAfter(root, base, entries)
}

interface Tail {
  readonly commits: readonly { readonly version: number; readonly modifiedMs: number }[]
  readonly checkpoints: readonly number[]
  /** The given snapshot, when the listing continues it. */
  readonly from: Snapshot | undefined
}

async function listTail(
  store: Store,
  root: string,
  { at, from }: { readonly at: At | undefined; readonly from: Snapshot | undefined },
): Promise<Tail> {
  // An instant is looked up among all versions: their times are known only from the listing.
  if (at && 'timestampMs' in at) return list(store, root, { from: undefined })
  const highest = at?.version ?? Number.POSITIVE_INFINITY
  if (from && from.version <= highest) {
    const tail = await list(store, root, { from })
    const next = tail.commits[0]?.version
    // A log cleaned up past the snapshot no longer continues it; a checkpoint has to.
    if (next === undefined || next === from.version + 1) return tail
  }
  const hint = await readHint(store, root)
  if (hint !== undefined && hint <= highest) {
    const tail = await list(store, root, { from: undefined, since: hint })
    if (tail.checkpoints.some((version) => version <= highest)) return tail
  }
  return list(store, root, { from: undefined })
}

async function list(
  store: Store,
  root: string,
  { from, since }: { readonly from: Snapshot | undefined; readonly since?: number },
): Promise<Tail> {
  const folder = logFolder(root)
  const start = from
    ? entryPath(root, from.version)
    : since === undefined
      ? undefined
      : `${folder}/${versionPrefix(since)}`
  const files = await store.list(folder, start === undefined ? {} : { after: start })
  const parsed = files.map(({ path, modifiedMs }) => ({ ...parseLogName(path.slice(folder.length + 1)), modifiedMs }))
  return {
    commits: parsed.flatMap((file) => (file.kind === 'commit' ? [file] : [])).sort((a, b) => a.version - b.version),
    checkpoints: parsed.flatMap((file) =>
      file.kind === 'checkpoint' && file.form === 'classic' ? [file.version] : [],
    ),
    from,
  }
}

/** The version `_last_checkpoint` names; a hint only, so an unreadable one is none (PROTOCOL.md, "Last Checkpoint File"). */
export async function readHint(store: Store, root: string): Promise<number | undefined> {
  const bytes = await store.read(lastCheckpointPath(root))
  if (!bytes) return undefined
  try {
    const { version } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { version?: unknown }
    return typeof version === 'number' ? version : undefined
  } catch (error) {
    // It is overwritten in place, so a reader may meet it half written.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function targetVersion(root: string, { commits, checkpoints, from }: Tail, at: At | undefined): number {
  const newest = Math.max(from?.version ?? -1, commits.at(-1)?.version ?? -1, ...checkpoints)
  if (at === undefined) return newest
  if ('version' in at) {
    if (at.version <= newest) return at.version
    throw new Error(`delta table ${root}: expected version ${at.version}, the newest is ${newest}`)
  }
  const reached = lastNotLater(commits, at.timestampMs)
  if (reached !== undefined) return reached
  const oldest = commits[0]
  const since = oldest ? `version ${oldest.version} of ${new Date(oldest.modifiedMs).toISOString()}` : 'none'
  throw new Error(
    `delta table ${root}: expected a version at or before ${new Date(at.timestampMs).toISOString()}, the oldest is ${since}`,
  )
}

function lastNotLater(commits: Tail['commits'], timestampMs: number): number | undefined {
  let [reached, lastMs]: [number | undefined, number] = [undefined, Number.NEGATIVE_INFINITY]
  for (const { version, modifiedMs } of commits) {
    lastMs = Math.max(lastMs + 1, modifiedMs)
    if (lastMs > timestampMs) break
    reached = version
  }
  return reached
}

async function readBase(
  store: Store,
  root: string,
  { checkpoints }: Tail,
  target: number,
): Promise<Snapshot | undefined> {
  const usable = checkpoints.filter((version) => version <= target)
  return usable.length === 0 ? undefined : readCheckpoint(store, root, Math.max(...usable))
}

/** The state a classic checkpoint holds (PROTOCOL.md, "Checkpoints"). */
async function readCheckpoint(store: Store, root: string, version: number): Promise<Snapshot> {
  const path = checkpointPath(root, version)
  const bytes = await store.read(path)
  if (!bytes) throw new Error(`delta checkpoint ${path}: listed but not there; read the table again`)
  const rows = await readParquetObjects(sourceOfBytes(bytes), ['protocol', 'metaData', 'add', 'remove', 'txn'])
  // Rows that hold other actions are all null in these columns.
  const held = rows.filter((row) => Object.values(row).some((value) => value !== null && value !== undefined))
  const actions = held.map((row, i) => parseAction(row, `delta checkpoint ${path} row ${i}`))
  return snapshotAfter(root, undefined, [{ version, actions }])
}

function checkContiguous(
  root: string,
  baseVersion: number | undefined,
  commits: readonly { readonly version: number }[],
  target: number,
): void {
  const first = (baseVersion ?? -1) + 1
  for (let version = first; version <= target; version++) {
    const found = commits[version - first]?.version
    if (found === version) continue
    const base = baseVersion === undefined ? 'no checkpoint' : `state at version ${baseVersion}`
    throw new Error(
      `delta log ${root}: expected version ${version} after ${base}, the next entry is ${found ?? 'none'}; ` +
        'the log has lost entries, restore them or read a later version',
    )
  }
}

/** The entries of these versions, in this order; throws when one is missing. */
export async function readEntries(
  store: Store,
  root: string,
  versions: readonly number[],
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for (let i = 0; i < versions.length; i += parallelReads) {
    const read = versions.slice(i, i + parallelReads).map(async (version) => {
      const entry = await readEntry(store, root, version)
      if (!entry) throw new Error(`delta log ${root}: entry ${version} was listed but is not there; read again`)
      return entry
    })
    entries.push(...(await Promise.all(read)))
  }
  return entries
}

/** The entry of a version, undefined while nobody has committed it. */
export async function readEntry(store: Store, root: string, version: number): Promise<LogEntry | undefined> {
  const bytes = await store.read(entryPath(root, version))
  return bytes && parseEntry(version, bytes)
}

import { type Action, type LogEntry, parseAction, parseEntry } from './action'
import { type Checkpoint, checkpointsIn, readableVersions } from './checkpoints'
import { cureOf } from './features'
import { entryPath, lastCheckpointPath, logFolder, parseLogName, versionPrefix } from './log-name'
import { readParquetObjects, sourceOfBytes } from '../parquet/read'
import { snapshotAfter, type Snapshot } from './snapshot'
import { type Store } from '../store'

/** Log entries fetched at once. */
const parallelReads = 16

/**
 * The table's state at the newest version, or at the one asked for (time travel; `readVersions` knows which was when),
 * or undefined when there is no table at `root`. Starts from `from` (an earlier snapshot of the same table), else from
 * the newest checkpoint, in one file or in parts, and reads only the entries after it. Throws when the version asked for
 * does not exist, an entry is missing from the log, or the table needs a reader of a later protocol.
 */
export async function readSnapshot(
  store: Store,
  root: string,
  { version, from }: { readonly version?: number; readonly from?: Snapshot } = {},
): Promise<Snapshot | undefined> {
  const log = await listTail(store, root, { highest: version ?? Number.POSITIVE_INFINITY, from })
  if (log.commits.length === 0 && log.checkpoints.length === 0 && !log.from) return undefined
  const target = targetVersion(root, log, version)
  const base = log.from ?? (await readBase(store, root, log, target))
  const wanted = log.commits.filter((commit) => commit.version > (base?.version ?? -1) && commit.version <= target)
  checkContiguous(root, base?.version, { commits: wanted, checkpoints: log.checkpoints, target })
  if (base?.version === target) return base
  const entries = await readEntries(
    store,
    root,
    wanted.map((commit) => commit.version),
  )
  return snapshotAfter(root, base, entries)
}

interface Tail {
  readonly commits: readonly { readonly version: number }[]
  readonly checkpoints: readonly Checkpoint[]
  /** The given snapshot, when the listing continues it. */
  readonly from: Snapshot | undefined
}

async function listTail(
  store: Store,
  root: string,
  { highest, from }: { readonly highest: number; readonly from: Snapshot | undefined },
): Promise<Tail> {
  if (from && from.version <= highest) {
    const tail = await list(store, root, { from })
    const next = tail.commits[0]?.version
    // A log cleaned up past the snapshot no longer continues it; a checkpoint has to.
    if (next === undefined || next === from.version + 1) return tail
  }
  const hint = await readHint(store, root)
  if (hint !== undefined && hint <= highest) {
    const tail = await list(store, root, { from: undefined, since: hint })
    if (readableVersions(tail.checkpoints).some((version) => version <= highest)) return tail
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
  const parsed = files.map(({ path }) => parseLogName(path.slice(folder.length + 1)))
  return {
    commits: parsed.flatMap((file) => (file.kind === 'commit' ? [file] : [])).sort((a, b) => a.version - b.version),
    checkpoints: checkpointsIn(
      root,
      files.map(({ path }) => path),
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

function targetVersion(root: string, { commits, checkpoints, from }: Tail, version: number | undefined): number {
  const newest = Math.max(
    from?.version ?? -1,
    commits.at(-1)?.version ?? -1,
    ...checkpoints.map(({ version: at }) => at),
  )
  if (version === undefined || version <= newest) return version ?? newest
  throw new Error(`delta table ${root}: expected version ${version}, the newest is ${newest}`)
}

async function readBase(
  store: Store,
  root: string,
  { checkpoints }: Tail,
  target: number,
): Promise<Snapshot | undefined> {
  const usable = checkpoints.filter((checkpoint) => checkpoint.kind === 'readable' && checkpoint.version <= target)
  const newest = usable.at(-1)
  if (newest?.kind !== 'readable') return undefined
  const { version, paths } = newest
  const actions = await Promise.all(paths.map((path) => readCheckpointFile(store, path)))
  return snapshotAfter(root, undefined, [{ version, actions: actions.flat() }])
}

/** The actions of a checkpoint, or of one part of it (PROTOCOL.md, "Checkpoints"). */
async function readCheckpointFile(store: Store, path: string): Promise<readonly Action[]> {
  const bytes = await store.read(path)
  if (!bytes) throw new Error(`delta checkpoint ${path}: listed but not there; read the table again`)
  const rows = await readParquetObjects(sourceOfBytes(bytes, path), ['protocol', 'metaData', 'add', 'remove', 'txn'])
  // Rows that hold other actions are all null in these columns.
  const held = rows.filter((row) => Object.values(row).some((value) => value !== null && value !== undefined))
  return held.map((row, i) => parseAction(row, `delta checkpoint ${path} row ${i}`))
}

function checkContiguous(
  root: string,
  baseVersion: number | undefined,
  { commits, checkpoints, target }: Pick<Tail, 'commits' | 'checkpoints'> & { readonly target: number },
): void {
  const first = (baseVersion ?? -1) + 1
  for (let version = first; version <= target; version++) {
    const found = commits[version - first]?.version
    if (found === version) continue
    const unread = checkpoints.find((checkpoint) => checkpoint.version >= version && checkpoint.version <= target)
    if (unread) throw new Error(unreadText(root, unread))
    const base = baseVersion === undefined ? 'no checkpoint' : `state at version ${baseVersion}`
    throw new Error(
      `delta log ${root}: expected version ${version} after ${base}, the next entry is ${found ?? 'none'}; ` +
        'the log has lost entries, restore them or read a later version',
    )
  }
}

/** Why a log cannot be read from a checkpoint that the entries before it are not needed for. */
function unreadText(root: string, checkpoint: Checkpoint): string {
  const { version } = checkpoint
  if (checkpoint.kind === 'partial') {
    const { there, parts } = checkpoint
    return `delta log ${root}: expected ${parts} parts of checkpoint ${version}, got ${there}; restore the others`
  }
  return (
    `delta table ${root}: its checkpoint of version ${version} needs a reader of v2Checkpoint, which this one is not, ` +
    `and the entries before it are gone; ${cureOf(['v2Checkpoint'], 'read')}`
  )
}

/** The entries of these versions, in this order; throws when one is missing. */
async function readEntries(store: Store, root: string, versions: readonly number[]): Promise<readonly LogEntry[]> {
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

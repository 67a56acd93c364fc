// Time travel: which versions a table can be read at, and since when each was the newest.

import { checkpointsIn, readableVersions } from './checkpoints'
import { logFolder, parseLogName } from './log-name'
import { type Store } from '../store'

/** A version of a table that can be read. */
export interface Version {
  readonly version: number
  /** When it was committed, epoch milliseconds: what time travel by timestamp compares with. */
  readonly committedMs: number
}

/**
 * The versions a table can be read at (time travel), oldest first, by one listing of its log; none where there is no
 * table. A version counts from the time its entry was stored, made to rise with the versions as Delta Lake does it: a
 * store's clock may stand still or go back between two commits. Throws when the store fails.
 *
 * @example
 * const asOf = (await readVersions(store, root)).filter(({ committedMs }) => committedMs <= timestampMs).at(-1)
 */
export async function readVersions(store: Store, root: string): Promise<readonly Version[]> {
  const folder = logFolder(root)
  const files = await store.list(folder)
  const parsed = files.map(({ path, modifiedMs }) => ({ ...parseLogName(path.slice(folder.length + 1)), modifiedMs }))
  const checkpoints = checkpointsIn(
    root,
    files.map(({ path }) => path),
  )
  const commits = parsed.flatMap((file) => (file.kind === 'commit' ? [file] : [])).sort((a, b) => a.version - b.version)
  // Entries before the first checkpoint of a log that was cleaned up lead nowhere.
  const oldest = commits[0]?.version === 0 ? 0 : Math.min(...readableVersions(checkpoints))
  let lastMs = Number.NEGATIVE_INFINITY
  const versions = commits.map(({ version, modifiedMs }) => {
    lastMs = Math.max(lastMs + 1, modifiedMs)
    return { version, committedMs: lastMs }
  })
  return versions.filter(({ version }) => version >= oldest)
}

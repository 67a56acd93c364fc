// Log cleanup (metadata retention): log files that only versions past the log retention need are removed.

import { checkpointsIn, readableVersions } from '../log/checkpoints'
import { logFolder, type LogFile, parseLogName } from '../log/log-name'
import { removeFiles } from './removal'
import { logRetentionMs } from './retention'
import { readHint } from '../log/read-snapshot'
import { type StoredFile } from '../store'
import { refresh, type Table } from '../table'

// Invariants of a log that is cleaned:
// L1  The newest checkpoint older than the retention stays, and so does every entry and checkpoint after it: whatever
//     could be read within the retention still can.
// L2  Nothing from the checkpoint `_last_checkpoint` names on is removed: other engines take the hint at its word.

/**
 * The entries, checkpoints and debris of the log that no version within the retention needs, oldest first. None before
 * there is a checkpoint older than the retention. Throws when the store fails.
 */
export async function planLogCleaning(
  table: Table,
  { nowMs }: { readonly nowMs: number },
): Promise<readonly StoredFile[]> {
  const { store, root } = table
  const beforeMs = nowMs - logRetentionMs((await refresh(table)).metadata)
  const hint = await readHint(store, root)
  const folder = logFolder(root)
  const listed = await store.list(folder)
  const old = listed
    .filter(({ modifiedMs }) => modifiedMs <= beforeMs)
    .map((stored) => ({ stored, file: parseLogName(stored.path.slice(folder.length + 1)) }))
  const checkpoints = checkpointsIn(
    root,
    old.map(({ stored }) => stored.path),
  )
  const bases = readableVersions(checkpoints).filter((version) => version <= (hint ?? -1))
  const base = Math.max(-1, ...bases)
  return old.filter(({ file }) => lastVersion(file) < base).map(({ stored }) => stored)
}

/** Removes what `planLogCleaning` finds, and returns it. Any number may run at once, beside writers and readers. */
export async function cleanLog(table: Table, options: { readonly nowMs: number }): Promise<readonly StoredFile[]> {
  const files = await planLogCleaning(table, options)
  await removeFiles(table.store, files)
  return files
}

/**
 * The highest version that is read with the help of a file of the log. Infinity keeps a file for ever: the hint, and
 * names this code does not know, which another engine may need.
 */
function lastVersion(file: LogFile): number {
  switch (file.kind) {
    case 'commit':
    case 'checkpoint':
    case 'crc':
      return file.version
    case 'compacted':
      return file.toVersion
    case 'temporary':
      return -1
    case 'last-checkpoint':
    case 'unknown':
      return Number.POSITIVE_INFINITY
    default: {
      const never: never = file
      return never
    }
  }
}

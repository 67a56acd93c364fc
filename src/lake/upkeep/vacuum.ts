// Vacuum: garbage collection of data files and staged entries that no version within the retention refers to.

import { dataPath } from '../scan'
import { removeFiles } from './removal'
import { fileRetentionMs } from './retention'
import { type Snapshot } from '../log/snapshot'
import { type StoredFile } from '../store'
import { refresh, type Table } from '../table'

/**
 * The files below the table that neither its newest state nor a tombstone within the retention names, and that have
 * been there for longer than the retention: what compaction and failed commits leave behind. Files of writers at work
 * are younger than that, and every version within the retention keeps its files. Throws when the store fails or the
 * table holds files elsewhere.
 *
 * @example
 * for (const { path, sizeBytes } of await planVacuum(bronze, { nowMs: Date.now() })) console.log(path, sizeBytes)
 */
export async function planVacuum(table: Table, { nowMs }: { readonly nowMs: number }): Promise<readonly StoredFile[]> {
  // Listed first: a file that is committed between the two is in the state and stays.
  const listed = await table.store.list(table.root)
  const snapshot = await refresh(table)
  const sinceMs = nowMs - fileRetentionMs(snapshot.metadata)
  const wanted = wantedPaths(table.root, snapshot, sinceMs)
  return listed.filter(
    ({ path, modifiedMs }) => modifiedMs <= sinceMs && !wanted.has(path) && isSwept(path.slice(table.root.length + 1)),
  )
}

/** Removes what `planVacuum` finds, and returns it. Any number may run at once; what one could not remove the next will. */
export async function vacuum(table: Table, options: { readonly nowMs: number }): Promise<readonly StoredFile[]> {
  const files = await planVacuum(table, options)
  await removeFiles(table.store, files)
  return files
}

function wantedPaths(root: string, { files, tombstones }: Snapshot, sinceMs: number): ReadonlySet<string> {
  const recent = [...tombstones.values()].filter(({ deletedMs }) => deletedMs > sinceMs)
  return new Set([...files.values(), ...recent].map((file) => dataPath(root, file)))
}

/**
 * Whether a path below the root is the vacuum's business: data files, and staged entries nobody came to commit. The log
 * and other folders and files that begin with `_` or `.` are not, as every engine agrees; a partition's folder may.
 */
function isSwept(path: string): boolean {
  const names = path.split('/')
  return names[0] === '_staged' || !names.some((name) => /^[_.]/.test(name) && !name.includes('='))
}

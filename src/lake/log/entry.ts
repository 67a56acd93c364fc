// Optimistic concurrency: a writer prepares its log entry without a lock and claims the next version number by one
// atomic rename (put-if-absent); who comes second rebases and tries the next one. Here is one try; the loop is
// write/commit.ts.
// Tested in test/lake/write/commit.test.ts.

import { encodeActions, type Action } from './action'
import { entryPath, stagedPath } from './log-name'
import { type Store } from '../store'

// Invariants of a commit, cited here and in commit.ts:
// C1  An entry gets its number by one atomic rename; a number is never taken twice.
// C2  A writer moves on to the next number only after it has read the entry that holds this one. So a rename whose
//     answer was lost can no longer succeed once the writer has moved on, and rows are never committed twice.
// C3  Every entry carries a txnId of its own, the same on each try: the log itself says whose entry it is.
// C4  Nothing a commit failed to place is deleted: the answer may have been lost, and the log may name it.

/** What became of one try to commit. */
export type Outcome =
  | { readonly kind: 'committed'; readonly version: number }
  /** Another writer, or an earlier try of this one, holds the version. */
  | { readonly kind: 'taken'; readonly version: number }
  /** The answer was lost: read the log before anything else. */
  | { readonly kind: 'unknown'; readonly version: number; readonly cause: unknown }

/** An entry stored under a temporary name, ready to be renamed into the log. */
export interface Staged {
  readonly path: string
}

/** Stores actions under a temporary name. The actions do not depend on the version, so one staging serves many tries. */
export async function stage(
  { store, root }: { readonly store: Store; readonly root: string },
  actions: readonly Action[],
  name: string,
): Promise<Staged> {
  const path = stagedPath(root, name)
  await store.put(path, encodeActions(actions))
  return { path }
}

/** One try to make a staged entry the given version (C1); never throws, every way it can end is a value. */
export async function attempt(store: Store, root: string, staged: Staged, version: number): Promise<Outcome> {
  try {
    const moved = await store.rename(staged.path, entryPath(root, version))
    return moved === 'moved' ? { kind: 'committed', version } : { kind: 'taken', version }
  } catch (cause) {
    return { kind: 'unknown', version, cause }
  }
}

// Bounded bulk deletion for vacuum and log cleanup.
// Tested in test/lake/upkeep/vacuum.test.ts and clean-log.test.ts.

import { type Store, type StoredFile } from '../store'

const removedAtOnce = 8

/** Removes files, a few at a time in the order given; an interruption leaves the rest. */
export async function removeFiles(store: Store, files: readonly StoredFile[]): Promise<void> {
  for (let i = 0; i < files.length; i += removedAtOnce) {
    await Promise.all(files.slice(i, i + removedAtOnce).map(({ path }) => store.remove(path)))
  }
}

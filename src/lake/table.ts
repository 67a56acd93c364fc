// An open table: a handle that caches the newest snapshot seen, as the base of the next optimistic commit.
// Tested in test/lake/write/commit.test.ts.

import { readSnapshot } from './log/read-snapshot'
import { type Snapshot } from './log/snapshot'
import { type TableSchema } from './schema'
import { type Store } from './store'

/** What a table needs from the world besides its store. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly uuid: () => string
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number
  readonly sleep: (delayMs: number) => Promise<unknown>
}

/** An open table. It remembers the newest state it has seen, so that an append need not list the log. */
export interface Table extends Surroundings {
  readonly store: Store
  /** Container and folder, without a slash at either end: `bronze/events`. */
  readonly root: string
  /** The schema rows are written with: the table's when it was opened, which may have got nullable columns since. */
  readonly schema: TableSchema
  /** Properties the writer's rows depend on: nothing is committed to a table that has others. */
  readonly pinned: Readonly<Record<string, string>>
  readonly refreshAfterMs: number
  readonly seen: { snapshot: Snapshot; listedMs: number }
}

/** The newest state, by a listing of the log after the one remembered; remembers it. */
export async function refresh(table: Table): Promise<Snapshot> {
  const listedMs = table.clock()
  const snapshot = await readSnapshot(table.store, table.root, { from: table.seen.snapshot })
  if (!snapshot) throw new Error(`delta table ${table.root}: expected a log, found none; was the table dropped?`)
  table.seen.listedMs = listedMs
  return remember(table, snapshot)
}

/** The remembered state, refreshed when it is older than `refreshAfterMs`. */
export async function recent(table: Table): Promise<Snapshot> {
  const stale = table.clock() - table.seen.listedMs > table.refreshAfterMs
  return stale ? refresh(table) : table.seen.snapshot
}

/** Keeps a state unless a newer one is known already, and returns the newer: callers overlap, the last may be behind. */
export function remember(table: Table, snapshot: Snapshot): Snapshot {
  if (snapshot.version > table.seen.snapshot.version) table.seen.snapshot = snapshot
  return table.seen.snapshot
}

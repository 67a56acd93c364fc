// Idempotent append: rows and the position that produced them, their idempotence key, land in one log entry.
// Tested in test/lake/write/commit.test.ts.
//
// Which way to commit rows:
// - `append`: the ordinary way. Data files and entry are stored once; each try lost to another writer costs one rename
//   and one round trip of reads. Fine for one writer per table, or a few.
// - `appendShared` (shared-append.ts): the same for many callers in one process. They share commits (group commit)
//   instead of losing tries to each other; a caller alone waits no longer than with `append`.
// - `prepareAppend`, then `swap` (swap.ts): content that is written in many pieces, or takes the place of other rows,
//   and is to be seen all at once. Nothing is visible, and nothing holds a writer up, until the swap.
// `commitPlanned` (commit.ts) is under all of them: for a new kind of commit, not for rows.

import { addActions, openingActions } from './actions'
import { commitPlanned, defaultRetry, type Plan, type Retry } from './commit'
import { planDataFiles, putDataFile } from './data-file'
import { stage } from '../log/entry'
import { type Action, type AddFile } from '../log/action'
import { type Row } from '../schema'
import { type Snapshot } from '../log/snapshot'
import { type Table } from '../table'

/** A move of one application's position that rides with the rows. */
export interface Move {
  readonly appId: string
  /** The position the caller resumed from; undefined when it found none. Anything else in the log supersedes it. */
  readonly after: number | bigint | undefined
  /** The position after these rows. */
  readonly version: number | bigint
}

export type AppendResult =
  | { readonly kind: 'committed'; readonly version: number }
  /** Another owner has moved `appId` since the caller resumed; nothing was committed. `version` is the table's. */
  | { readonly kind: 'superseded'; readonly version: number; readonly appId: string }

/** Data files stored but not yet named by the log. */
export interface Prepared {
  readonly adds: readonly AddFile[]
}

/** Writes rows as data files, one per partition, and stores them. Nothing is visible before a commit names them. */
export async function prepareAppend(table: Table, rows: readonly Row[]): Promise<Prepared> {
  const files = planDataFiles(table.schema, rows, { nowMs: table.clock(), uuid: table.uuid })
  await Promise.all(files.map((file) => putDataFile(table.store, table.root, file)))
  return { adds: files.map(({ add }) => add) }
}

/**
 * Appends rows and moves positions in one commit: either all of it is in the table, once, or nothing. Rows of several
 * producers may share a commit, with a move for each. Data files are written once, whatever the number of tries, and
 * never deleted here. A producer whose position in the log is not the one it resumed from is 'superseded': it must
 * forget what it holds and resume. Throws when rows do not fit the schema, the store fails, or no try succeeds.
 *
 * @example
 * const moves = [{ appId: 'bronze/partition-3', after: 41, version: 97 }]
 * const result = await append(bronze, { rows, moves, operation: 'STREAMING UPDATE' })
 * if (result.kind === 'superseded') throw new Error(`${result.appId} has another owner; resume from the log`)
 */
export async function append(
  table: Table,
  {
    rows,
    moves = [],
    operation,
    retry = defaultRetry,
  }: {
    readonly rows: readonly Row[]
    readonly moves?: readonly Move[]
    readonly operation: string
    readonly retry?: Retry
  },
): Promise<AppendResult> {
  const files = planDataFiles(table.schema, rows, { nowMs: table.clock(), uuid: table.uuid })
  const txnId = table.uuid()
  const actions: readonly Action[] = [
    ...openingActions(table.clock(), { txns: moves, operation, txnId, isBlindAppend: true }),
    ...addActions(files.map(({ add }) => add)),
  ]
  // The entry is no more visible than the files, so it need not wait for them: only the rename has to come last.
  const [entry] = await Promise.all([
    stage(table, actions, table.uuid()),
    ...files.map((file) => putDataFile(table.store, table.root, file)),
  ])
  return commitPlanned(table, (snapshot) => planAppend(snapshot, moves, actions), {
    txnId,
    retry,
    staged: { actions, entry },
  })
}

function planAppend(
  snapshot: Snapshot,
  moves: readonly Move[],
  actions: readonly Action[],
): Plan<Extract<AppendResult, { kind: 'superseded' }>> {
  // Positions compare by value: the log may hold as bigint what the caller holds as number.
  const moved = moves.find(({ appId, after }) => snapshot.txns.get(appId)?.toString() !== after?.toString())
  return moved
    ? { kind: 'stop', result: { kind: 'superseded', version: snapshot.version, appId: moved.appId } }
    : { kind: 'commit', actions }
}

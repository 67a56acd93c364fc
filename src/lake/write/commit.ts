// Optimistic concurrency: the one commit loop. Every change of a table is a plan, what to commit on top of a state; the
// loop plans again on the winner's state after a lost race, and finds out what became of a try whose answer was lost.
// Rows are committed through append.ts, which says which way is for whom; what else changes a table (open-table.ts,
// evolve.ts, configure.ts, swap.ts, upkeep/compact.ts) is a plan given to this loop. Invariants C1 to C4: log/entry.ts.

import { attempt, stage, type Staged } from '../log/entry'
import { type Action, type LogEntry } from '../log/action'
import { checkWritable } from '../log/features'
import { fitSchema } from '../schema'
import { readEntry } from '../log/read-snapshot'
import { snapshotAfter, type Snapshot } from '../log/snapshot'
import { type Store } from '../store'
import { recent, refresh, remember, type Surroundings, type Table } from '../table'

/** Bounds of the tries of one commit. */
export interface Retry {
  /** Tries at most, most of them lost to other writers. */
  readonly attempts: number
  readonly baseMs: number
  /** Tries at most whose answer was lost. */
  readonly lostAnswers: number
}

/** The bounds of a commit that is given no others. */
export const defaultRetry: Retry = { attempts: 100, baseMs: 20, lostAnswers: 5 }

interface Tries {
  readonly tried: number
  readonly lost: number
}

/** What to commit on top of a state, or the verdict that there is nothing to commit. */
export type Plan<Stop> =
  { readonly kind: 'commit'; readonly actions: readonly Action[] } | { readonly kind: 'stop'; readonly result: Stop }

/** An entry staged before its commit began, and the actions it holds. */
interface StagedActions {
  readonly actions: readonly Action[]
  readonly entry: Staged
}

/**
 * Commits what `plan` decides on the newest state, again on the state the winner left whenever another writer was
 * faster. `plan` is pure and asked anew for each state; while it returns the very same actions, the staged entry
 * is reused. A verdict to stop is trusted only on a state just read. `staged` is an entry the caller has staged
 * already for these actions. Throws when the table has changed so that the writer's rows no longer fit, and when no try
 * succeeds, with the last cause; a lost answer may still mean committed.
 */
export async function commitPlanned<Stop>(
  table: Table,
  plan: (snapshot: Snapshot) => Plan<Stop>,
  { txnId, retry, staged }: { readonly txnId: string; readonly retry: Retry; readonly staged?: StagedActions },
): Promise<{ readonly kind: 'committed'; readonly version: number } | Stop> {
  let base = await recent(table)
  if (plan(base).kind === 'stop') base = await refresh(table)
  const planChecked = (snapshot: Snapshot): Plan<Stop> => {
    checkUnchanged(table, snapshot)
    return plan(snapshot)
  }
  const learn = (snapshot: Snapshot): void => void remember(table, snapshot)
  const end = await commitAfter(table, base, { plan: planChecked, txnId, retry, learn, ...(staged && { staged }) })
  return end.kind === 'stopped' ? end.result : { kind: 'committed', version: end.snapshot.version }
}

/** A log to commit to, whether there is a table yet or not, and what its tries need besides. */
export interface CommitTarget extends Surroundings {
  readonly store: Store
  readonly root: string
}

/** How the tries of one commit ended. */
export type CommitEnd<Stop> =
  /** The state right after the commit, which may be behind what others have committed since. */
  { readonly kind: 'committed'; readonly snapshot: Snapshot } | { readonly kind: 'stopped'; readonly result: Stop }

/**
 * The loop under `commitPlanned`: commits what `plan` decides on `base`, a state just read, and on the later ones its
 * tries come to. `base` is undefined where there is no table yet, so creating one is a commit like any other. `learn` is
 * told each later state. Throws when no try succeeds, with the last cause; a lost answer may still mean committed.
 */
export async function commitAfter<Base extends Snapshot | undefined, Stop>(
  { store, root, uuid, random, sleep }: CommitTarget,
  base: Base,
  {
    plan,
    txnId,
    retry,
    staged,
    learn = () => undefined,
  }: {
    readonly plan: (snapshot: Base | Snapshot) => Plan<Stop>
    readonly txnId: string
    readonly retry: Retry
    readonly staged?: StagedActions
    readonly learn?: (snapshot: Snapshot) => void
  },
): Promise<CommitEnd<Stop>> {
  let snapshot: Base | Snapshot = base
  let ready = staged
  let [lost, cause]: [number, unknown] = [0, undefined]
  for (let tried = 0; tried < retry.attempts && lost < retry.lostAnswers; tried++) {
    const decided = plan(snapshot)
    if (decided.kind === 'stop') return { kind: 'stopped', result: decided.result }
    const { actions } = decided
    if (ready?.actions !== actions) ready = { actions, entry: await stage({ store, root }, actions, uuid()) }
    const outcome = await attempt(store, root, ready.entry, nextVersion(snapshot))
    if (outcome.kind === 'committed') {
      const after = snapshotAfter(root, snapshot, [{ version: outcome.version, actions }])
      learn(after)
      return { kind: 'committed', snapshot: after }
    }
    // Also after 'taken': a client that repeats a request by itself finds its own first try there.
    const winners = await entriesFrom({ store, root }, nextVersion(snapshot))
    const before = snapshot
    if (winners.length > 0) {
      // Not what `learn` makes of it: another commit of this process may have seen further, past our own entry (C2).
      snapshot = snapshotAfter(root, before, winners)
      learn(snapshot)
    }
    const own = winners.findIndex((entry) => txnIdOf(entry) === txnId)
    if (own >= 0) return { kind: 'committed', snapshot: snapshotAfter(root, before, winners.slice(0, own + 1)) }
    if (outcome.kind === 'unknown') {
      // The staged entry may be gone, moved or swept; a second one under a new name is safe by C2 and C3.
      ready = undefined
      ;[lost, cause] = [lost + 1, outcome.cause]
    }
    await sleep(delayMs(random, retry, { tried, lost }))
  }
  throw new Error(
    `delta table ${root}: not committed as version ${nextVersion(base)} to ${nextVersion(snapshot)} ` +
      `(${lost} answers lost); read the log before trying again, and let fewer writers share the table`,
    { cause },
  )
}

function nextVersion(snapshot: Snapshot | undefined): number {
  return snapshot ? snapshot.version + 1 : 0
}

/**
 * Losing to others is progress of the table: the first tries follow at once, later ones within `baseMs`, since a
 * writer that waits longer each time loses to those that have just come. A store that does not answer is given
 * longer each time.
 */
function delayMs(random: () => number, { baseMs }: Retry, { tried, lost }: Tries): number {
  if (lost > 0) return random() * baseMs * 2 ** lost
  return tried < 2 ? 0 : random() * baseMs
}

/** Entries asked for at once, the first free number among them as a rule: one round trip to catch up. */
const readAhead = 4

/** Committed entries from a version on, up to the first number that is free (C2). */
async function entriesFrom(
  { store, root }: Pick<CommitTarget, 'store' | 'root'>,
  version: number,
): Promise<readonly LogEntry[]> {
  const found: LogEntry[] = []
  for (;;) {
    const next = version + found.length
    const asked = await Promise.all(Array.from({ length: readAhead }, (_, i) => readEntry(store, root, next + i)))
    for (const entry of asked) {
      if (!entry) return found
      found.push(entry)
    }
  }
}

function txnIdOf(entry: LogEntry): string | undefined {
  const info = entry.actions.find((action) => action.kind === 'commit-info')
  return info?.info.txnId
}

/**
 * Throws when the table has changed so that rows prepared for it no longer fit. Nullable columns added since the writer
 * opened it are no such change: its files lack them, and read as null there.
 */
function checkUnchanged({ root, schema, pinned }: Table, snapshot: Snapshot): void {
  checkWritable(root, snapshot)
  const { configuration } = snapshot.metadata
  const [other] = Object.keys(pinned).filter((name) => configuration[name] !== pinned[name])
  if (other !== undefined) {
    const got = configuration[other] === undefined ? 'none' : `"${configuration[other]}"`
    throw new Error(`delta table ${root}: expected ${other} to be "${pinned[other]}", got ${got}; open it again`)
  }
  const fit = fitSchema(schema, snapshot.schema)
  if (fit.kind === 'fits') return
  const [lacking] = fit.kind === 'lacks' ? fit.columns : []
  const difference = fit.kind === 'differs' ? fit.difference : `column ${lacking?.name ?? ''} is gone`
  throw new Error(`delta table ${root}: its schema was changed under the writer: ${difference}; open it again`)
}

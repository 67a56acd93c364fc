import { attempt, stage, type Staged } from '../log/entry'
import { type Action, type LogEntry } from '../log/action'
import { fitSchema } from '../schema'
import { readEntry } from '../log/read-snapshot'
import { checkWritable, replay, type Snapshot } from '../log/snapshot'
import { recent, refresh, remember, type Table } from '../table'

/** Bounds of the tries of one commit. */
export interface Retry {
  /** Tries at most, most of them lost to other writers. */
  readonly attempts: number
  readonly baseMs: number
  /** Tries at most whose answer was lost. */
  readonly lostAnswers: number
}

interface Tries {
  readonly tried: number
  readonly lost: number
}

/** What to commit on top of a state, or the verdict that there is nothing to commit. */
export type Plan<Stop> =
  { readonly kind: 'commit'; readonly actions: readonly Action[] } | { readonly kind: 'stop'; readonly result: Stop }

/**
 * Commits what `plan` decides on the newest state, again on the state the winner left whenever another writer was
 * faster. `plan` is pure and asked anew for each state; while it returns the very same actions, the staged entry
 * is reused. A verdict to stop is trusted only on a state just read. `staged` is an entry the caller has staged
 * already for these actions. Throws when no try succeeds, with the last cause; a lost answer may still mean committed.
 */
export async function commitPlanned<Stop>(
  table: Table,
  plan: (snapshot: Snapshot) => Plan<Stop>,
  {
    txnId,
    retry,
    staged,
  }: {
    readonly txnId: string
    readonly retry: Retry
    readonly staged?: { readonly actions: readonly Action[]; readonly entry: Staged }
  },
): Promise<{ readonly kind: 'committed'; readonly version: number } | Stop> {
  let snapshot = await recent(table)
  if (plan(snapshot).kind === 'stop') snapshot = await refresh(table)
  const first = snapshot.version + 1
  let ready = staged
  let [lost, cause]: [number, unknown] = [0, undefined]
  for (let tried = 0; tried < retry.attempts && lost < retry.lostAnswers; tried++) {
    checkUnchanged(table, snapshot)
    const decided = plan(snapshot)
    if (decided.kind === 'stop') return decided.result
    if (ready?.actions !== decided.actions) {
      ready = { actions: decided.actions, entry: await stage(table, decided.actions, table.uuid()) }
    }
    const outcome = await attempt(table.store, table.root, ready.entry, snapshot.version + 1)
    if (outcome.kind === 'committed') {
      remember(table, replay(table.root, snapshot, [{ version: outcome.version, actions: ready.actions }]))
      return outcome
    }
    // Also after 'taken': a client that repeats a request by itself finds its own first try there.
    const winners = await entriesAfter(table, snapshot.version)
    // Not what `remember` returns: another commit of this process may have seen further, past our own entry (C2).
    snapshot = replay(table.root, snapshot, winners)
    remember(table, snapshot)
    const own = winners.find((entry) => txnIdOf(entry) === txnId)
    if (own) return { kind: 'committed', version: own.version }
    if (outcome.kind === 'unknown') {
      // The staged entry may be gone, moved or swept; a second one under a new name is safe by C2 and C3.
      ready = undefined
      ;[lost, cause] = [lost + 1, outcome.cause]
    }
    await table.sleep(delayMs(table, retry, { tried, lost }))
  }
  throw new Error(
    `delta table ${table.root}: not committed as version ${first} to ${snapshot.version + 1} (${lost} answers lost); ` +
      'read the log before trying again, and let fewer writers share the table',
    { cause },
  )
}

/**
 * Losing to others is progress of the table: the first tries follow at once, later ones within `baseMs`, since a
 * writer that waits longer each time loses to those that have just come. A store that does not answer is given
 * longer each time.
 */
function delayMs({ random }: Table, { baseMs }: Retry, { tried, lost }: Tries): number {
  if (lost > 0) return random() * baseMs * 2 ** lost
  return tried < 2 ? 0 : random() * baseMs
}

/** Entries asked for at once, the first free number among them as a rule: one round trip to catch up. */
const readAhead = 4

/** Committed entries after a version, up to the first number that is free (C2). */
async function entriesAfter({ store, root }: Table, version: number): Promise<readonly LogEntry[]> {
  const found: LogEntry[] = []
  for (;;) {
    const next = version + 1 + found.length
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
  checkWritable(root, snapshot.protocol)
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

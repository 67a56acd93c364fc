// Group commit: appends of many callers in one process that are ready while a commit is in flight share the next entry.
// When to use it rather than `append`: see append.ts.
//
// Lifetime: the waiting line belongs to one open Table and lives as long as that does. In between, nothing is kept:
// when the last verdict is given the line is empty, and no timer waits for more to come.
//
// A and B append while the commit of C is in flight:
//   C  takes its turn; its entry is staged and its rename to version 7 under way
//   A  stores its data files, stands in line; its turn comes when C's is over
//   B  stores its data files, stands in line behind A
//   C  is told version 7; A takes its turn and B along: one entry with the files and moves of both becomes version 8
//   B  comes to its turn, finds its verdict, version 8, and has nothing left to do
//
// Beware: the line hangs on the Table object itself. A copy (`{ ...table }`) or a second `openTable` of the same root
// has a line of its own; rows are as safe, but the lines contend with each other like two processes.

import { setImmediate as afterOthers } from 'node:timers/promises'
import { addActions, openingActions } from './actions'
import { type AppendResult, type Move } from './append'
import { commitPlanned, defaultRetry, type Plan, type Retry } from './commit'
import { type DataFile, planDataFiles, putDataFile } from './data-file'
import { stage, type Staged } from '../log/entry'
import { type Action } from '../log/action'
import { type Row } from '../schema'
import { type Snapshot } from '../log/snapshot'
import { recent, refresh, type Table } from '../table'

// Invariants of a shared commit:
// S1  One commit is in flight per open Table; what arrives meanwhile goes together in the next one.
// S2  A member's rows and moves are in one entry, or the member is told that they are in none.
// S3  An entry moves an application once: a second member that moves it waits for the next entry.
// S4  A member whose position does not hold on the state the entry lands on is left out of it alone.

/** An append that waits for its turn, its data files already on their way. */
interface Member {
  readonly files: readonly DataFile[]
  readonly moves: readonly Move[]
  readonly operation: string
  readonly retry: Retry
  /** Never rejects. */
  readonly uploaded: Promise<Uploaded>
  verdict?: Verdict
}

type Uploaded = { readonly kind: 'stored' } | { readonly kind: 'failed'; readonly error: unknown }

type Verdict = AppendResult | { readonly kind: 'failed'; readonly error: unknown }

/** The appends of one table: who waits, and the turn of the last to have come. */
interface Line {
  waiting: Member[]
  turn: Promise<void>
}

const lines = new WeakMap<Table, Line>()

/**
 * As `append`, with the same result and guarantee, for many callers in one process: those ready while a commit of the
 * table is in flight share the next one. Data files are stored at once and in parallel, before the caller's turn; one that
 * is slow holds up those that share its commit, one that cannot be stored fails its own caller only. Throws as `append`
 * does; a commit that fails, fails every caller in it.
 *
 * @example
 * const moves = [{ appId: 'bronze/partition-3', after: 41, version: 97 }]
 * const result = await appendShared(bronze, { rows, moves, operation: 'STREAMING UPDATE' })
 * if (result.kind === 'superseded') throw new Error(`${result.appId} has another owner; resume from the log`)
 */
export async function appendShared(
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
  const member: Member = { files, moves, operation, retry, uploaded: upload(table, files) }
  const line = lineOf(table)
  line.waiting.push(member)
  // The first in line commits for all who wait; each of them finds its verdict when its own turn comes.
  line.turn = line.turn.then(() => (member.verdict ? undefined : takeTurn(table, line)))
  await line.turn
  const { verdict } = member
  if (!verdict) throw new Error(`delta table ${table.root}: expected a verdict on the append, got none`)
  if (verdict.kind === 'failed') throw verdict.error
  return verdict
}

function lineOf(table: Table): Line {
  const line = lines.get(table) ?? { waiting: [], turn: Promise.resolve() }
  lines.set(table, line)
  return line
}

async function upload({ store, root }: Table, files: readonly DataFile[]): Promise<Uploaded> {
  const stored = await Promise.allSettled(files.map((file) => putDataFile(store, root, file)))
  const failed = stored.find((result) => result.status === 'rejected')
  return failed ? { kind: 'failed', error: failed.reason } : { kind: 'stored' }
}

/** Commits the first in line and all who can go with it; never rejects, each member gets its verdict. */
async function takeTurn(table: Table, line: Line): Promise<void> {
  // One turn of the event loop: callers the last commit has just answered may append again at once, and join this one.
  await afterOthers()
  const members = together(line.waiting)
  line.waiting = line.waiting.filter((member) => !members.includes(member))
  try {
    await commitTogether(table, members)
  } catch (error) {
    for (const member of members) member.verdict ??= { kind: 'failed', error }
  }
}

/** Those of the line who fit into one entry: one operation, and no application moved twice (S3). */
function together(waiting: readonly Member[]): readonly Member[] {
  const moved = new Set<string>()
  return waiting.filter(({ operation, moves }) => {
    const fits = operation === waiting[0]?.operation && moves.every(({ appId }) => !moved.has(appId))
    // A member left behind also keeps back those after it that move the same application.
    for (const { appId } of moves) moved.add(appId)
    return fits
  })
}

async function commitTogether(table: Table, all: readonly Member[]): Promise<void> {
  const txnId = table.uuid()
  const actionsOf = entryOf(table, txnId)
  const [entry, uploads] = await Promise.all([
    stage(table, actionsOf(all), table.uuid()),
    Promise.all(all.map(({ uploaded }) => uploaded)),
  ])
  const members = all.filter((member, i) => {
    const done = uploads[i]
    if (done?.kind === 'failed') member.verdict = done
    return done?.kind === 'stored'
  })
  await commitStored(table, members, { txnId, actionsOf, staged: { actions: actionsOf(all), entry } })
}

async function commitStored(
  table: Table,
  members: readonly Member[],
  {
    txnId,
    actionsOf,
    staged,
  }: {
    readonly txnId: string
    readonly actionsOf: (members: readonly Member[]) => readonly Action[]
    readonly staged: { readonly actions: readonly Action[]; readonly entry: Staged }
  },
): Promise<void> {
  const [first] = members
  if (!first) return
  // Left out is a verdict, and a remembered state may be behind the positions its members resumed from.
  const known = await recent(table)
  if (members.some((member) => movedElsewhere(known, member) !== undefined)) await refresh(table)
  let judged: Judged = { holding: [], superseded: new Map() }
  const plan = (snapshot: Snapshot): Plan<{ readonly kind: 'nothing' }> => {
    judged = judge(snapshot, members)
    if (judged.holding.length === 0) return { kind: 'stop', result: { kind: 'nothing' } }
    return { kind: 'commit', actions: actionsOf(judged.holding) }
  }
  const outcome = await commitPlanned(table, plan, { txnId, retry: first.retry, staged })
  for (const [member, verdict] of judged.superseded) member.verdict = verdict
  // The last plan is the one committed: a try is over, its answer lost or not, before the next is planned (C2).
  if (outcome.kind === 'committed') for (const member of judged.holding) member.verdict = outcome
}

interface Judged {
  readonly holding: readonly Member[]
  readonly superseded: ReadonlyMap<Member, Extract<AppendResult, { kind: 'superseded' }>>
}

/** Whose positions hold on a state (S4). */
function judge(snapshot: Snapshot, members: readonly Member[]): Judged {
  const superseded: [Member, Extract<AppendResult, { kind: 'superseded' }>][] = []
  const holding = members.filter((member) => {
    const appId = movedElsewhere(snapshot, member)
    if (appId !== undefined) superseded.push([member, { kind: 'superseded', version: snapshot.version, appId }])
    return appId === undefined
  })
  return { holding, superseded: new Map(superseded) }
}

function movedElsewhere({ txns }: Snapshot, { moves }: Member): string | undefined {
  // Positions compare by value: the log may hold as bigint what the caller holds as number.
  return moves.find(({ appId, after }) => txns.get(appId)?.toString() !== after?.toString())?.appId
}

/** The actions of an entry by its members, the same ones for the same members, so that what was staged serves again. */
function entryOf(table: Table, txnId: string): (members: readonly Member[]) => readonly Action[] {
  let last: { readonly members: readonly Member[]; readonly actions: readonly Action[] } | undefined
  return (members) => {
    if (last && last.members.length === members.length && last.members.every((member, i) => member === members[i])) {
      return last.actions
    }
    const operation = members[0]?.operation ?? ''
    const txns = members.flatMap(({ moves }) => moves)
    const adds = members.flatMap(({ files }) => files.map(({ add }) => add))
    const opening = openingActions(table.clock(), { txns, operation, txnId, isBlindAppend: true })
    const actions = [...opening, ...addActions(adds)]
    last = { members, actions }
    return actions
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import { rulesId } from '../../fold/rules'
import { refresh } from '../../lake/table'
import { type Warehouse } from '../../warehouse/connection'
import { readSink } from '../../warehouse/live'
import { refill, type Staging } from '../../warehouse/staging'
import { beginLive } from './fresh-live'
import {
  beginTable,
  flush,
  type FreshTable,
  openAsIs,
  type OpenTable,
  startIn,
  type SwappedTable,
  swapTable,
  type TablePorts,
  takeRows,
} from './fresh-table'
import { type NewestRows, rowKey, saveStates } from './handover'
import { type Ports } from '../ports'
import { positionsOf } from '../position'
import { openRefold, type Refold } from './refold'
import { type Effects, type FoldPorts } from '../stream/fold-bronze'
import { checkSettled, type Keeper, keeperOf, startMsOf } from './settled'
import { lakeRow, liveTable, tableOf } from '../rows/derived'
import { rulesOf, stampOf } from '../rows/stamp'
import { derivedTables } from '../rows/tables'

/*
 * Other rules for a lake that has a past: bronze is folded anew, from its first event, into data files and temporary
 * tables that nobody sees, which then take the place of the old. Everything here lives as long as one call of `rebuild`;
 * nothing is remembered between two, so that one that died is simply run again. Beside a stream under the old rules:
 *
 *   rebuild   folds up to where bronze ends: message 97
 *   stream    takes messages 98 and 99 into bronze, silver, gold and PostgreSQL
 *   rebuild   swaps the first table: it is at 99, so it folds on to 99 and tries again, and the commit lands
 *   stream    appends to that table, is refused by name, and throws every batch until it runs under the new rules
 *   rebuild   swaps the other tables, then PostgreSQL; the stream under the new rules resumes behind message 99
 *
 * With `--from` rows of earlier dates stay, whatever rules folded them: see settled.ts for when that is right and
 * owed.ts for what they may lack. The one way to get it wrong: a swap that does not ask the log where the old writer is.
 */

// Invariants of a rebuild:
// B1  A table has the rows of its old rules or those of the new, never both for one date: content, positions and the
//     rules' name change in one commit.
// B2  That commit covers whatever the old writer has written, or is not made: positions say so, and the fold goes on
//     from where it was.
// B3  A saved state is at most as far as every sink has come.

/** What a rebuild works with; the ports of the stream will do. */
export interface RebuildPorts extends TablePorts, FoldPorts {
  readonly warehouse: Warehouse
  readonly unique: Ports['unique']
  readonly log: Ports['log']
}

export interface RebuildOptions {
  /** First date to be replaced, YYYY-MM-DD; default: everything is. */
  readonly from?: string | undefined
  /** Silver and gold tables by name, `postgres` for all of PostgreSQL; default: those of other rules, else all. */
  readonly tables?: readonly string[] | undefined
}

export interface RebuildReport {
  /** Events folded, over all partitions. */
  readonly events: number
  readonly tables: readonly SwappedTable[]
  readonly postgres: 'replaced' | 'kept'
  /** Partitions whose state was saved, so that the stream resumes there at once. */
  readonly saved: readonly number[]
}

/** PostgreSQL among the names of tables. */
export const postgres = 'postgres'

/** How often a table's commit is prepared anew because its old writer went on. */
const attempts = 50
const spreadMs = 50

interface Plan {
  readonly from: string | undefined
  readonly fromMs: number | undefined
  /** All that the fold fills. */
  readonly all: readonly OpenTable[]
  /** Those that are replaced. */
  readonly targets: readonly OpenTable[]
  readonly isLive: boolean
}

/**
 * Folds bronze anew from its first event under the rules given, into files and rows that nobody sees, and puts them in
 * the place of the old: a lake table in one commit, PostgreSQL in one transaction. The stream goes on meanwhile; under
 * other rules it is refused from the first commit on. Dying anywhere leaves each table old or new, and running again
 * completes it. Throws, having changed nothing more, when a date or a table's name will not do, when rows that are to
 * stay are not settled yet, when a sink fails, or when a table's old writer is always faster.
 */
export async function rebuild(ports: RebuildPorts, options: RebuildOptions = {}): Promise<RebuildReport> {
  const partitions = positionsOf(await refresh(ports.tables.bronze), ports.stream)
  const plan = await planRebuild(ports, { ...options, partitions: [...partitions.keys()] })
  if (partitions.size === 0) return { events: 0, tables: [], postgres: 'kept', saved: [] }
  const { tables, saved, ...folded } = await (plan.isLive ? replaceWithLive(ports, plan) : replaceAll(ports, plan))
  const { refold, newest } = folded
  const more = await saveStates(ports, { refold, newest, tables: plan.all, but: saved })
  const events = refold.events()
  return {
    events,
    tables,
    postgres: plan.isLive ? 'replaced' : 'kept',
    saved: [...saved, ...more].sort((a, b) => a - b),
  }
}

function replaceWithLive(ports: RebuildPorts, plan: Plan): Promise<Replaced> {
  const { stream, rules, warehouse } = ports
  const tables = rules.rollups.map((rollup) => liveTable(rollup, rules))
  const refilled = { stream, rules: rulesId(rules), tables, fromMs: plan.fromMs }
  return refill(warehouse, refilled, (staging) => replaceAll(ports, plan, staging))
}

async function planRebuild(
  ports: RebuildPorts,
  { from, tables, partitions }: RebuildOptions & { readonly partitions: readonly number[] },
): Promise<Plan> {
  const fromMs = from === undefined ? undefined : startMsOf(from, ports.rules)
  const all: OpenTable[] = []
  for (const spec of derivedTables(ports.rules)) all.push({ spec, table: await openAsIs(ports, spec) })
  const names = [...all.map(({ spec }) => spec.name), postgres]
  const unknown = tables?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`rebuild: expected tables among ${names.join(', ')}, got "${unknown}"`)
  const foreign = all.filter(({ spec, table }) => stampOf(table.seen.snapshot) !== rulesOf(ports.rules, spec.name))
  const others = foreign.map(({ spec }) => spec.name)
  if (await isForeign(ports, partitions)) others.push(postgres)
  const wanted = tables ?? (others.length > 0 ? others : names)
  const targets = all.filter(({ spec }) => wanted.includes(spec.name))
  return { from, fromMs, all, targets, isLive: wanted.includes(postgres) }
}

/** Whether PostgreSQL has rows of other rules, or none of a partition. */
async function isForeign({ warehouse, stream, rules }: RebuildPorts, partitions: readonly number[]): Promise<boolean> {
  const sinks = await Promise.all(partitions.map((partition) => readSink(warehouse, { stream, partition })))
  return sinks.some((sink) => sink?.rules !== rulesId(rules))
}

interface Replaced {
  readonly tables: readonly SwappedTable[]
  readonly refold: Refold
  readonly newest: NewestRows
  readonly saved: readonly number[]
}

async function replaceAll(ports: RebuildPorts, plan: Plan, staging?: Staging): Promise<Replaced> {
  const { from, fromMs, targets } = plan
  const fresh = targets.map(({ spec, table }) => beginTable(ports, { spec, from, table }))
  const live = staging && (await beginLive(ports, staging, { fromMs }))
  const newest: NewestRows = new Map()
  const take = async (effects: Effects) => {
    const { partition } = effects
    for (const emit of effects.out) newest.set(rowKey(tableOf(emit), partition), emit.at.sequence)
    for (const table of fresh) {
      const own = effects.out.filter((emit) => tableOf(emit) === table.spec.name)
      const rows = own.map((emit) => lakeRow(partition, emit))
      await takeRows(table, partition, rows)
    }
    await live?.take(effects)
  }
  const keeping = await keepersOf(ports, plan, staging)
  const refold = openRefold(ports, { take, pauses: keeping.pauses })
  await refold.advance()
  if (from !== undefined && fromMs !== undefined) checkSettled(refold, { keepers: keeping.keepers, from, fromMs })
  const tables: SwappedTable[] = []
  let saved: readonly number[] = []
  for (const table of fresh) {
    tables.push(await swapIn(ports, refold, table))
    // From the first commit on a stream under other rules is refused: bronze hardly grows, and the fold is at its end or
    // a batch before it. Saved now, the states are there even when a later table fails.
    if (tables.length === 1) saved = await saveStates(ports, { refold, newest, tables: plan.all })
  }
  await live?.swap(refold)
  return { tables, refold, newest, saved }
}

/** Who keeps rows from before the start, and how far they had come, by partition, when they were last written. */
async function keepersOf(
  { stream }: RebuildPorts,
  { from, targets }: Plan,
  staging: Staging | undefined,
): Promise<{ readonly keepers: readonly Keeper[]; readonly pauses: ReadonlyMap<number, number> }> {
  if (from === undefined) return { keepers: [], pauses: new Map() }
  const kept = targets.filter(({ spec }) => startIn(spec, from) !== undefined)
  const keepers: Keeper[] = kept.map(({ spec, table }) =>
    keeperOf(table.seen.snapshot, { name: spec.root, from, schema: spec.schema }),
  )
  const positions = kept.map(({ table }) => positionsOf(table.seen.snapshot, stream))
  if (staging) {
    const staying = await staging.staying()
    keepers.push({ name: postgres, keepsOf: (partition) => staying.has(partition) })
    positions.push(await staging.positions())
  }
  const pauses = new Map<number, number>()
  for (const [partition, position] of positions.flatMap((map) => [...map])) {
    pauses.set(partition, Math.min(position, pauses.get(partition) ?? Infinity))
  }
  return { keepers, pauses }
}

async function swapIn(ports: RebuildPorts, refold: Refold, table: FreshTable): Promise<SwappedTable> {
  const { random = Math.random, sleep = wait } = ports.surroundings ?? {}
  await flush(table)
  for (let tried = 1; tried <= attempts; tried++) {
    await refold.advance()
    const outcome = await swapTable(ports, table, refold.positions())
    if (outcome !== 'moved') return outcome
    ports.log('info', `${table.spec.root} was written to meanwhile; folding on`)
    await sleep(random() * spreadMs)
  }
  throw new Error(`${table.spec.root}: its writer was faster ${attempts} times; run npm run rebuild again`)
}

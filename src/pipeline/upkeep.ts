import { dateOf } from '../day'
import { reasonOf } from '../reason'
import { writeCheckpoint } from '../lake/upkeep/checkpoint'
import { cleanLog } from '../lake/upkeep/clean-log'
import { compactable, compactPartition } from '../lake/upkeep/compact'
import { readHint } from '../lake/log/read-snapshot'
import { refresh, type Table } from '../lake/table'
import { vacuum } from '../lake/upkeep/vacuum'
import { type Ports } from './ports'
import { bronzeEvents, bronzeGaps } from './rows/tables'

/** What upkeep works on. */
export type UpkeepPorts = Pick<Ports, 'tables' | 'log'>

export interface UpkeepSettings {
  /** Commits of a table between two checkpoints. */
  readonly checkpointEveryCommits: number
}

/** What upkeep did to one table. */
export interface TableUpkeep {
  readonly table: string
  /** Data files put together, and what they became. */
  readonly compacted: { readonly removed: number; readonly added: number }
  /** The version a checkpoint was written of. */
  readonly checkpoint?: number
  /** Data files and staged entries removed that nothing names. */
  readonly vacuumed: number
  /** Entries and checkpoints removed from the log. */
  readonly cleaned: number
}

interface Kept {
  readonly name: string
  readonly table: Table
  /** What rows of a compacted file are ordered by. */
  readonly orderBy: readonly string[]
}

/*
 * Bronze is read in the order of the log, when a partition is resumed or all is folded anew, and files ordered so are
 * read one after the other; a store's events are in one partition and arrive in time order, so it serves them as well.
 * Silver and gold are read by store and time.
 */
const logOrder = ['partition_id', 'sequence', 'item']
const storeOrder = ['store_id', 'window_start', 'opened_at', 'product_id', 'sequence', 'item']

/** How long nothing may have come to a partition before it is compacted: replays write to days long past. */
const quietMs = 3_600_000

/**
 * Looks after every table of the lake: puts the small files of finished days together, writes a checkpoint when one is
 * due, removes files that nothing names any more, and the part of the log that is past its retention. Everything is safe
 * beside writers, readers and other runs, and after a crash the next run goes on. A table that fails does not keep the
 * others waiting; throws at the end, naming those that did.
 *
 * @example
 * await upkeep(ports, { nowMs: Date.now(), settings })
 */
export async function upkeep(
  ports: UpkeepPorts,
  { nowMs, settings }: { readonly nowMs: number; readonly settings: UpkeepSettings },
): Promise<readonly TableUpkeep[]> {
  const done: TableUpkeep[] = []
  const failed: { readonly name: string; readonly error: unknown }[] = []
  // One after the other: a compaction takes all the memory it is allowed.
  for (const kept of keptTables(ports)) {
    try {
      const report = await upkeepOf(kept, { nowMs, settings })
      done.push(report)
      ports.log('info', describe(report))
    } catch (error) {
      failed.push({ name: kept.name, error })
      ports.log('error', `upkeep ${kept.name}: ${reasonOf(error)}`)
    }
  }
  if (failed.length === 0) return done
  const names = failed.map(({ name }) => name).join(', ')
  throw new Error(`upkeep: ${names} failed, the next run tries again`, { cause: failed[0]?.error })
}

function keptTables({ tables: { bronze, gaps, derived, daily } }: UpkeepPorts): readonly Kept[] {
  return [
    { name: bronzeEvents.name, table: bronze, orderBy: logOrder },
    { name: bronzeGaps.name, table: gaps, orderBy: logOrder },
    ...Array.from([...derived, ...daily], ([name, table]) => ({ name, table, orderBy: storeOrder })),
  ]
}

async function upkeepOf(
  { name, table, orderBy }: Kept,
  { nowMs, settings }: { readonly nowMs: number; readonly settings: UpkeepSettings },
): Promise<TableUpkeep> {
  const compacted = await compactFinished(table, { orderBy, nowMs })
  const checkpoint = await checkpointIfDue(table, settings)
  const vacuumed = await vacuum(table, { nowMs })
  const cleaned = await cleanLog(table, { nowMs })
  const counts = { vacuumed: vacuumed.length, cleaned: cleaned.length }
  return { table: name, compacted, ...(checkpoint !== undefined && { checkpoint }), ...counts }
}

/** Compacts the partitions of days that are over and quiet; what another writer changes meanwhile is left to the next run. */
async function compactFinished(
  table: Table,
  { orderBy, nowMs }: { readonly orderBy: readonly string[]; readonly nowMs: number },
): Promise<{ removed: number; added: number }> {
  const today = dateOf(nowMs)
  const sum = { removed: 0, added: 0 }
  for (const { partition, newestMs } of compactable(await refresh(table))) {
    const [day] = Object.values(partition)
    if (typeof day !== 'string' || day >= today || newestMs > nowMs - quietMs) continue
    for (;;) {
      const result = await compactPartition(table, { partition, orderBy })
      if (result.kind !== 'committed') break
      sum.removed += result.removed
      sum.added += result.added
    }
  }
  return sum
}

async function checkpointIfDue(table: Table, { checkpointEveryCommits }: UpkeepSettings): Promise<number | undefined> {
  const { version } = await refresh(table)
  const newest = (await readHint(table.store, table.root)) ?? 0
  return version - newest < checkpointEveryCommits ? undefined : (await writeCheckpoint(table)).version
}

function describe({ table, compacted: { removed, added }, checkpoint, vacuumed, cleaned }: TableUpkeep): string {
  const written = checkpoint === undefined ? 'no checkpoint due' : `checkpoint of version ${checkpoint}`
  return `upkeep ${table}: ${removed} files into ${added}, ${written}, ${vacuumed} files and ${cleaned} log files removed`
}

import { dateOf, dayMs, isDate, startOf } from '../../day'
import { type Rules } from '../../fold/rules'
import { mayHold, selectFiles } from '../../lake/scan'
import { fitSchema, type TableSchema } from '../../lake/schema'
import { type Snapshot } from '../../lake/log/snapshot'
import { type Refold } from './refold'

/*
 * Rows of earlier dates can stay beside new ones only where no event is in both or in neither: no window that began
 * before the start was open, under the rules before or the new ones, when the partition's rows were last written. The
 * rules before are known by name only, so a day is left between the start and the watermark.
 */

/** A sink that keeps rows from before the start. */
export interface Keeper {
  readonly name: string
  /** Partitions that kept rows may have come from. */
  readonly keepsOf: (partition: number) => boolean
}

/** A date as its first instant, epoch milliseconds; throws unless it is a real one, and when a window crosses it. */
export function startMsOf(from: string, { rollups }: Rules): number {
  if (!isDate(from)) throw new Error(`rebuild: expected YYYY-MM-DD, got "${from}"`)
  const startMs = startOf(from)
  const crossing = rollups.find(({ windowMs }) => dayMs % windowMs !== 0)
  if (!crossing) return startMs
  throw new Error(`rebuild from ${from}: ${crossing.name} has windows that do not divide a day; rebuild it whole`)
}

/**
 * What a table keeps when it is replaced from a date on. Throws when rows that stay have a window that ends after it, or
 * do not fit the schema that the table is to have.
 */
export function keeperOf(
  snapshot: Snapshot,
  { name, from, schema }: { readonly name: string; readonly from: string; readonly schema: TableSchema },
): Keeper {
  const kept = (reaches: readonly [column: string, low: number, high: number]) =>
    selectFiles(snapshot, {
      where: (file) => String(file.partition.date) < from && mayHold(file, reaches[0], [reaches[1], reaches[2]]),
    }).length > 0
  if (kept(['window_end', startOf(from) + 1, Infinity])) {
    throw new Error(`rebuild from ${from}: ${name} has windows that begin before that and end after; rebuild it whole`)
  }
  const fit = fitSchema(schema, snapshot.schema)
  if (fit.kind === 'differs' && kept(['partition_id', -Infinity, Infinity])) {
    throw new Error(`rebuild from ${from}: ${name} has rows that would not fit: ${fit.difference}; rebuild it whole`)
  }
  return { name, keepsOf: (partition) => kept(['partition_id', partition, partition]) }
}

/** Throws, naming partition, sink and the date to take instead, unless windows before the start were settled. */
export function checkSettled(
  { partitions }: Refold,
  { keepers, from, fromMs }: { readonly keepers: readonly Keeper[]; readonly from: string; readonly fromMs: number },
): void {
  for (const [partition, { pausedMs = -Infinity }] of partitions) {
    if (pausedMs >= fromMs + dayMs) continue
    const keeper = keepers.find(({ keepsOf }) => keepsOf(partition))
    if (!keeper) continue
    const instead = Number.isFinite(pausedMs) ? `begin at ${dateOf(pausedMs - dayMs)} or before` : 'rebuild it whole'
    throw new Error(
      `rebuild from ${from}: windows of partition ${partition} that begin before that may have been open when ` +
        `${keeper.name} was last written; ${instead}`,
    )
  }
}

// Tested in test/pipeline/rebuild/rebuild.test.ts.
import { dateOf, dayMs, isDate, startOf } from '../../day'
import { type Rules } from '../../fold/rules'
import { type FileView, mayHold, selectFiles } from '../../lake/scan'
import { fitSchema, type TableSchema } from '../../lake/schema'
import { type Snapshot } from '../../lake/log/snapshot'
import { type Refold } from './refold'

/*
 * When rows of dates before the start may stay beside rows of the new fold: only where no event is in both or in neither.
 * That holds when no window that began before the start was open any more, under the rules before or the new ones, as the
 * sink was last written: when they were settled. Checked once per rebuild, after the fold and before the first swap.
 * What it keeps out, from midnight on:
 *
 *   message 90   closes the window of 23:59 under the old rules; its row is in the table
 *   message 97   is the last one that the table has taken
 *   message 99   closes that window under the new rules, which wait longer
 *   rebuild      keeps the row of message 90, for its date stays, and adds that of 99, for the table is only at 97
 *   table        has each sale of the window twice; under rules that wait less long it would have none of them
 *
 * The one way to get it wrong: to judge by the new rules alone. The old ones are known by name only, so the watermark at
 * the sink's position has to be a whole day past the start.
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
  const keeps = (holds: (file: FileView) => boolean) =>
    selectFiles(snapshot, { where: (file) => String(file.partition.date) < from && holds(file) }).length > 0
  if (keeps((file) => mayHold(file, 'window_end', [startOf(from) + 1, Infinity]))) {
    throw new Error(`rebuild from ${from}: ${name} has windows that begin before that and end after; rebuild it whole`)
  }
  const fit = fitSchema(schema, snapshot.schema)
  if (fit.kind === 'differs' && keeps(() => true)) {
    throw new Error(`rebuild from ${from}: ${name} has rows that would not fit: ${fit.difference}; rebuild it whole`)
  }
  return {
    name,
    keepsOf: (partition) => keeps((file) => mayHold(file, 'partition_id', [partition, partition])),
  }
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

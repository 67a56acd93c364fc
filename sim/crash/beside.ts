// Tested in test/sim/crash/simulation.test.ts.
import { dayMs } from '../../src/day'
import { cleanLog } from '../../src/lake/upkeep/clean-log'
import { vacuum } from '../../src/lake/upkeep/vacuum'
import { type LakeTables, type Ports } from '../../src/pipeline/ports'
import { upkeep } from '../../src/pipeline/upkeep'

/** Something that runs beside the stream, as a timer would start it, in a process of its own. */
export interface Beside {
  /** It starts when the stream has taken this share of the workload, from 0 to 1. */
  readonly startsAt: number
  run(ports: Ports): Promise<unknown>
}

/** Commits between two checkpoints of a table's log, in runs with upkeep. */
export const checkpointEveryCommits = 10

/**
 * Upkeep of bronze when most of the workload is in. Two days on, so that the days being written to count as finished:
 * compaction and stream work on the same files. The other tables are no different to it.
 */
export const upkeepBeside: readonly Beside[] = [
  {
    startsAt: 0.6,
    run: ({ tables, log, clock }) =>
      upkeep(
        { tables: { ...tables, derived: new Map() }, log },
        { nowMs: clock() + 2 * dayMs, settings: { checkpointEveryCommits: 5 } },
      ),
  },
]

/**
 * What time does to the lake after a run: everything that was taken out or left behind is past its retention, and so is
 * the log before the last checkpoint.
 */
export async function passTime({ bronze, derived }: LakeTables, nowMs: number): Promise<void> {
  for (const table of [bronze, ...derived.values()]) {
    await vacuum(table, { nowMs: nowMs + 40 * dayMs })
    await cleanLog(table, { nowMs: nowMs + 40 * dayMs })
  }
}

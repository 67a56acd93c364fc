// Tested in test/pipeline/daily/due.test.ts.
import { append } from '../../lake/write/append'
import { type AddFile } from '../../lake/log/action'
import { swap } from '../../lake/write/swap'
import { refresh, type Table } from '../../lake/table'
import { goldDailySales } from './tables'
import { dailyTable, type DailyPorts } from './ports'

/*
 * Fencing token: a run of a day has a number, higher than those before it. The log of gold/daily_sales has it from
 * before the run's first row; in the log of every table it comes with the rows. So what a run has begun and not ended
 * shows, and a run that has lost its lock, as those do whose connection breaks, cannot put its rows in the place of a
 * later one's.
 */

/** The application id under which the log of a table has the number of the last run of a day. */
function markOf(date: string): string {
  return `daily-batch/${date}`
}

/** Which run of a day was begun last, by date; undefined where none ever was. */
export async function lastRuns(ports: DailyPorts): Promise<(date: string) => number | undefined> {
  const { txns } = await refresh(dailyTable(ports, goldDailySales.name))
  return (date) => {
    const found = txns.get(markOf(date))
    return found === undefined ? undefined : Number(found)
  }
}

/** Begins a run of a day and returns its number: when that was, in epoch milliseconds, unless clocks disagree. */
export async function beginRun(ports: DailyPorts, date: string): Promise<number> {
  const table = dailyTable(ports, goldDailySales.name)
  for (;;) {
    const after = (await lastRuns(ports))(date)
    const run = Math.max(Math.trunc(ports.clock()), (after ?? -1) + 1)
    const moves = [{ appId: markOf(date), after, version: run }]
    const result = await append(table, { rows: [], moves, operation: 'DAILY BATCH BEGINS' })
    if (result.kind === 'committed') return run
  }
}

/** Puts a run's files in the place of old ones; throws when a later run of the day has been here. */
export async function replaceFiles(
  table: Table,
  {
    adds,
    isOld,
    date,
    run,
  }: {
    readonly adds: readonly AddFile[]
    readonly isOld: (file: AddFile) => boolean
    readonly date: string
    readonly run: number
  },
): Promise<void> {
  const result = await swap(table, {
    adds,
    replaces: isOld,
    positions: [{ appId: markOf(date), version: run }],
    covers: ({ appId, version }) => appId !== markOf(date) || version <= run,
    schema: table.schema,
    configure: (found) => found,
    operation: 'DAILY BATCH',
  })
  if (result.kind === 'committed') return
  throw new Error(
    `daily batch ${date}: run ${run} lost its lock, and a later one has written ${table.root}; run it again`,
  )
}

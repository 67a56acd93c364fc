import { append } from '../../lake/append'
import { refresh } from '../../lake/table'
import { goldDailySales } from '../tables'
import { dailyTable, type DailyPorts } from './ports'

/** The name under which the log of gold/daily_sales has the number of the last run of a day that was begun. */
function markOf(date: string): string {
  return `daily-batch/${date}`
}

/** Which run of a day the lake says was begun last, for every day; undefined where none ever was. */
export async function runIn(ports: DailyPorts): Promise<(date: string) => number | undefined> {
  const { txns } = await refresh(dailyTable(ports, goldDailySales.name))
  return (date) => {
    const found = txns.get(markOf(date))
    return found === undefined ? undefined : Number(found)
  }
}

/**
 * Writes into the lake that a run of a day begins, before it writes anything else; returns its number, which no other
 * run of the day has. It is when the run began, in epoch milliseconds, unless clocks disagree.
 */
export async function markRun(ports: DailyPorts, date: string): Promise<number> {
  const table = dailyTable(ports, goldDailySales.name)
  for (;;) {
    const after = (await runIn(ports))(date)
    const run = Math.max(Math.trunc(ports.clock()), (after ?? -1) + 1)
    const moves = [{ appId: markOf(date), after, version: run }]
    const result = await append(table, { rows: [], moves, operation: 'DAILY BATCH BEGINS' })
    if (result.kind === 'committed') return run
  }
}

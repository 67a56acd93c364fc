import { installation, rules, thresholds } from '../../sim/installation'
import { dailyPorts } from '../../src/pipeline/daily/ports'
import { runDays, type DayReport } from '../../src/pipeline/daily/run'
import { type LocalSettings } from '../../local/postgres/postgres'
import { folderStore } from '../../local/storage/folder-store'
import { openDatabase } from '../../sim/crash/database'
import { openLake } from '../../sim/lake'
import { date, stream } from './day'

/** What a worker is told: where lake and database are. */
export interface Order {
  readonly folder: string
  readonly database: LocalSettings
}

/** What it says in the end. */
export interface Made {
  readonly report: DayReport
  readonly seconds: number
  /** The most memory the process ever had, the start of it included. */
  readonly peakRssBytes: number
}

/** Makes the day in a process of its own, so that nothing else is in its memory. */
async function make({ folder, database }: Order): Promise<Made> {
  const store = folderStore(folder)
  const { bronze, derived, daily, gaps } = await openLake(store, { rules })
  const warehouse = openDatabase(database)
  try {
    const tables = { bronze, gaps, derived, daily }
    const ports = { stream, store, tables, warehouse, rules, installation, log: () => undefined }
    const beganMs = performance.now()
    const [report] = await runDays(dailyPorts({ ...ports, clock: Date.now }, thresholds), [date])
    if (!report) throw new Error(`batch: expected a report of ${date}, got none`)
    const seconds = (performance.now() - beganMs) / 1000
    return { report, seconds, peakRssBytes: process.resourceUsage().maxRSS * 1024 }
  } finally {
    await warehouse.close()
  }
}

process.once('message', (order: Order) => {
  make(order).then(
    (made) => process.send?.(made, () => process.disconnect()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

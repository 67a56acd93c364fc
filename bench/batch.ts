import { rules } from '../sim/installation'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderStore } from '../local/storage/folder-store'
import { stampTables } from '../src/pipeline/rows/stamp'
import { type DaySize, writeDay } from './batch/day'
import { type Made, type Order } from './batch/worker'
import { startServer } from '../sim/crash/database'
import { openLake } from '../sim/lake'

/** What a day of gold costs. */
export interface BatchBench extends Omit<Made, 'report'> {
  readonly events: number
  readonly sales: number
  readonly duplicates: number
  readonly files: number
  readonly bronzeBytes: number
  readonly eventsPerSecond: number
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>
}

/**
 * Measures the daily batch on a day of so many synthetic events, in a process of its own: lake in a folder, real
 * PostgreSQL. Does not measure a network.
 */
export async function benchBatch({ events = 1_000_000 }: { readonly events?: number } = {}): Promise<BatchBench> {
  const size: DaySize = {
    events,
    eventsPerFile: 5000,
    stores: 200,
    products: 5000,
    customers: Math.max(1, Math.round(events / 10)),
    alerts: 5000,
  }
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-bench-batch-'))
  const server = await startServer()
  try {
    const tables = await openLake(folderStore(folder), { rules })
    await stampTables(tables.derived, rules)
    const bronzeBytes = await writeDay(tables, size)
    const { report, seconds, peakRssBytes } = await madeBy({ folder, database: await server.createDatabase('batch') })
    const { sales, duplicates, files, rows } = report
    const eventsPerSecond = Math.round(events / seconds)
    return { events, sales, duplicates, files, bronzeBytes, seconds, eventsPerSecond, peakRssBytes, rows }
  } finally {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function madeBy(order: Order): Promise<Made> {
  const worker = fork(join(__dirname, 'batch', 'worker.js'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  worker.send(order)
  const [made] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(([code]) => {
      throw new Error(`batch: expected the worker to make the day, it ended with ${String(code)}`)
    }),
  ])) as [Made]
  return made
}

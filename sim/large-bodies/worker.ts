// Tested in test/sim/large-bodies/large-bodies.test.ts.
import { decodeRules, installation, rules, thresholds } from '../installation'
import { createHash, randomUUID } from 'node:crypto'
import { type LocalSettings } from '../../local/postgres/postgres'
import { folderStore } from '../../local/storage/folder-store'
import { type Message } from '../../src/event/message'
import { dailyPorts } from '../../src/pipeline/daily/ports'
import { runDays } from '../../src/pipeline/daily/run'
import { type Ports } from '../../src/pipeline/ports'
import { openIngest } from '../../src/pipeline/stream/ingest'
import { resume } from '../../src/pipeline/stream/resume'
import { openDatabase } from '../crash/database'
import { openLake } from '../lake'

/** What a worker is told to do, and where lake and database are. */
export interface Order {
  /** One batch of the stream; the partition taken over by somebody who knows nothing; the day of the daily batch. */
  readonly work: 'batch' | 'resume' | 'day'
  readonly folder: string
  readonly database: LocalSettings
  readonly maxBatchBytes: number
  /** EventData of the batch. */
  readonly bodies: number
  /** Sales in each of them, which share `bodyBytes`. */
  readonly salesPerBody: number
}

/** What it says in the end. */
export interface Done {
  /** Events that the work met. */
  readonly events: number
  /** Data files in bronze. */
  readonly files: number
  readonly seconds: number
  /** The most memory the process ever had, the start of it included. */
  readonly peakRssBytes: number
}

/** Near what an EventData may be, so that ten thousand of them are not a batch any more. */
export const bodyBytes = 900_000

const date = '2026-03-01'
const startMs = Date.parse(`${date}T09:00:00Z`)
const partition = 0

const workOf: Readonly<Record<Order['work'], (ports: Ports, order: Order) => Promise<number>>> = {
  batch: async (ports, order) => {
    await openIngest(ports).take(partition, messages(order))
    return order.bodies * order.salesPerBody
  },
  resume: async (ports) => (await resume(ports, partition)).sinceSaved,
  day: async (ports) => {
    const [report] = await runDays(dailyPorts(ports, thresholds), [date])
    if (!report) throw new Error(`day: expected a report of ${date}, got none`)
    return report.events
  },
}

/** Does the work in this process, so that nothing else is in its memory. */
async function done(order: Order): Promise<Done> {
  const store = folderStore(order.folder)
  const warehouse = openDatabase(order.database)
  try {
    const ports: Ports = {
      stream: 'large',
      firstSequence: 0,
      store,
      tables: await openLake(store, { rules }),
      warehouse,
      rules,
      decodeRules,
      installation,
      maxBatchBytes: order.maxBatchBytes,
      snapshotEveryEvents: Number.MAX_SAFE_INTEGER,
      clock: Date.now,
      unique: randomUUID,
      readBack: () => {
        throw new Error('large bodies: expected no gap')
      },
      log: () => undefined,
    }
    const beganMs = performance.now()
    const events = await workOf[order.work](ports, order)
    const seconds = (performance.now() - beganMs) / 1000
    const files = (await store.list('bronze/events')).filter(({ path }) => path.endsWith('.parquet')).length
    return { events, files, seconds, peakRssBytes: process.resourceUsage().maxRSS * 1024 }
  } finally {
    await warehouse.close()
  }
}

/** Bodies of sales, five a second; text that does not compress to nothing fills each up to its size. */
function messages({ bodies, salesPerBody }: Order): readonly Message[] {
  return Array.from({ length: bodies }, (_, sequence) => {
    const enqueuedMs = startMs + sequence * 200
    const sales = Array.from({ length: salesPerBody }, (_, item) => sale(sequence * salesPerBody + item, enqueuedMs))
    const missing = Math.max(0, Math.floor(bodyBytes / salesPerBody) - JSON.stringify(sales[0]).length)
    const filled = sales.map((one, item) => ({ ...one, note: text(missing, sequence * salesPerBody + item) }))
    return { sequence, enqueuedMs, body: Buffer.from(JSON.stringify(filled)) }
  })
}

function sale(number: number, nowMs: number) {
  return {
    eventId: String(number).padStart(26, '0'),
    type: 'sale',
    eventTime: new Date(nowMs - (number % 7) * 1000).toISOString(),
    storeId: `store-${number % 20}`,
    paymentMethod: 'card',
    lines: [{ productId: `product-${number % 300}`, category: `c${number % 9}`, quantity: 1, unitPrice: 1.25 }],
  }
}

/** Hexadecimal digits that repeat only after more than a compressor looks back; the same for the same seed. */
const digits = Array.from({ length: 1 << 15 }, (_, n) => createHash('sha256').update(String(n)).digest('hex')).join('')

function text(length: number, seed: number): string {
  const from = (seed * 104_729) % (digits.length - bodyBytes)
  return digits.slice(from, from + length)
}

process.once('message', (order: Order) => {
  done(order).then(
    (said) => process.send?.(said, () => process.disconnect()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})

import { decodeRules, installation, rules } from '../sim/installation'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dayMs } from '../src/day'
import { createRandom, whole } from '../generator/random'
import { startStorage } from '../local/storage/storage'
import { azureCredential } from '../src/azure/credential'
import { openLakeStore } from '../src/azure/lake-store'
import { rulesId } from '../src/fold/rules'
import { append } from '../src/lake/write/append'
import { type Store } from '../src/lake/store'
import { type Message } from '../src/event/message'
import { bronzeRow, logged } from '../src/pipeline/rows/bronze'
import { type Ports } from '../src/pipeline/ports'
import { appId } from '../src/pipeline/position'
import { resume } from '../src/pipeline/stream/resume'
import { stampTables } from '../src/pipeline/rows/stamp'
import { type Warehouse } from '../src/warehouse/connection'
import { applyBatch } from '../src/warehouse/live'
import { openDatabase, startServer } from '../sim/crash/database'
import { openLake } from '../sim/lake'

/** What `benchRecovery` writes before it measures. */
export interface RecoveryBenchOptions {
  readonly events?: number
  /** Events of a bronze file, as a batch of the stream leaves them. */
  readonly eventsPerFile?: number
  /** Events of an EventData, and so of a position. */
  readonly eventsPerMessage?: number
}

/** How long a partition's new owner takes to know what the former one knew. */
export interface RecoveryBench {
  readonly events: number
  readonly files: number
  readonly bronzeBytes: number
  readonly seconds: number
  /** Processor time of it, all threads of this process together. */
  readonly cpuSeconds: number
  readonly eventsPerSecond: number
  /** The most the process held meanwhile, beyond what it held before. */
  readonly heapBytes: number
}

const stream = 'recovery'
const partition = 0
const startMs = Date.UTC(2026, 2, 1)

/**
 * Measures `resume` of a partition with so many events in bronze and no snapshot: sales of a day by fifty stores, as the
 * stream would have written them, on local storage (gateway and Azurite) and a real PostgreSQL, every sink up to date.
 * Does not measure a network, nor sinks that lag behind.
 */
export async function benchRecovery({
  events = 1_000_000,
  eventsPerFile = 2500,
  eventsPerMessage = 25,
}: RecoveryBenchOptions = {}): Promise<RecoveryBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tillstream-bench-recovery-'))
  const storage = await startStorage({ dataDir, ports: { lake: 0, blob: 0, queue: 0, table: 0 } })
  const server = await startServer()
  const warehouse = openDatabase(await server.createDatabase('recovery'))
  try {
    const store = openLakeStore({ url: storage.url, credential: await azureCredential({ url: storage.url }) })
    const bronzeBytes = await writeBronze(await openPorts(store, warehouse), {
      events,
      eventsPerFile,
      eventsPerMessage,
    })
    const fresh = await openPorts(store, warehouse)
    const heap = watchHeap()
    const [beganMs, cpuBefore] = [performance.now(), process.cpuUsage()]
    const { sinceSaved } = await resume(fresh, partition)
    const seconds = (performance.now() - beganMs) / 1000
    const cpu = process.cpuUsage(cpuBefore)
    const heapBytes = heap()
    if (sinceSaved !== events) throw new Error(`recovery: expected ${events} events replayed, got ${sinceSaved}`)
    const files = Math.ceil(events / eventsPerFile)
    const cpuSeconds = (cpu.user + cpu.system) / 1e6
    return { events, files, bronzeBytes, seconds, cpuSeconds, eventsPerSecond: Math.round(events / seconds), heapBytes }
  } finally {
    await warehouse.close()
    await server.close()
    await storage.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function openPorts(store: Store, warehouse: Warehouse): Promise<Ports> {
  return {
    stream,
    firstSequence: 0,
    store,
    tables: await openLake(store, { rules }),
    warehouse,
    rules,
    decodeRules,
    installation,
    maxBatchBytes: 16 << 20,
    snapshotEveryEvents: Infinity,
    clock: Date.now,
    unique: randomUUID,
    readBack: () => {
      throw new Error('recovery: expected no gap')
    },
    log: () => undefined,
  }
}

/** Writes the events file by file, and every sink's position at the last; returns the size of the files. */
async function writeBronze(ports: Ports, sizes: Required<RecoveryBenchOptions>): Promise<number> {
  const { tables, warehouse } = ports
  const id = appId(stream, partition)
  await stampTables(tables.derived, rules)
  let after: number | undefined
  for (const messages of batches(sizes)) {
    const version = messages.at(-1)?.sequence ?? -1
    const rows = logged(messages, decodeRules).map((event) => bronzeRow(partition, event))
    await append(tables.bronze, { rows, moves: [{ appId: id, after, version }], operation: 'STREAMING UPDATE' })
    after = version
  }
  const sequence = after ?? -1
  for (const table of tables.derived.values()) {
    await append(table, { rows: [], moves: [{ appId: id, after: undefined, version: sequence }], operation: 'WRITE' })
  }
  const nothing = { upserts: [], additions: [], stockouts: [] }
  await applyBatch(warehouse, { stream, partition, sequence, rules: rulesId(rules), ...nothing })
  const files = [...tables.bronze.seen.snapshot.files.values()]
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

function* batches({ events, eventsPerFile, eventsPerMessage }: Required<RecoveryBenchOptions>): Generator<Message[]> {
  const random = createRandom('recovery')
  let batch: Message[] = []
  for (let made = 0, sequence = 0; made < events; sequence++) {
    const size = Math.min(eventsPerMessage, events - made)
    const enqueuedMs = startMs + Math.floor((made * dayMs) / events)
    const items = Array.from({ length: size }, (_, index) => sale(made + index, { random, enqueuedMs }))
    batch.push({ sequence, enqueuedMs, body: Buffer.from(JSON.stringify(items)) })
    made += size
    if (batch.length * eventsPerMessage < eventsPerFile && made < events) continue
    yield batch
    batch = []
  }
}

function sale(number: number, { random, enqueuedMs }: { readonly random: () => number; readonly enqueuedMs: number }) {
  const store = whole(random, 1, 50)
  const lines = Array.from({ length: whole(random, 1, 4) }, () => ({
    productId: `product-${String(whole(random, 1, 300)).padStart(4, '0')}`,
    category: 'dairy',
    quantity: whole(random, 1, 3),
    unitPrice: whole(random, 50, 2000) / 100,
  }))
  return {
    eventId: `0${String(number).padStart(25, '0')}`,
    type: 'sale',
    eventTime: new Date(enqueuedMs - whole(random, 0, 60_000)).toISOString(),
    storeId: `store-${String(store).padStart(4, '0')}`,
    channel: 'store',
    customerId: `customer-${whole(random, 1, 20_000)}`,
    paymentMethod: 'card',
    lines,
  }
}

/** Watches how much the process holds; the result ends the watch and gives the most, beyond what it held before. */
function watchHeap(): () => number {
  const before = process.memoryUsage().heapUsed
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed)
  }, 100)
  return () => {
    clearInterval(timer)
    return most - before
  }
}

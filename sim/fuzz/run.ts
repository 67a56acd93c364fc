// Tested in test/sim/fuzz/decode.test.ts.
import { decodeRules, installation, rules } from '../installation'
import { randomUUID } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { reasonOf } from '../../src/reason'
import { decode } from '../../src/event/decode'
import { readRows } from '../../src/lake/scan'
import { refresh } from '../../src/lake/table'
import { listen, metricNames } from '../../src/observe/metrics'
import { type Message } from '../../src/event/message'
import { openIngest } from '../../src/pipeline/stream/ingest'
import { type Ports } from '../../src/pipeline/ports'
import { type Warehouse } from '../../src/warehouse/connection'
import { memoryDisk } from '../crash/disk'
import { emptyDatabase } from '../crash/rows'
import { openLake } from '../lake'
import { createBodies, type Fuzzed } from './bodies'

export interface FuzzOptions {
  readonly seed: string
  readonly bodies: number
  /** Migrated, and emptied again and again. */
  readonly warehouse: Warehouse
  readonly onProgress?: (done: number) => void
}

/** What came of the bodies. */
export interface FuzzReport {
  readonly ok: boolean
  readonly seed: string
  readonly bodies: number
  /** Rows in bronze: at least one for each body. */
  readonly rows: number
  readonly rowsByVerdict: Readonly<Record<string, number>>
  /** The body that took longest to decode. */
  readonly slowest: { readonly kind: string; readonly sizeBytes: number; readonly ms: number }
  /** The batch that took longest from hub to PostgreSQL. */
  readonly slowestBatchMs: number
  readonly seconds: number
  /** What went wrong, each with the round and number that finds it again. */
  readonly faults: readonly string[]
}

const perRound = 20_000
const perBatch = 500
const betweenMs = 40
const startMs = Date.UTC(2026, 2, 1, 9)

interface Tally {
  rows: number
  readonly verdicts: Record<string, number>
  slowest: FuzzReport['slowest']
  slowestBatchMs: number
  readonly faults: string[]
}

/**
 * Sends bodies no producer should send through the whole pipeline, and finds every one of them in bronze again, byte
 * for byte, with a verdict. Does not stop at a fault; the same seed gives the same bodies.
 */
export async function fuzz({ seed, bodies, warehouse, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const startedMs = performance.now()
  const tally: Tally = {
    rows: 0,
    verdicts: {},
    slowest: { kind: 'none', sizeBytes: 0, ms: 0 },
    slowestBatchMs: 0,
    faults: [],
  }
  for (let done = 0; done < bodies; done += perRound) {
    // A lake of its own for each round bounds what is in memory.
    await fuzzRound({ name: `${seed}/${done}`, count: Math.min(perRound, bodies - done), warehouse }, tally)
    onProgress?.(Math.min(done + perRound, bodies))
  }
  const { rows, verdicts, slowest, slowestBatchMs, faults } = tally
  return {
    ok: faults.length === 0,
    seed,
    bodies,
    rows,
    rowsByVerdict: verdicts,
    slowest: { ...slowest, ms: Math.round(slowest.ms * 10) / 10 },
    slowestBatchMs: Math.round(slowestBatchMs),
    seconds: Math.round(performance.now() - startedMs) / 1000,
    faults: faults.slice(0, 20),
  }
}

interface Round {
  readonly name: string
  readonly count: number
  readonly warehouse: Warehouse
}

async function fuzzRound({ name, count, warehouse }: Round, tally: Tally): Promise<void> {
  await emptyDatabase(warehouse)
  const ports = await openPorts(warehouse)
  const ingest = openIngest(ports)
  const next = createBodies(name)
  const sent: (Fuzzed & Message)[] = []
  while (sent.length < count) {
    const batch = Array.from({ length: Math.min(perBatch, count - sent.length) }, (_, index) => {
      const sequence = sent.length + index
      const enqueuedMs = startMs + sequence * betweenMs
      return { ...next(enqueuedMs), sequence, enqueuedMs }
    })
    sent.push(...batch)
    for (const message of batch) timeDecode(message, tally)
    const note = (fault: string) => tally.faults.push(`${name} to ${sent.length}: ${fault}`)
    const stop = watchWatermark((batch.at(-1)?.enqueuedMs ?? 0) + decodeRules.maxAheadMs - rules.latenessMs, note)
    const batchStartedMs = performance.now()
    await ingest.take(0, batch).catch((error: unknown) => note(reasonOf(error)))
    tally.slowestBatchMs = Math.max(tally.slowestBatchMs, performance.now() - batchStartedMs)
    stop()
  }
  await checkBronze({ name, ports, sent }, tally)
}

async function openPorts(warehouse: Warehouse): Promise<Ports> {
  const store = memoryDisk(Date.now)
  return {
    stream: 'fuzz',
    firstSequence: 0,
    store,
    tables: await openLake(store, { rules }),
    warehouse,
    rules,
    decodeRules,
    installation,
    maxBatchBytes: 16 << 20,
    snapshotEveryEvents: 5_000,
    clock: Date.now,
    unique: randomUUID,
    readBack: () => {
      throw new Error('fuzz: expected no gap')
    },
    log: () => undefined,
  }
}

function timeDecode({ kind, body, enqueuedMs }: Fuzzed & Message, tally: Tally): void {
  const startedMs = performance.now()
  decode(body, { enqueuedMs, rules: decodeRules })
  const ms = performance.now() - startedMs
  if (ms > tally.slowest.ms) tally.slowest = { kind, sizeBytes: body.byteLength, ms }
}

/** Notes a watermark beyond what the hub's own clock allows, however far ahead some till's clock is. */
function watchWatermark(latestMs: number, note: (fault: string) => void): () => void {
  return listen(({ name, value }) => {
    if (name !== metricNames.watermarkMs || value <= latestMs) return
    note(`watermark expected at most ${new Date(latestMs).toISOString()}, got ${new Date(value).toISOString()}`)
  })
}

type BronzeRow = Readonly<Record<string, unknown>> & { readonly body: Uint8Array; readonly envelope: Uint8Array | null }

async function checkBronze(
  { name, ports, sent }: { name: string; ports: Ports; sent: readonly (Fuzzed & Message)[] },
  tally: Tally,
): Promise<void> {
  const found = new Map<number, BronzeRow[]>()
  const { bronze } = ports.tables
  for await (const rows of readRows(bronze, await refresh(bronze))) {
    for (const row of rows as readonly BronzeRow[]) {
      const sequence = Number(row.sequence)
      const of = found.get(sequence)
      if (of) of.push(row)
      else found.set(sequence, [row])
    }
  }
  for (const message of sent) {
    const rows = (found.get(message.sequence) ?? []).sort((a, b) => Number(a.item) - Number(b.item))
    const fault = faultOf(message, rows)
    if (fault !== undefined) tally.faults.push(`${name} body ${message.sequence} (${message.kind}): ${fault}`)
    tally.rows += rows.length
    for (const { reject_reason: reason } of rows) {
      const verdict = typeof reason === 'string' ? reason : 'accepted'
      tally.verdicts[verdict] = (tally.verdicts[verdict] ?? 0) + 1
    }
  }
}

const between = new Set(Buffer.from('\ufeff \t\r\n[],'))

/**
 * What is wrong with the rows of a body: they must hold all of it but what separates the items of an array. What was
 * wrapped or packed must be on the first row as it came, and what an unpacked body holds is in it or in its base64.
 */
function faultOf({ body }: Fuzzed, rows: readonly BronzeRow[]): string | undefined {
  if (rows.length === 0) return 'expected a row in bronze, got none'
  for (const [index, row] of rows.entries()) {
    if (row.item !== index) return `expected item ${index}, got ${String(row.item)}`
    const isEvent = row.event_id !== null && row.type !== null && row.event_time !== null
    const isReject = typeof row.reject_reason === 'string' && typeof row.reject_detail === 'string'
    if (isEvent === isReject) return `item ${index}: expected an event or a reason`
    if (index > 0 && row.envelope) return `item ${index}: expected the envelope on item 0 alone`
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const envelope = rows[0]?.envelope
  return envelope ? faultOfWrapped(bytes, { envelope, rows }) : faultOfPlain(bytes, rows)
}

function faultOfPlain(bytes: Buffer, rows: readonly BronzeRow[]): string | undefined {
  let at = 0
  for (const [index, row] of rows.entries()) {
    const start = bytes.indexOf(row.body, at)
    if (start === -1 || !isBetween(bytes.subarray(at, start))) return `item ${index}: expected its bytes from ${at} on`
    at = start + row.body.byteLength
  }
  return isBetween(bytes.subarray(at)) ? undefined : `expected the bytes from ${at} on in bronze`
}

function faultOfWrapped(
  bytes: Buffer,
  { envelope, rows }: { readonly envelope: Uint8Array; readonly rows: readonly BronzeRow[] },
): string | undefined {
  if (!bytes.equals(envelope)) return 'expected the whole body as its envelope'
  const plain = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes
  for (const [index, { body }] of rows.entries()) {
    const bare = Buffer.from(body)
    const isThere = plain.includes(bare) || plain.includes(bare.toString('base64'))
    if (!isThere) return `item ${index}: expected bytes that are in the body, or in base64 there`
  }
  return undefined
}

function isBetween(bytes: Uint8Array): boolean {
  return bytes.every((byte) => between.has(byte))
}

// Tested in test/generator/simulate.test.ts.
import { open } from 'node:fs/promises'
import { type Delivery } from './delivery'
import { simulate, type SimulationOptions } from './simulate'
import { addDeliveries, noTotals, type StreamTotals } from './totals'

export interface NdjsonOptions {
  readonly file: string
  readonly simulation: SimulationOptions
  /** Ends the file after so many events, or so much event time, or in between when the signal comes. */
  readonly maxEvents?: number
  readonly forMs?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (totals: StreamTotals) => void
}

/** Enough that a write costs nothing beside what it writes, and little enough to stay in the cache. */
const linesPerChunk = 1_000
const deliveriesPerReport = 100_000

/**
 * Writes a simulated world to a file, one event body per line in the order of sending, as fast as the disk takes it:
 * the next lines are made while the last are written, so memory stays small. Resolves with the totals when the file
 * is closed; the file is there, cut after a line, when it rejects.
 */
export async function writeNdjson({ file, simulation, onProgress, ...ends }: NdjsonOptions): Promise<StreamTotals> {
  const { maxEvents = Infinity, forMs = Infinity, signal } = ends
  const beganMs = performance.now()
  const endMs = simulation.startMs + forMs
  const deliveries = simulate(simulation)
  let totals = noTotals(simulation.startMs)
  const output = await open(file, 'w')
  try {
    let written: Promise<unknown> = Promise.resolve()
    for (let more = true; more && signal?.aborted !== true;) {
      const chunk = nextOf(deliveries, { count: Math.min(linesPerChunk, maxEvents - totals.events), endMs })
      more = chunk.length === linesPerChunk
      await written
      written = output.writeFile(linesOf(chunk))
      totals = { ...addDeliveries(totals, chunk), seconds: (performance.now() - beganMs) / 1000 }
      if (!more || totals.events % deliveriesPerReport === 0) onProgress?.(totals)
    }
    await written
  } finally {
    await output.close()
  }
  return totals
}

/** The next deliveries before a moment; fewer than `count` when it has come. */
function nextOf(
  deliveries: Generator<Delivery, never>,
  { count, endMs }: { readonly count: number; readonly endMs: number },
): readonly Delivery[] {
  const chunk: Delivery[] = []
  while (chunk.length < count) {
    const delivery = deliveries.next().value
    if (delivery.atMs >= endMs) break
    chunk.push(delivery)
  }
  return chunk
}

function linesOf(chunk: readonly Delivery[]): Buffer {
  let text = ''
  for (const delivery of chunk) text += `${delivery.text}\n`
  return Buffer.from(text, 'latin1')
}

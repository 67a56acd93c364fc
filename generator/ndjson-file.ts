import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Delivery, simulate, type SimulationOptions } from './simulate'
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

const newline = Buffer.from('\n')
const linesPerChunk = 500

/**
 * Writes a simulated world to a file, one event body per line in the order of sending, as fast as the disk takes it:
 * the file pulls the events, so memory stays small. Resolves with the totals when the file is closed.
 */
export async function writeNdjson({ file, simulation, onProgress, ...ends }: NdjsonOptions): Promise<StreamTotals> {
  const { maxEvents = Infinity, forMs = Infinity, signal } = ends
  const beganMs = performance.now()
  let totals = noTotals(simulation.startMs)
  function* chunks(): Generator<Buffer> {
    let lines: Delivery[] = []
    for (const delivery of simulate(simulation)) {
      const ended = totals.events + lines.length >= maxEvents || delivery.atMs - simulation.startMs >= forMs
      if (!ended && signal?.aborted !== true) lines.push(delivery)
      else break
      if (lines.length < linesPerChunk) continue
      yield* write(lines)
      lines = []
    }
    yield* write(lines)
  }
  function* write(lines: readonly Delivery[]): Generator<Buffer> {
    if (lines.length === 0) return
    totals = { ...addDeliveries(totals, lines), seconds: (performance.now() - beganMs) / 1000 }
    onProgress?.(totals)
    yield Buffer.concat(lines.flatMap(({ body }) => [body, newline]))
  }
  await pipeline(Readable.from(chunks()), createWriteStream(file))
  return totals
}

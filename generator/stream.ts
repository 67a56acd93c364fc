import { setTimeout as sleep } from 'node:timers/promises'
import { type Delivery } from './delivery'
import { bytesOf } from './event-text'
import { createPace } from './pace'
import { simulate, type SimulationOptions } from './simulate'
import { addDeliveries, noTotals, type StreamTotals } from './totals'

export interface StreamOptions {
  /** The world; it starts now unless `startMs` says otherwise. */
  readonly simulation: Omit<SimulationOptions, 'ratePerSecond' | 'startMs'> & { readonly startMs?: number }
  /** Deliveries per second of the clock. */
  readonly rate: number
  /** How much faster than the clock event time runs until it has caught up. */
  readonly speed?: number
  /** Takes deliveries in order; the next call comes when its promise has resolved. */
  readonly send: (events: readonly { readonly key: string; readonly body: Uint8Array }[]) => Promise<void>
  /** Ends the stream between two sends. */
  readonly signal?: AbortSignal
  /** Ends the stream after so many deliveries, or so much time of the clock. */
  readonly maxEvents?: number
  readonly forMs?: number
  readonly onProgress?: (totals: StreamTotals) => void
  readonly clock?: () => number
}

/** Small waits are gathered up to this long, so that a rate of thousands does not mean thousands of sends. */
const tickMs = 50
/** Deliveries per send: keeps a stream that fell behind from building one enormous send. */
const maxPerSend = 2_000
/** Stores of a send travel side by side, so what is in one must be near enough in event time to be on time in any order. */
const maxSpanMs = 120_000

/**
 * Streams a simulated world as its pace demands, or as fast as `send` takes it when that is slower. Resolves with the
 * totals when the signal, `maxEvents` or `forMs` ends it; rejects when `send` does.
 */
export async function streamWorld({
  simulation,
  rate,
  speed = 1,
  send,
  signal,
  maxEvents = Infinity,
  forMs = Infinity,
  onProgress,
  clock = Date.now,
}: StreamOptions): Promise<StreamTotals> {
  const clockMs = clock()
  const startMs = simulation.startMs ?? clockMs
  const pace = createPace({ startMs, clockMs, speed, rate })
  const world = simulate({ ...simulation, startMs, ratePerSecond: pace.ratePerSecond })
  let totals = noTotals(startMs)
  let next = world.next().value
  while (totals.events < maxEvents && clock() - clockMs < forMs && signal?.aborted !== true) {
    const due: Delivery[] = []
    const most = Math.min(maxPerSend, maxEvents - totals.events)
    const nowMs = clock()
    const fits = () => next.atMs - (due[0] ?? next).atMs <= maxSpanMs
    for (; due.length < most && fits() && pace.dueMs(next.atMs) <= nowMs; next = world.next().value) due.push(next)
    if (due.length > 0) {
      await send(due.map(({ storeId, text }) => ({ key: storeId, body: bytesOf(text) })))
      totals = { ...addDeliveries(totals, due), seconds: (clock() - clockMs) / 1000 }
      onProgress?.(totals)
    }
    const waitMs = Math.min(Math.max(pace.dueMs(next.atMs) - clock(), tickMs), clockMs + forMs - clock())
    if (due.length < most && fits() && waitMs > 0) await pause(waitMs, signal)
  }
  return { ...totals, seconds: (clock() - clockMs) / 1000 }
}

/** Waits, less long when the signal comes; an aborted wait is no error here. */
async function pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

// Tested in test/generator/simulate.test.ts.
import { type Agenda } from './agenda'
import { type ByteText, oneBlock } from './event-text'
import { spoil } from './flaw'
import { flushedMs, type Outages } from './outage'
import { exponential, type Random, whole } from './random'
import { type Scene } from './scene'

/** One event on its way to the hub. */
export interface Delivery {
  readonly storeId: string
  readonly text: ByteText
  /** When it is sent, whole milliseconds on the axis of event time. */
  readonly atMs: number
  /** The fault built into it: told long after it happened, sent a second time, malformed. */
  readonly flaw: 'none' | 'late' | 'duplicate' | 'malformed'
}

export interface RouteOptions {
  readonly random: Random
  readonly outages: Outages
  readonly agenda: Agenda<Delivery>
  /** Nothing is sent before. */
  readonly startMs: number
  /** Shares of deliveries. */
  readonly duplicates: number
  readonly malformed: number
}

const minuteMs = 60_000
/** Past the lateness of ten minutes. */
export const lateAfterMs = 11 * minuteMs
const resend = { fromMs: 1_000, meanMs: 30_000, toMs: 5 * minuteMs } as const

/** The way from the till to the hub: an event arrives once, twice, in pieces, or when the store is back. */
export function openRoute(options: RouteOptions): Scene['tell'] {
  const { random, outages, agenda, startMs, duplicates, malformed } = options
  return (store, knownMs, { text: parts, late }) => {
    const outage = outages.of(store)
    const leftMs = outage === undefined ? knownMs : flushedMs(outage, knownMs)
    const atMs = leftMs + networkMs(random)
    if (atMs < startMs) return
    const { storeId } = store
    const text = oneBlock(parts)
    if (random() < malformed) {
      agenda.put(atMs, { storeId, text: spoil(text, random), atMs, flaw: 'malformed' })
      return
    }
    const flaw = late || leftMs - knownMs > lateAfterMs ? 'late' : 'none'
    agenda.put(atMs, { storeId, text, atMs, flaw })
    if (random() >= duplicates) return
    const againMs = atMs + Math.round(Math.min(resend.fromMs + exponential(random, resend.meanMs), resend.toMs))
    agenda.put(againMs, { storeId, text, atMs: againMs, flaw: 'duplicate' })
  }
}

/** A second at most, but now and then a minute. */
function networkMs(random: Random): number {
  return random() < 0.02 ? whole(random, 1_000, minuteMs) : whole(random, 20, 1_000)
}

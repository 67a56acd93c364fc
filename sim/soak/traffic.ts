// Tested in test/sim/soak/soak.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { streamWorld } from '../../generator/stream'
import { dayMs } from '../../src/day'
import { type EventSender, type OutgoingEvent } from '../../src/azure/event-sender'
import { type Ledger } from './ledger'

/** The generator and a sender that does not give up. */
export interface Traffic {
  /** Sends until the signal; what is under way then is still delivered. Rejects when the hub stays away for minutes. */
  run(signal: AbortSignal): Promise<void>
  /** When the newest acknowledged send was begun, epoch milliseconds. */
  begunMs(): number
  /** Sends that failed and were made again, whole. */
  resends(): number
}

export interface TrafficOptions {
  readonly sender: EventSender
  readonly ledger: Ledger
  readonly rate: number
  readonly seed: number
  /** Every other store's events go without a key, to whatever partition the hub likes. */
  readonly scattered?: boolean
}

const retryMs = 200
const patienceMs = 180_000

/** Event time runs this much faster than the clock, so that windows close and shelves run empty while it lasts. */
const speed = 30
const pastMs = dayMs

/** More late and repeated events than a shop has: each is a path of its own through the sinks. */
const flaws = { late: 0.03, duplicates: 0.02, malformed: 0.005 } as const

/** Streams the simulated shops to the hub, at least once: a send that failed is made again, whatever of it got through. */
export function openTraffic({ sender, ledger, rate, seed, scattered = false }: TrafficOptions): Traffic {
  let [begunMs, resends] = [-Infinity, 0]
  const send = async (simulated: readonly OutgoingEvent[]): Promise<void> => {
    const events = scattered ? simulated.map(withoutKey) : simulated
    const firstMs = Date.now()
    for (;;) {
      const startedMs = Date.now()
      try {
        await sender.send(events)
        ledger.add(events.map(({ body }) => body))
        begunMs = startedMs
        return
      } catch (cause) {
        if (startedMs - firstMs > patienceMs) throw new Error('soak: the hub takes nothing any more', { cause })
        resends += 1
        await sleep(retryMs)
      }
    }
  }
  return {
    run: async (signal) => {
      const simulation = { seed, startMs: Date.now() - pastMs, ...flaws }
      await streamWorld({ simulation, rate, speed, send, signal })
    },
    begunMs: () => begunMs,
    resends: () => resends,
  }
}

/** Store ids end with a digit or letter, of which about half are odd. */
function withoutKey({ key, body }: OutgoingEvent): OutgoingEvent {
  return { key: key.charCodeAt(key.length - 1) % 2 === 1 ? '' : key, body }
}

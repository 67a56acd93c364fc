// Tested in test/generator/trouble.test.ts.
import { dayMs } from '../src/day'
import { exponential, logUniform, type Random } from './random'
import { type Trouble } from './truth'
import { type Store } from './world'

/** A store that is offline, or dark, for a while. */
export interface Outage {
  /** `offline`: tills go on and tell it all afterwards. `dark`: nothing is sold. */
  readonly kind: 'offline' | 'dark'
  readonly fromMs: number
  readonly untilMs: number
  readonly trouble: Trouble
}

/** The stores that are out. */
export interface Outages {
  readonly begin: (store: Store, outage: Outage) => void
  readonly end: (store: Store) => Outage | undefined
  readonly of: (store: Store) => Outage | undefined
}

const [minuteMs, weekMs] = [60_000, 7 * dayMs]
const lasting = { fromMs: 10 * minuteMs, toMs: 180 * minuteMs, darkShare: 0.5 } as const
/** What was kept back comes in the order it happened, within a minute. */
const flushMs = minuteMs

/** No store is out. */
export function noOutages(): Outages {
  const out = new Map<number, Outage>()
  return {
    begin: ({ index }, outage) => out.set(index, outage),
    end: ({ index }) => {
      const outage = out.get(index)
      out.delete(index)
      return outage
    },
    of: ({ index }) => out.get(index),
  }
}

/** What kind of outage comes, and how long it lasts. */
export function drawOutage(random: Random, fromMs: number): Pick<Outage, 'kind' | 'fromMs' | 'untilMs'> {
  const kind = random() < lasting.darkShare ? 'dark' : 'offline'
  return { kind, fromMs, untilMs: fromMs + logUniform(random, lasting.fromMs, lasting.toMs) }
}

/** Time until the next outage of a store. */
export function nextOutageMs(random: Random, perWeek: number): number {
  return perWeek === 0 ? Infinity : exponential(random, weekMs / perWeek)
}

/** When an event of a store that is out leaves it. */
export function flushedMs({ fromMs, untilMs }: Outage, atMs: number): number {
  if (atMs >= untilMs) return atMs
  return Math.round(untilMs + (Math.max(0, atMs - fromMs) / (untilMs - fromMs)) * flushMs)
}

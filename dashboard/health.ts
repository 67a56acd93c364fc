import { spanText } from './format'

/** What the header says of the pipe. `waiting`: nothing was ever delivered. */
export interface Health {
  readonly state: 'waiting' | 'live' | 'quiet' | 'stuck'
  readonly words: string
}

export interface Signs {
  /** When any partition delivered last, epoch milliseconds; null before the first. */
  readonly pulseMs: number | null
  /** Minutes without an order up to now; null where a view does not know. */
  readonly minutesWithoutOrder: number | null
}

// The app sends a pulse a minute: two may go missing on the way, a third does not by chance.
const stuckAfterMs = 3 * 60_000
const quietAfterMinutes = 5

/** Tells by the pulse, and not by sales, whether figures move: a shop without customers is quiet, a pipe without a pulse is stuck. */
export function healthOf({ pulseMs, minutesWithoutOrder }: Signs, nowMs: number): Health {
  if (pulseMs === null) return { state: 'waiting', words: 'Waiting: nothing has been delivered yet' }
  const silentMs = nowMs - pulseMs
  if (silentMs > stuckAfterMs) {
    return { state: 'stuck', words: `Stuck: no pulse for ${spanText(silentMs)}, the figures stand still` }
  }
  if (minutesWithoutOrder !== null && minutesWithoutOrder >= quietAfterMinutes) {
    return { state: 'quiet', words: `Quiet: no order in ${minutesWithoutOrder} min, the pipe is healthy` }
  }
  return { state: 'live', words: 'Live' }
}

/** How many of the last minutes have no order; of a list that has one number a minute. */
export function minutesWithoutOrder(orders: readonly number[]): number {
  return orders.length - 1 - orders.findLastIndex((count) => count > 0)
}

// Tested in test/local/hub/hub.test.ts.
import { type Outlet, finishDrain, sendTurn } from './outlet'

/** Sends on the outlets that may have something to send, a turn each, so that none waits for another. */
export interface Pump {
  /** Has the outlet looked at in the next round; cheap to call again and again. */
  readonly schedule: (outlet: Outlet) => void
  readonly forget: (outlet: Outlet) => void
}

/**
 * A pump over the event loop: rounds run after pending input and rhea's own writes, so an attach is on the wire before
 * the first delivery of its link. `onFault` gets what a source throws; that outlet is not scheduled again by itself.
 */
export function createPump(onFault: (outlet: Outlet, error: unknown) => void): Pump {
  let due = new Set<Outlet>()
  let waiting = false
  const schedule = (outlet: Outlet): void => {
    due.add(outlet)
    if (waiting) return
    waiting = true
    setImmediate(round)
  }
  const round = (): void => {
    const outlets = due
    due = new Set()
    waiting = false
    for (const outlet of outlets) {
      try {
        takeTurn(outlet, schedule)
      } catch (error) {
        onFault(outlet, error)
      }
    }
  }
  return { schedule, forget: (outlet) => due.delete(outlet) }
}

function takeTurn(outlet: Outlet, schedule: (outlet: Outlet) => void): void {
  const stop = sendTurn(outlet)
  switch (stop) {
    case 'turn over':
      return schedule(outlet)
    case 'empty':
      return finishDrain(outlet)
    case 'blocked':
      // The peer's next flow frame, or its socket draining, schedules it again.
      return
  }
}

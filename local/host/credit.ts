import { Receiver } from 'rhea-promise'

const largestGrant = new WeakMap<Receiver, number>()
let installed = false

/**
 * Keeps Event Hubs receivers from asking for more and more events. `@azure/event-hubs` grants a whole prefetch on
 * every read without counting what is still outstanding (`partitionReceiver.js` addCredits), so a trickle of events
 * piles up credit and a burst, met by a function that fails, would be buffered whole. With this, a link never has
 * more outstanding than its largest single request. It applies to every receiver of the process, once.
 */
export function capReceiverCredit(): void {
  if (installed) return
  installed = true
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver as `this` below
  const addCredit = Receiver.prototype.addCredit
  Receiver.prototype.addCredit = function capped(this: Receiver, credit: number): void {
    const most = Math.max(credit, largestGrant.get(this) ?? 0)
    largestGrant.set(this, most)
    const missing = Math.min(credit, most - this.credit)
    if (missing > 0) addCredit.call(this, missing)
  }
}

import { type EventContext, Receiver, ReceiverEvents } from 'rhea-promise'

/** What a receiver was asked for and what it brought. */
interface Seen {
  /** Events. */
  largestGrant: number
  /** Body of the largest event of late, in bytes; before the first, the largest that a hub takes. */
  bodyBytes: number
}

const largestBodyBytes = 1 << 20
/** An event later counts for so much less: one large body among small ones is soon forgotten. */
const fading = 0.99

const receivers = new WeakMap<Receiver, Seen>()
let budgetBytes = Infinity
let installed = false

/**
 * Keeps Event Hubs receivers from asking for more and more events. `@azure/event-hubs` grants a whole prefetch on
 * every read without counting what is still outstanding (`partitionReceiver.js` addCredits), so a trickle of events
 * piles up credit and a burst, met by a function that fails, would be buffered whole. With this, a link never has
 * more outstanding than its largest single request, nor than `bytes` would hold of events as large as those it brought;
 * the client itself counts no bytes. It applies to every receiver of the process; the last `bytes` given counts.
 */
export function capReceiverCredit(bytes = Infinity): void {
  budgetBytes = bytes
  if (installed) return
  installed = true
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver as `this` below
  const addCredit = Receiver.prototype.addCredit
  Receiver.prototype.addCredit = function capped(this: Receiver, credit: number): void {
    const seen = receivers.get(this) ?? watch(this)
    seen.largestGrant = Math.max(credit, seen.largestGrant)
    const most = Math.min(seen.largestGrant, Math.max(1, Math.floor(budgetBytes / seen.bodyBytes)))
    const missing = Math.min(credit, most - this.credit)
    if (missing > 0) addCredit.call(this, missing)
  }
}

function watch(receiver: Receiver): Seen {
  const seen = { largestGrant: 0, bodyBytes: largestBodyBytes }
  receivers.set(receiver, seen)
  let known = 1
  receiver.on(ReceiverEvents.message, ({ message }: EventContext) => {
    known = Math.max(known * fading, bytesOf(message?.body))
    seen.bodyBytes = known
  })
  return seen
}

/** Bytes of a body that is a data section, as a hub's are; of anything else, nothing is known. */
function bytesOf(body: unknown): number {
  const content = typeof body === 'object' && body !== null && 'content' in body ? body.content : body
  return content instanceof Uint8Array ? content.byteLength : largestBodyBytes
}

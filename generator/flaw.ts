import { type EventType, type Wire } from '../src/event/schema'
import { oneOf, type Random, whole } from './random'

const encoder = new TextEncoder()
const hourMs = 3_600_000

/** Code for tests (ISO 4217), so no installation is configured for it. */
const noCurrency = 'XTS'

type Spoil = (event: Wire<EventType>, random: Random) => string | Uint8Array

/** Ways an event goes wrong on its way, one per reject reason or more; none of them holds a line break. */
const spoils: readonly Spoil[] = [
  (event, random) => {
    const text = JSON.stringify(event)
    return text.slice(0, whole(random, 1, text.length - 1))
  },
  (event) => {
    const bytes = encoder.encode(JSON.stringify(event))
    bytes[bytes.length >> 1] = 0xff
    return bytes
  },
  (event) => JSON.stringify({ ...event, eventId: undefined }),
  (event) => JSON.stringify({ ...event, type: 'refund' }),
  (event) => JSON.stringify({ ...event, eventTime: event.eventTime.slice(0, -1) }),
  (event, random) => JSON.stringify({ ...event, ...wrongValue(event, random) }),
  (event, random) => {
    // Further ahead than a late event lies behind.
    const aheadMs = whole(random, 7 * hourMs, 24 * hourMs)
    return JSON.stringify({ ...event, eventTime: new Date(Date.parse(event.eventTime) + aheadMs).toISOString() })
  },
  (event) =>
    event.type === 'sale' || event.type === 'payment'
      ? JSON.stringify({ ...event, currency: noCurrency })
      : JSON.stringify({ ...event, storeId: '' }),
]

/** The body of an event that went wrong in one of the ways the decoder has a reason for. */
export function spoil(event: Wire<EventType>, random: Random): Uint8Array {
  const body = oneOf(random, spoils)(event, random)
  return typeof body === 'string' ? encoder.encode(body) : body
}

function wrongValue(event: Wire<EventType>, random: Random): object {
  switch (event.type) {
    case 'sale': {
      const fault = oneOf(random, [{ quantity: 0 }, { quantity: 1.5 }, { unitPrice: -1 }, { unitPrice: '1,99' }])
      return { lines: event.lines.map((line) => ({ ...line, ...fault })) }
    }
    case 'payment':
      return { status: 'unsure' }
    case 'stock':
      return { onHand: -1 }
    case 'activity':
      return { action: 'stare' }
    case 'pulse':
      return { eventTime: 'now' }
    default: {
      const never: never = event
      return never
    }
  }
}

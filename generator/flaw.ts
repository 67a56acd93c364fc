// Tested in test/generator/simulate.test.ts.
import { dayMs } from '../src/day'
import { type EventType, type Wire } from '../src/event/schema'
import { type ByteText, bytesText, valueOf } from './event-text'
import { oneOf, type Random, whole } from './random'

const yearMs = 365 * dayMs

/** Code for tests (ISO 4217), so no installation is configured for it. */
const noCurrency = 'XTS'

type Spoil = (event: Wire<EventType>, random: Random) => ByteText

/** Ways an event goes wrong on its way, one per reject reason or more; none of them holds a line break. */
const spoils: readonly Spoil[] = [
  (event, random) => {
    const text = jsonOf(event)
    return text.slice(0, whole(random, 1, text.length - 1))
  },
  (event) => {
    const text = jsonOf(event)
    const middle = text.length >> 1
    return `${text.slice(0, middle)}\xff${text.slice(middle + 1)}`
  },
  (event) => jsonOf({ ...event, eventId: undefined }),
  (event) => jsonOf({ ...event, type: 'refund' }),
  (event) => jsonOf({ ...event, eventTime: event.eventTime.slice(0, -1) }),
  (event, random) => jsonOf({ ...event, ...wrongValue(event, random) }),
  (event, random) => {
    // So far ahead that it still is when a recorded past is replayed: taken for true, it would make all after it late.
    const aheadMs = whole(random, 20, 60) * yearMs
    return jsonOf({ ...event, eventTime: new Date(Date.parse(event.eventTime) + aheadMs).toISOString() })
  },
  (event) =>
    event.type === 'sale' || event.type === 'payment'
      ? jsonOf({ ...event, currency: noCurrency })
      : jsonOf({ ...event, storeId: '' }),
]

/** An event that went wrong in one of the ways the decoder has a reason for. */
export function spoil(text: ByteText, random: Random): ByteText {
  // Every text made here is an event of the contract.
  const event = valueOf(text) as Wire<EventType>
  return oneOf(random, spoils)(event, random)
}

function jsonOf(value: unknown): ByteText {
  return bytesText(JSON.stringify(value))
}

function wrongValue(event: Wire<EventType>, random: Random): object {
  switch (event.type) {
    case 'sale': {
      const fault = oneOf(random, [
        { quantity: 0 },
        { quantity: 1.5555 },
        { unitPrice: -1_000_001 },
        { unitPrice: '1,99' },
      ])
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

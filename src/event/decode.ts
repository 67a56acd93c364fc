import { dayMs } from '../day'
import { check, fault } from './check'
import { got } from './describe'
import { type EnvelopeName, type EventList, listOf, unpack, unwrap, within } from './envelope'
import { type MeaningRules, type RetailEvent, toEvent } from './event'
import { parse } from './parse'

/** Why an event was rejected. */
export type RejectReason = 'not-json' | 'schema' | 'future' | 'past' | 'currency' | 'too-large'

/** What the installation accepts. */
export interface DecodeRules extends MeaningRules {
  /** How far an event's time may lie ahead of the time the hub took it. */
  readonly maxAheadMs: number
  /** How far it may lie behind; Infinity for no bound. */
  readonly maxBehindMs: number
  readonly maxEventBytes: number
}

/** One item of an EventData body. */
export type Decoded = Accepted | Rejected

interface Item {
  /** Its index in the body's array or records, 0 for a body that is a single event. */
  readonly item: number
  /** The bytes of that item as the producer wrote them, out of any envelope; a view where it can be one. */
  readonly raw: Uint8Array
  /** The whole body, on the first item of one that was wrapped or packed. */
  readonly envelope?: Uint8Array
}

export interface Accepted extends Item {
  readonly kind: 'event'
  readonly event: RetailEvent
}

export interface Rejected extends Item {
  readonly kind: 'reject'
  readonly reason: RejectReason
  /** Envelope, field, what was expected, what came: at most 200 characters, none of them control characters. */
  readonly detail: string
}

/** More than any 1 MB body of real events holds; keeps a body of `[0,0,0,…` from becoming half a million rejects. */
export const maxItems = 10_000

/** What decoding depends on besides the bytes. */
interface DecodeContext {
  /** When the hub took the body, epoch milliseconds. */
  readonly enqueuedMs: number
  /** What its producer says the body is packed in; told in a reject, for the bytes say it better. */
  readonly contentEncoding?: string | undefined
  readonly rules: DecodeRules
}

/**
 * The events in an EventData body, one event or an array of them, in whatever envelope, each accepted or rejected with a
 * reason; at least one item for every body. Pure, and never throws whatever the bytes are: a fault in one item rejects
 * that item only, a body that is no JSON is one reject that keeps the whole body.
 */
export function decode(body: Uint8Array, context: DecodeContext): readonly Decoded[] {
  const unpacked = unpack(body)
  if (unpacked.kind === 'fault') return [reject(unpacked.reason, 0, body, unpacked.detail)]
  const parsed = parse(unpacked.bytes, unpacked.envelopes.length > 0 ? undefined : context.contentEncoding)
  if (parsed.kind === 'broken') return [reject('not-json', 0, body, within(unpacked.envelopes, parsed.detail))]
  const { value, from } = parsed
  const bytes = from === 0 ? unpacked.bytes : unpacked.bytes.subarray(from)
  const list: EventList = listOf(value, bytes) ?? { envelopes: [], values: [value], slices: () => [bytes] }
  const outer = [...unpacked.envelopes, ...list.envelopes]
  const { length } = list.values
  if (length === 0) return [reject('schema', 0, body, within(outer, 'event: expected at least 1 item, got no events'))]
  if (length > maxItems) {
    return [reject('too-large', 0, body, within(outer, `event: expected at most ${maxItems} items, got ${length}`))]
  }
  const slices = list.slices()
  const items = list.values.map((element, item) =>
    decodeElement(element, item, slices[item] ?? bytes, { outer, context }),
  )
  // Taken out of something: it is no slice of the body any more.
  const isPlain = outer.length === 0 && items.every(({ raw }, item) => raw === slices[item])
  return isPlain ? items : items.map((decoded) => (decoded.item === 0 ? { ...decoded, envelope: body } : decoded))
}

interface Surrounding {
  readonly outer: readonly EnvelopeName[]
  readonly context: DecodeContext
}

/** One element of a body, out of the CloudEvent it may be in; what is in records is in an envelope already. */
function decodeElement(value: unknown, item: number, slice: Uint8Array, { outer, context }: Surrounding): Decoded {
  const inner = outer.includes('records') ? undefined : unwrap(value, slice)
  const envelopes: readonly EnvelopeName[] = inner ? [...outer, 'CloudEvents'] : outer
  if (inner?.kind === 'fault') return reject(inner.reason, item, slice, within(envelopes, inner.detail))
  const decoded = decodeItem(inner ? inner.value : value, item, inner ? inner.raw : slice, context)
  return decoded.kind === 'event' ? decoded : { ...decoded, detail: within(envelopes, decoded.detail) }
}

function decodeItem(value: unknown, item: number, raw: Uint8Array, { enqueuedMs, rules }: DecodeContext): Decoded {
  if (raw.length > rules.maxEventBytes) {
    return reject('too-large', item, raw, `event: expected at most ${rules.maxEventBytes} bytes, got ${raw.length}`)
  }
  const checked = check(value)
  if (checked.kind === 'fault') return reject('schema', item, raw, checked.detail)
  const { wire } = checked
  if ('currency' in wire && wire.currency !== undefined && wire.currency !== rules.currency) {
    return reject('currency', item, raw, fault('currency', rules.currency, wire.currency).detail)
  }
  const event = toEvent(wire, rules)
  if ('kind' in event) return reject('schema', item, raw, event.detail)
  const aheadMs = event.eventTimeMs - enqueuedMs
  if (aheadMs > rules.maxAheadMs) {
    const expected = `at most ${rules.maxAheadMs} ms ahead of the hub's clock`
    return reject('future', item, raw, `eventTime: expected ${expected}, got ${aheadMs} ms`)
  }
  if (-aheadMs > rules.maxBehindMs) return reject('past', item, raw, pastDetail(event, -aheadMs, rules))
  return { kind: 'event', item, event, raw }
}

/** How far behind, and whose clock to set: a rejected row has no other place for its store. */
function pastDetail(event: RetailEvent, behindMs: number, { maxBehindMs }: DecodeRules): string {
  const days = (ms: number) => `${Math.floor(ms / dayMs)} days`
  const seller =
    event.type === 'sale' && event.salesperson !== undefined ? `, salesperson ${got(event.salesperson)}` : ''
  const whose = event.type === 'pulse' ? '' : `; store ${got(event.storeId)}${seller}`
  return `eventTime: expected at most ${days(maxBehindMs)} behind the hub's clock, got ${days(behindMs)}${whose}`
}

function reject(reason: RejectReason, item: number, raw: Uint8Array, detail: string): Rejected {
  return { kind: 'reject', item, reason, detail, raw }
}

import { dayMs } from '../day'
import { check, fault } from './check'
import { got } from './describe'
import { arrayElements } from './elements'
import { type MeaningRules, type RetailEvent, toEvent } from './event'

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

/**
 * One item of an EventData body: `item` is its index in the array, 0 for a body that is a single event. `raw` is a
 * view into the body: the bytes of that item as the producer wrote them.
 */
export type Decoded = Accepted | Rejected

export interface Accepted {
  readonly kind: 'event'
  readonly item: number
  readonly event: RetailEvent
  readonly raw: Uint8Array
}

export interface Rejected {
  readonly kind: 'reject'
  readonly item: number
  readonly reason: RejectReason
  /** Field, what was expected, what came: at most 200 characters, none of them control characters. */
  readonly detail: string
  readonly raw: Uint8Array
}

/** More than any 1 MB body of real events holds; keeps a body of `[0,0,0,…` from becoming half a million rejects. */
export const maxItems = 10_000

const utf8 = new TextDecoder('utf-8', { fatal: true })
const byteOrderMark = [0xef, 0xbb, 0xbf] as const

/** What decoding depends on besides the bytes. */
interface DecodeContext {
  /** When the hub took the body, epoch milliseconds. */
  readonly enqueuedMs: number
  readonly rules: DecodeRules
}

/**
 * The events in an EventData body, one event or an array of them, each accepted or rejected with a reason; at least
 * one item for every body. Pure, and never throws whatever the bytes are: a fault in one item rejects that item only,
 * a body that is no JSON is one reject that keeps the whole body.
 */
export function decode(body: Uint8Array, context: DecodeContext): readonly Decoded[] {
  const parsed = parse(body)
  if (parsed.kind === 'broken') return [reject('not-json', 0, body, parsed.detail)]
  const { value, from } = parsed
  if (!Array.isArray(value)) return [decodeItem(value, 0, from === 0 ? body : body.subarray(from), context)]
  const values: readonly unknown[] = value
  if (values.length === 0) return [reject('schema', 0, body, 'event: expected at least 1 item, got no events')]
  if (values.length > maxItems) {
    return [reject('too-large', 0, body, `event: expected at most ${maxItems} items, got ${values.length}`)]
  }
  const slices = arrayElements(body, from)
  return values.map((element, item) => decodeItem(element, item, slices[item] ?? body, context))
}

type Parsed =
  | { readonly kind: 'json'; readonly value: unknown; readonly from: number }
  | { readonly kind: 'broken'; readonly detail: string }

/** The JSON value of the bytes and where it starts: a byte order mark is no part of it (RFC 8259 section 8.1). */
function parse(body: Uint8Array): Parsed {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    return { kind: 'broken', detail: `body: expected UTF-8, got ${body.length} bytes that are not` }
  }
  try {
    const from = byteOrderMark.every((byte, i) => body[i] === byte) ? byteOrderMark.length : 0
    return { kind: 'json', value: JSON.parse(text), from }
  } catch {
    return { kind: 'broken', detail: fault('body', 'JSON', text === '' ? undefined : text).detail }
  }
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

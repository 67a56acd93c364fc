// Tested in test/pipeline/stream/ingest.test.ts.
import { decode, type DecodeRules, type Decoded } from '../../event/decode'
import { dateOf } from '../../day'
import { type Message } from '../../event/message'
import { type Entry } from '../../fold/step'
import { type Row } from '../../lake/schema'

/** An event, its place in the log, and its bytes; what bronze keeps and the fold takes. */
export type Logged = Decoded & { readonly sequence: number; readonly enqueuedMs: number }

/** Every event of the messages in log order, accepted or rejected; at least one for each message. */
export function logged(messages: readonly Message[], rules: DecodeRules): readonly Logged[] {
  return messages.flatMap(({ sequence, enqueuedMs, body, contentEncoding }) =>
    decode(body, { enqueuedMs, contentEncoding, rules }).map((decoded) => ({ ...decoded, sequence, enqueuedMs })),
  )
}

/** What the fold sees of a logged event. */
export function entryOf(event: Logged): Entry {
  const { sequence, item, enqueuedMs } = event
  return event.kind === 'event'
    ? { kind: 'event', sequence, item, enqueuedMs, event: event.event }
    : { kind: 'reject', sequence, item, enqueuedMs, reason: event.reason }
}

/** The bronze row of a logged event. */
export function bronzeRow(partition: number, logged: Logged): Row {
  const { sequence, item, enqueuedMs, raw, envelope } = logged
  const place = {
    ingest_date: dateOf(enqueuedMs),
    partition_id: partition,
    sequence,
    item,
    enqueued_at: enqueuedMs,
    body: raw,
    envelope: envelope ?? null,
  }
  switch (logged.kind) {
    case 'event': {
      const { event } = logged
      return {
        ...place,
        event_id: event.eventId,
        type: event.type,
        event_time: event.eventTimeMs,
        store_id: event.type === 'pulse' ? null : event.storeId,
        reject_reason: null,
        reject_detail: null,
      }
    }
    case 'reject':
      return {
        ...place,
        event_id: null,
        type: null,
        event_time: null,
        store_id: null,
        reject_reason: logged.reason,
        reject_detail: logged.detail,
      }
  }
}

/** The columns `entryFromRow` needs. */
export const entryColumns = ['partition_id', 'sequence', 'item', 'enqueued_at', 'reject_reason', 'body'] as const

/**
 * The entry a bronze row was written from. The verdict of the day it came in stands: a rejected row stays rejected
 * under later rules, and one that was accepted must still decode. Throws, naming the position, when it does not.
 */
export function entryFromRow(row: Row, rules: DecodeRules): Entry {
  const place = { sequence: Number(row.sequence), item: Number(row.item), enqueuedMs: Number(row.enqueued_at) }
  if (typeof row.reject_reason === 'string') return { kind: 'reject', ...place, reason: row.reject_reason }
  const body = row.body instanceof Uint8Array ? row.body : new Uint8Array()
  const [decoded] = decode(body, {
    enqueuedMs: place.enqueuedMs,
    rules: { ...rules, maxEventBytes: Infinity, maxAheadMs: Infinity, maxBehindMs: Infinity },
  })
  if (decoded?.kind === 'event') return { kind: 'event', ...place, event: decoded.event }
  throw new Error(
    `bronze partition ${String(row.partition_id)} event ${place.sequence}/${place.item}: expected the event that was ` +
      `accepted, got ${decoded?.kind === 'reject' ? decoded.detail : 'nothing'}; deploy the version that wrote it, or rebuild`,
  )
}

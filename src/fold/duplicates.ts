import { canonicalId } from '../event/identity'
import { type Fingerprint } from './fingerprint'
import { type ShopEvent } from './rollup'

/**
 * Deduplication within the lateness horizon: the events that counted, by store and id, and the receipts among them;
 * also in buckets of event time, so that expiry drops whole buckets. An event is remembered until the watermark has
 * passed its time (or the watermark at its arrival, for a late event) by the horizon.
 */
export interface Seen {
  /** Identity → hash of what the event said. */
  readonly ids: Map<string, number>
  /** Hashes of store, order, edition and lines. */
  readonly receipts: Set<number>
  readonly buckets: Map<number, Bucket>
}

/** What is forgotten together. */
export interface Bucket {
  readonly ids: string[]
  readonly receipts: number[]
}

/** What the events remembered make of another: new, or one of an identity that counted before, saying the same or something else. */
export type Sighting = 'new' | 'again' | 'conflicting'

const bucketMs = 60_000

/** Nothing seen yet. */
export function nothingSeen(): Seen {
  return { ids: new Map(), receipts: new Set(), buckets: new Map() }
}

/** An event's identity: ids are the tills', so an id of one store says nothing about another's. */
function identityOf({ storeId, eventId }: ShopEvent): string {
  return `${canonicalId(eventId)}\n${storeId}`
}

/** Remembers an event, unless one of its identity is. */
export function remember(seen: Seen, event: ShopEvent, { content }: Fingerprint, watermarkMs: number): Sighting {
  const identity = identityOf(event)
  const before = seen.ids.get(identity)
  if (before !== undefined) return before === content ? 'again' : 'conflicting'
  seen.ids.set(identity, content)
  bucketOf(seen, event, watermarkMs).ids.push(identity)
  return 'new'
}

/** Remembers the receipt of an event that counts; true when it had been seen under another id. */
export function repeatsReceipt(seen: Seen, event: ShopEvent, { receipt }: Fingerprint, watermarkMs: number): boolean {
  if (receipt === undefined) return false
  if (seen.receipts.has(receipt)) return true
  seen.receipts.add(receipt)
  bucketOf(seen, event, watermarkMs).receipts.push(receipt)
  return false
}

/** The bucket an event that comes now falls into. */
function bucketOf({ buckets }: Seen, { eventTimeMs }: ShopEvent, watermarkMs: number): Bucket {
  const number = Math.floor(Math.max(eventTimeMs, watermarkMs) / bucketMs)
  const before = buckets.get(number)
  if (before) return before
  const bucket: Bucket = { ids: [], receipts: [] }
  buckets.set(number, bucket)
  return bucket
}

/** Forgets the events whose bucket ended at least `horizonMs` before the watermark. */
export function forget({ ids, receipts, buckets }: Seen, watermarkMs: number, horizonMs: number): void {
  for (const [number, bucket] of buckets) {
    if ((number + 1) * bucketMs + horizonMs > watermarkMs) continue
    for (const id of bucket.ids) ids.delete(id)
    for (const receipt of bucket.receipts) receipts.delete(receipt)
    buckets.delete(number)
  }
}

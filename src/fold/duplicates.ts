/* Tested in test/fold/step.test.ts (W4). */

/**
 * Deduplication: the event ids of the lateness horizon, also in buckets of event time, so that expiry drops whole buckets.
 * An id is remembered until the watermark has passed its event's time (or the watermark at its arrival, for a late event) by
 * the horizon.
 */
export interface Seen {
  readonly ids: Set<string>
  readonly buckets: Map<number, string[]>
}

const bucketMs = 60_000

/** Nothing seen yet. */
export function nothingSeen(): Seen {
  return { ids: new Set(), buckets: new Map() }
}

/** Remembers an event's id; false when it was there already, which makes the event a duplicate. */
export function remember(
  { ids, buckets }: Seen,
  event: { readonly eventId: string; readonly eventTimeMs: number },
  watermarkMs: number,
): boolean {
  if (ids.has(event.eventId)) return false
  ids.add(event.eventId)
  const bucket = Math.floor(Math.max(event.eventTimeMs, watermarkMs) / bucketMs)
  const inBucket = buckets.get(bucket)
  if (inBucket) inBucket.push(event.eventId)
  else buckets.set(bucket, [event.eventId])
  return true
}

/** Forgets the ids whose bucket ended at least `horizonMs` before the watermark. */
export function forget({ ids, buckets }: Seen, watermarkMs: number, horizonMs: number): void {
  for (const [bucket, inBucket] of buckets) {
    if ((bucket + 1) * bucketMs + horizonMs > watermarkMs) continue
    for (const id of inBucket) ids.delete(id)
    buckets.delete(bucket)
  }
}

/**
 * Event ids seen lately, in buckets of event time, so that forgetting is dropping a bucket. An id is remembered until the
 * watermark has passed its event's time (or the watermark at its arrival, for a late event) by the horizon.
 */
export type Seen = Map<number, Set<string>>

const bucketMs = 60_000

/** Remembers an event's id; false when it was there already, which makes the event a duplicate. */
export function remember(
  seen: Seen,
  event: { readonly eventId: string; readonly eventTimeMs: number },
  watermarkMs: number,
): boolean {
  for (const ids of seen.values()) if (ids.has(event.eventId)) return false
  const bucket = Math.floor(Math.max(event.eventTimeMs, watermarkMs) / bucketMs)
  const ids = seen.get(bucket)
  if (ids) ids.add(event.eventId)
  else seen.set(bucket, new Set([event.eventId]))
  return true
}

/** Forgets the ids whose bucket ended at least `horizonMs` before the watermark. */
export function forget(seen: Seen, watermarkMs: number, horizonMs: number): void {
  for (const bucket of seen.keys()) {
    if ((bucket + 1) * bucketMs + horizonMs <= watermarkMs) seen.delete(bucket)
  }
}

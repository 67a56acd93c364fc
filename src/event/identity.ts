/**
 * An event id as it is compared: UUIDs (RFC 9562 section 4) and ULIDs are the same whatever the case of their letters.
 * Bronze keeps ids as they were written.
 */
export function canonicalId(eventId: string): string {
  return eventId.toLowerCase()
}

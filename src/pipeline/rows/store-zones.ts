// Tested in test/pipeline/stream/store-zones.test.ts.
import { type Entry } from '../../fold/step'
import { type StoreZone } from '../../warehouse/stores'

/** The zones that events say of their stores: of each store and zone the newest event. */
export function storeZones(entries: readonly Entry[]): readonly StoreZone[] {
  const newest = new Map<string, StoreZone>()
  for (const entry of entries) {
    if (entry.kind !== 'event' || entry.event.type === 'pulse') continue
    const { storeId, storeZone: zone, eventTimeMs: saidMs } = entry.event
    if (zone === undefined) continue
    const key = `${storeId} ${zone}`
    const before = newest.get(key)
    if (!before || before.saidMs < saidMs) newest.set(key, { storeId, zone, saidMs })
  }
  return [...newest.values()]
}

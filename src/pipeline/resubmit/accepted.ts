// Tested in test/pipeline/resubmit/resubmit.test.ts.
import { canonicalId } from '../../event/identity'
import { readFile, selectFiles } from '../../lake/scan'
import { type Snapshot } from '../../lake/log/snapshot'
import { type Store } from '../../lake/store'
import { bronzeEvents } from '../rows/tables'

/** What tells an event of a shop from all others: its store and its id, in any case of the letters. */
export function identityOf(storeId: string, eventId: string): string {
  return `${canonicalId(eventId)}\n${storeId}`
}

/**
 * Which of these identities a snapshot of bronze has an accepted event of. Ids of every file are read, stores of those
 * alone that have one of the ids. `unless` leaves files out, by their path.
 */
export async function acceptedAmong(
  store: Store,
  snapshot: Snapshot,
  identities: ReadonlySet<string>,
  unless: { readonly has: (path: string) => boolean } = new Set(),
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  if (identities.size === 0) return found
  const { root } = bronzeEvents
  const { schema } = snapshot
  const ids = new Set([...identities].map((identity) => identity.slice(0, identity.indexOf('\n'))))
  const files = selectFiles(snapshot, {
    where: ({ path, numRecords, nullCount }) =>
      !unless.has(path) && (numRecords === undefined || nullCount.event_id !== numRecords),
  })
  for (const file of files) {
    let any = false
    for await (const rows of readFile({ store, root }, file, { schema, columns: ['event_id'] })) {
      any ||= rows.some(({ event_id: id }) => typeof id === 'string' && ids.has(canonicalId(id)))
    }
    if (!any) continue
    for await (const rows of readFile({ store, root }, file, { schema, columns: ['event_id', 'store_id'] })) {
      for (const { event_id: id, store_id: storeId } of rows) {
        if (typeof id !== 'string' || typeof storeId !== 'string') continue
        const identity = identityOf(storeId, id)
        if (identities.has(identity)) found.add(identity)
      }
    }
  }
  return found
}

// Tested in test/pipeline/resubmit/resubmit.test.ts.
import { readFile, selectFiles } from '../../lake/scan'
import { type Row } from '../../lake/schema'
import { type Snapshot } from '../../lake/log/snapshot'
import { type Store } from '../../lake/store'
import { bronzeEvents } from '../rows/tables'

/** Which rejects are looked at; all of them where nothing is said. */
export interface RejectChoice {
  /** The reason they were rejected for when they came. */
  readonly reason?: string | undefined
  /** The first UTC day on which the hub took them, YYYY-MM-DD: a reject has no time of its own. */
  readonly from?: string | undefined
  /** The last one, included. */
  readonly to?: string | undefined
}

/**
 * The bodies of rejected rows of a snapshot of bronze, one array per row group, in the order of its files. Files without
 * such a row are skipped by their statistics, or read by their reasons alone. Memory: the bodies of a row group.
 */
export async function* readRejects(
  store: Store,
  snapshot: Snapshot,
  { reason, from, to }: RejectChoice,
): AsyncGenerator<readonly Uint8Array[]> {
  const { root } = bronzeEvents
  const { schema } = snapshot
  const isChosen = ({ reject_reason: found }: Row) => (reason === undefined ? found !== null : found === reason)
  const files = selectFiles(snapshot, {
    where: ({ partition, numRecords, nullCount, min, max }) => {
      const day = String(partition.ingest_date)
      if ((from !== undefined && day < from) || (to !== undefined && day > to)) return false
      if (numRecords !== undefined && nullCount.reject_reason === numRecords) return false
      // Reasons are shorter than the prefix of a bound.
      const [least, most] = [min.reject_reason ?? reason, max.reject_reason ?? reason]
      return reason === undefined || (String(least) <= reason && String(most) >= reason)
    },
  })
  for (const file of files) {
    let any = false
    for await (const rows of readFile({ store, root }, file, { schema, columns: ['reject_reason'] })) {
      any ||= rows.some(isChosen)
    }
    if (!any) continue
    for await (const rows of readFile({ store, root }, file, { schema, columns: ['reject_reason', 'body'] })) {
      yield rows.filter(isChosen).flatMap(({ body }) => (body instanceof Uint8Array ? [body] : []))
    }
  }
}

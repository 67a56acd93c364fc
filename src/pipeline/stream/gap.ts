import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { hubNumber } from './numbering'
import { appendAs, type Owner } from './owner'
import { type Lost } from './pieces'
import { type Ports } from '../ports'

/**
 * Reports messages as lost, and adds a row to `bronze_gaps` before bronze goes past them: each lost number is in one
 * row, whatever crashes in between.
 */
export async function recordLost(ports: Ports, owner: Owner, { first, last, before }: Lost): Promise<void> {
  const { partition } = owner
  const lost = last - first + 1
  record(metricNames.gap, lost, { partition: String(partition) })
  announce(occurrenceNames.gap, lost, { partition, firstSequence: first, lastSequence: last })
  const end = hubNumber(before.sequence)
  ports.log('error', `partition ${partition}: ${lost} messages before ${end} are lost, the hub no longer has them`)
  const table = ports.tables.gaps
  const firstNew = Math.max(first, (owner.positions.get(table) ?? -1) + 1)
  if (firstNew > last) return
  const row = {
    partition_id: partition,
    first_sequence: firstNew,
    last_sequence: last,
    lost: last - firstNew + 1,
    next_enqueued_at: before.enqueuedMs,
  }
  await appendAs(ports, owner, { table, rows: [row], upTo: last })
}

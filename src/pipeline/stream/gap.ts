// Tested in test/pipeline/stream/numbering.test.ts.
import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { hubNumber } from './numbering'
import { appendAs, type Owner } from './owner'
import { type Lost } from './pieces'
import { type Ports } from '../ports'

/*
 * Loss as data: what the hub deleted before it was read becomes a row, so that nobody takes a hole for silence (G4). The
 * row is committed before bronze goes past the hole, each table with its own position of the partition:
 *
 *   bronze    at 1, the hub holds 4 and more, the host brings 5
 *   gaps      row 2 to 3, position 3
 *   crash     bronze is still at 1
 *   resume    reads back from 2: again 2 to 3 are lost, which position 3 says is recorded; no second row
 *   bronze    takes 4, then 5
 *
 * The one way to get it wrong: to take bronze past the hole first. After a crash nobody would know of it.
 */

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
  await appendAs(owner, { table, rows: [row], upTo: last })
}

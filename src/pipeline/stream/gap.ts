import { append } from '../../lake/write/append'
import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { Superseded } from './deliver'
import { hubNumber } from './numbering'
import { type Piece } from './pieces'
import { type Ports } from '../ports'
import { appId } from '../position'
import { type Owned } from './resume'
import { bronzeGaps } from '../rows/tables'

/** A partition's owner, and what the hub deleted before the owner had read it. */
export interface Gap {
  readonly partition: number
  readonly held: Owned
  readonly lost: Extract<Piece, { kind: 'lost' }>
}

/**
 * Reports messages as lost, and adds a row to `bronze_gaps` before bronze goes past them: each lost number is in one
 * row, whatever crashes in between.
 */
export async function recordLost(ports: Ports, { partition, held, lost }: Gap): Promise<void> {
  const { first, last, before } = lost
  const count = last - first + 1
  record(metricNames.gap, count, { partition: String(partition) })
  announce(occurrenceNames.gap, count, { partition, firstSequence: first, lastSequence: last })
  const end = hubNumber(before.sequence)
  ports.log('error', `partition ${partition}: ${count} messages before ${end} are lost, the hub no longer has them`)
  const recorded = held.positions.tables.get(bronzeGaps.name)
  const firstNew = Math.max(first, (recorded ?? -1) + 1)
  if (firstNew > last) return
  const id = appId(ports.stream, partition)
  const row = {
    partition_id: partition,
    first_sequence: firstNew,
    last_sequence: last,
    lost: last - firstNew + 1,
    next_enqueued_at: before.enqueuedMs,
  }
  const result = await append(ports.tables.gaps, {
    rows: [row],
    moves: [{ appId: id, after: recorded, version: last }],
    operation: 'STREAMING UPDATE',
  })
  if (result.kind === 'superseded') throw new Superseded(`${bronzeGaps.name}: ${id} was moved by another owner`)
  held.positions.tables.set(bronzeGaps.name, last)
}

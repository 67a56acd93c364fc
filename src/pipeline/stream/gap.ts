import { append } from '../../lake/write/append'
import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { type Message } from '../../event/message'
import { Superseded } from './deliver'
import { contiguous, expected, hubNumber } from './numbering'
import { type Ports } from '../ports'
import { appId } from '../position'
import { type Owned } from './resume'
import { bronzeGaps } from '../rows/tables'

/** A partition's owner, and the message that came instead of the one expected. */
export interface Gap {
  readonly partition: number
  readonly held: Owned
  readonly next: Message
}

/**
 * Reads back, piece by piece, what lies between bronze and the next message: the host's checkpoint had gone past it
 * (G4). The caller must take each piece before it asks for another. What the hub no longer holds is recorded as lost.
 */
export async function* readGap(ports: Ports, { partition, held, next }: Gap): AsyncGenerator<readonly Message[]> {
  const range = { first: expected(held, ports.firstSequence), last: next.sequence - 1 }
  if (range.first > range.last) return
  const [from, to] = [hubNumber(range.first), hubNumber(range.last)]
  ports.log('warn', `partition ${partition}: reading back ${from} to ${to}, which the host skipped`)
  for await (const page of ports.readBack(partition, range)) {
    const messages = page.filter(({ sequence }) => sequence >= range.first)
    for (const run of contiguous(messages)) {
      await recordLost(ports, { partition, held, next: run[0] })
      yield run
    }
  }
  await recordLost(ports, { partition, held, next })
}

/**
 * Reports the messages between bronze and the next one as lost, and adds a row to `bronze_gaps` before bronze goes past
 * them: each lost number is in one row, whatever crashes in between.
 */
async function recordLost(ports: Ports, { partition, held, next }: Gap): Promise<void> {
  const first = expected(held, ports.firstSequence)
  const last = next.sequence - 1
  if (first > last) return
  const lost = last - first + 1
  record(metricNames.gap, lost, { partition: String(partition) })
  announce(occurrenceNames.gap, lost, { partition, firstSequence: first, lastSequence: last })
  const before = hubNumber(next.sequence)
  ports.log('error', `partition ${partition}: ${lost} messages before ${before} are lost, the hub no longer has them`)
  const recorded = held.positions.tables.get(bronzeGaps.name)
  const firstNew = Math.max(first, (recorded ?? -1) + 1)
  if (firstNew > last) return
  const id = appId(ports.stream, partition)
  const row = {
    partition_id: partition,
    first_sequence: firstNew,
    last_sequence: last,
    lost: last - firstNew + 1,
    next_enqueued_at: next.enqueuedMs,
  }
  const result = await append(ports.tables.gaps, {
    rows: [row],
    moves: [{ appId: id, after: recorded, version: last }],
    operation: 'STREAMING UPDATE',
  })
  if (result.kind === 'superseded') throw new Superseded(`${bronzeGaps.name}: ${id} was moved by another owner`)
  held.positions.tables.set(bronzeGaps.name, last)
}

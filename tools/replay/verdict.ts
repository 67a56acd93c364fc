import { createHash } from 'node:crypto'
import { type ReplayEvent } from '../../generator/replay-event'
import { decode, type DecodeRules } from '../../src/event/decode'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Row } from '../../src/lake/schema'
import { mayHold, readFile, selectFiles } from '../../src/lake/scan'
import { type Store } from '../../src/lake/store'
import { bronzeEvents } from '../../src/pipeline/rows/tables'
import { type Range } from '../../src/pipeline/stream/numbering'

/** What the pipeline rejected for one reason. */
export interface Refused {
  readonly events: number
  /** Rows of the file these events were made of. */
  readonly rows: number
  /** The first in the order of the source. */
  readonly first: { readonly detail: string; readonly body: string }
}

/** What the pipeline said of the events of a replay; a body that is an array is rejected when any event in it is. */
export interface Verdict {
  readonly accepted: number
  readonly rejected: number
  readonly reasons: Readonly<Record<string, Refused>>
}

/** Partition → sequence numbers of the lake. */
export type Ranges = ReadonlyMap<number, Range>

/**
 * What became of a replay's events, by what bronze holds between two positions of each partition. Others may have sent
 * there too: only what the source says counts. `events` is read again, and only when something was rejected. Memory: a
 * hash and a reason for each rejected event.
 */
export async function verdictOf({
  store,
  ranges,
  events,
  sent,
  rules,
}: {
  readonly store: Store
  readonly ranges: Ranges
  /** The source in the order it was sent. */
  readonly events: () => AsyncIterable<ReplayEvent>
  /** How many of them were. */
  readonly sent: number
  readonly rules: DecodeRules
}): Promise<Verdict> {
  const refusals = await refusedIn(store, ranges)
  if (refusals.size === 0) return { accepted: sent, rejected: 0, reasons: {} }
  const reasons: Record<string, Refused> = {}
  let [taken, rejected] = [0, 0]
  for await (const { body, rows } of events()) {
    if (taken++ === sent) break
    // Decoded for its pieces alone, as bronze has them; the verdict is the pipeline's.
    const pieces = decode(body, { enqueuedMs: 0, rules })
    const refusal = pieces.map(({ raw }) => refusals.get(hashOf(raw))).find((found) => found !== undefined)
    if (!refusal) continue
    rejected++
    const before = reasons[refusal.reason]
    const first = before?.first ?? { detail: refusal.detail, body: Buffer.from(body).toString().slice(0, shown) }
    reasons[refusal.reason] = { events: (before?.events ?? 0) + 1, rows: (before?.rows ?? 0) + rows, first }
  }
  return { accepted: sent - rejected, rejected, reasons }
}

/** Characters of an example. */
const shown = 500

interface Refusal {
  readonly reason: string
  readonly detail: string
}

/** Hash of the bytes → why they were rejected. Bodies are read of those files alone that hold a rejected row. */
async function refusedIn(store: Store, ranges: Ranges): Promise<ReadonlyMap<string, Refusal>> {
  const { root } = bronzeEvents
  const found = new Map<string, Refusal>()
  const snapshot = await readSnapshot(store, root)
  if (!snapshot) return found
  const { schema } = snapshot
  const isRejected = ({ partition_id: partition, sequence, reject_reason: reason }: Row) => {
    const range = ranges.get(Number(partition))
    return reason !== null && range !== undefined && Number(sequence) >= range.first && Number(sequence) <= range.last
  }
  const files = selectFiles(snapshot, {
    where: (file) =>
      [...ranges].some(
        ([partition, { first, last }]) =>
          mayHold(file, 'partition_id', [partition, partition]) && mayHold(file, 'sequence', [first, last]),
      ),
  })
  for (const file of files) {
    const columns = ['partition_id', 'sequence', 'reject_reason']
    let any = false
    for await (const rows of readFile({ store, root }, file, { schema, columns })) any ||= rows.some(isRejected)
    if (!any) continue
    const wider = [...columns, 'reject_detail', 'body']
    for await (const rows of readFile({ store, root }, file, { schema, columns: wider })) {
      for (const { reject_reason: reason, reject_detail: detail, body } of rows.filter(isRejected)) {
        if (body instanceof Uint8Array) found.set(hashOf(body), { reason: String(reason), detail: String(detail) })
      }
    }
  }
  return found
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}

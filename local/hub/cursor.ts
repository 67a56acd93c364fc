// Tested in test/local/hub/log.test.ts.
import { type LogPlace, type PartitionLog, readFrom } from './log'
import { readHead, recordHeaderBytes } from './record'

/** A reader's place in a partition, with the records it is reading in memory (about 256 KiB at most). */
export interface Cursor {
  readonly log: PartitionLog
  /** Events before this sequence number are passed over. */
  readonly fromSequence: number
  /** Offset of the first record not in `records`. */
  offset: number
  records: Buffer
  at: number
  eventsLeft: number
}

const nothing = Buffer.alloc(0)

/** A cursor at a place from `seek`. */
export function openCursor(log: PartitionLog, place: LogPlace): Cursor {
  return { log, fromSequence: place.sequence, offset: place.offset, records: nothing, at: 0, eventsLeft: 0 }
}

/**
 * The next event's message as it is delivered, or undefined at the end of the partition for now. Events dropped by
 * retention in the meantime are passed over, as the service does. Throws when stored bytes cannot be read.
 */
export function nextEvent(cursor: Cursor): Buffer | undefined {
  while (cursor.eventsLeft === 0) {
    if (!nextRecord(cursor)) return undefined
  }
  const start = cursor.at + 4
  const end = start + cursor.records.readUInt32BE(cursor.at)
  cursor.at = end
  cursor.eventsLeft -= 1
  return cursor.records.subarray(start, end)
}

function nextRecord(cursor: Cursor): boolean {
  if (cursor.at === cursor.records.length) {
    const found = readFrom(cursor.log, cursor.offset)
    cursor.records = found?.records ?? nothing
    cursor.at = 0
    if (!found) return false
    cursor.offset = found.offset + found.records.length
  }
  const head = readHead(cursor.records, cursor.at)
  cursor.at += recordHeaderBytes
  cursor.eventsLeft = head.eventCount
  for (let sequence = head.firstSequence; sequence < cursor.fromSequence && cursor.eventsLeft > 0; sequence++) {
    cursor.at += 4 + cursor.records.readUInt32BE(cursor.at)
    cursor.eventsLeft -= 1
  }
  return true
}

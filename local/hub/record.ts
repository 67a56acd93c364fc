// Tested in test/local/hub/log.test.ts.
import { crc32 } from 'node:zlib'
import { type EventMessage } from './message'

/*
 * A record holds the events of one accepted transfer, so that a batch is on disk whole or not at all:
 *
 *   0 magic "TSH1"   4 crc32 of bytes 8..36   8 payload bytes   12 crc32 of the payload
 *   16 first sequence number (64 bits)   24 enqueued time in epoch ms (64 bits)   32 event count
 *   36 payload: per event 4 bytes length, then the message exactly as it is delivered
 *
 * All integers are big-endian. The header has its own checksum because a damaged length must not pass for a record
 * that a crash cut short.
 */
const magic = 0x54534831
export const recordHeaderBytes = 36

/** The head of a record. `sizeBytes` counts the head too. */
export interface RecordHead {
  readonly sizeBytes: number
  readonly firstSequence: number
  readonly enqueuedMs: number
  readonly eventCount: number
}

/** A record at a place in a file: whole and sound, cut short by the end of the bytes, or damaged. */
export type RecordCheck =
  | { readonly kind: 'sound'; readonly head: RecordHead }
  | { readonly kind: 'torn' }
  | { readonly kind: 'corrupt'; readonly reason: string }

/** Where a record goes in its partition: the numbers its events are delivered with. */
export interface RecordPlace {
  readonly firstSequence: number
  /** Offset of the record's first byte in the partition. */
  readonly offset: number
  readonly enqueuedMs: number
}

/** An encoded record and the offset of its last event. */
export interface EncodedRecord {
  readonly bytes: Buffer
  readonly lastOffset: number
}

const sequenceKey = symbolKey('x-opt-sequence-number', 0x81)
const offsetKey = symbolKey('x-opt-offset', 0xa1)
const enqueuedKey = symbolKey('x-opt-enqueued-time', 0x83)
const partitionKeyKey = symbolKey('x-opt-partition-key', 0xb1)
/** Descriptor, map32 constructor, size and count of the annotations section. */
const annotationsHeadBytes = 12
const maxOffsetDigits = 16
const maxOwnAnnotationBytes =
  annotationsHeadBytes +
  (sequenceKey.length + 8) +
  (offsetKey.length + 1 + maxOffsetDigits) +
  (enqueuedKey.length + 8) +
  (partitionKeyKey.length + 4)

/**
 * Encodes the events of one transfer as a record. Every event gets its final message annotations here: sequence
 * number (contiguous), offset (of its own first byte), enqueued time and partition key, so delivery copies bytes.
 */
export function encodeRecord(events: readonly EventMessage[], place: RecordPlace): EncodedRecord {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + events.reduce((total, event) => total + maxEventBytes(event), 0))
  let at = recordHeaderBytes
  let offset = place.offset
  for (const [index, event] of events.entries()) {
    offset = place.offset + at
    const end = writeEvent(bytes, at + 4, event, {
      sequence: place.firstSequence + index,
      offset,
      enqueuedMs: place.enqueuedMs,
    })
    bytes.writeUInt32BE(end - at - 4, at)
    at = end
  }
  const record = bytes.subarray(0, at)
  writeHead(record, { ...place, sizeBytes: at, eventCount: events.length })
  return { bytes: record, lastOffset: offset }
}

function maxEventBytes(event: EventMessage): number {
  const keyBytes = event.partitionKey === undefined ? 0 : Buffer.byteLength(event.partitionKey)
  return 4 + event.header.length + maxOwnAnnotationBytes + keyBytes + event.annotations.length + event.rest.length
}

interface EventPlace {
  readonly sequence: number
  readonly offset: number
  readonly enqueuedMs: number
}

function writeEvent(bytes: Buffer, start: number, event: EventMessage, place: EventPlace): number {
  let at = start + event.header.copy(bytes, start)
  const annotations = at
  at += annotationsHeadBytes
  at += sequenceKey.copy(bytes, at)
  at = writeUint64(bytes, at, place.sequence)
  at += offsetKey.copy(bytes, at)
  const digits = String(place.offset)
  bytes[at] = digits.length
  at += 1 + bytes.write(digits, at + 1, 'latin1')
  at += enqueuedKey.copy(bytes, at)
  at = writeUint64(bytes, at, place.enqueuedMs)
  at = writePartitionKey(bytes, at, event.partitionKey)
  at += event.annotations.copy(bytes, at)
  writeAnnotationsHead(bytes, annotations, {
    sizeBytes: at - annotations,
    count: (event.partitionKey === undefined ? 6 : 8) + event.annotationCount,
  })
  return at + event.rest.copy(bytes, at)
}

function writePartitionKey(bytes: Buffer, at: number, partitionKey: string | undefined): number {
  if (partitionKey === undefined) return at
  at += partitionKeyKey.copy(bytes, at)
  const length = bytes.write(partitionKey, at + 4, 'utf8')
  return bytes.writeUInt32BE(length, at) + length
}

function writeAnnotationsHead(
  bytes: Buffer,
  at: number,
  map: { readonly sizeBytes: number; readonly count: number },
): void {
  bytes.writeUInt32BE(0x005372d1, at)
  // A map's size counts what follows the size field itself: the count and the entries.
  bytes.writeUInt32BE(map.sizeBytes - 8, at + 4)
  bytes.writeUInt32BE(map.count, at + 8)
}

function writeHead(record: Buffer, head: RecordHead): void {
  record.writeUInt32BE(magic, 0)
  record.writeUInt32BE(head.sizeBytes - recordHeaderBytes, 8)
  record.writeUInt32BE(crc32(record.subarray(recordHeaderBytes)), 12)
  writeUint64(record, 16, head.firstSequence)
  writeUint64(record, 24, head.enqueuedMs)
  record.writeUInt32BE(head.eventCount, 32)
  record.writeUInt32BE(crc32(record.subarray(8, recordHeaderBytes)), 4)
}

/** The head of the record at `at`, trusted: for bytes this process wrote or has checked. */
export function readHead(bytes: Buffer, at: number): RecordHead {
  return {
    sizeBytes: recordHeaderBytes + bytes.readUInt32BE(at + 8),
    firstSequence: readUint64(bytes, at + 16),
    enqueuedMs: readUint64(bytes, at + 24),
    eventCount: bytes.readUInt32BE(at + 32),
  }
}

/** Checks the head alone of the record at `at`; 'torn' when the bytes end inside it. */
export function checkHead(bytes: Buffer, at: number): RecordCheck {
  if (bytes.length - at < recordHeaderBytes) return { kind: 'torn' }
  if (bytes.readUInt32BE(at) !== magic) return { kind: 'corrupt', reason: 'expected a record, got other bytes' }
  if (bytes.readUInt32BE(at + 4) !== crc32(bytes.subarray(at + 8, at + recordHeaderBytes))) {
    return { kind: 'corrupt', reason: 'checksum of the record head does not match' }
  }
  return { kind: 'sound', head: readHead(bytes, at) }
}

/** Checks the whole record at `at`: its head, that it ends within `bytes`, and its payload. */
export function checkRecord(bytes: Buffer, at: number): RecordCheck {
  const check = checkHead(bytes, at)
  if (check.kind !== 'sound') return check
  const end = at + check.head.sizeBytes
  if (end > bytes.length) return { kind: 'torn' }
  if (bytes.readUInt32BE(at + 12) === crc32(bytes.subarray(at + recordHeaderBytes, end))) return check
  return { kind: 'corrupt', reason: 'checksum of the record payload does not match' }
}

function symbolKey(name: string, valueConstructor: number): Buffer {
  return Buffer.concat([Buffer.from([0xa3, name.length]), Buffer.from(name, 'ascii'), Buffer.from([valueConstructor])])
}

function writeUint64(bytes: Buffer, at: number, value: number): number {
  bytes.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at)
  return bytes.writeUInt32BE(value % 0x1_0000_0000, at + 4)
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}

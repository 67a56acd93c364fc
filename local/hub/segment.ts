// Tested in test/local/hub/log.test.ts.
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type RecordHead, checkHead, checkRecord, readHead, recordHeaderBytes } from './record'

/** A record the index knows: seeking starts at one and reads on. */
export interface IndexEntry {
  readonly offset: number
  readonly sequence: number
  readonly enqueuedMs: number
}

/**
 * One file of a partition, named by the first sequence number and the offset it starts with, so that both are known
 * even of an empty file. A position in the file plus `baseOffset` is an offset in the partition.
 */
export interface Segment {
  readonly path: string
  readonly firstSequence: number
  readonly baseOffset: number
  readonly file: number
  readonly index: IndexEntry[]
  sizeBytes: number
  nextSequence: number
  /** Offset and enqueued time of the last event; -1 and 0 in an empty file. */
  lastOffset: number
  lastEnqueuedMs: number
}

/** A segment as found on disk, and how many bytes of a half-written last record were cut off. */
export interface RecoveredSegment {
  readonly segment: Segment
  readonly truncatedBytes: number
}

const indexEveryBytes = 64 * 1024
const scanBytes = 1024 * 1024
const namePattern = /^(\d{20})-(\d{20})\.log$/

/** The file name of a segment, ordered by age when sorted as text. */
function segmentName(firstSequence: number, baseOffset: number): string {
  return `${String(firstSequence).padStart(20, '0')}-${String(baseOffset).padStart(20, '0')}.log`
}

/** Creates an empty segment. Throws when the file is already there. */
export function createSegment(dir: string, start: { firstSequence: number; baseOffset: number }): Segment {
  const path = join(dir, segmentName(start.firstSequence, start.baseOffset))
  return emptySegment(path, openSync(path, 'wx+'), start)
}

function emptySegment(path: string, file: number, start: { firstSequence: number; baseOffset: number }): Segment {
  const { firstSequence, baseOffset } = start
  return {
    path,
    firstSequence,
    baseOffset,
    file,
    index: [],
    sizeBytes: 0,
    nextSequence: firstSequence,
    lastOffset: -1,
    lastEnqueuedMs: 0,
  }
}

/**
 * Opens a segment by reading and checking every record of it. In the 'active' (last) one a record that a crash cut
 * short is truncated away; it was never acknowledged. Anything else that is not a sound record throws an error that
 * names the file and the byte, because events the hub had accepted would be gone.
 */
export function recoverSegment(path: string, role: 'sealed' | 'active'): RecoveredSegment {
  const name = namePattern.exec(path.slice(-segmentName(0, 0).length))
  if (!name) throw new Error(`hub data ${path}: expected a name like ${segmentName(0, 0)}; move the file away`)
  const file = openSync(path, 'r+')
  try {
    const start = { firstSequence: Number(name[1]), baseOffset: Number(name[2]) }
    const segment = emptySegment(path, file, start)
    const fileBytes = fstatSync(file).size
    const stop = scan(segment, fileBytes)
    if (stop) refuseCorruption({ segment, fileBytes, stop, role })
    if (fileBytes > segment.sizeBytes) ftruncateSync(file, segment.sizeBytes)
    return { segment, truncatedBytes: fileBytes - segment.sizeBytes }
  } catch (error) {
    closeSync(file)
    throw error
  }
}

type Stop = { readonly kind: 'torn' } | { readonly kind: 'corrupt'; readonly reason: string }

/** Reads sound records into the segment; says why it stopped before the end of the file. */
function scan(segment: Segment, fileBytes: number): Stop | undefined {
  let chunkBytes = scanBytes
  while (segment.sizeBytes < fileBytes) {
    const chunkAt = segment.sizeBytes
    const chunk = readFile(segment, chunkAt, Math.min(chunkBytes, fileBytes - chunkAt))
    const stop = scanChunk(segment, chunk, chunkAt)
    if (!stop) continue
    const more = chunkAt + chunk.length < fileBytes
    if (stop.kind === 'corrupt' || !more) return stop
    // A record reaches past the chunk: start the next chunk with it, large enough to hold it.
    chunkBytes = segment.sizeBytes === chunkAt ? chunkBytes * 2 : scanBytes
  }
  return undefined
}

function scanChunk(segment: Segment, chunk: Buffer, chunkAt: number): Stop | undefined {
  while (segment.sizeBytes < chunkAt + chunk.length) {
    const at = segment.sizeBytes - chunkAt
    const check = checkRecord(chunk, at)
    if (check.kind !== 'sound') return check
    if (check.head.firstSequence !== segment.nextSequence) {
      const reason = `expected sequence number ${segment.nextSequence}, got ${check.head.firstSequence}`
      return { kind: 'corrupt', reason }
    }
    const lastOffset = segment.baseOffset + chunkAt + lastEventAt(chunk, at, check.head)
    extend(segment, check.head, lastOffset)
  }
  return undefined
}

function lastEventAt(bytes: Buffer, recordAt: number, head: RecordHead): number {
  let at = recordAt + recordHeaderBytes
  for (let event = 1; event < head.eventCount; event++) at += 4 + bytes.readUInt32BE(at)
  return at
}

function refuseCorruption(found: { segment: Segment; fileBytes: number; stop: Stop; role: 'sealed' | 'active' }): void {
  const { segment, fileBytes, stop, role } = found
  const torn = stop.kind === 'torn' || onlyZeros(segment, fileBytes)
  if (torn && role === 'active') return
  const reason = stop.kind === 'torn' ? 'the file ends inside a record' : stop.reason
  throw new Error(
    `hub data ${segment.path} byte ${segment.sizeBytes}: ${reason}; ` +
      `restore the file from a copy, or delete the data folder to start empty`,
  )
}

/** A file system may leave zeros where an append was cut short by a power loss. */
function onlyZeros(segment: Segment, fileBytes: number): boolean {
  for (let at = segment.sizeBytes; at < fileBytes; at += scanBytes) {
    if (readFile(segment, at, Math.min(scanBytes, fileBytes - at)).some((byte) => byte !== 0)) return false
  }
  return true
}

/**
 * Writes an encoded record at the end of the segment. It is with the operating system when this returns, so it
 * survives the death of the process; it is not synced to the disk. When it throws, the segment is as it was.
 */
export function writeRecord(segment: Segment, record: Buffer, lastOffset: number): void {
  try {
    for (let written = 0; written < record.length;) {
      written += writeSync(segment.file, record, written, record.length - written, segment.sizeBytes + written)
    }
  } catch (cause) {
    // Best effort: a leftover is overwritten by the next record, and cut off as torn if there is none.
    ftruncateSync(segment.file, segment.sizeBytes)
    throw new Error(`hub data ${segment.path}: could not write ${record.length} bytes at ${segment.sizeBytes}`, {
      cause,
    })
  }
  extend(segment, readHead(record, 0), lastOffset)
}

function extend(segment: Segment, head: RecordHead, lastOffset: number): void {
  const offset = segment.baseOffset + segment.sizeBytes
  const indexed = segment.index.at(-1)
  if (!indexed || offset - indexed.offset >= indexEveryBytes) {
    segment.index.push({ offset, sequence: head.firstSequence, enqueuedMs: head.enqueuedMs })
  }
  segment.sizeBytes += head.sizeBytes
  segment.nextSequence = head.firstSequence + head.eventCount
  segment.lastOffset = lastOffset
  segment.lastEnqueuedMs = head.enqueuedMs
}

/**
 * Whole records from a position on: as many as fit in `maxBytes`, at least one. The position must be the start of a
 * record. Throws when the file was changed from outside.
 */
export function readRecords(segment: Segment, position: number, maxBytes: number): Buffer {
  const chunk = readFile(segment, position, Math.min(maxBytes, segment.sizeBytes - position))
  const first = checkHead(chunk, 0)
  if (first.kind !== 'sound') throw new Error(`hub data ${segment.path} byte ${position}: the record there is gone`)
  if (first.head.sizeBytes > chunk.length) return readFile(segment, position, first.head.sizeBytes)
  let end = first.head.sizeBytes
  for (let next = checkHead(chunk, end); next.kind === 'sound'; next = checkHead(chunk, end)) {
    if (end + next.head.sizeBytes > chunk.length) break
    end += next.head.sizeBytes
  }
  return chunk.subarray(0, end)
}

function readFile(segment: Segment, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let read = 0; read < length;) {
    const count = readSync(segment.file, bytes, read, length - read, position + read)
    if (count === 0) throw new Error(`hub data ${segment.path} byte ${position + read}: the file ends early`)
    read += count
  }
  return bytes
}

/** Closes the file of a segment. */
export function closeSegment(segment: Segment): void {
  closeSync(segment.file)
}

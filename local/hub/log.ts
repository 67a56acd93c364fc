import { mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type EventMessage } from './message'
import { encodeRecord, readHead, recordHeaderBytes } from './record'
import {
  type IndexEntry,
  type Segment,
  closeSegment,
  createSegment,
  readRecords,
  recoverSegment,
  writeRecord,
} from './segment'

/** How a partition keeps its events. Without a retention limit it keeps all of them. */
export interface LogOptions {
  /** A segment is closed for appending once it is this large. */
  readonly segmentBytes: number
  /** Most recently appended records kept in memory; older ones are read from the segment files. */
  readonly cacheBytes: number
  /** Segments whose last event is older are dropped. */
  readonly retentionMs?: number | undefined
  /** The oldest segments are dropped while the partition is larger. */
  readonly retentionBytes?: number | undefined
}

/**
 * The append-only log of one partition. Appends and reads are synchronous: both end in the page cache, and a number
 * is given, written and visible in one step, with nothing in between that could fail halfway.
 */
export interface PartitionLog {
  readonly dir: string
  readonly options: LogOptions
  /** Oldest first, never empty; events are appended to the last. */
  readonly segments: Segment[]
  /** Recent records by their offset, oldest first. */
  readonly cache: Map<number, Buffer>
  cachedBytes: number
  /** Bytes of half-written records cut off when the log was opened. */
  readonly truncatedBytes: number
}

/** What is in a partition: sequence numbers from `firstSequence` up to but excluding `nextSequence`. */
export interface LogBounds {
  readonly firstSequence: number
  readonly nextSequence: number
  /** -1 while nothing was ever enqueued, or nothing of it is left. */
  readonly lastOffset: number
  readonly lastEnqueuedMs: number
  readonly sizeBytes: number
}

/** Where a receiver starts: at the first event whose number is above the value, or equal to it when inclusive. */
export type Position =
  | { readonly kind: 'sequence' | 'offset' | 'enqueuedTime'; readonly value: number; readonly inclusive: boolean }
  | { readonly kind: 'latest' }

/** A place between two events: the record to read next, and the first event in it that is wanted. */
export interface LogPlace {
  readonly offset: number
  readonly sequence: number
}

const readBytes = 256 * 1024

/**
 * Opens the log in a folder, made if it is missing, and checks everything in it. A half-written last record is cut
 * off. Throws an error naming file and byte when stored events are damaged or missing.
 */
export function openLog(dir: string, options: LogOptions): PartitionLog {
  mkdirSync(dir, { recursive: true })
  const segments: Segment[] = []
  try {
    const truncatedBytes = recoverSegments(dir, segments)
    if (segments.length === 0) segments.push(createSegment(dir, { firstSequence: 0, baseOffset: 0 }))
    return { dir, options, segments, cache: new Map(), cachedBytes: 0, truncatedBytes }
  } catch (error) {
    segments.forEach(closeSegment)
    throw error
  }
}

/** Opens what is in the folder, oldest first, into `segments`; returns the bytes cut off. */
function recoverSegments(dir: string, segments: Segment[]): number {
  const names = readdirSync(dir).sort()
  let truncatedBytes = 0
  for (const [index, name] of names.entries()) {
    const recovered = recoverSegment(join(dir, name), index === names.length - 1 ? 'active' : 'sealed')
    truncatedBytes += recovered.truncatedBytes
    const previous = segments.at(-1)
    segments.push(recovered.segment)
    refuseGap(previous, recovered.segment)
  }
  return truncatedBytes
}

function refuseGap(previous: Segment | undefined, next: Segment): void {
  if (!previous || previous.nextSequence === next.firstSequence) return
  throw new Error(
    `hub data ${next.path}: expected to start at sequence number ${previous.nextSequence}, ` +
      `got ${next.firstSequence}; restore the missing file, or delete the data folder to start empty`,
  )
}

/** What the partition holds now. */
export function bounds(log: PartitionLog): LogBounds {
  const last = log.segments.findLast((segment) => segment.lastOffset >= 0)
  return {
    firstSequence: oldest(log).firstSequence,
    nextSequence: active(log).nextSequence,
    lastOffset: last?.lastOffset ?? -1,
    lastEnqueuedMs: last?.lastEnqueuedMs ?? 0,
    sizeBytes: endOffset(log) - oldest(log).baseOffset,
  }
}

/**
 * Appends the events of one transfer, all or none, and returns the sequence number of the first. Enqueued times never
 * fall within a partition, whatever the clock does. On return the events survive the death of this process.
 */
export function append(log: PartitionLog, events: readonly EventMessage[], nowMs: number): number {
  if (active(log).sizeBytes >= log.options.segmentBytes) roll(log)
  const segment = active(log)
  const place = {
    firstSequence: segment.nextSequence,
    offset: endOffset(log),
    enqueuedMs: Math.max(nowMs, bounds(log).lastEnqueuedMs),
  }
  const record = encodeRecord(events, place)
  writeRecord(segment, record.bytes, record.lastOffset)
  keepInMemory(log, place.offset, record.bytes)
  return place.firstSequence
}

function roll(log: PartitionLog): void {
  log.segments.push(createSegment(log.dir, { firstSequence: active(log).nextSequence, baseOffset: endOffset(log) }))
}

function keepInMemory(log: PartitionLog, offset: number, record: Buffer): void {
  log.cache.set(offset, record)
  log.cachedBytes += record.length
  for (const [oldestOffset, cached] of log.cache) {
    if (log.cachedBytes <= log.options.cacheBytes) break
    log.cache.delete(oldestOffset)
    log.cachedBytes -= cached.length
  }
}

/**
 * One or more whole records, the first of them at `offset`, which must be the end of an earlier record or a place
 * from `seek`; undefined at the end of the log. When the events there have been dropped by retention the records
 * start at the oldest event left.
 */
export function readFrom(log: PartitionLog, offset: number): { offset: number; records: Buffer } | undefined {
  const from = Math.max(offset, oldest(log).baseOffset)
  if (from >= endOffset(log)) return undefined
  const cached = log.cache.get(from)
  if (cached) return { offset: from, records: cached }
  const segment = log.segments.findLast((each) => each.baseOffset <= from && each.sizeBytes > 0)
  if (!segment) throw new Error(`hub data ${log.dir}: no segment holds offset ${from}`)
  return { offset: from, records: readRecords(segment, from - segment.baseOffset, readBytes) }
}

/** The place a receiver with this position starts from. Positions before the oldest event mean the oldest event. */
export function seek(log: PartitionLog, position: Position): LogPlace {
  const end = { offset: endOffset(log), sequence: active(log).nextSequence }
  if (position.kind === 'latest') return end
  let offset = seekIndex(log, position)
  for (let found = readFrom(log, offset); found; found = readFrom(log, offset)) {
    const place = seekRecords(found.records, found.offset, position)
    if (place) return place
    offset = found.offset + found.records.length
  }
  return end
}

/** The last indexed record that starts at or before the position: nothing earlier can be wanted. */
function seekIndex(log: PartitionLog, position: Exclude<Position, { kind: 'latest' }>): number {
  const before = (entry: IndexEntry): boolean => {
    switch (position.kind) {
      case 'sequence':
        return entry.sequence <= position.value
      case 'offset':
        return entry.offset <= position.value
      case 'enqueuedTime':
        // Many records may share one time, so stop short of it.
        return entry.enqueuedMs < position.value
    }
  }
  const segment = log.segments.findLast((each) => each.index[0] && before(each.index[0]))
  return segment?.index.findLast(before)?.offset ?? oldest(log).baseOffset
}

function seekRecords(
  records: Buffer,
  baseOffset: number,
  position: Exclude<Position, { kind: 'latest' }>,
): LogPlace | undefined {
  for (let at = 0; at < records.length;) {
    const head = readHead(records, at)
    let event = at + recordHeaderBytes
    for (let index = 0; index < head.eventCount; index++) {
      const sequence = head.firstSequence + index
      const number = { sequence, offset: baseOffset + event, enqueuedTime: head.enqueuedMs }[position.kind]
      if (number > position.value || (position.inclusive && number === position.value)) {
        return { offset: baseOffset + at, sequence }
      }
      event += 4 + records.readUInt32BE(event)
    }
    at += head.sizeBytes
  }
  return undefined
}

/**
 * Drops whole segments the retention limits no longer cover. Sequence numbers go on where they were, so an emptied
 * partition starts at the next number.
 */
export function applyRetention(log: PartitionLog, nowMs: number): void {
  const { retentionMs, retentionBytes } = log.options
  const expired = (segment: Segment): boolean =>
    retentionMs !== undefined && segment.sizeBytes > 0 && segment.lastEnqueuedMs < nowMs - retentionMs
  if (expired(active(log))) roll(log)
  while (log.segments.length > 1) {
    const oversize = retentionBytes !== undefined && endOffset(log) - oldest(log).baseOffset > retentionBytes
    if (!oversize && !expired(oldest(log)) && oldest(log).sizeBytes > 0) break
    dropOldest(log)
  }
}

function dropOldest(log: PartitionLog): void {
  const segment = log.segments.shift()
  if (!segment) return
  closeSegment(segment)
  unlinkSync(segment.path)
  for (const [offset, record] of log.cache) {
    if (offset >= segment.baseOffset + segment.sizeBytes) break
    log.cache.delete(offset)
    log.cachedBytes -= record.length
  }
}

/** Closes the files of the log. */
export function closeLog(log: PartitionLog): void {
  log.segments.forEach(closeSegment)
}

function oldest(log: PartitionLog): Segment {
  return segmentAt(log, 0)
}

function active(log: PartitionLog): Segment {
  return segmentAt(log, -1)
}

function segmentAt(log: PartitionLog, index: number): Segment {
  const segment = log.segments.at(index)
  if (!segment) throw new Error(`hub data ${log.dir}: the log has no segment`)
  return segment
}

/** Offset of the next record to be appended. */
function endOffset(log: PartitionLog): number {
  return active(log).baseOffset + active(log).sizeBytes
}

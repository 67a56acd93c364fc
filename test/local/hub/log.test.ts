import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { message } from 'rhea'
import { nextEvent, openCursor } from '../../../local/hub/cursor'
import {
  type PartitionLog,
  type Position,
  append,
  applyRetention,
  bounds,
  closeLog,
  openLog,
  seek,
} from '../../../local/hub/log'
import { decodeTransfer } from '../../../local/hub/message'
import { dataMessage } from './plain'
import { later, temporaryFolder } from './running'

interface Stored {
  readonly sequence: number
  readonly offset: number
  readonly enqueuedMs: number
  readonly body: string
}

function eventOf(body: string) {
  return decodeTransfer(dataMessage(body), 0).events
}

/** Everything from a position on, as a client would decode it. */
function readAll(log: PartitionLog, position: Position = { kind: 'offset', value: -1, inclusive: false }): Stored[] {
  const cursor = openCursor(log, seek(log, position))
  const events: Stored[] = []
  for (let bytes = nextEvent(cursor); bytes; bytes = nextEvent(cursor)) {
    const decoded = message.decode(bytes)
    const annotations = decoded.message_annotations as Record<string, unknown>
    events.push({
      sequence: Number(annotations['x-opt-sequence-number']),
      offset: Number(annotations['x-opt-offset']),
      enqueuedMs: Number(annotations['x-opt-enqueued-time']),
      body: String((decoded.body as { content: Buffer }).content),
    })
  }
  return events
}

const options = { segmentBytes: 1_500, cacheBytes: 800 }

test('whatever was appended is read from any position, from memory or disk, before and after reopening', () => {
  const batches = fc.array(fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 6 }), { maxLength: 12 })
  const clocks = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 12, maxLength: 12 })
  fc.assert(
    fc.property(batches, clocks, fc.boolean(), (bodies, clock, reopened) => {
      const dir = join(temporaryFolder(), 'log')
      let log = openLog(dir, options)
      later(() => closeLog(log))
      bodies.forEach((batch, index) => append(log, batch.flatMap(eventOf), clock[index] ?? 0))
      if (reopened) {
        closeLog(log)
        log = openLog(dir, options)
      }
      const all = readAll(log)
      expect(all.map((event) => event.body)).toEqual(bodies.flat())
      expect(all.map((event) => event.sequence)).toEqual(bodies.flat().map((_, index) => index))
      for (const inclusive of [true, false]) {
        for (const event of all) {
          const from = (keep: (each: Stored) => boolean) => all.filter(keep)
          const { sequence, offset, enqueuedMs } = event
          const after = (a: number, b: number) => a > b || (inclusive && a === b)
          expect(readAll(log, { kind: 'sequence', value: sequence, inclusive })).toEqual(
            from((each) => after(each.sequence, sequence)),
          )
          expect(readAll(log, { kind: 'offset', value: offset, inclusive })).toEqual(
            from((each) => after(each.offset, offset)),
          )
          expect(readAll(log, { kind: 'enqueuedTime', value: enqueuedMs, inclusive })).toEqual(
            from((each) => after(each.enqueuedMs, enqueuedMs)),
          )
        }
      }
      expect(readAll(log, { kind: 'latest' })).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('what is delivered is what was sent, byte for byte, but for the annotations', () => {
  const log = openLog(temporaryFolder(), options)
  later(() => closeLog(log))
  const sections = {
    header: [0x00, 0x53, 0x70, 0xc0, 0x02, 0x01, 0x41],
    annotations: [0x00, 0x53, 0x72, 0xc1, 0x07, 0x02, 0xa3, 0x01, 0x61, 0xa1, 0x01, 0x62],
    // A property list with a wide size, a body in two sections, a footer: nothing an encoder here would write.
    rest: [
      [0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x73, 0xd0, 0, 0, 0, 5, 0, 0, 0, 1, 0x40],
      [0x00, 0x53, 0x75, 0xb0, 0, 0, 0, 1, 0xff],
      [0x00, 0x53, 0x75, 0xa0, 0],
      [0x00, 0x53, 0x78, 0xc1, 0x01, 0x00],
    ].flat(),
  }
  const sent = Buffer.from([...sections.header, ...sections.annotations, ...sections.rest])
  append(log, decodeTransfer(sent, 0).events, 7)
  const delivered = nextEvent(openCursor(log, { offset: 0, sequence: 0 })) ?? Buffer.alloc(0)
  expect([...delivered.subarray(0, sections.header.length)]).toEqual(sections.header)
  expect([...delivered.subarray(-sections.rest.length)]).toEqual(sections.rest)
  expect(message.decode(delivered).message_annotations).toEqual({
    'x-opt-sequence-number': 0,
    'x-opt-offset': '36',
    'x-opt-enqueued-time': new Date(7),
    a: 'b',
  })
})

test('memory holds no more than the cache limit, and older events are still read', () => {
  const log = openLog(temporaryFolder(), { segmentBytes: 100_000, cacheBytes: 5_000 })
  later(() => closeLog(log))
  for (let index = 0; index < 500; index++) append(log, eventOf(String(index)), 0)
  expect(log.cachedBytes).toBeLessThanOrEqual(5_000)
  expect([...log.cache.values()].reduce((total, record) => total + record.length, 0)).toBe(log.cachedBytes)
  expect(readAll(log)).toHaveLength(500)
})

test('retention by size drops whole segments, oldest first, and readers go on at the oldest event left', () => {
  const log = openLog(temporaryFolder(), { segmentBytes: 1_000, cacheBytes: 0, retentionBytes: 4_000 })
  later(() => closeLog(log))
  append(log, eventOf('0'), 0)
  const cursor = openCursor(log, seek(log, { kind: 'sequence', value: -1, inclusive: false }))
  for (let index = 1; index < 200; index++) append(log, eventOf(String(index)), 0)
  applyRetention(log, 0)
  const { firstSequence, nextSequence, sizeBytes } = bounds(log)
  expect(sizeBytes).toBeLessThanOrEqual(4_000)
  expect(nextSequence).toBe(200)
  expect(firstSequence).toBeGreaterThan(100)
  expect(readAll(log)[0]).toMatchObject({ sequence: firstSequence, body: String(firstSequence) })
  expect(String(nextEvent(cursor))).toContain(String(firstSequence))
})

test('a missing segment is an error, not a gap', () => {
  const dir = temporaryFolder()
  const log = openLog(dir, options)
  for (let index = 0; index < 50; index++) append(log, eventOf(String(index)), 0)
  closeLog(log)
  rmSync(join(dir, readdirSync(dir).sort()[1] ?? ''))
  expect(() => openLog(dir, options)).toThrow(
    /expected to start at sequence number \d+, got \d+; restore the missing file/,
  )
})

import fc from 'fast-check'
import { readTriggerBatch } from '../../src/azure/trigger-batch'

const bodies = [Buffer.from('a'), Buffer.from('')]
const metadata = {
  partitionContext: { partitionId: '3' },
  sequenceNumberArray: [7, 8],
  enqueuedTimeUtcArray: ['2026-11-20T09:00:00', '2026-11-20T09:00:01.5Z'],
  systemPropertiesArray: [{}, {}],
}

test('bodies get the sequence number and time beside them; a time without a zone is UTC', () => {
  expect(readTriggerBatch(bodies, metadata)).toEqual({
    partition: 3,
    messages: [
      { sequence: 7, enqueuedMs: Date.UTC(2026, 10, 20, 9), body: bodies[0] },
      { sequence: 8, enqueuedMs: Date.UTC(2026, 10, 20, 9, 0, 1, 500), body: bodies[1] },
    ],
  })
})

test.each([
  ['the AMQP property', { 'content-encoding': 'gzip' }, {}],
  ['an application property, its first letter made small by the worker', {}, { 'content-Encoding': 'GZIP' }],
  ['one in camel case', {}, { contentEncoding: 'gzip' }],
  ['both, of which AMQP’s counts', { 'content-encoding': 'gzip' }, { contentEncoding: 'br' }],
])('the content encoding is %s', (_, system, application) => {
  const given = { ...metadata, systemPropertiesArray: [system, {}], propertiesArray: [application, { encoding: 'br' }] }
  const { messages } = readTriggerBatch(bodies, given)
  expect(messages.map(({ contentEncoding }) => contentEncoding)).toEqual(['gzip', undefined])
})

/** A Long as the library hands it on: its fields without its methods (azure-functions-nodejs-library `toCamelCaseValue`). */
const long = (value: bigint, unsigned = false) => ({
  low: Number(BigInt.asIntN(32, value)),
  high: Number(BigInt.asIntN(32, value >> 32n)),
  unsigned,
})

/** A batch of one message, its sequence number in both places as the worker would have it. */
const single = (sequenceNumber: unknown) => ({
  ...metadata,
  sequenceNumberArray: [sequenceNumber],
  enqueuedTimeUtcArray: ['2026-11-20T09:00:00'],
  systemPropertiesArray: [{ sequenceNumber }],
})

test.each([
  ['a number', 7, 7],
  ['digits', '7', 7],
  ['a bigint', 7n, 7],
  ['halves', { low: 7, high: 0, unsigned: false }, 7],
  ['halves without a sign', { low: 7, high: 0 }, 7],
  ['halves beyond 31 bits', { low: -1, high: 0, unsigned: false }, 2 ** 32 - 1],
  ['halves beyond 32 bits', { low: -1, high: 1, unsigned: true }, 2 ** 33 - 1],
  ['a Long', long(2n ** 40n + 1n), 2 ** 40 + 1],
  ['the largest Long', long(9007199254740991n), 2 ** 53 - 1],
  ['the largest number', 9007199254740991, 2 ** 53 - 1],
  ['the largest digits', '9007199254740991', 2 ** 53 - 1],
])('a sequence number comes as %s', (_, given, sequence) => {
  expect(readTriggerBatch([bodies[0]], single(given)).messages).toMatchObject([{ sequence }])
})

const past53 = /sequenceNumber of events\[0\]: expected at most 2\^53 - 1, past which numbers are rounded, got /

test.each([
  ['a number, rounded on its way', JSON.parse('9007199254740993') as number],
  ['digits', '9007199254740993'],
  ['a bigint', 9007199254740993n],
  ['halves', { low: 1, high: 2 ** 21, unsigned: false }],
  ['a Long', long(9007199254740993n)],
  ['an unsigned Long', long(2n ** 64n - 1n, true)],
])('a sequence number past 2^53 is refused, not rounded: %s', (_, given) => {
  expect(() => readTriggerBatch([bodies[0]], single(given))).toThrow(past53)
})

test.each([
  ['a fraction', 7.5],
  ['below 0', -1],
  ['below 0, a Long', long(-1n)],
  ['no digits', ''],
  ['a space', ' '],
  ['an exponent', '1e3'],
  ['half of a Long', { low: 7 }],
  ['halves that are none', { low: '7', high: '0' }],
  ['not a number', NaN],
  ['true', true],
])('what is no sequence number is refused: %s', (_, given) => {
  expect(() => readTriggerBatch([bodies[0]], single(given))).toThrow(
    'sequenceNumber of events[0]: expected a whole number from 0, got ',
  )
})

test('any sequence number a number can hold comes out of every form it has', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (sequence) => {
      for (const form of [sequence, String(sequence), BigInt(sequence), long(BigInt(sequence))]) {
        expect(readTriggerBatch([bodies[0]], single(form)).messages[0]?.sequence).toBe(sequence)
      }
    }),
  )
})

test('system properties come first', () => {
  const systemPropertiesArray = [7, 8].map((sequenceNumber) => ({
    sequenceNumber,
    enqueuedTimeUtc: '2026-11-20T10:00:00Z',
  }))
  const { messages } = readTriggerBatch(bodies, { ...metadata, systemPropertiesArray, sequenceNumberArray: [1, 2] })
  expect(messages.map(({ sequence }) => sequence)).toEqual([7, 8])
})

test.each([
  ['bodies that are no list', 'x', metadata, 'events: expected an array of buffers'],
  ['a body that is no buffer', ['x', 'y'], metadata, 'events[0]: expected a buffer; is dataType binary?'],
  [
    'lists of another length',
    bodies,
    { ...metadata, sequenceNumberArray: [7] },
    'metadata of sequences: expected 2 entries, got 1',
  ],
  [
    'no partition',
    bodies,
    { ...metadata, partitionContext: {} },
    'partitionContext.partitionId: expected a partition number',
  ],
  [
    'no sequence number',
    bodies,
    { ...metadata, sequenceNumberArray: [] },
    'sequenceNumber of events[0]: expected a whole number from 0',
  ],
  [
    'a time that is none',
    bodies,
    { ...metadata, enqueuedTimeUtcArray: ['', ''] },
    'enqueuedTimeUtc of events[0]: expected a time',
  ],
])('%s is an error that says so', (_, events, given, message) => {
  expect(() => readTriggerBatch(events, given)).toThrow(message)
})

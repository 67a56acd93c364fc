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
  ['numbers', [7, 8]],
  ['texts', ['7', '8']],
  [
    'halves, as worker 3.16.0 sends them',
    [
      { low: 7, high: 0 },
      { low: 8, high: 0 },
    ],
  ],
])('sequence numbers as %s are taken', (_, sequenceNumberArray) => {
  const { messages } = readTriggerBatch(bodies, { ...metadata, sequenceNumberArray })
  expect(messages.map(({ sequence }) => sequence)).toEqual([7, 8])
})

test('halves beyond 32 bits are put together', () => {
  const halves = { low: -1, high: 1 }
  const { messages } = readTriggerBatch([bodies[0]], {
    ...metadata,
    systemPropertiesArray: [{ sequenceNumber: halves, enqueuedTimeUtc: '2026-11-20T09:00:00Z' }],
    sequenceNumberArray: [halves],
    enqueuedTimeUtcArray: ['2026-11-20T09:00:00Z'],
  })
  expect(messages[0]?.sequence).toBe(2 ** 33 - 1)
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
    'sequenceNumber of events[0]: expected a whole number',
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

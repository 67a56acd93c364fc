import { parseHostJson } from '../../../local/host/host-json'

test('what host.json leaves out has the defaults of the Event Hubs extension', () => {
  expect(parseHostJson({ version: '2.0' })).toEqual({
    routePrefix: 'api',
    eventHubs: {
      maxEventBatchSize: 100,
      minEventBatchSize: 1,
      maxWaitTimeMs: 60_000,
      prefetchCount: 300,
      batchCheckpointFrequency: 1,
      checkpointing: 'enabled',
      initialOffset: { kind: 'fromStart' },
    },
  })
})

test('what it says is taken', () => {
  const eventHubs = {
    maxEventBatchSize: 500,
    minEventBatchSize: 50,
    prefetchSizeInBytes: 1_000_000,
    maxWaitTime: '00:00:05.250',
    enableCheckpointing: false,
    initialOffsetOptions: { type: 'fromEnqueuedTime', enqueuedTimeUtc: '2026-03-01T00:00:00Z' },
  }
  const options = parseHostJson({ extensions: { http: { routePrefix: '/' }, eventHubs } })
  expect(options.routePrefix).toBe('')
  expect(options.eventHubs).toMatchObject({
    maxEventBatchSize: 500,
    maxWaitTimeMs: 5_250,
    prefetchBytes: 1_000_000,
    checkpointing: 'disabled',
    initialOffset: { kind: 'fromEnqueuedTime', enqueuedTimeMs: Date.parse('2026-03-01T00:00:00Z') },
  })
})

test.each([
  [{ prefetchSizeInBytes: 0 }, 'prefetchSizeInBytes: expected a whole number from 1, got 0'],
  [{ maxEventBatchSize: 0 }, 'maxEventBatchSize: expected a whole number from 1, got 0'],
  [
    { maxEventBatchSize: 10, minEventBatchSize: 11 },
    'minEventBatchSize: expected at most maxEventBatchSize 10, got 11',
  ],
  [{ maxWaitTime: 5 }, 'maxWaitTime: expected hh:mm:ss or hh:mm:ss.fff, got 5'],
  [
    { initialOffsetOptions: { type: 'earliest' } },
    'type: expected fromStart, fromEnd or fromEnqueuedTime, got "earliest"',
  ],
])('%j is refused by name', (eventHubs, message) => {
  expect(() => parseHostJson({ extensions: { eventHubs } })).toThrow(message)
})

import { type ReceivedEventData } from '@azure/event-hubs'
import { type EventHubTrigger } from '../../../local/host/binding'
import { bodyBytes, eventHubInput } from '../../../local/host/event-hub-input'

const partition = {
  fullyQualifiedNamespace: 'localhost',
  eventHubName: 'hub',
  consumerGroup: 'group',
  partitionId: '3',
}
const many: EventHubTrigger = {
  kind: 'eventHub',
  bindingName: 'events',
  connection: 'C',
  eventHubName: 'hub',
  consumerGroup: 'group',
  cardinality: 'many',
  dataType: 'binary',
}

function event(sequenceNumber: number, body: unknown, more: Partial<ReceivedEventData> = {}): ReceivedEventData {
  return {
    body,
    sequenceNumber,
    offset: String(sequenceNumber * 100),
    enqueuedTimeUtc: new Date('2026-03-01T12:00:00.250Z'),
    partitionKey: null,
    getRawAmqpMessage: () => ({ body }),
    ...more,
  }
}

test.each([
  ['a buffer', Buffer.from([0, 255]), [0, 255]],
  ['a typed array within a larger one', new Uint8Array([9, 1, 2, 9]).subarray(1, 3), [1, 2]],
  ['nothing', null, []],
  ['several data sections', [Buffer.from('a'), Buffer.from('b')], [97, 98]],
  ['a text value', 'é', [0xc3, 0xa9]],
  ['an object value', { a: 1n }, [...Buffer.from('{"a":"1"}')]],
])('the bytes of %s', (_name, body, bytes) => {
  expect([...bodyBytes(body)]).toEqual(bytes)
})

test('a batch has one entry in every array per event, except keys', () => {
  const events = [
    event(7, Buffer.from('a'), { partitionKey: 'store-1', properties: { Raw: Buffer.from('hi'), n: 1 } }),
    event(8, Buffer.from(''), { systemProperties: { 'x-opt-more': 5n, contentEncoding: 'gzip', to: 'hub' } }),
  ]
  const { data, triggerMetadata = {} } = eventHubInput(events, many, partition)
  expect(data.collectionBytes?.bytes.map(String)).toEqual(['a', ''])
  expect(triggerMetadata['SequenceNumberArray']).toEqual({ collectionSint64: { sint64: [7, 8] } })
  expect(triggerMetadata['OffsetArray']).toEqual({ collectionString: { string: ['700', '800'] } })
  expect(triggerMetadata['PartitionKeyArray']).toEqual({ collectionString: { string: ['store-1'] } })
  expect(triggerMetadata['EnqueuedTimeUtcArray']?.json).toBe('["2026-03-01T12:00:00.250","2026-03-01T12:00:00.250"]')
  expect(triggerMetadata['PropertiesArray']?.json).toBe('[{"Raw":"aGk=","n":1},{}]')
  expect(JSON.parse(triggerMetadata['SystemPropertiesArray']?.json ?? '')).toEqual([
    expect.objectContaining({
      SequenceNumber: 7,
      Offset: '700',
      PartitionKey: 'store-1',
      EnqueuedTimeUtc: '2026-03-01T12:00:00.250',
    }),
    expect.objectContaining({
      SequenceNumber: 8,
      PartitionKey: null,
      'x-opt-more': '5',
      'content-encoding': 'gzip',
      to: 'hub',
    }),
  ])
  expect(JSON.parse(triggerMetadata['PartitionContext']?.json ?? '')).toEqual({
    FullyQualifiedNamespace: 'localhost',
    EventHubName: 'hub',
    ConsumerGroup: 'group',
    PartitionId: '3',
    IsCheckpointingAfterInvocation: true,
  })
})

test('as strings, a batch loses its empty bodies', () => {
  const events = [event(1, Buffer.from('a')), event(2, Buffer.from('')), event(3, Buffer.from('c'))]
  const { data } = eventHubInput(events, { ...many, dataType: 'string' }, partition)
  expect(data).toEqual({ collectionString: { string: ['a', 'c'] } })
})

test('without a data type, one body that is not JSON fails the whole batch', () => {
  const untyped: EventHubTrigger = { ...many, dataType: 'none' }
  expect(eventHubInput([event(1, Buffer.from('{"a": 1}'))], untyped, partition).data).toEqual({ json: '[{"a": 1}]' })
  const events = [event(1, Buffer.from('{}')), event(2, Buffer.from('not json'))]
  expect(() => eventHubInput(events, untyped, partition)).toThrow('a body expected JSON')
})

test('cardinality one carries one event and its own metadata', () => {
  const one: EventHubTrigger = { ...many, cardinality: 'one', dataType: 'none' }
  const { data, triggerMetadata } = eventHubInput([event(7, Buffer.from('a'), { partitionKey: 'k' })], one, partition)
  expect(data).toEqual({ string: 'a' })
  expect(triggerMetadata).toMatchObject({
    SequenceNumber: { int: 7 },
    Offset: { string: '700' },
    PartitionKey: { string: 'k' },
  })
})

import { readTriggerBatch } from '../../../src/azure/trigger-batch'
import { batches, handed, openStage, type Stage } from './stream-stage'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const text = (value: string) => ({ body: Buffer.from(value) })
const numbered = (count: number) => Array.from({ length: count }, (_, at) => text(`event ${at}`))

test('bodies arrive byte for byte, with metadata aligned', async () => {
  const hub = stage.freshHub(1)
  const bodies = [Buffer.from([0, 255, 128]), Buffer.from(''), Buffer.from('{"not":"parsed"}'), Buffer.from('é')]
  await stage.send(
    hub,
    '0',
    bodies.map((body, at) => {
      const applicationProperties = { Index: at, ...(at === 3 && { 'Content-Encoding': 'br' }) }
      const properties = at === 2 ? { contentEncoding: 'gzip' } : {}
      return { body, bodyType: 'data' as const, properties, applicationProperties }
    }),
  )
  const host = await stage.fork(hub, { settings: { WITH_METADATA: '1' } })
  const message = await host.find(({ kind }) => kind === 'batch')
  expect(message['bodies']).toEqual(bodies.map((body) => body.toString('base64')))
  const metadata = message['metadata'] as Record<string, unknown>
  expect(metadata['sequenceNumberArray']).toEqual([0, 1, 2, 3])
  const named = { index: 3, 'content-Encoding': 'br' }
  expect(metadata['propertiesArray']).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }, named])
  expect(metadata['partitionContext']).toEqual({
    fullyQualifiedNamespace: stage.namespace,
    eventHubName: hub,
    consumerGroup: 'readers',
    partitionId: '0',
    isCheckpointingAfterInvocation: true,
  })
  const systems = metadata['systemPropertiesArray'] as Record<string, unknown>[]
  expect(systems.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2, 3])
  // As AMQP names it, which is what .NET hands over.
  expect(systems.map((system) => system['content-encoding'])).toEqual([undefined, undefined, 'gzip', undefined])
  const messages = bodies.map((body) => new Uint8Array(body))
  expect(readTriggerBatch(messages, metadata).messages.map(({ contentEncoding }) => contentEncoding)).toEqual([
    undefined,
    undefined,
    'gzip',
    'br',
  ])
  expect(systems[0]?.['enqueuedTimeUtc']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/)
  expect(metadata['enqueuedTimeUtcArray']).toEqual(systems.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc))
  await host.close()
})

test('one batch at a time per partition, in order and no larger than asked, partitions beside each other', async () => {
  const hub = stage.freshHub(4)
  for (const partitionId of ['0', '1', '2', '3']) await stage.send(hub, partitionId, numbered(40))
  const host = await stage.fork(hub, { settings: { MODE: 'hang' }, eventHubs: { maxEventBatchSize: 16 } })
  for (const partitionId of ['0', '1', '2', '3']) await handed(host, 0, partitionId)
  expect(batches(host, 'end')).toEqual([])
  host.send({ kind: 'mode', mode: 'ok' })
  for (const partitionId of ['0', '1', '2', '3']) await stage.checkpointed(hub, 39, partitionId)
  for (const partitionId of ['0', '1', '2', '3']) {
    const story = host.messages.filter((message) => message.kind === 'batch' && message['partitionId'] === partitionId)
    expect(story.map(({ phase }) => phase)).toEqual(story.map((_, at) => (at % 2 === 0 ? 'begin' : 'end')))
    const begun = batches(host).filter((batch) => batch.partitionId === partitionId)
    expect(begun.flatMap(({ sequences }) => sequences)).toEqual(Array.from({ length: 40 }, (_, at) => at))
    expect(Math.max(...begun.map(({ sequences }) => sequences.length))).toBeLessThanOrEqual(16)
  }
  await host.close()
})

test('a function that rejects with nothing is not tried again, and the checkpoint moves past its batch', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(3))
  const host = await stage.fork(hub, { settings: { RETRY: 'forever', MODE: 'fail with nothing' } })
  await stage.checkpointed(hub, 2)
  expect(batches(host)).toMatchObject([{ sequences: [0, 1, 2], retryCount: 0 }])
  await host.close()
})

test('under a policy of -1 the same batch comes again until it succeeds, and only then is it checkpointed', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(3))
  const host = await stage.fork(hub, { settings: { RETRY: 'forever', MODE: 'fail' } })
  const retried = (count: number) => host.find(({ kind, retryCount }) => kind === 'batch' && retryCount === count)
  expect(await retried(5)).toMatchObject({ retryError: 'till jammed' })
  await stage.send(hub, '0', numbered(2))
  await retried(10)
  expect(await stage.checkpoint(hub)).toBeUndefined()
  expect(batches(host).map(({ sequences }) => sequences)).toEqual(batches(host).map(() => [0, 1, 2]))
  host.send({ kind: 'mode', mode: 'ok' })
  await handed(host, 4)
  await stage.checkpointed(hub, 4)
  await host.close()
})

test('a counted policy ends, and then the failed batch is passed over', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(2))
  const host = await stage.fork(hub, { settings: { RETRY: 'twice', MODE: 'fail' } })
  await stage.checkpointed(hub, 1)
  expect(batches(host).map(({ retryCount }) => retryCount)).toEqual([0, 1, 2])
  await host.close()
})

test('without a policy a failed batch is checkpointed and lost, as in the service', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(2))
  const host = await stage.fork(hub, { settings: { MODE: 'fail' } })
  await stage.checkpointed(hub, 1)
  expect(batches(host)).toHaveLength(1)
  await host.close()
  const again = await stage.fork(hub)
  await stage.send(hub, '0', numbered(1))
  await handed(again, 2)
  expect(batches(again).flatMap(({ sequences }) => sequences)).toEqual([2])
  await again.close()
})

test('a batch that cannot be bound fails before the function runs', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', [text('{}'), text('not json')])
  const host = await stage.fork(hub, { settings: { DATA_TYPE: 'none' } })
  await stage.checkpointed(hub, 1)
  expect(batches(host)).toEqual([])
  expect(host.messages).toContainEqual(expect.objectContaining({ kind: 'invocation', outcome: 'failed' }))
  await host.close()
})

test('cardinality one hands events over one by one', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', [text('{"a":1}'), text('plain')])
  const host = await stage.fork(hub, { settings: { CARDINALITY: 'one', DATA_TYPE: 'string' } })
  await stage.checkpointed(hub, 1)
  expect(batches(host).map(({ sequences, bodies }) => ({ sequences, bodies }))).toEqual([
    { sequences: [0], bodies: [{ a: 1 }] },
    { sequences: [1], bodies: ['plain'] },
  ])
  await host.close()
})

test('a broker or hub that is not there is refused by name', async () => {
  const EventHubConnection = stage.connectionString.replace(/:\d+\/?;/, ':1;')
  await expect(stage.fork('hub', { settings: { EventHubConnection } })).rejects.toThrow(
    /event hub hub at .* ECONNREFUSED/,
  )
  await expect(stage.fork('nowhere')).rejects.toThrow(
    `function "ingest": event hub nowhere at ${stage.namespace} expected to answer`,
  )
})

import { EventHubProducerClient } from '@azure/event-hubs'
import { batches, handed, openStage, type Stage } from './stream-stage'
import { type HostProcess } from './host-process'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ body: Buffer.from(`event ${at}`) }))
/** Long enough for a host on a busy machine to renew what it owns. */
const steady = { updateIntervalMs: 300, ownershipExpirationMs: 8_000 }
const quick = { updateIntervalMs: 300, ownershipExpirationMs: 3_000 }
const partitions = ['0', '1', '2', '3']

const sequencesOf = (host: HostProcess): readonly number[] => batches(host).flatMap(({ sequences }) => sequences)

test('after a close the next host resumes behind the checkpoint', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(5))
  const first = await stage.fork(hub)
  await stage.checkpointed(hub, 4)
  await first.close()
  await stage.send(hub, '0', numbered(2))
  const second = await stage.fork(hub)
  await handed(second, 6)
  expect(sequencesOf(second)).toEqual([5, 6])
  await second.close()
})

test('after a kill in the middle of a batch the next host gets the batch again', async () => {
  const hub = stage.freshHub(1)
  const first = await stage.fork(hub, { settings: { MODE: 'hang' }, loadBalancing: quick })
  await stage.send(hub, '0', numbered(3))
  await handed(first, 2)
  await first.kill()
  const second = await stage.fork(hub, { loadBalancing: quick })
  await stage.checkpointed(hub, 2)
  expect(sequencesOf(second)).toEqual([0, 1, 2])
  await second.close()
})

test('a batch that ends while the host closes is not checkpointed and comes again', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(3))
  const first = await stage.fork(hub, { settings: { MODE: 'hang' } })
  await handed(first, 2)
  const closed = first.close()
  await first.find(({ message }) => String(message).includes('given up (Shutdown)'))
  first.send({ kind: 'mode', mode: 'ok' })
  await closed
  expect(batches(first, 'end')).toHaveLength(1)
  expect(await stage.checkpoint(hub)).toBeUndefined()
  const second = await stage.fork(hub)
  await stage.checkpointed(hub, 2)
  expect(sequencesOf(second)).toEqual([0, 1, 2])
  await second.close()
})

test('a retry without end stops with the host', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(1))
  const host = await stage.fork(hub, { settings: { MODE: 'fail', RETRY: 'forever' } })
  await host.find(({ kind, retryCount }) => kind === 'batch' && retryCount === 3)
  await host.close()
  expect(await stage.checkpoint(hub)).toBeUndefined()
})

test('two hosts share the partitions, and the survivor of a kill takes over what it had not', async () => {
  const hub = stage.freshHub(4)
  const first = await stage.fork(hub, { loadBalancing: steady })
  const deal = () => Promise.all(partitions.map((partitionId) => stage.send(hub, partitionId, numbered(1))))
  await deal()
  for (const partitionId of partitions) await handed(first, 0, partitionId)
  const second = await stage.fork(hub, { loadBalancing: steady })
  const taken = (host: HostProcess): ReadonlySet<string> =>
    new Set(host.messages.flatMap(({ message }) => /partition (\d): reading/.exec(String(message))?.[1] ?? []))
  await second.find(() => taken(second).size === 2)
  /** How many partitions' events of that number the host has been handed. */
  const share = (host: HostProcess, sequence: number): number =>
    batches(host).filter(({ sequences }) => sequences.includes(sequence)).length
  // A host that is slow to renew loses a partition for a while, as it should: who has which, and how many, is known once it is read.
  let sequence = 0
  do {
    await deal()
    sequence++
    for (const partitionId of partitions) await stage.checkpointed(hub, sequence, partitionId)
  } while (share(first, sequence) < 1 || share(second, sequence) < 1)
  await second.kill()
  await deal()
  for (const partitionId of partitions) await handed(first, sequence + 1, partitionId)
  await first.close()
})

test('a partition lost in the middle of a batch is not checkpointed by who lost it', async () => {
  const hub = stage.freshHub(4)
  for (const partitionId of partitions) await stage.send(hub, partitionId, numbered(2))
  const first = await stage.fork(hub, { settings: { MODE: 'hang' }, loadBalancing: quick })
  for (const partitionId of partitions) await handed(first, 1, partitionId)
  const second = await stage.fork(hub, { settings: { MODE: 'hang' }, loadBalancing: quick })
  const stolen = await second.find(({ kind }) => kind === 'batch')
  const partitionId = String(stolen['partitionId'])
  // What the second host holds and has not finished, the first must not mark as done.
  await first.find(({ message }) => String(message).includes(`partition ${partitionId}: now owned by another host`))
  first.send({ kind: 'mode', mode: 'ok' })
  await first.find(({ message }) => String(message).includes(`partition ${partitionId}: not checkpointed`))
  expect(await stage.checkpoint(hub, partitionId)).toBeUndefined()
  second.send({ kind: 'mode', mode: 'ok' })
  await stage.checkpointed(hub, 1, partitionId)
  await Promise.all([first.close(), second.close()])
})

test('fewer events than the minimum wait for more, and no longer than the wait time', async () => {
  const hub = stage.freshHub(1)
  const eventHubs = { minEventBatchSize: 4, maxEventBatchSize: 10, maxWaitTime: '00:00:03' }
  const host = await stage.fork(hub, { eventHubs })
  await stage.send(hub, '0', numbered(2))
  await stage.send(hub, '0', numbered(3))
  await handed(host, 4)
  await stage.send(hub, '0', numbered(1))
  await handed(host, 5)
  expect(batches(host).map(({ sequences }) => sequences)).toEqual([[0, 1, 2, 3, 4], [5]])
  await host.close()
})

test('from the end, what was sent before the first start is not delivered', async () => {
  const hub = stage.freshHub(1)
  await stage.send(hub, '0', numbered(3))
  const host = await stage.fork(hub, { eventHubs: { initialOffsetOptions: { type: 'fromEnd' } } })
  await host.find(({ message }) => String(message).includes('partition 0: reading'))
  const producer = new EventHubProducerClient(stage.connectionString, hub)
  // Where "the end" was is known only once something arrives.
  const stop = new AbortController()
  const sending = (async () => {
    while (!stop.signal.aborted) await producer.sendBatch(numbered(1), { partitionId: '0' })
  })()
  await host.find(({ kind }) => kind === 'batch')
  stop.abort()
  await sending
  await producer.close()
  expect(Math.min(...sequencesOf(host))).toBeGreaterThanOrEqual(3)
  await host.close()
})

test(
  'a broker that goes away and comes back is found again, by who reads and by who waits for partitions',
  async () => {
    const hub = stage.freshHub(1)
    const owner = await stage.fork(hub, { loadBalancing: quick })
    await stage.send(hub, '0', numbered(1))
    await handed(owner, 0)
    await stage.restartHub()
    await stage.send(hub, '0', numbered(1))
    await handed(owner, 1)
    await stage.checkpointed(hub, 1)
    expect(sequencesOf(owner)).toEqual([0, 1])
    const other = await stage.fork(hub, { loadBalancing: quick })
    await owner.kill()
    await stage.restartHub(async () => {
      await other.find(({ message }) => /load balancing: .*ECONNREFUSED/.test(String(message)))
    })
    await stage.send(hub, '0', numbered(1))
    await handed(other, 2)
    await other.close()
  },
  // Left to itself, the client would say nothing of its failure for two minutes.
  30_000,
)

test('a batch that does not end keeps the host from closing no longer than the drain time', async () => {
  const hub = stage.freshHub(4)
  await stage.send(hub, '0', numbered(1))
  const host = await stage.fork(hub, { settings: { MODE: 'hang' } })
  await handed(host, 0)
  await host.close()
  expect(host.messages).toContainEqual(
    expect.objectContaining({
      category: 'Host.Shutdown',
      message: '1 invocations still running, no longer waited for',
    }),
  )
  expect(await stage.checkpoint(hub)).toBeUndefined()
})

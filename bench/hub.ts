import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import {
  type EventPosition,
  EventHubConsumerClient,
  EventHubProducerClient,
  earliestEventPosition,
} from '@azure/event-hubs'
import { startHub } from '../local/hub/hub'

/** What `benchHub` sends. Bodies are binary, so JSON is not part of what is measured. */
export interface HubBenchOptions {
  readonly events?: number
  readonly batchEvents?: number
  readonly bodyBytes?: number
  readonly partitions?: number
}

/** Rates of `benchHub`; in process, so the SDK's encoding and decoding and the hub share one thread. */
export interface HubBench {
  readonly events: number
  readonly bodyBytes: number
  /** Sending alone. */
  readonly eventsInPerSecond: number
  /** Receiving alone, everything from the start. */
  readonly eventsOutPerSecond: number
  /** Sending and receiving at once: each event goes in and out in this time. */
  readonly eventsThroughPerSecond: number
}

const hubName = 'bench'

/**
 * Sends events through the embedded hub with the real SDK, in batches over all partitions, and receives them again.
 * Does not measure: a network, a disk slower than the page cache, several clients.
 */
export async function benchHub({
  events = 100_000,
  batchEvents = 250,
  bodyBytes = 120,
  partitions = 4,
}: HubBenchOptions = {}): Promise<HubBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tillstream-bench-hub-'))
  const entity = { Name: hubName, PartitionCount: partitions, ConsumerGroups: [] }
  const config = { UserConfig: { NamespaceConfig: [{ Entities: [entity] }] } }
  const hub = await startHub({ config, dataDir, port: 0 })
  const producer = new EventHubProducerClient(hub.connectionString, hubName)
  const consumer = new EventHubConsumerClient('$Default', hub.connectionString, hubName)
  const send = () => sendAll(producer, { events, batchEvents, partitions, body: Buffer.alloc(bodyBytes, 'x') })
  try {
    const inMs = await elapsedMs(send)
    const outMs = await elapsedMs(() => receiveAll(consumer, events, earliestEventPosition))
    const positions = await endPositions(producer)
    const throughMs = await elapsedMs(() => Promise.all([send(), receiveAll(consumer, events, positions)]))
    return {
      events,
      bodyBytes,
      eventsInPerSecond: Math.round((events * 1000) / inMs),
      eventsOutPerSecond: Math.round((events * 1000) / outMs),
      eventsThroughPerSecond: Math.round((events * 1000) / throughMs),
    }
  } finally {
    await Promise.all([producer.close(), consumer.close()])
    await hub.close()
    await rm(dataDir, { recursive: true })
  }
}

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

interface Sending {
  readonly events: number
  readonly batchEvents: number
  readonly partitions: number
  readonly body: Buffer
}

async function sendAll(producer: EventHubProducerClient, sending: Sending): Promise<void> {
  const { events, batchEvents, partitions, body } = sending
  const each = Array.from({ length: partitions }, async (_, partition) => {
    const share = Math.floor(events / partitions) + (partition < events % partitions ? 1 : 0)
    for (let sent = 0; sent < share; sent += batchEvents) {
      const batch = Array.from({ length: Math.min(batchEvents, share - sent) }, () => ({ body }))
      await producer.sendBatch(batch, { partitionId: String(partition) })
    }
  })
  await Promise.all(each)
}

/** The place after the last event of every partition. */
async function endPositions(producer: EventHubProducerClient): Promise<Record<string, EventPosition>> {
  const ids = await producer.getPartitionIds()
  const ends = ids.map(async (id): Promise<[string, EventPosition]> => {
    const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties(id)
    return [id, { sequenceNumber: lastEnqueuedSequenceNumber, isInclusive: false }]
  })
  return Object.fromEntries(await Promise.all(ends))
}

/** Resolves once this many events have been received from the positions on. */
async function receiveAll(
  consumer: EventHubConsumerClient,
  events: number,
  startPosition: EventPosition | Record<string, EventPosition>,
): Promise<void> {
  let left = events
  let finish: (fault?: Error) => void = () => undefined
  const finished = new Promise<void>((resolve, reject) => {
    finish = (fault) => (fault ? reject(fault) : resolve())
  })
  const subscription = consumer.subscribe(
    {
      processEvents: (received) => {
        left -= received.length
        if (left <= 0) finish()
        return Promise.resolve()
      },
      processError: (fault) => Promise.resolve(finish(fault)),
    },
    { startPosition, maxBatchSize: 1000, prefetchCount: 3000, maxWaitTimeInSeconds: 1, skipParsingBodyAsJson: true },
  )
  await finished.finally(() => subscription.close())
}

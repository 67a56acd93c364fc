import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EventHubClientOptions,
  type EventPosition,
  type ReceivedEventData,
  type SubscribeOptions,
  EventHubConsumerClient,
  EventHubProducerClient,
} from '@azure/event-hubs'
import { type Hub, type HubOptions, startHub } from '../../../local/hub/hub'

export const hubName = 'orders'
export const groupName = 'readers'

/** A Config.json with hub `orders` and consumer group `readers`. */
export function hubConfig(partitions = 2): unknown {
  const entity = { Name: hubName, PartitionCount: partitions, ConsumerGroups: [{ Name: groupName }] }
  return { UserConfig: { NamespaceConfig: [{ Type: 'EventHub', Name: 'emulatorns1', Entities: [entity] }] } }
}

const cleanups: (() => Promise<unknown> | void)[] = []

/** Has something undone after the test; the last registered goes first. */
export function later(cleanup: () => Promise<unknown> | void): void {
  cleanups.push(cleanup)
}

let testsEnded = 0

afterEach(async () => {
  testsEnded += 1
  for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) await cleanup()
})

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tillstream-hub-'))
  later(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A hub on a free port, closed after the test. */
export async function runHub(options: Partial<HubOptions> = {}): Promise<Hub> {
  const hub = await startHub({ config: hubConfig(), dataDir: temporaryFolderOr(options), port: 0, ...options })
  later(() => hub.close())
  return hub
}

function temporaryFolderOr(options: Partial<HubOptions>): string {
  return options.dataDir ?? temporaryFolder()
}

// A retry would only hide a fault of the hub.
const once: EventHubClientOptions = { retryOptions: { maxRetries: 0, timeoutInMs: 15_000 } }

/** A producer without retries, closed after the test. */
export function producerOf(hub: Hub, name = hubName): EventHubProducerClient {
  const producer = new EventHubProducerClient(hub.connectionString, name, once)
  later(() => producer.close())
  return producer
}

/** A consumer without retries, closed after the test. */
export function consumerOf(hub: Hub, { group = '$Default', name = hubName } = {}): EventHubConsumerClient {
  const consumer = new EventHubConsumerClient(group, hub.connectionString, name, once)
  later(() => consumer.close())
  return consumer
}

export const fromStart: EventPosition = { offset: '-1' }

export interface Received {
  readonly events: ReceivedEventData[]
  readonly stop: () => Promise<void>
}

/** The first `count` events of a partition; rejects with what the client reports instead. */
export async function receive(
  consumer: EventHubConsumerClient,
  partition: string,
  count: number,
  options: SubscribeOptions = { startPosition: fromStart },
): Promise<ReceivedEventData[]> {
  const events: ReceivedEventData[] = []
  let finish: (fault?: Error) => void = () => undefined
  const finished = new Promise<void>((resolve, reject) => (finish = (fault) => (fault ? reject(fault) : resolve())))
  const subscription = consumer.subscribe(
    partition,
    {
      processEvents: (received) => {
        events.push(...received)
        if (events.length >= count) finish()
        return Promise.resolve()
      },
      processError: (fault) => Promise.resolve(finish(fault)),
    },
    { maxBatchSize: 100, maxWaitTimeInSeconds: 1, skipParsingBodyAsJson: true, ...options },
  )
  await finished.finally(() => subscription.close())
  return events
}

/** Bodies as text. */
export function bodies(events: readonly ReceivedEventData[]): string[] {
  return events.map((event) => Buffer.from(event.body as Uint8Array).toString('utf8'))
}

/** `count` events with bodies `prefix0`, `prefix1`, … */
export function numbered(prefix: string, count: number): { body: Buffer }[] {
  return Array.from({ length: count }, (_, index) => ({ body: Buffer.from(`${prefix}${index}`) }))
}

/** Resolves when the condition holds, looked at after every turn of the event loop; gives up when the test is over. */
export async function until(condition: () => boolean): Promise<void> {
  const test = testsEnded
  while (!condition()) {
    if (testsEnded > test) throw new Error('the test ended before its condition held')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

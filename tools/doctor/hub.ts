// Tested in test/tools/doctor.test.ts.
import { EventHubConsumerClient, latestEventPosition } from '@azure/event-hubs'
import { decodeRules, hubConnection } from '../../src/app/ports'
import { type EventReader, openEventReader } from '../../src/azure/event-reader'
import { patience } from '../../src/azure/event-sender'
import { decode } from '../../src/event/decode'
import { type Check, fault, type Finding, ok, warn } from './check'
import { settingsOf, type Subject } from './subject'
import { reach } from './wire'

/** Whether the hub is there, who may read it, and whether what is in it can be understood. */
export const hubChecks: readonly Check[] = [
  {
    group: 'hub',
    name: 'hub',
    needs: ['settings', 'running'],
    run: checkHub,
    fix: 'correct EVENT_HUB_NAME, or give whoever runs this Azure Event Hubs Data Receiver',
  },
  {
    group: 'hub',
    name: 'consumer group',
    needs: ['hub'],
    run: checkGroup,
    fix: 'make the consumer group, or correct EVENT_HUB_CONSUMER_GROUP',
  },
  {
    group: 'hub',
    name: 'events',
    needs: ['hub'],
    run: checkEvents,
    fix: 'look at what is sent: docs/events.md says what is expected',
  },
]

/** Opens a reader for as long as `work` takes. */
export async function withReader<T>(subject: Subject, work: (reader: EventReader) => Promise<T>): Promise<T> {
  const settings = settingsOf(subject)
  const reader = openEventReader({ connection: await hubConnection(settings), hubName: settings.hub.name })
  try {
    return await work(reader)
  } finally {
    await reader.close()
  }
}

async function checkHub(subject: Subject): Promise<readonly Finding[]> {
  const { hub } = settingsOf(subject)
  await reach(addressOf(hub))
  try {
    const partitions = await withReader(subject, (reader) => reader.partitions())
    return [ok(`${hub.name}, ${partitions.length} partitions`)]
  } catch (error) {
    if (codeOf(error) !== 'MessagingEntityNotFoundError') throw error
    return [fault(`there is no hub "${hub.name}"`, 'correct EVENT_HUB_NAME, or make the hub')]
  }
}

/** AMQP over TLS, but for the emulator, which speaks without. */
function addressOf({ connectionString, fullyQualifiedNamespace = '' }: ReturnType<typeof settingsOf>['hub']) {
  if (connectionString === undefined) return { host: fullyQualifiedNamespace, port: 5671 }
  const [, endpoint] = /Endpoint=sb:\/\/([^/;]+)/i.exec(connectionString) ?? []
  if (endpoint === undefined) {
    throw new Error('EventHubConnection: expected Endpoint=sb://name.servicebus.windows.net/;…; copy it once more')
  }
  const { hostname, port } = new URL(`http://${endpoint}`)
  const isEmulator = /UseDevelopmentEmulator=true/i.test(connectionString)
  return { host: hostname, port: port !== '' ? Number(port) : isEmulator ? 5672 : 5671 }
}

/** The library's word for a fault; some of its errors carry it as their code, some as their name. */
function codeOf(error: unknown): string {
  const { code = '', name, message } = error as Error & { code?: string }
  return [code, name].find((word) => /^\w+Error$/.test(word) && !/^(Messaging)?Error$/.test(word)) ?? message
}

/** How long a group that is there and has no owner is listened to. */
const listenMs = 1500

/**
 * Reads in the app's own group as a guest: refused at once where there is no such group, and where the app reads, which
 * says that there is one. A reader without an epoch never disturbs a partition's owner.
 */
async function checkGroup(subject: Subject): Promise<readonly Finding[]> {
  const { hub } = settingsOf(subject)
  const answer = await listenAs(hub.consumerGroup, subject)
  switch (answer) {
    case 'MessagingEntityNotFoundError':
      return [
        fault(`there is no consumer group "${hub.consumerGroup}"`, 'make it, or correct EVENT_HUB_CONSUMER_GROUP'),
      ]
    case 'ReceiverDisconnectedError':
      return [ok(`${hub.consumerGroup}, being read`)]
    case 'quiet':
      return [ok(`${hub.consumerGroup}, read by nobody right now`)]
    default:
      return [fault(`${hub.consumerGroup}: ${answer}`, 'give whoever runs this Azure Event Hubs Data Receiver')]
  }
}

async function listenAs(group: string, subject: Subject): Promise<string> {
  const { hub } = settingsOf(subject)
  const connection = await hubConnection(settingsOf(subject))
  const client =
    'connectionString' in connection
      ? new EventHubConsumerClient(group, connection.connectionString, hub.name, patience)
      : new EventHubConsumerClient(group, connection.fullyQualifiedNamespace, hub.name, connection.credential, patience)
  try {
    const [partition = '0'] = await client.getPartitionIds()
    return await new Promise<string>((resolve) => {
      client.subscribe(
        partition,
        {
          processEvents: () => Promise.resolve(resolve('quiet')),
          processError: (error) => Promise.resolve(resolve(codeOf(error))),
        },
        { startPosition: latestEventPosition, maxBatchSize: 1, maxWaitTimeInSeconds: listenMs / 1000 },
      )
    })
  } finally {
    await client.close()
  }
}

/** The newest message of each partition that has any, decoded as the stream decodes it. */
async function checkEvents(subject: Subject): Promise<readonly Finding[]> {
  const rules = decodeRules(settingsOf(subject))
  return withReader(subject, async (reader) => {
    const partitions = await reader.partitions()
    const held = await Promise.all(partitions.map((partition) => reader.held(partition)))
    const full = partitions.flatMap((partition, at) => (held[at] ? [{ partition, last: held[at].last }] : []))
    if (full.length === 0) return [warn('the hub is empty', 'send something: npm run generate -- --for 10s')]
    const newest = await Promise.all(full.map(({ partition, last }) => readOne(reader, partition, last)))
    const items = newest.flatMap((message) => (message ? decode(message.body, { ...message, rules }) : []))
    const rejects = items.filter((item) => item.kind === 'reject')
    const latest = new Date(Math.max(...newest.map((message) => message?.enqueuedMs ?? 0))).toISOString()
    const [first] = rejects
    if (!first) return [ok(`in ${full.length} of ${partitions.length} partitions, the newest of ${latest}`)]
    const what = `${rejects.length} of the ${items.length} newest are rejected: ${first.reason}, ${first.detail}`
    return [warn(what, 'mend the producer: docs/events.md says what is expected')]
  })
}

async function readOne(reader: EventReader, partition: number, sequence: number) {
  for await (const [message] of reader.read(partition, { first: sequence, last: sequence })) return message
  return undefined
}

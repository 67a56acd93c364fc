import { type EventPosition, EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs'
import { type HubConnection, patience } from './event-sender'
import { type Message } from '../event/message'
import { contentEncodingOf } from './content-encoding'

/** What a partition holds: the sequence numbers still there, or none when it is empty. */
export interface Held {
  readonly first: number
  readonly last: number
}

/** Reads a hub as a guest: without an epoch (owner level) and without checkpoints, so no other reader is disconnected. */
export interface EventReader {
  partitions(): Promise<readonly number[]>
  /** The sequence numbers a partition holds, undefined when it is empty. */
  held(partition: number): Promise<Held | undefined>
  /**
   * The messages of a partition from one sequence number to another, both included, in pages and in order. What
   * retention has deleted is left out: compare the first sequence number with the one asked for.
   */
  read(partition: number, range: Held): AsyncGenerator<readonly Message[], void, undefined>
  close(): Promise<void>
}

/** How long a read waits for the next message that the hub says it has. */
const patienceMs = 30_000
/*
 * The client counts events and not bytes, of which an event may have a million: what is at hand at a time are a page in
 * use, the one after it, and the prefetch.
 */
const pageSize = 32
const prefetchCount = 2 * pageSize

/**
 * The owner of a partition reads with an epoch, and the service then refuses every reader without one in the owner's
 * consumer group. In this group, which every hub has, no partition is owned.
 */
const group = '$Default'

/** Opens a reader of `hubName`. Nothing is contacted before the first call. */
export function openEventReader({
  connection,
  hubName,
}: {
  readonly connection: HubConnection
  readonly hubName: string
}): EventReader {
  const client =
    'connectionString' in connection
      ? new EventHubConsumerClient(group, connection.connectionString, hubName, patience)
      : new EventHubConsumerClient(group, connection.fullyQualifiedNamespace, hubName, connection.credential, patience)
  return {
    partitions: async () => (await client.getPartitionIds()).map(Number).sort((a, b) => a - b),
    held: async (partition) => {
      const found = await client.getPartitionProperties(String(partition))
      if (found.isEmpty) return undefined
      return { first: found.beginningSequenceNumber, last: found.lastEnqueuedSequenceNumber }
    },
    read: (partition, range) => readRange(client, partition, range),
    close: () => client.close(),
  }
}

async function* readRange(
  client: EventHubConsumerClient,
  partition: number,
  { first, last }: Held,
): AsyncGenerator<readonly Message[], void, undefined> {
  const pages = openPages(client, String(partition), { sequenceNumber: first, isInclusive: true })
  try {
    for (;;) {
      const page = (await pages.next()).map(message).filter(({ sequence }) => sequence <= last)
      const end = page.at(-1)?.sequence
      if (page.length > 0) yield page
      if (end === undefined || end >= last) return
    }
  } finally {
    await pages.close()
  }
}

/** Turns the client's callbacks into pulls: the next page is not asked for before the last one is taken. */
function openPages(client: EventHubConsumerClient, partitionId: string, startPosition: EventPosition) {
  const { promise: failure, reject: fail } = withResolvers<never>()
  failure.catch(() => undefined)
  let taken = withResolvers<void>()
  let waiting = withResolvers<ReceivedEventData[]>()
  let idleMs = 0
  const waitMs = 1000
  const subscription = client.subscribe(
    partitionId,
    {
      processEvents: async (events) => {
        idleMs = events.length === 0 ? idleMs + waitMs : 0
        // An empty page is only believed once nothing has come for as long as the hub may take.
        if (events.length === 0 && idleMs < patienceMs) return
        waiting.resolve(events)
        await taken.promise
      },
      processError: (error) => {
        fail(error)
        return Promise.resolve()
      },
    },
    {
      startPosition,
      maxBatchSize: pageSize,
      prefetchCount,
      maxWaitTimeInSeconds: waitMs / 1000,
      skipParsingBodyAsJson: true,
    },
  )
  return {
    next: async () => {
      const events = await Promise.race([waiting.promise, failure])
      waiting = withResolvers<ReceivedEventData[]>()
      const release = taken
      taken = withResolvers<void>()
      release.resolve()
      return events
    },
    close: async () => {
      taken.resolve()
      await subscription.close()
    },
  }
}

function message(event: ReceivedEventData): Message {
  const body: unknown = event.body
  if (!(body instanceof Uint8Array)) {
    throw new Error(`event hub message ${event.sequenceNumber}: expected a body of bytes, got ${typeof body}`)
  }
  const contentEncoding = contentEncodingOf(event.systemProperties, event.properties)
  return {
    sequence: event.sequenceNumber,
    enqueuedMs: event.enqueuedTimeUtc.getTime(),
    body,
    ...(contentEncoding !== undefined && { contentEncoding }),
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

import {
  type CreateBatchOptions,
  type EventHubClientOptions,
  EventHubProducerClient,
  RetryMode,
  type TokenCredential,
} from '@azure/event-hubs'

/** Where the hub is and what opens it: a connection string, or a namespace and an identity. */
export type HubConnection =
  | { readonly connectionString: string }
  | { readonly fullyQualifiedNamespace: string; readonly credential: TokenCredential }

/** One EventData to be: its partition key, which is the store, and its body, sent as these bytes. */
export interface OutgoingEvent {
  readonly key: string
  readonly body: Uint8Array
}

/** A sender to one hub. Delivery is at least once: a retry after a lost answer may repeat events. */
export interface EventSender {
  /**
   * Resolves when the hub has taken every event. Events of one key keep their order; different keys travel side by
   * side. An empty key leaves the partition to the hub. When it throws, any part may have been sent, and nothing of it
   * is on its way any more.
   */
  send(events: readonly OutgoingEvent[]): Promise<void>
  /** Sends one body into the partition named. */
  sendToPartition(partitionId: string, body: Uint8Array): Promise<void>
  partitionIds(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Keys on their way at once: enough to hide the round trip, few enough to bound memory. */
const maxInFlight = 16

/**
 * Of every client. Its own default waits 30 s before each retry; a busy hub asks for 4, a refused port tells at once. A
 * send whose connection breaks is not told so by the client, which waits out the time limit (60 s by default).
 */
export const patience: EventHubClientOptions = {
  retryOptions: { mode: RetryMode.Exponential, maxRetries: 4, retryDelayInMs: 500, timeoutInMs: 10_000 },
}

/**
 * Opens a sender to `hubName`. Nothing is contacted before the first call. A body larger than the hub takes is an
 * error that names its size and its key; events before it may have been sent.
 */
export function openEventSender({
  connection,
  hubName,
}: {
  readonly connection: HubConnection
  readonly hubName: string
}): EventSender {
  const client = openProducer(connection, hubName)
  return {
    send: (events) => sendByKey(client, events),
    sendToPartition: (partitionId, body) => sendInOrder(client, { partitionId }, [body]),
    partitionIds: () => client.getPartitionIds(),
    close: () => client.close(),
  }
}

function openProducer(connection: HubConnection, hubName: string): EventHubProducerClient {
  return 'connectionString' in connection
    ? new EventHubProducerClient(connection.connectionString, hubName, patience)
    : new EventHubProducerClient(connection.fullyQualifiedNamespace, hubName, connection.credential, patience)
}

async function sendByKey(client: EventHubProducerClient, events: readonly OutgoingEvent[]): Promise<void> {
  const groups = new Map<string, Uint8Array[]>()
  for (const { key, body } of events) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [body])
    else group.push(body)
  }
  // Workers share one iterator: each takes the next key when its last one is done.
  const queue = groups.entries()
  const work = async (): Promise<void> => {
    for (const [key, bodies] of queue) await sendInOrder(client, key === '' ? {} : { partitionKey: key }, bodies)
  }
  const workOrLast = () =>
    work().catch((error: unknown) => {
      // The iterator is live: without keys left, the other workers end with the one in hand.
      groups.clear()
      throw error
    })
  const ended = await Promise.allSettled(Array.from({ length: Math.min(maxInFlight, groups.size) }, workOrLast))
  const failed = ended.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function sendInOrder(
  client: EventHubProducerClient,
  route: CreateBatchOptions,
  bodies: readonly Uint8Array[],
): Promise<void> {
  let batch = await client.createBatch(route)
  for (const body of bodies) {
    if (batch.tryAdd({ body })) continue
    if (batch.count > 0) {
      await client.sendBatch(batch)
      batch = await client.createBatch(route)
      if (batch.tryAdd({ body })) continue
    }
    const target = route.partitionKey ?? route.partitionId ?? ''
    throw new Error(
      `event hub ${client.eventHubName}: expected an event of less than ${batch.maxSizeInBytes} bytes, ` +
        `got ${body.length} bytes for "${target}"; send it in parts`,
    )
  }
  if (batch.count > 0) await client.sendBatch(batch)
}

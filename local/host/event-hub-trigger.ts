import {
  earliestEventPosition,
  EventHubConsumerClient,
  latestEventPosition,
  RetryMode,
  type EventPosition,
  type PartitionContext,
  type ReceivedEventData,
  type Subscription,
} from '@azure/event-hubs'
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob'
import { type ContainerClient } from '@azure/storage-blob'
import { randomUUID } from 'node:crypto'
import { type AppFunction, type EventHubTrigger } from './binding'
import { within, type Clock } from './clock'
import { describeError, type Log, type LogLevel } from './core'
import { capReceiverCredit } from './credit'
import { eventHubInput } from './event-hub-input'
import { type EventHubOptions, type InitialOffset } from './host-json'
import { hastenLoadBalancing } from './impatience'
import { type Invoke } from './invocation'
import { watchOwnership } from './ownership'
import { createPartitionRun, type PartitionPorts, type PartitionRun } from './partition'
import { runWithRetries } from './retry'
import { type Settings } from './settings'

/** Blobs `{namespace}/{hub}/{group}/checkpoint/{partition}` and `…/ownership/{partition}`, as the service lays them. */
export const checkpointContainer = 'azure-webjobs-eventhub'

/** How soon hosts notice each other; the service takes 30 s and 2 min, too long to watch at a desk. */
export interface LoadBalancing {
  readonly updateIntervalMs: number
  readonly ownershipExpirationMs: number
}

/**
 * How long a read waits for a first event. It does not delay events, which are handed over 20 ms after the first; but
 * only between reads does the client notice a lost connection, and is the wait time of buffered events looked at.
 */
const idleReadMs = 1_000

/**
 * The defaults of host.json `clientRetryOptions` with shorter waits. A broker on this machine is away for seconds; while the
 * client backs off, or waits for an answer over a lost connection (a minute by default), it neither renews its leases nor
 * claims free partitions.
 */
const retryOptions = {
  mode: RetryMode.Exponential,
  maxRetries: 3,
  retryDelayInMs: 800,
  maxRetryDelayInMs: 1_000,
  timeoutInMs: 5_000,
}

export interface EventHubListener {
  /** Stops reading, lets running batches end for at most `limitMs`, then gives the partitions up. */
  stop(limitMs: number): Promise<void>
}

export interface EventHubSurroundings {
  readonly settings: Settings
  readonly options: EventHubOptions
  readonly loadBalancing: LoadBalancing
  readonly checkpoints: ContainerClient
  readonly invoke: Invoke
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/**
 * Starts to deliver a hub to a function, sharing its partitions with every other host on the same hub, consumer group
 * and storage account. At least once only under a retry policy that does not end: without one the checkpoint moves
 * past a failed batch. Throws when the hub cannot be reached or the consumer group is unknown.
 */
export async function startEventHubTrigger(
  fn: AppFunction,
  trigger: EventHubTrigger,
  around: EventHubSurroundings,
): Promise<EventHubListener> {
  capReceiverCredit(around.options.prefetchBytes)
  const say = sayer(fn, around.log)
  const options = trigger.cardinality === 'many' ? around.options : singleEvents(around.options)
  const latest = new Map<string, PartitionRun>()
  const runs = new WeakMap<PartitionContext, PartitionRun>()
  const client = createClient(fn, trigger, {
    ...around,
    onOwnedByOther: (partitionId) => {
      const run = latest.get(partitionId)
      if (run?.phase() !== 'owned') return
      say('information', `partition ${partitionId}: now owned by another host`)
      void run.stop()
    },
  })
  hastenLoadBalancing(client, retryOptions)
  await requireHub(client, fn)
  const ports = partitionPorts(fn, trigger, { around, options, say })
  let drainLimitMs = 0
  const subscription = client.subscribe(
    {
      processInitialize: (context) => {
        const run = createPartitionRun(ports, latest.get(context.partitionId)?.stop())
        runs.set(context, run)
        latest.set(context.partitionId, run)
        say('information', `partition ${context.partitionId}: reading`)
        return Promise.resolve()
      },
      processEvents: async (events, context) => runs.get(context)?.take(events, context),
      processError: (error, { partitionId }) => Promise.resolve(say(...readError(error, partitionId))),
      processClose: async (reason, context) => {
        say('information', `partition ${context.partitionId}: given up (${reason})`)
        await within(runs.get(context)?.stop() ?? Promise.resolve(), drainLimitMs, around.clock)
      },
    },
    {
      startPosition: startPosition(options.initialOffset),
      maxBatchSize: options.maxEventBatchSize,
      maxWaitTimeInSeconds: idleReadMs / 1000,
      prefetchCount: options.prefetchCount,
      skipParsingBodyAsJson: true,
    },
  )
  return {
    stop: async (limitMs) => {
      drainLimitMs = limitMs
      await closeClient(client, subscription, say)
    },
  }
}

const singleEvents = (options: EventHubOptions): EventHubOptions => ({
  ...options,
  maxEventBatchSize: 1,
  minEventBatchSize: 1,
})

type Say = (level: LogLevel, message: string) => void

function sayer(fn: AppFunction, log: Log): Say {
  return (level, message) =>
    log({ level, category: 'Host.Triggers.EventHub', message: `${fn.name}: ${message}`, functionName: fn.name })
}

interface ClientSource extends EventHubSurroundings {
  readonly onOwnedByOther: (partitionId: string) => void
}

function createClient(fn: AppFunction, trigger: EventHubTrigger, source: ClientSource): EventHubConsumerClient {
  const connectionString = source.settings[trigger.connection]
  if (!connectionString) {
    throw new Error(
      `function "${fn.name}": connection expected a setting named ${trigger.connection} with an Event Hubs connection ` +
        `string, found none; the local host takes no identity-based connections`,
    )
  }
  const identifier = randomUUID()
  const store = watchOwnership(new BlobCheckpointStore(source.checkpoints), identifier, source.onOwnedByOther)
  const options = {
    identifier,
    retryOptions,
    loadBalancingOptions: {
      strategy: 'greedy' as const,
      updateIntervalInMs: source.loadBalancing.updateIntervalMs,
      partitionOwnershipExpirationIntervalInMs: source.loadBalancing.ownershipExpirationMs,
    },
  }
  // A hub named in the connection string wins over the binding (azure-sdk-for-net Config/EventHubClientFactory.cs).
  if (/(^|;)\s*EntityPath=/i.test(connectionString)) {
    return new EventHubConsumerClient(trigger.consumerGroup, connectionString, store, options)
  }
  if (trigger.eventHubName === '') throw new Error(`function "${fn.name}": eventHubName expected a name, got ""`)
  return new EventHubConsumerClient(trigger.consumerGroup, connectionString, trigger.eventHubName, store, options)
}

async function requireHub(client: EventHubConsumerClient, fn: AppFunction): Promise<void> {
  try {
    await client.getEventHubProperties({ abortSignal: AbortSignal.timeout(10_000) })
  } catch (cause) {
    await client.close().catch(() => undefined)
    const where = `${client.eventHubName} at ${client.fullyQualifiedNamespace}`
    throw new Error(
      `function "${fn.name}": event hub ${where} expected to answer, got ${describeError(cause).message}; is the broker running, and does the hub exist?`,
      { cause },
    )
  }
}

interface PortsSource {
  readonly around: EventHubSurroundings
  readonly options: EventHubOptions
  readonly say: Say
}

function partitionPorts(
  fn: AppFunction,
  trigger: EventHubTrigger,
  { around, options, say }: PortsSource,
): PartitionPorts {
  const { clock, random, invoke } = around
  return {
    options,
    nowMs: () => clock.nowMs(),
    log: say,
    run: (events: readonly ReceivedEventData[], context: PartitionContext, signal: AbortSignal) =>
      runWithRetries(
        fn.retry,
        (retryContext) => invoke(fn, () => ({ ...eventHubInput(events, trigger, context), retryContext })),
        {
          clock,
          random,
          signal,
          onRetry: ({ retryCount }, delayMs) =>
            say(
              'warning',
              `partition ${context.partitionId}: retry ${retryCount} of ${events.length} events in ${delayMs} ms`,
            ),
        },
      ),
  }
}

function startPosition(initialOffset: InitialOffset): EventPosition {
  switch (initialOffset.kind) {
    case 'fromStart':
      return earliestEventPosition
    case 'fromEnd':
      return latestEventPosition
    case 'fromEnqueuedTime':
      return { enqueuedOn: initialOffset.enqueuedTimeMs }
  }
}

/** Losing a partition to another host is how load is balanced; everything else is worth a look. */
function readError(error: unknown, partitionId: string): [LogLevel, string] {
  const name = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const where = partitionId === '' ? 'load balancing' : `partition ${partitionId}`
  return [name === 'ReceiverDisconnectedError' ? 'information' : 'warning', `${where}: ${describeError(error).message}`]
}

async function closeClient(client: EventHubConsumerClient, subscription: Subscription, say: Say): Promise<void> {
  try {
    await subscription.close()
    await client.close()
  } catch (error) {
    say('warning', `closing: ${describeError(error).message}`)
  }
}

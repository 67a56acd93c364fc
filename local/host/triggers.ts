// Tested in test/local/host/event-hub-trigger.test.ts.
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob'
import { type AppFunction } from './binding'
import { within, type Clock } from './clock'
import { describeError, type Log } from './core'
import { checkpointContainer, startEventHubTrigger, type LoadBalancing } from './event-hub-trigger'
import { type HostOptions } from './host-json'
import { type Invoke } from './invocation'
import { blobScheduleMonitor, hostContainer } from './schedule-status'
import { type Settings } from './settings'
import { startTimerTrigger } from './timer-trigger'

/** What every trigger of one host shares. */
export interface HostContext {
  readonly functions: readonly AppFunction[]
  readonly options: HostOptions
  readonly settings: Settings
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly invoke: Invoke
}

type Stop = (limitMs: number) => Promise<void>

/**
 * Starts the listener of every function that is not switched off, except HTTP, and returns what stops them all: within
 * `drainMs` and a second, whatever is still running then. Throws when one cannot start, with the others stopped.
 */
export async function startTriggers(
  context: HostContext,
  { loadBalancing, drainMs }: Starting,
): Promise<() => Promise<void>> {
  const stops: Stop[] = []
  const stopAll = async (limitMs: number): Promise<void> => {
    await Promise.all(stops.map((stop) => within(stop(limitMs), limitMs + 1_000, context.clock)))
  }
  const storage = openStorage(context)
  try {
    for (const fn of context.functions.filter(({ state }) => state === 'enabled')) {
      stops.push(await startTrigger(fn, context, { loadBalancing, storage }))
    }
  } catch (error) {
    await stopAll(0)
    throw error
  }
  return () => stopAll(drainMs)
}

interface Starting {
  readonly loadBalancing: LoadBalancing
  readonly drainMs: number
}

interface TriggerPlace {
  readonly loadBalancing: LoadBalancing
  readonly storage: Storage
}

async function startTrigger(fn: AppFunction, context: HostContext, place: TriggerPlace): Promise<Stop> {
  const { trigger } = fn
  switch (trigger.kind) {
    case 'http':
    case 'unbound':
      return () => Promise.resolve()
    case 'timer': {
      const { clock, random, settings } = context
      const monitor = blobScheduleMonitor(await place.storage(hostContainer), hostIdOf(settings))
      const timer = startTimerTrigger(trigger, {
        functionName: fn.name,
        retry: fn.retry,
        monitor,
        clock,
        random,
        run: (input) => context.invoke(fn, input),
        log: (level, message) =>
          context.log({
            level,
            category: 'Host.Triggers.Timer',
            message: `${fn.name}: ${message}`,
            functionName: fn.name,
          }),
      })
      return () => timer.stop()
    }
    case 'eventHub': {
      const listener = await startEventHubTrigger(fn, trigger, {
        ...context,
        options: context.options.eventHubs,
        loadBalancing: place.loadBalancing,
        checkpoints: await place.storage(checkpointContainer),
      })
      return (limitMs) => listener.stop(limitMs)
    }
  }
}

type Storage = (container: string) => Promise<ContainerClient>

/** Storage beside us answers at once or is not there; the client's own patience is for the network. */
const retryOptions = { maxTries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 }

/** Containers of the account behind AzureWebJobsStorage, made when missing. */
function openStorage({ settings }: HostContext): Storage {
  const opened = new Map<string, Promise<ContainerClient>>()
  const open = async (name: string): Promise<ContainerClient> => {
    const connectionString = settings['AzureWebJobsStorage']
    if (!connectionString) {
      throw new Error(
        'AzureWebJobsStorage: expected a storage connection string, found none; add it to local.settings.json',
      )
    }
    const container = BlobServiceClient.fromConnectionString(connectionString, { retryOptions }).getContainerClient(
      name,
    )
    try {
      await container.createIfNotExists()
    } catch (cause) {
      const what = `AzureWebJobsStorage: ${container.url} expected to answer, got ${describeError(cause).message}`
      throw new Error(`${what}; is Azurite running?`, { cause })
    }
    return container
  }
  return (name) => {
    const container = opened.get(name) ?? open(name)
    opened.set(name, container)
    return container
  }
}

const hostIdOf = (settings: Settings): string => settings['AzureFunctionsWebHost__hostid'] ?? 'local'

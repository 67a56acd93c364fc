/** What the local host reads of host.json; times are milliseconds. */
export interface HostOptions {
  readonly routePrefix: string
  readonly eventHubs: EventHubOptions
}

export interface EventHubOptions {
  readonly maxEventBatchSize: number
  readonly minEventBatchSize: number
  readonly maxWaitTimeMs: number
  readonly prefetchCount: number
  /**
   * Bytes of bodies that are fetched ahead of the function, per partition; absent: as many as the count allows, which
   * is 3 GB a partition where 3000 events of 1 MB are waiting. The service takes it for a wish and not for a limit.
   */
  readonly prefetchBytes?: number
  readonly batchCheckpointFrequency: number
  readonly checkpointing: 'enabled' | 'disabled'
  readonly initialOffset: InitialOffset
}

/** Where a partition without a checkpoint is read from. */
export type InitialOffset =
  | { readonly kind: 'fromStart' }
  | { readonly kind: 'fromEnd' }
  | { readonly kind: 'fromEnqueuedTime'; readonly enqueuedTimeMs: number }

/**
 * Reads a parsed host.json with the defaults of extension bundle 4.27 and later (Event Hubs extension 6). Throws,
 * naming the key, on a value the service would refuse; unknown keys are left to the service.
 */
export function parseHostJson(hostJson: unknown): HostOptions {
  const extensions = section(section(hostJson, 'host.json')['extensions'], 'extensions')
  const prefix = section(extensions['http'], 'extensions.http')['routePrefix'] ?? 'api'
  if (typeof prefix !== 'string') throw fault('extensions.http.routePrefix', 'a string', prefix)
  return {
    routePrefix: prefix.replace(/^\/+|\/+$/g, ''),
    eventHubs: parseEventHubs(section(extensions['eventHubs'], 'extensions.eventHubs')),
  }
}

type Section = Readonly<Record<string, unknown>>

function parseEventHubs(values: Section): EventHubOptions {
  const count = (key: string, fallback: number): number => {
    const value = values[key] ?? fallback
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
      throw fault(`extensions.eventHubs.${key}`, 'a whole number from 1', value)
    }
    return value
  }
  const options: EventHubOptions = {
    maxEventBatchSize: count('maxEventBatchSize', 100),
    minEventBatchSize: count('minEventBatchSize', 1),
    maxWaitTimeMs: parseTimeSpan(values['maxWaitTime'] ?? '00:01:00', 'extensions.eventHubs.maxWaitTime'),
    prefetchCount: count('prefetchCount', 300),
    ...(values['prefetchSizeInBytes'] == null ? {} : { prefetchBytes: count('prefetchSizeInBytes', 1) }),
    batchCheckpointFrequency: count('batchCheckpointFrequency', 1),
    checkpointing: values['enableCheckpointing'] === false ? 'disabled' : 'enabled',
    initialOffset: parseInitialOffset(
      section(values['initialOffsetOptions'], 'extensions.eventHubs.initialOffsetOptions'),
    ),
  }
  if (options.minEventBatchSize > options.maxEventBatchSize) {
    const most = `at most maxEventBatchSize ${options.maxEventBatchSize}`
    throw fault('extensions.eventHubs.minEventBatchSize', most, options.minEventBatchSize)
  }
  return options
}

function parseInitialOffset({ type = 'fromStart', enqueuedTimeUtc }: Section): InitialOffset {
  switch (type) {
    case 'fromStart':
    case 'fromEnd':
      return { kind: type }
    case 'fromEnqueuedTime': {
      const enqueuedTimeMs = typeof enqueuedTimeUtc === 'string' ? Date.parse(enqueuedTimeUtc) : NaN
      if (!Number.isNaN(enqueuedTimeMs)) return { kind: type, enqueuedTimeMs }
      throw fault('extensions.eventHubs.initialOffsetOptions.enqueuedTimeUtc', 'an ISO 8601 time', enqueuedTimeUtc)
    }
    default:
      throw fault('extensions.eventHubs.initialOffsetOptions.type', 'fromStart, fromEnd or fromEnqueuedTime', type)
  }
}

/** A .NET TimeSpan `hh:mm:ss`, with a fraction if need be, in milliseconds. */
function parseTimeSpan(value: unknown, key: string): number {
  const match = typeof value === 'string' ? /^(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,7})?)$/.exec(value) : null
  if (!match) throw fault(key, 'hh:mm:ss or hh:mm:ss.fff', value)
  const [, hours, minutes, seconds] = match
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}

function section(value: unknown, key: string): Section {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw fault(key, 'an object', value)
  return value as Section
}

function fault(key: string, expected: string, got: unknown): Error {
  return new Error(`host.json ${key}: expected ${expected}, got ${JSON.stringify(got)}`)
}

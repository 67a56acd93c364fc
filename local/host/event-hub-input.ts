import { type ReceivedEventData } from '@azure/event-hubs'
import { type EventHubTrigger } from './binding'
import { type TypedData } from './core'
import { type TriggerInput } from './invocation'

export interface PartitionIdentity {
  readonly fullyQualifiedNamespace: string
  readonly eventHubName: string
  readonly consumerGroup: string
  readonly partitionId: string
}

/**
 * The input of one invocation over events of one partition, with the metadata the Event Hubs extension attaches
 * (azure-sdk-for-net `Triggers/EventHubTriggerBindingStrategy.cs` AddBindingData): every array is aligned with the
 * events except `PartitionKeyArray`, which loses events without a key on its way to Node, and string bodies, which
 * lose empty ones. Throws when a body cannot be bound as JSON, which fails the batch there too.
 */
export function eventHubInput(
  events: readonly ReceivedEventData[],
  trigger: EventHubTrigger,
  partition: PartitionIdentity,
): TriggerInput {
  const context = partitionContext(partition)
  if (trigger.cardinality === 'many') {
    return { data: manyBodies(events, trigger.dataType), triggerMetadata: { ...context, ...batchMetadata(events) } }
  }
  const [event] = events
  if (!event || events.length !== 1) {
    throw new Error(`event hub: cardinality one expected a single event, got ${events.length}`)
  }
  return { data: oneBody(event, trigger.dataType), triggerMetadata: { ...context, ...eventMetadata(event) } }
}

/**
 * The bytes of an event's body. A data section is returned as it is; several are joined. A value or sequence section
 * has no bytes of its own: text becomes UTF-8, anything else its JSON, which is what a sender of data would have sent.
 */
export function bodyBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (body === null || body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (Array.isArray(body) && body.length > 0 && body.every((part) => Buffer.isBuffer(part))) return Buffer.concat(body)
  return Buffer.from(toJson(body))
}

function manyBodies(events: readonly ReceivedEventData[], dataType: EventHubTrigger['dataType']): TypedData {
  const bodies = events.map((event) => bodyBytes(event.body))
  switch (dataType) {
    case 'binary':
      return { collectionBytes: { bytes: bodies } }
    case 'string':
      return { collectionString: { string: bodies.map((body) => body.toString('utf8')).filter((text) => text !== '') } }
    case 'none':
      return { json: `[${bodies.map(requireJson).join(',')}]` }
  }
}

function oneBody(event: ReceivedEventData, dataType: EventHubTrigger['dataType']): TypedData {
  const body = bodyBytes(event.body)
  return dataType === 'binary' ? { bytes: body } : { string: body.toString('utf8') }
}

function requireJson(body: Buffer): string {
  const text = body.toString('utf8')
  try {
    JSON.parse(text)
    return text
  } catch (cause) {
    const what = 'event hub: a body expected JSON because the trigger has no dataType, got something else'
    throw new Error(`${what}; set dataType to "binary" and parse in the function`, { cause })
  }
}

function partitionContext(partition: PartitionIdentity): Record<string, TypedData> {
  const json = toJson({
    FullyQualifiedNamespace: partition.fullyQualifiedNamespace,
    EventHubName: partition.eventHubName,
    ConsumerGroup: partition.consumerGroup,
    PartitionId: partition.partitionId,
    IsCheckpointingAfterInvocation: true,
  })
  return { PartitionContext: { json }, TriggerPartitionContext: { json } }
}

function batchMetadata(events: readonly ReceivedEventData[]): Record<string, TypedData> {
  const offsets = { collectionString: { string: events.map((event) => event.offset) } }
  const keys = events.map((event) => event.partitionKey ?? '').filter((key) => key !== '')
  return {
    SequenceNumberArray: { collectionSint64: { sint64: events.map((event) => event.sequenceNumber) } },
    OffsetArray: offsets,
    OffsetStringArray: offsets,
    PartitionKeyArray: { collectionString: { string: keys } },
    EnqueuedTimeUtcArray: { json: toJson(events.map(enqueuedTime)) },
    PropertiesArray: { json: toJson(events.map((event) => event.properties ?? {})) },
    SystemPropertiesArray: { json: toJson(events.map(systemProperties)) },
  }
}

function eventMetadata(event: ReceivedEventData): Record<string, TypedData> {
  return {
    SequenceNumber: { int: event.sequenceNumber },
    Offset: { string: event.offset },
    OffsetString: { string: event.offset },
    ...(event.partitionKey ? { PartitionKey: { string: event.partitionKey } } : {}),
    EnqueuedTimeUtc: { json: toJson(enqueuedTime(event)) },
    Properties: { json: toJson(event.properties ?? {}) },
    SystemProperties: { json: toJson(systemProperties(event)) },
  }
}

/** The properties of an AMQP message as the client for JavaScript names them, and as AMQP does, which .NET keeps to. */
const amqpNames: ReadonlyMap<string, string> = new Map([
  ['messageId', 'message-id'],
  ['userId', 'user-id'],
  ['replyTo', 'reply-to'],
  ['correlationId', 'correlation-id'],
  ['contentType', 'content-type'],
  ['contentEncoding', 'content-encoding'],
  ['absoluteExpiryTime', 'absolute-expiry-time'],
  ['creationTime', 'creation-time'],
  ['groupId', 'group-id'],
  ['groupSequence', 'group-sequence'],
  ['replyToGroupId', 'reply-to-group-id'],
])

function systemProperties(event: ReceivedEventData): object {
  const named = Object.entries(event.systemProperties ?? {})
  return {
    ...Object.fromEntries(named.map(([name, value]) => [amqpNames.get(name) ?? name, value as unknown])),
    SequenceNumber: event.sequenceNumber,
    Offset: event.offset,
    OffsetString: event.offset,
    PartitionKey: event.partitionKey ?? null,
    EnqueuedTimeUtc: enqueuedTime(event),
  }
}

/** The host serialises a .NET DateTime without a kind: UTC, and nothing at the end to say so. */
function enqueuedTime(event: ReceivedEventData): string {
  return event.enqueuedTimeUtc.toISOString().slice(0, -1)
}

/** JSON as Newtonsoft writes it where JavaScript differs: bytes in base64, 64-bit integers as numbers' digits. */
function toJson(value: unknown): string {
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key: string, item: unknown) {
    const raw = this[key]
    if (raw instanceof Uint8Array) return Buffer.from(raw).toString('base64')
    return typeof item === 'bigint' ? item.toString() : item
  })
}

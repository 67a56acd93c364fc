// Tested in test/local/hub/protocol.test.ts.
import { message, types } from 'rhea'
import { entityNotFound, findHub, findPartition, type HubNode, type HubNodes, type Partition } from './entity'
import { applyRetention, bounds } from './log'

/** The two request-response nodes of a namespace. */
export type NodeKind = 'cbs' | 'management'

/** The answer to a request, encoded, and the address it goes to. */
export interface Answer {
  readonly replyTo: string | undefined
  readonly payload: Buffer
}

/** The fields of a request that are read; rhea types a decoded message as it types one to be sent, mostly `any`. */
interface Request {
  readonly message_id?: unknown
  readonly correlation_id?: unknown
  readonly reply_to?: string
  readonly application_properties?: Readonly<Record<string, unknown>>
}

interface Reply {
  readonly status: number
  readonly description: string
  readonly condition?: string
  readonly body?: unknown
}

/** 0001-01-01T00:00:00Z, what the service answers as enqueued time of an empty partition. */
const neverMs = -62_135_596_800_000
const str32 = 0xb1

/**
 * Answers a request to `$cbs` (put-token: every token is accepted, this is an emulator) or `$management` (READ of
 * `com.microsoft:eventhub` and `com.microsoft:partition`) the way the Event Hubs service does, with a status code in
 * the application properties; what is not there is 404. Throws when the payload is no AMQP message.
 */
export function answerRequest(kind: NodeKind, payload: Buffer, hubs: HubNodes, nowMs: number): Answer {
  const request = message.decode(payload) as unknown as Request
  const reply = kind === 'cbs' ? answerToken(request) : answerRead(request, hubs, nowMs)
  const answer = {
    correlation_id: request.message_id ?? request.correlation_id,
    to: request.reply_to,
    application_properties: {
      'status-code': types.wrap_int(reply.status),
      'status-description': reply.description,
      ...(reply.condition === undefined ? {} : { 'error-condition': types.wrap_symbol(reply.condition) }),
    },
    body: reply.body,
  }
  return { replyTo: request.reply_to, payload: message.encode(answer) }
}

function propertyOf(request: Request, name: string): string {
  const value = request.application_properties?.[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function answerToken(request: Request): Reply {
  const operation = propertyOf(request, 'operation')
  if (operation === 'put-token' || operation === 'delete-token') return { status: 202, description: 'Accepted' }
  return notImplemented(`$cbs: expected operation put-token, got "${operation}"`)
}

function answerRead(request: Request, hubs: HubNodes, nowMs: number): Reply {
  const operation = propertyOf(request, 'operation')
  const type = propertyOf(request, 'type')
  const name = propertyOf(request, 'name')
  if (operation !== 'READ') return notImplemented(`$management: expected operation READ, got "${operation}"`)
  const hub = findHub(hubs, name)
  if (!hub) return notFound(name)
  switch (type) {
    case 'com.microsoft:eventhub':
      return { status: 200, description: 'OK', body: hubProperties(hub) }
    case 'com.microsoft:partition': {
      const id = propertyOf(request, 'partition')
      const partition = findPartition(hub, id)
      if (!partition) return notFound(`${name}/Partitions/${id}`)
      applyRetention(partition.log, nowMs)
      return { status: 200, description: 'OK', body: partitionProperties(hub, partition) }
    }
    default:
      return notImplemented(`$management: expected type com.microsoft:eventhub or :partition, got "${type}"`)
  }
}

function hubProperties(hub: HubNode): unknown {
  const ids = hub.partitions.map((partition) => partition.id)
  return {
    type: 'com.microsoft:eventhub',
    name: hub.entity.name,
    created_at: types.wrap_timestamp(hub.createdMs),
    partition_count: types.wrap_int(ids.length),
    partition_ids: types.wrap_array(ids, str32, undefined),
    georeplication_factor: types.wrap_int(1),
  }
}

function partitionProperties(hub: HubNode, partition: Partition): unknown {
  const { firstSequence, nextSequence, lastOffset, lastEnqueuedMs } = bounds(partition.log)
  return {
    type: 'com.microsoft:partition',
    name: hub.entity.name,
    partition: partition.id,
    begin_sequence_number: types.wrap_long(firstSequence),
    last_enqueued_sequence_number: types.wrap_long(nextSequence - 1),
    last_enqueued_offset: String(lastOffset),
    last_enqueued_time_utc: types.wrap_timestamp(lastOffset < 0 ? neverMs : lastEnqueuedMs),
    is_partition_empty: nextSequence === firstSequence,
  }
}

function notFound(entity: string): Reply {
  const { condition, description } = entityNotFound(entity)
  return { status: 404, description, condition }
}

function notImplemented(description: string): Reply {
  return { status: 501, description, condition: 'amqp:not-implemented' }
}

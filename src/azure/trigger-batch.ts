import { type Message } from '../event/message'
import { contentEncodingOf } from './content-encoding'

/** One invocation: messages of one partition, in order. */
export interface TriggerBatch {
  readonly partition: number
  readonly messages: readonly Message[]
}

type Metadata = Readonly<Record<string, unknown>>

/**
 * Reads what the Functions worker hands to an Event Hub trigger of cardinality many and data type binary. The worker's
 * versions differ in how sequence numbers and times arrive, so each is taken in every form seen. Throws, naming the
 * field, when bodies and metadata do not match: nothing can be committed without a position.
 */
export function readTriggerBatch(bodies: unknown, metadata: Metadata | undefined): TriggerBatch {
  if (!Array.isArray(bodies)) throw fault('events', 'an array of buffers', bodies)
  const from = metadata ?? {}
  const context = record(from.partitionContext ?? from.triggerPartitionContext, 'partitionContext')
  const partition = Number(context.partitionId)
  if (!Number.isSafeInteger(partition) || partition < 0) {
    throw fault('partitionContext.partitionId', 'a partition number', context.partitionId)
  }
  const system = list(from.systemPropertiesArray)
  const application = list(from.propertiesArray)
  const sequences = list(from.sequenceNumberArray)
  const times = list(from.enqueuedTimeUtcArray)
  for (const [name, given] of Object.entries({ system, sequences, times })) {
    if (given.length > 0 && given.length !== bodies.length) {
      throw fault(`metadata of ${name}`, `${bodies.length} entries`, given.length)
    }
  }
  const messages = bodies.map((body: unknown, index): Message => {
    if (!(body instanceof Uint8Array)) throw fault(`events[${index}]`, 'a buffer; is dataType binary?', typeof body)
    const properties = (system[index] ?? {}) as Metadata
    const contentEncoding = contentEncodingOf(properties, application[index])
    return {
      sequence: sequenceOf(properties.sequenceNumber ?? sequences[index], `sequenceNumber of events[${index}]`),
      enqueuedMs: utcMs(properties.enqueuedTimeUtc ?? times[index], `enqueuedTimeUtc of events[${index}]`),
      body,
      ...(contentEncoding !== undefined && { contentEncoding }),
    }
  })
  return { partition, messages }
}

/**
 * A sequence number as a number: it comes as one, as digits, or as a Long's halves `{ low, high, unsigned }`, depending on
 * how the worker was bundled (azure-functions-nodejs-worker#844). Refuses what a number cannot hold: beyond 2^53 - 1 the
 * numbers are rounded, here or before they came, and two messages would share a position.
 */
function sequenceOf(value: unknown, field: string): number {
  const number = isLong(value) ? fromHalves(value) : isDigits(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) {
    throw fault(field, 'a whole number from 0', value)
  }
  if (number > Number.MAX_SAFE_INTEGER) throw fault(field, 'at most 2^53 - 1, past which numbers are rounded', value)
  return number
}

interface Long {
  readonly low: number
  readonly high: number
  readonly unsigned?: boolean
}

/** https://github.com/dcodeIO/long.js: two's complement in 32-bit halves, both of them signed. */
function fromHalves({ low, high, unsigned = false }: Long): number {
  return (unsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0)
}

function isLong(value: unknown): value is Long {
  if (typeof value !== 'object' || value === null) return false
  const { low, high } = value as Readonly<Record<string, unknown>>
  return Number.isInteger(low) && Number.isInteger(high)
}

function isDigits(value: unknown): value is string | bigint {
  return typeof value === 'bigint' || (typeof value === 'string' && /^\d+$/.test(value))
}

/** An instant in UTC; the host may leave out the zone, which JavaScript would take for local time. */
function utcMs(value: unknown, field: string): number {
  const text = value instanceof Date ? value.toISOString() : value
  if (typeof text !== 'string') throw fault(field, 'a time in ISO 8601', value)
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`)
  if (Number.isNaN(ms)) throw fault(field, 'a time in ISO 8601', value)
  return ms
}

function record(value: unknown, field: string): Metadata {
  if (typeof value === 'object' && value !== null) return value as Metadata
  throw fault(field, 'an object', value)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function fault(field: string, expected: string, got: unknown): Error {
  const shown = typeof got === 'bigint' ? String(got) : (JSON.stringify(got)?.slice(0, 80) ?? typeof got)
  return new Error(`event hub trigger: ${field}: expected ${expected}, got ${shown}`)
}

/*
 * What events come wrapped or packed in besides an array: gzip (RFC 1952), `{"records": […]}` as Azure Diagnostics
 * writes, CloudEvents 1.0 in the JSON format, one or a batch. Each is taken off once, in that order; an object with an
 * `eventId` is an event, whatever else it holds, so that no event is ever taken for an envelope.
 */

import { gunzipSync } from 'node:zlib'
import { fault, shortened } from './check'
import { arrayElements, objectMember } from './elements'
import { parse } from './parse'

/** What a body was found in, as rejects name it. */
export type EnvelopeName = 'gzip' | 'records' | 'CloudEvents'

/** Why nothing could be taken out. */
export interface EnvelopeFault {
  readonly kind: 'fault'
  readonly reason: 'not-json' | 'schema' | 'too-large'
  readonly detail: string
}

/** Bytes of JSON text, and what they were packed in. */
export interface Unpacked {
  readonly kind: 'unpacked'
  readonly bytes: Uint8Array
  readonly envelopes: readonly EnvelopeName[]
}

/** A gzip body unpacks to no more, however well it packs: 16 times the largest EventData of the standard tier. */
export const maxUnpackedBytes = 16 << 20

/**
 * The bytes of a body out of gzip, told by its first two bytes, with which no JSON begins: a producer may leave out the
 * content encoding. Stops at `maxUnpackedBytes`, so a body that would fill the memory costs no more than that.
 */
export function unpack(body: Uint8Array): Unpacked | EnvelopeFault {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return { kind: 'unpacked', bytes: body, envelopes: [] }
  try {
    return { kind: 'unpacked', bytes: gunzipSync(body, { maxOutputLength: maxUnpackedBytes }), envelopes: ['gzip'] }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      const detail = `gzip: expected at most ${maxUnpackedBytes} bytes unpacked, got more`
      return { kind: 'fault', reason: 'too-large', detail }
    }
    return { kind: 'fault', reason: 'not-json', detail: fault('gzip', 'all of a packed body', message).detail }
  }
}

/** Several events in one body. */
export interface EventList {
  readonly envelopes: readonly EnvelopeName[]
  readonly values: readonly unknown[]
  /** The bytes of each value, in order. */
  readonly slices: () => readonly Uint8Array[]
}

/** The events of a JSON array, or of an object's `records`; undefined when the value is neither. `bytes` is its text. */
export function listOf(value: unknown, bytes: Uint8Array): EventList | undefined {
  if (Array.isArray(value)) return { envelopes: [], values: value, slices: () => arrayElements(bytes, 0) }
  if (!isEnvelope(value) || 'specversion' in value) return undefined
  const { records } = value
  if (!Array.isArray(records)) return undefined
  const slices = () => arrayElements(objectMember(bytes, 'records'), 0)
  return { envelopes: ['records'], values: records, slices }
}

/** The event inside a CloudEvent. */
export interface Unwrapped {
  readonly kind: 'unwrapped'
  readonly value: unknown
  /** Its bytes as the producer wrote them: the slice of `data`, or what `data_base64` stands for. */
  readonly raw: Uint8Array
}

/**
 * What a CloudEvent in structured mode is about (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 * section 3.1); undefined when the value is none. Its attributes are not looked at: the event says the same of itself.
 */
export function unwrap(value: unknown, bytes: Uint8Array): Unwrapped | EnvelopeFault | undefined {
  if (!isEnvelope(value) || !('specversion' in value)) return undefined
  const { specversion, data, data_base64: base64 } = value
  if (specversion !== '1.0') return schemaFault('specversion', '"1.0"', specversion)
  if ('data' in value && 'data_base64' in value) return schemaFault('data', 'nothing beside data_base64', data)
  if ('data' in value) return { kind: 'unwrapped', value: data, raw: objectMember(bytes, 'data') }
  if (!('data_base64' in value)) return schemaFault('data', 'object', undefined)
  const raw = Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64')
  // Node skips what is no base64; the other way round it shows.
  if (raw.toString('base64') !== base64) return schemaFault('data_base64', 'text, base64 with its padding', base64)
  const parsed = parse(raw)
  if (parsed.kind === 'broken') return schemaFault('data_base64', 'JSON in base64', base64)
  return { kind: 'unwrapped', value: parsed.value, raw: raw.subarray(parsed.from) }
}

/** A reject's detail with what the event came in before it. */
export function within(envelopes: readonly EnvelopeName[], detail: string): string {
  return envelopes.length === 0 ? detail : shortened(`${envelopes.join(' ')}: ${detail}`)
}

type Fields = Readonly<Record<string, unknown>>

/** Own fields only: `in` would find what every object inherits, but not of one without a prototype. */
function isEnvelope(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, 'eventId')
}

function schemaFault(path: string, expected: string, value: unknown): EnvelopeFault {
  return { kind: 'fault', reason: 'schema', detail: fault(path, expected, value).detail }
}

// Tested in test/local/hub/protocol.test.ts.
import {
  type SectionRange,
  MalformedMessage,
  readBinary,
  readMap,
  readSection,
  readText,
  section,
  valueEnd,
} from './amqp'

/** `message-format` of a batch: an outer message whose data sections are encoded messages, one per event. */
export const batchFormat = 0x80013700

/**
 * One event as its sender encoded it, cut where the hub's own annotations go: `header` and `rest` (properties to
 * footer) are delivered byte for byte, `annotations` are the sender's own entries of the message annotations.
 */
export interface EventMessage {
  readonly header: Buffer
  readonly annotations: Buffer
  /** Keys plus values in `annotations`. */
  readonly annotationCount: number
  readonly rest: Buffer
  readonly partitionKey: string | undefined
}

/** What one transfer brings: the events, and the partition key all of them were sent with. */
export interface Sent {
  readonly partitionKey: string | undefined
  readonly events: readonly EventMessage[]
}

const none = Buffer.alloc(0)
/** Set by the hub alone; a sender's value under one of these names is dropped, as the service does. */
const ownAnnotations = new Set(['x-opt-sequence-number', 'x-opt-offset', 'x-opt-enqueued-time', 'x-opt-partition-key'])

/**
 * The events in the payload of one transfer, checked through to the last section so that a stored event is always a
 * well-formed message. Bodies are views into `payload`, not copies. Throws `MalformedMessage`, also for a batch
 * without events.
 */
export function decodeTransfer(payload: Buffer, format: number): Sent {
  if (format !== batchFormat) {
    const event = cutMessage(payload, undefined)
    return { partitionKey: event.partitionKey, events: [event] }
  }
  const sections = readSections(payload)
  const outer = cutAnnotations(payload, sections)
  const events = sections
    .filter((range) => range.code === section.data)
    .map((range) => cutMessage(readBinary(payload, range.value), outer.partitionKey))
  if (events.length === 0) throw new MalformedMessage('amqp batch: expected at least one data section, got none')
  return { partitionKey: outer.partitionKey ?? events[0]?.partitionKey, events }
}

function readSections(bytes: Buffer): readonly SectionRange[] {
  const sections: SectionRange[] = []
  for (let at = 0, code = 0; at < bytes.length;) {
    const range = readSection(bytes, at)
    if (range.code < code) {
      throw new MalformedMessage(`amqp message byte ${at}: section 0x${range.code.toString(16)} is out of order`)
    }
    sections.push(range)
    code = range.code
    at = range.end
  }
  return sections
}

function cutMessage(bytes: Buffer, partitionKey: string | undefined): EventMessage {
  const sections = readSections(bytes)
  const header = sections[0]?.code === section.header ? sections[0] : undefined
  const rest = sections.find((range) => range.code >= section.properties)
  const cut = cutAnnotations(bytes, sections)
  return {
    header: header ? bytes.subarray(header.start, header.end) : none,
    annotations: cut.annotations,
    annotationCount: cut.annotationCount,
    rest: rest ? bytes.subarray(rest.start) : none,
    partitionKey: cut.partitionKey ?? partitionKey,
  }
}

type CutAnnotations = Pick<EventMessage, 'annotations' | 'annotationCount' | 'partitionKey'>

const noAnnotations: CutAnnotations = { annotations: none, annotationCount: 0, partitionKey: undefined }

function cutAnnotations(bytes: Buffer, sections: readonly SectionRange[]): CutAnnotations {
  const range = sections.find((each) => each.code === section.messageAnnotations)
  if (!range) return noAnnotations
  const { start, count } = readMap(bytes, range.value)
  if (count === 0) return noAnnotations
  const kept: Buffer[] = []
  let partitionKey: string | undefined
  for (let index = 0, at = start; index < count; index += 2) {
    const value = valueEnd(bytes, at)
    const end = valueEnd(bytes, value)
    const key = readText(bytes, at)
    if (key === 'x-opt-partition-key') partitionKey = readText(bytes, value)
    if (key === undefined || !ownAnnotations.has(key)) kept.push(bytes.subarray(at, end))
    at = end
  }
  return { annotations: Buffer.concat(kept), annotationCount: 2 * kept.length, partitionKey }
}

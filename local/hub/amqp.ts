// Tested in test/local/hub/protocol.test.ts.
/** Bytes that are not the AMQP 1.0 they should be; the message says where and what was expected. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** Section codes of AMQP 1.0 part 3.2. */
export const section = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  data: 0x75,
  footer: 0x78,
} as const

const sectionNames: Readonly<Record<string, number>> = {
  'amqp:header:list': 0x70,
  'amqp:delivery-annotations:map': 0x71,
  'amqp:message-annotations:map': 0x72,
  'amqp:properties:list': 0x73,
  'amqp:application-properties:map': 0x74,
  'amqp:data:binary': 0x75,
  'amqp:amqp-sequence:list': 0x76,
  'amqp:amqp-value:*': 0x77,
  'amqp:footer:map': 0x78,
}

/** Where a section lies in a message: its code, its first byte, its value's first byte and the byte after it. */
export interface SectionRange {
  readonly code: number
  readonly start: number
  readonly value: number
  readonly end: number
}

/**
 * The section that starts at byte `at` of an encoded message. Only lengths are read, nothing is decoded.
 * Throws `MalformedMessage` when it is no section or runs past the end.
 */
export function readSection(bytes: Buffer, at: number): SectionRange {
  if (bytes[at] !== 0x00) throw malformed(at, 'a section (a described value)', bytes[at])
  const value = valueEnd(bytes, at + 1)
  const code = sectionCode(bytes, at + 1)
  if (code < section.header || code > section.footer) throw malformed(at + 1, 'a section descriptor', code)
  return { code, start: at, value, end: valueEnd(bytes, value) }
}

function sectionCode(bytes: Buffer, at: number): number {
  switch (byteAt(bytes, at)) {
    case 0x53:
      return bytes.readUInt8(at + 1)
    case 0x80:
      return Number(bytes.readBigUInt64BE(at + 1))
    case 0xa3:
      return sectionNames[bytes.toString('ascii', at + 2, valueEnd(bytes, at))] ?? 0
    default:
      return 0
  }
}

/**
 * The byte after the encoded value that starts at `at` (AMQP 1.0 part 1.2: the high half of the constructor byte
 * says how its size is encoded). Throws `MalformedMessage` when the value runs past the end.
 */
export function valueEnd(bytes: Buffer, at: number): number {
  const end = at + 1 + payloadBytes(bytes, at)
  if (end > bytes.length) throw malformed(at, `a value of ${end - at} bytes`, `${bytes.length - at} bytes left`)
  return end
}

function payloadBytes(bytes: Buffer, at: number): number {
  const constructor = byteAt(bytes, at)
  switch (constructor >>> 4) {
    case 0x0:
      return describedBytes(bytes, at)
    case 0x4:
      return 0
    case 0x5:
      return 1
    case 0x6:
      return 2
    case 0x7:
      return 4
    case 0x8:
      return 8
    case 0x9:
      return 16
    case 0xa:
    case 0xc:
    case 0xe:
      return 1 + byteAt(bytes, at + 1)
    case 0xb:
    case 0xd:
    case 0xf:
      return 4 + uintAt(bytes, at + 1)
    default:
      throw malformed(at, 'a value constructor', constructor)
  }
}

function describedBytes(bytes: Buffer, at: number): number {
  if (bytes[at] !== 0x00) throw malformed(at, 'a value constructor', bytes[at])
  return valueEnd(bytes, valueEnd(bytes, at + 1)) - at - 1
}

/** The text of the string or symbol at `at`, or undefined when the value there is of another type. */
export function readText(bytes: Buffer, at: number): string | undefined {
  switch (byteAt(bytes, at)) {
    case 0xa1:
    case 0xa3:
      return bytes.toString('utf8', at + 2, valueEnd(bytes, at))
    case 0xb1:
    case 0xb3:
      return bytes.toString('utf8', at + 5, valueEnd(bytes, at))
    default:
      return undefined
  }
}

/** The bytes of the binary value at `at`, a view and no copy. Throws `MalformedMessage` for another type. */
export function readBinary(bytes: Buffer, at: number): Buffer {
  const end = valueEnd(bytes, at)
  if (bytes[at] === 0xa0) return bytes.subarray(at + 2, end)
  if (bytes[at] === 0xb0) return bytes.subarray(at + 5, end)
  throw malformed(at, 'a binary value', bytes[at])
}

/** Where the entries of the map at `at` start and how many values (keys and values) it holds; null is empty. */
export function readMap(bytes: Buffer, at: number): { readonly start: number; readonly count: number } {
  switch (byteAt(bytes, at)) {
    case 0x40:
      return { start: at + 1, count: 0 }
    case 0xc1:
      return { start: at + 3, count: byteAt(bytes, at + 2) }
    case 0xd1:
      return { start: at + 9, count: uintAt(bytes, at + 5) }
    default:
      throw malformed(at, 'a map', bytes[at])
  }
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw malformed(at, 'a byte', 'the end')
  return byte
}

function uintAt(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw malformed(at, 'a size of 4 bytes', 'the end')
  return bytes.readUInt32BE(at)
}

function malformed(at: number, expected: string, got: number | string | undefined): MalformedMessage {
  const shown = typeof got === 'number' ? `0x${got.toString(16)}` : (got ?? 'the end')
  return new MalformedMessage(`amqp message byte ${at}: expected ${expected}, got ${shown}`)
}

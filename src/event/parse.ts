/* Tested in test/event/decode.test.ts. */

import { fault, shortened } from './check'
import { clean } from './describe'

/** The JSON value of some bytes and where its text starts in them, or why they are no JSON. */
export type Parsed =
  | { readonly kind: 'json'; readonly value: unknown; readonly from: number }
  | { readonly kind: 'broken'; readonly detail: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })
const byteOrderMark = [0xef, 0xbb, 0xbf] as const

/**
 * Parses bytes as JSON in UTF-8; a byte order mark is no part of it (RFC 8259 section 8.1). Never throws; `contentEncoding`
 * is what the producer said the bytes are in, for the detail alone.
 */
export function parse(bytes: Uint8Array, contentEncoding?: string): Parsed {
  let text: string | undefined
  try {
    text = utf8.decode(bytes)
    const from = byteOrderMark.every((byte, i) => bytes[i] === byte) ? byteOrderMark.length : 0
    return { kind: 'json', value: JSON.parse(text), from }
  } catch {
    if (contentEncoding !== undefined && contentEncoding !== '') {
      const detail = `body: expected JSON, as it is or in gzip, got ${bytes.length} bytes in ${contentEncoding}`
      return { kind: 'broken', detail: shortened(clean(detail)) }
    }
    if (text === undefined) {
      return { kind: 'broken', detail: `body: expected UTF-8, got ${bytes.length} bytes that are not` }
    }
    return { kind: 'broken', detail: fault('body', 'JSON', text === '' ? undefined : text).detail }
  }
}

/* Tested in test/event/decode.test.ts (the slices of an array) and test/event/envelope.test.ts. */

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/**
 * The byte slices of the elements of a JSON array, first to last byte of each value, views into `body`. `body` must
 * hold a well-formed JSON text that is an array (`JSON.parse` said so), after `from` bytes that are not part of it.
 * Works on bytes because in UTF-8 no byte of a longer character looks like a bracket, a quote or a comma.
 */
export function arrayElements(body: Uint8Array, from: number): readonly Uint8Array[] {
  const elements: Uint8Array[] = []
  let at = skipSpace(body, body.indexOf(openArray, from) + 1)
  while (body[at] !== closeArray && at < body.length) {
    const end = valueEnd(body, at)
    elements.push(body.subarray(at, end))
    at = skipSpace(body, end)
    if (body[at] === comma) at = skipSpace(body, at + 1)
  }
  return elements
}

const names = new TextDecoder()

/**
 * The byte slice of a member's value of a JSON object, the last of that name as `JSON.parse` takes it; empty when there
 * is none. `body` must hold a well-formed JSON text that is an object.
 */
export function objectMember(body: Uint8Array, name: string): Uint8Array {
  let found = body.subarray(0, 0)
  let at = skipSpace(body, body.indexOf(openObject) + 1)
  while (body[at] === quote) {
    const end = stringEnd(body, at)
    const key: unknown = JSON.parse(names.decode(body.subarray(at, end)))
    // Past the colon.
    at = skipSpace(body, skipSpace(body, end) + 1)
    const value = body.subarray(at, valueEnd(body, at))
    if (key === name) found = value
    at = skipSpace(body, at + value.length)
    if (body[at] === comma) at = skipSpace(body, at + 1)
  }
  return found
}

/** Where the value that starts at `at` ends. A loop with a depth, so nesting costs no stack. */
function valueEnd(body: Uint8Array, at: number): number {
  let depth = 0
  while (at < body.length) {
    switch (body[at]) {
      case quote:
        at = stringEnd(body, at)
        if (depth === 0) return at
        continue
      case openArray:
      case openObject:
        depth++
        break
      case closeArray:
      case closeObject:
        if (depth === 0) return at
        if (--depth === 0) return at + 1
        break
      case comma:
        if (depth === 0) return at
        break
      case undefined:
        return at
      default:
        // Space after a number or a literal is not part of it.
        if (depth === 0 && isSpace(body[at])) return at
    }
    at++
  }
  return at
}

/** The byte after the closing quote of the string that opens at `at`: a quote with an even run of backslashes. */
function stringEnd(body: Uint8Array, at: number): number {
  let end = body.indexOf(quote, at + 1)
  while (end !== -1) {
    let first = end
    while (body[first - 1] === backslash) first--
    if ((end - first) % 2 === 0) return end + 1
    end = body.indexOf(quote, end + 1)
  }
  return body.length
}

function skipSpace(body: Uint8Array, at: number): number {
  while (isSpace(body[at])) at++
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

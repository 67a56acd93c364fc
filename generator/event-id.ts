// Tested in test/generator/parts.test.ts.
import { type Random } from './random'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const pairs = Array.from({ length: 1 << 10 }, (_, i) => alphabet.charAt(i >> 5) + alphabet.charAt(i & 31))
const triples = Array.from({ length: 1 << 15 }, (_, i) => alphabet.charAt(i >> 10) + (pairs[i & 1023] ?? ''))

/** The last four digits of a time: a quarter of an hour. */
const tailMs = 2 ** 20

/**
 * A writer of ULIDs: 48 bits of time (whole milliseconds) and 80 bits of `random`, so equal seeds give equal ids and
 * others never meet. Quickest where times are near each other.
 */
export function createUlids(random: Random): (timeMs: number) => string {
  let head = { slot: NaN, text: '' }
  const pair = (bits: number): string => pairs[bits & 1023] ?? ''
  const triple = (bits: number): string => triples[bits & 0x7fff] ?? ''
  return (timeMs) => {
    const slot = Math.floor(timeMs / tailMs)
    if (slot !== head.slot) head = { slot, text: base32(slot) }
    const restMs = timeMs - slot * tailMs
    const [a, b, c] = [random() * 2 ** 30, random() * 2 ** 30, random() * 2 ** 20]
    const time = head.text + pair(restMs >> 10) + pair(restMs)
    return time + triple(a >> 15) + triple(a) + triple(b >> 15) + triple(b) + pair(c >> 10) + pair(c)
  }
}

/** The six digits a time begins with. */
function base32(value: number): string {
  let text = ''
  for (let rest = value, i = 0; i < 6; i++) {
    text = alphabet.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

import { type Random } from './random'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const pairs = Array.from({ length: 1 << 10 }, (_, i) => alphabet.charAt(i >> 5) + alphabet.charAt(i & 31))
const triples = Array.from({ length: 1 << 15 }, (_, i) => alphabet.charAt(i >> 10) + (pairs[i & 1023] ?? ''))

/**
 * A writer of ULIDs: 48 bits of time (whole milliseconds) and 80 bits of `random`, so equal seeds give equal ids and
 * others never meet.
 */
export function createUlids(random: Random): (timeMs: number) => string {
  let slot = NaN
  let head = ''
  const pair = (bits: number): string => pairs[bits] ?? ''
  const triple = (bits: number): string => triples[bits] ?? ''
  return (timeMs) => {
    const current = Math.floor(timeMs / 1024)
    if (current !== slot) {
      slot = current
      head = base32(current)
    }
    const [a, b, c] = [random() * 2 ** 30, random() * 2 ** 30, random() * 2 ** 20]
    const [low, middle, high] = [a | 0, b | 0, c | 0]
    const tail = triple(middle >> 15) + triple(middle & 0x7fff) + pair(high >> 10) + pair(high & 1023)
    return head + pair(timeMs - current * 1024) + triple(low >> 15) + triple(low & 0x7fff) + tail
  }
}

/** The eight digits that stand before the last two of a time. */
function base32(value: number): string {
  let text = ''
  for (let rest = value, i = 0; i < 8; i++) {
    text = alphabet.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

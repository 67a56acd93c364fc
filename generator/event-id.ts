import { type Random } from './random'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A ULID: 48 bits of time and 80 bits of `random`, so equal seeds give equal ids and others never meet. */
export function ulid(random: Random, timeMs: number): string {
  let text = ''
  for (let i = 0; i < 16; i++) text += alphabet[Math.floor(random() * 32)] ?? ''
  let rest = timeMs
  for (let i = 0; i < 10; i++) {
    text = (alphabet[rest % 32] ?? '') + text
    rest = Math.floor(rest / 32)
  }
  return text
}

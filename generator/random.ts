// Tested in test/generator/parts.test.ts.
/** Uniform numbers in [0, 1), the same sequence for the same seed. */
export type Random = () => number

/**
 * A generator seeded by any text: sfc32 (Chris Doty-Humphrey, PractRand; public domain), 128 bits of state, passes
 * PractRand. Texts that differ give sequences that have nothing to do with each other.
 */
export function createRandom(seed: string): Random {
  let [a, b, c] = [hash(seed, 0x9e3779b9), hash(seed, 0x243f6a88), hash(seed, 0xb7e15162)]
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 0x1_0000_0000
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** A whole number in [from, to]. */
export function whole(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}

/** One of a list, each as likely. Throws on an empty list. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('random: expected a list to pick from, got an empty one')
  return item
}

/** The waiting time until the next of events that come `mean` apart on average and know nothing of each other. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

/** A number in [from, to], as likely between 1 and 2 as between 10 and 20; whole. */
export function logUniform(random: Random, from: number, to: number): number {
  return Math.round(from * (to / from) ** random())
}

/**
 * Picks indexes of `weights`, each as often as its weight says, in constant time (alias method: Walker 1977, Vose
 * 1991). Throws when no weight is above 0.
 */
export function weighted(weights: readonly number[]): (random: Random) => number {
  const count = weights.length
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(total > 0)) throw new Error(`random: expected weights above 0, got a total of ${total}`)
  const shares = Float64Array.from(weights, (weight) => (weight * count) / total)
  const aliases = Int32Array.from(weights, (_, i) => i)
  const isSmall = (i: number): boolean => (shares[i] ?? 1) < 1
  const indexes = Array.from(weights, (_, i) => i)
  const [small, large] = [indexes.filter(isSmall), indexes.filter((i) => !isSmall(i))]
  for (let less = small.pop(), more = large.at(-1); less !== undefined && more !== undefined; less = small.pop()) {
    aliases[less] = more
    shares[more] = (shares[more] ?? 0) - (1 - (shares[less] ?? 0))
    if (isSmall(more)) {
      small.push(more)
      large.pop()
      more = large.at(-1)
    }
  }
  // What is left on either side has a share of 1 but for rounding.
  for (const i of [...small, ...large]) shares[i] = 1
  return (random) => {
    const target = random() * count
    const index = Math.floor(target)
    return target - index < (shares[index] ?? 1) ? index : (aliases[index] ?? index)
  }
}

/** FNV-1a over UTF-16 code units, with a basis of its own per use, and a final mix (MurmurHash3). */
function hash(text: string, basis: number): number {
  let value = basis
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x0100_0193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}

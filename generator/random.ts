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

/** Picks indexes of `weights`, each as often as its weight says; a binary search per pick. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  const sums = new Float64Array(weights.length)
  let total = 0
  weights.forEach((weight, i) => (sums[i] = total += weight))
  return (random) => {
    const target = random() * total
    let [low, high] = [0, weights.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? total) > target) high = middle
      else low = middle + 1
    }
    return low
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

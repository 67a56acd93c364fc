// Tested in test/generator/week.test.ts.
import { type Random } from './random'
import { type Scene } from './scene'
import { type Store } from './world'

/** Shops know their customers: each has some products of its own taste more often, and leaves a tenth to others. */
const taste = { leftOut: 0.1, least: 0.4, tries: 20 } as const

/** Index of a product somebody wants in this store. */
export function pickProduct({ week, random }: Scene, store: Store): number {
  let product = week.pickProduct(random)
  if (store.channel === 'web') return product
  for (let tries = 0; tries < taste.tries && !isWanted(store, product, random); tries++) {
    product = week.pickProduct(random)
  }
  return product
}

function isWanted({ index }: Store, product: number, random: Random): boolean {
  const liking = mixed(index, product)
  return liking >= taste.leftOut && random() < taste.least + (1 - taste.least) * liking
}

/** A number in [0, 1) of two indexes that shows no pattern (final mix of MurmurHash3). */
function mixed(a: number, b: number): number {
  let value = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca77)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return ((value ^ (value >>> 16)) >>> 0) / 2 ** 32
}

import { type Random, whole } from './random'
import { take } from './stockroom'
import { type Store } from './world'
import { type Visit } from './visit'
import { type Price } from './week'

/** What is bought of one product. */
export interface Line {
  readonly product: number
  readonly quantity: number
  readonly price: Price
}

const maxLines = 20
/** A business buys more lines, and more of each. */
const sizes = {
  consumer: { anotherLine: 0.66, single: 0.8, pieces: [2, 6] },
  business: { anotherLine: 0.8, single: 0.1, pieces: [4, 20] },
} as const

/** A basket of a shop: what was wanted and is there, three lines on average for a consumer. */
export function fillBasket(visit: Visit): readonly Line[] {
  const { scene, customer, startMs } = visit
  const { anotherLine } = sizes[customer.kind === 'business' ? 'business' : 'consumer']
  const wanted: number[] = []
  const lines: Line[] = []
  do {
    const product = pickProduct(visit)
    if (wanted.includes(product)) continue
    wanted.push(product)
    const line = buy(visit, product, startMs)
    if (line !== undefined) lines.push(line)
  } while (wanted.length < maxLines && scene.random() < anotherLine)
  return lines
}

/** About what somebody wanted who found the store closed against its hours. */
export function wantedPieces(random: Random, { channel }: Store): number {
  if (channel === 'web' && random() > 0.15) return 0
  let pieces = 1
  while (pieces < maxLines && random() < sizes.consumer.anotherLine) pieces++
  return pieces
}

/** Takes a product off the shelf, as many as this customer usually does; undefined when there is none. */
export function buy({ scene, store, customer }: Visit, product: number, atMs: number): Line | undefined {
  const { random, week } = scene
  const { single, pieces } = sizes[customer.kind === 'business' ? 'business' : 'consumer']
  const wanted = random() < single ? 1 : whole(random, pieces[0], pieces[1])
  // Who needs many leaves some for others.
  const half = (scene.shelfOf(store).onHand[product] ?? 0) >> 1
  const quantity = take(scene, store, { product, quantity: Math.max(1, Math.min(wanted, half)), atMs })
  const price = week.prices[product]
  return quantity === 0 || price === undefined ? undefined : { product, quantity, price }
}

/** Shops know their customers: each has some products of its own taste more often, and leaves a tenth to others. */
const taste = { leftOut: 0.1, least: 0.4, tries: 20 } as const

/** Index of a product somebody wants in this store. */
export function pickProduct({ scene: { week, random }, store }: Visit): number {
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

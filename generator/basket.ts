// Tested in test/generator/week.test.ts.
import { type Line } from './line'
import { type Random, whole } from './random'
import { take } from './stockroom'
import { pickProduct } from './taste'
import { type Store } from './world'
import { type Visit } from './visit'

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
    const product = pickProduct(scene, visit.store)
    if (wanted.includes(product)) continue
    wanted.push(product)
    const line = buy(visit, product, startMs)
    if (line !== undefined) lines.push(line)
  } while (wanted.length < maxLines && scene.random() < anotherLine)
  return lines
}

/** Pieces a visitor would have bought in a store that is closed by an outage; an estimate. */
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
  // A buyer of many pieces takes at most half of the shelf.
  const half = (scene.shelfOf(store).onHand[product] ?? 0) >> 1
  const quantity = take(scene, store, { product, quantity: Math.max(1, Math.min(wanted, half)), atMs })
  const price = week.prices[product]
  return quantity === 0 || price === undefined ? undefined : { product, quantity, price }
}

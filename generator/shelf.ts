import { exponential, type Random, whole } from './random'
import { type World } from './world'

/** A change of what lies on a shelf, as a `stock` event will tell it. */
export interface StockChange {
  readonly product: number
  readonly onHand: number
  readonly reason: 'count' | 'delivery' | 'adjustment'
}

/** Stock of one store: pieces per product, and the products that cannot be had for a while. */
export interface Shelf {
  readonly onHand: Int32Array
  /** Product index → when it can be had again, event time. */
  readonly missing: Map<number, number>
  nextOutageMs: number
}

const hourMs = 3_600_000
/** How often, on average, a product of one store runs out. */
const outageEveryMs = 2 * hourMs
const outageMs = { from: 75 * 60_000, to: 5 * hourMs } as const
const fullShelf = { from: 40, to: 400 } as const
const reorderAt = 8

/** A full shelf in front of which nothing has happened yet. */
export function createShelf(world: World, random: Random, startMs: number): Shelf {
  return {
    onHand: Int32Array.from(world.products, () => whole(random, fullShelf.from, fullShelf.to)),
    missing: new Map(),
    nextOutageMs: startMs + exponential(random, outageEveryMs),
  }
}

/**
 * Lets time pass in one store: products come back by a delivery, others go missing. Half of those that go missing are
 * counted as none on hand; the other half still lie there according to the books, and nobody can find them.
 */
export function passTime(
  shelf: Shelf,
  { world, random }: { world: World; random: Random },
  toMs: number,
): StockChange[] {
  const changes: StockChange[] = []
  for (const [product, untilMs] of shelf.missing) {
    if (untilMs > toMs) continue
    shelf.missing.delete(product)
    changes.push(refill(shelf, product, random))
  }
  while (shelf.nextOutageMs <= toMs) {
    const product = world.pickProduct(random)
    shelf.missing.set(product, shelf.nextOutageMs + whole(random, outageMs.from, outageMs.to))
    shelf.nextOutageMs += exponential(random, outageEveryMs)
    if (random() < 0.5) shelf.onHand[product] = 0
    changes.push(count(shelf, product))
  }
  return changes
}

/** Takes pieces off the shelf; a delivery follows when few are left. */
export function take(shelf: Shelf, product: number, quantity: number, random: Random): StockChange | undefined {
  const left = Math.max(0, (shelf.onHand[product] ?? 0) - quantity)
  shelf.onHand[product] = left
  return left < reorderAt ? refill(shelf, product, random) : undefined
}

/** A stocktake of one product. */
export function count(shelf: Shelf, product: number): StockChange {
  return { product, onHand: shelf.onHand[product] ?? 0, reason: 'count' }
}

function refill(shelf: Shelf, product: number, random: Random): StockChange {
  const onHand = whole(random, fullShelf.from, fullShelf.to)
  shelf.onHand[product] = onHand
  return { product, onHand, reason: 'delivery' }
}

// Tested in test/generator/trouble.test.ts.
import { createRandom, type Random } from './random'
import { type Trouble } from './truth'
import { type Store, type World } from './world'

/** Stock of one store, by index of the product. */
export interface Shelf {
  /** Pieces by the books; what really lies there, but for the products that are missing. */
  readonly onHand: Int32Array
  readonly missing: Map<number, Trouble>
  /** Products on their way. */
  readonly ordered: Set<number>
  readonly piecesPerHour: number
}

/** Pieces sold per visit, about; shelves need not be exact. */
const piecesPerVisit = { store: 4, web: 0.5 } as const
/** An order is placed when there is left what sells in `reorder` hours; it lasts for `supply` hours more. */
const cover = { reorderHours: 14, reorderPieces: 6, supplyHours: 30, supplyPieces: 16 } as const

/** A shelf as it is in the middle of things: each product somewhere between its next order and full. */
export function createShelf(world: World, store: Store, visitsPerHour: number): Shelf {
  const random = createRandom(`shelf ${world.seed} ${store.index}`)
  const piecesPerHour = visitsPerHour * store.size * piecesPerVisit[store.channel]
  const shelf = { onHand: new Int32Array(world.products.length), missing: new Map(), ordered: new Set<number>() }
  const made: Shelf = { ...shelf, piecesPerHour }
  world.products.forEach(({ share }, i) => {
    const least = reorderAt(made, share)
    made.onHand[i] = least + Math.floor(random() * (fullAt(made, share) - least)) + 1
  })
  return made
}

/** Pieces left of a product, of a certain share of sales, when more are ordered. */
export function reorderAt({ piecesPerHour }: Shelf, share: number): number {
  return Math.ceil(cover.reorderHours * piecesPerHour * share) + cover.reorderPieces
}

/** Pieces after a delivery, now a few more, now a few less. */
export function deliveredTo(shelf: Shelf, share: number, random: Random): number {
  return Math.ceil(fullAt(shelf, share) * (0.8 + 0.2 * random()))
}

function fullAt(shelf: Shelf, share: number): number {
  return reorderAt(shelf, share) + Math.ceil(cover.supplyHours * shelf.piecesPerHour * share) + cover.supplyPieces
}

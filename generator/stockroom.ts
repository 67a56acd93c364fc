// Tested in test/generator/trouble.test.ts.
import { exponential, logUniform, whole } from './random'
import { eventHead, type Scene } from './scene'
import { deliveredTo, reorderAt } from './shelf'
import { pickProduct } from './taste'
import { type Trouble } from './truth'
import { type Store } from './world'

const [minuteMs, hourMs] = [60_000, 3_600_000]

/** From order to delivery; now and then a lorry does not come. */
const lead = {
  fromMs: hourMs,
  toMs: 4 * hourMs,
  delayedShare: 0.03,
  delayedFromMs: 8 * hourMs,
  delayedToMs: 30 * hourMs,
}
/** How long a product stays away that was spoilt, stolen or put in the wrong place. */
const gone = { fromMs: 75 * minuteMs, toMs: 5 * hourMs, phantomShare: 0.5 } as const

/** Pieces of a product a customer gets of those wanted; what follows from it for the stock room follows. */
export function take(scene: Scene, store: Store, want: Want): number {
  const { product, quantity, atMs } = want
  const shelf = scene.shelfOf(store)
  const trouble = shelf.missing.get(product)
  if (trouble !== undefined) {
    trouble.units += quantity
    return 0
  }
  const there = shelf.onHand[product] ?? 0
  const taken = Math.min(there, quantity)
  shelf.onHand[product] = there - taken
  if (there - taken < reorderAt(shelf, shareOf(scene, product))) order(scene, store, want)
  if (taken === there) {
    const missing = begin(scene, store, { ...want, kind: 'stockout' })
    missing.units += quantity - taken
    tellStock(scene, store, { product, atMs, reason: 'count' })
  }
  return taken
}

export interface Want {
  readonly product: number
  readonly quantity: number
  readonly atMs: number
}

/** Puts pieces back that were not paid for. */
export function putBack(scene: Scene, store: Store, { product, quantity }: Omit<Want, 'atMs'>): void {
  const { missing, onHand } = scene.shelfOf(store)
  if (!missing.has(product)) onHand[product] = (onHand[product] ?? 0) + quantity
}

/** A stocktake of one product; one that cannot be found is not looked for. */
export function count(scene: Scene, store: Store, atMs: number): void {
  const product = pickProduct(scene, store)
  if (!scene.shelfOf(store).missing.has(product)) tellStock(scene, store, { product, atMs, reason: 'count' })
}

/** Goods arrive: the shelf is full, whatever was wrong with it. */
export function deliver(scene: Scene, store: Store, { product, atMs }: Omit<Want, 'quantity'>): void {
  const shelf = scene.shelfOf(store)
  shelf.ordered.delete(product)
  end(scene, store, { product, atMs })
  shelf.onHand[product] = deliveredTo(shelf, shareOf(scene, product), scene.random)
  tellStock(scene, store, { product, atMs, reason: 'delivery' })
}

/** Ends phantom stock: the pieces the books said were there turn up, or most of them. */
export function find(scene: Scene, store: Store, { product, atMs }: Omit<Want, 'quantity'>): void {
  const { missing, onHand } = scene.shelfOf(store)
  if (missing.get(product)?.kind !== 'phantom') return
  end(scene, store, { product, atMs })
  onHand[product] = Math.ceil((onHand[product] ?? 0) * (0.5 + 0.5 * scene.random()))
  tellStock(scene, store, { product, atMs, reason: 'adjustment' })
}

/**
 * A product can no longer be had, and the next one is `everyMs` away on average. Half of those that go are counted as
 * none on hand; the other half are phantom stock, there according to the books and nowhere to be found.
 */
export function goMissing(scene: Scene, store: Store, { atMs, everyMs }: { atMs: number; everyMs: number }): void {
  const { random } = scene
  scene.plan(atMs + exponential(random, everyMs), { kind: 'gone', store })
  const product = pickProduct(scene, store)
  const shelf = scene.shelfOf(store)
  const untilMs = atMs + whole(random, gone.fromMs, gone.toMs)
  if (shelf.missing.has(product)) return
  const kind = random() < gone.phantomShare ? 'phantom' : 'stockout'
  begin(scene, store, { product, atMs, kind })
  if (kind === 'phantom') scene.plan(untilMs, { kind: 'found', store, product })
  else {
    shelf.onHand[product] = 0
    if (!shelf.ordered.has(product)) scene.plan(untilMs, { kind: 'delivery', store, product })
    shelf.ordered.add(product)
  }
  tellStock(scene, store, { product, atMs, reason: 'count' })
}

function order({ random, plan, shelfOf }: Scene, store: Store, { product, atMs }: Want): void {
  const { ordered } = shelfOf(store)
  if (ordered.has(product)) return
  ordered.add(product)
  const delayed = random() < lead.delayedShare
  const [fromMs, toMs] = delayed ? [lead.delayedFromMs, lead.delayedToMs] : [lead.fromMs, lead.toMs]
  plan(atMs + logUniform(random, fromMs, toMs), { kind: 'delivery', store, product })
}

function begin({ truth, world, shelfOf }: Scene, store: Store, { product, atMs, kind }: Begun): Trouble {
  const productId = world.products[product]?.productId ?? ''
  const trouble = truth.begin({ kind, storeId: store.storeId, productId, fromMs: atMs })
  shelfOf(store).missing.set(product, trouble)
  return trouble
}

interface Begun {
  readonly product: number
  readonly atMs: number
  readonly kind: 'stockout' | 'phantom'
}

function end({ truth, shelfOf }: Scene, store: Store, { product, atMs }: Omit<Want, 'quantity'>): void {
  const { missing } = shelfOf(store)
  const trouble = missing.get(product)
  if (trouble === undefined) return
  missing.delete(product)
  truth.end(trouble, atMs)
}

function tellStock(
  scene: Scene,
  store: Store,
  { product, atMs, reason }: { product: number; atMs: number; reason: 'count' | 'delivery' | 'adjustment' },
): void {
  const onHand = scene.shelfOf(store).onHand[product] ?? 0
  const named = scene.world.products[product]?.productId ?? ''
  const text = `${eventHead(scene, 'stock', atMs)}${store.texts.own}"productId":"${named}","onHand":${onHand},"reason":"${reason}"}`
  scene.tell(store, atMs, { text, late: false })
}

function shareOf({ world }: Scene, product: number): number {
  return world.products[product]?.share ?? 0
}

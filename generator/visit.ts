import { lineCents } from '../src/event/money'
import { type EventType, type Wire } from '../src/event/schema'
import { ulid } from './event-id'
import { oneOf, type Random, whole } from './random'
import { count, passTime, type Shelf, type StockChange, take } from './shelf'
import { type Product, type Store, type World } from './world'

/** Where visits take place, and the two sources of chance: what happens, and what it is named. */
export interface Scene {
  readonly world: World
  readonly shelves: readonly Shelf[]
  readonly random: Random
  readonly ids: Random
  /** Stated on sales and payments when given. */
  readonly currency: string | undefined
}

/** One event and when its till or browser knew of it. */
export interface Step {
  readonly atMs: number
  readonly event: Wire<EventType>
}

/** Who is there, and when by the clock and by the event: they differ where a till was offline. */
interface Visit {
  readonly scene: Scene
  readonly store: Store
  readonly shelf: Shelf
  readonly who: Pick<Wire<'sale'>, 'customerId' | 'customerSegment' | 'sessionId'>
  readonly startMs: number
  readonly lateMs: number
}

const customers = 20_000
const paymentMethods = ['card', 'card', 'card', 'cash', 'wallet', 'voucher'] as const
const devices = ['phone', 'phone', 'desktop', 'tablet'] as const
const failures = ['insufficient funds', 'card expired', 'no answer from the bank'] as const

/**
 * What one customer causes, from `startMs` on: in a shop a receipt and its payment, on the web the way there too, and
 * whatever the stock room has to say meanwhile. With `lateMs`, all of it happened so long ago and is told only now.
 */
export function visit(scene: Scene, startMs: number, lateMs: number): readonly Step[] {
  const { world, random, ids } = scene
  const at = world.pickStore(random)
  const [store, shelf] = [world.stores[at], scene.shelves[at]]
  if (store === undefined || shelf === undefined) throw new Error(`generator: no shelf for store ${at}`)
  const known = customer(random)
  const who = store.channel === 'web' ? { ...known, sessionId: ulid(ids, startMs) } : known
  const guest: Visit = { scene, store, shelf, who, startMs, lateMs }
  const stockroom = passTime(shelf, scene, startMs).map((change) => stockStep(guest, change))
  if (random() < 0.08) stockroom.push(stockStep(guest, count(shelf, world.pickProduct(random))))
  return [...stockroom, ...(store.channel === 'web' ? browse(guest) : checkout(guest, startMs))]
}

function customer(random: Random): Visit['who'] {
  if (random() < 0.4) return {}
  // Squared, so that some customers come often.
  const number = Math.floor(random() ** 2 * customers)
  return {
    customerId: `customer-${String(number).padStart(6, '0')}`,
    customerSegment: number % 10 === 0 ? 'B2B' : 'B2C',
  }
}

function browse(guest: Visit): Step[] {
  const { world, random } = guest.scene
  const device = oneOf(random, devices)
  const steps: Step[] = []
  let atMs = guest.startMs
  const act = (action: Wire<'activity'>['action'], product?: Product): void => {
    const seen = product === undefined ? {} : { productId: product.productId }
    steps.push({ atMs, event: { ...base(guest, atMs), type: 'activity', action, ...seen, device } })
    atMs += whole(random, 1_000, 8_000)
  }
  for (let views = whole(random, 1, 5); views > 0; views--) act('view', world.products[world.pickProduct(random)])
  if (random() > 0.45) return steps
  act('add_to_cart', world.products[world.pickProduct(random)])
  if (random() > 0.6) return steps
  act('checkout')
  return [...steps, ...checkout(guest, atMs)]
}

/** The receipt and its payment, at times after a first attempt that failed; a web customer may leave it at that. */
function checkout(guest: Visit, fromMs: number): Step[] {
  const { random, ids } = guest.scene
  const { lines, restocked } = basket(guest)
  if (lines.length === 0) return []
  const cents = lines.reduce((sum, line) => sum + (lineCents(line.unitPrice, line.quantity) ?? 0), 0)
  const bill = { orderId: ulid(ids, fromMs), amount: cents / 100, method: oneOf(random, paymentMethods) }
  const pay = (atMs: number, outcome: Pick<Wire<'payment'>, 'status' | 'failureReason'>): Step => ({
    atMs,
    event: { ...base(guest, atMs), type: 'payment', ...bill, ...outcome, ...money(guest) },
  })
  const steps = restocked.map((change) => stockStep(guest, change))
  let atMs = fromMs
  if (random() < 0.05) {
    steps.push(pay(atMs, { status: 'failed', failureReason: oneOf(random, failures) }))
    if (guest.store.channel === 'web' && random() < 0.5) return steps
    atMs += whole(random, 3_000, 20_000)
  }
  const receipt = { orderId: bill.orderId, lines, paymentMethod: bill.method, ...money(guest) }
  steps.push({ atMs, event: { ...base(guest, atMs), type: 'sale', ...receipt } })
  steps.push(pay(atMs + whole(random, 500, 4_000), { status: 'succeeded' }))
  return steps
}

/** What is bought, three lines on average; now and then one line comes back instead. */
function basket({ scene: { world, random }, shelf }: Visit): {
  lines: Wire<'sale'>['lines']
  restocked: readonly StockChange[]
} {
  const back = random() < 0.02
  const wanted = new Set<number>([world.pickProduct(random)])
  while (!back && random() < 0.66 && wanted.size < 20) wanted.add(world.pickProduct(random))
  const restocked: StockChange[] = []
  const lines = [...wanted].flatMap((index) => {
    const product = world.products[index]
    if (product === undefined || (shelf.missing.has(index) && !back)) return []
    const quantity = back ? -1 : random() < 0.8 ? 1 : whole(random, 2, 6)
    const delivery = take(shelf, index, quantity, random)
    if (delivery !== undefined) restocked.push(delivery)
    return [{ ...product, quantity, ...(random() < 0.05 ? { promotionId: 'weekly' } : {}) }]
  })
  return { lines, restocked }
}

function stockStep(guest: Visit, { product, onHand, reason }: StockChange): Step {
  const productId = guest.scene.world.products[product]?.productId ?? ''
  const { customerId: _customer, customerSegment: _segment, sessionId: _session, ...shop } = base(guest, guest.startMs)
  return { atMs: guest.startMs, event: { ...shop, type: 'stock', productId, onHand, reason } }
}

function money({ scene }: Visit): { readonly currency?: string } {
  return scene.currency === undefined ? {} : { currency: scene.currency }
}

/** What every event of a visit says. */
function base({ scene, store, who, lateMs }: Visit, atMs: number) {
  const eventTimeMs = atMs - lateMs
  return {
    eventId: ulid(scene.ids, eventTimeMs),
    eventTime: new Date(eventTimeMs).toISOString(),
    ...store,
    ...who,
  }
}

import { type ByteText } from './event-text'
import { type Customer, pickCustomer } from './customer'
import { type Random } from './random'
import { type Scene } from './scene'
import { count } from './stockroom'
import { browse } from './session'
import { fillBasket } from './basket'
import { settle } from './till'
import { type Store } from './world'

/** Who is there, and when by the clock and by the event: they differ where a till was offline. */
export interface Visit {
  readonly scene: Scene
  readonly store: Store
  readonly customer: Customer
  readonly channel: 'store' | 'web' | 'app'
  /** Store, channel and customer as fields of an event. */
  readonly who: ByteText
  readonly startMs: number
  readonly lateMs: number
}

/** Share of sessions in the app; the others are in the web shop. */
const appShare = 0.4
/** How often a visit falls together with a stocktake of some product. */
const countShare = 0.06

/**
 * What one customer causes, from `startMs` on: in a shop a receipt and its payment, on the web the way there too, and
 * a look at a shelf meanwhile. With `lateMs`, all of it happened so long ago and is told only now.
 */
export function visit(scene: Scene, store: Store, { startMs, lateMs }: { startMs: number; lateMs: number }): void {
  const { random, world } = scene
  if (random() < countShare) count(scene, store, startMs)
  const customer = pickCustomer(random, world, store)
  const channel = channelOf(store, random)
  const who = (channel === 'app' ? store.texts.app : store.texts.own) + customer.text
  const guest: Visit = { scene, store, customer, channel, who, startMs, lateMs }
  if (channel !== 'store') browse(guest)
  else settle(guest, { lines: fillBasket(guest), fromMs: startMs })
}

function channelOf({ channel }: Store, random: Random): Visit['channel'] {
  return channel === 'web' && random() < appShare ? 'app' : channel
}

/** Tells an event of a visit: its type, when it became known, and its own fields. */
export function tell({ scene, store, who, lateMs }: Visit, atMs: number, { type, fields }: Told): void {
  const timeMs = atMs - lateMs
  const text = `{"eventId":"${scene.ulid(timeMs)}","type":"${type}","eventTime":"${scene.timeText(timeMs)}",${who}${fields}}`
  scene.tell(store, atMs, { text, late: lateMs > 0 })
}

interface Told {
  readonly type: 'sale' | 'payment' | 'activity'
  readonly fields: ByteText
}

// Tested in test/generator/week.test.ts.
import { fillBasket } from './basket'
import { pickCustomer } from './customer'
import { type Random } from './random'
import { type Scene } from './scene'
import { browse } from './session'
import { count } from './stockroom'
import { settle } from './till'
import { type Visit } from './visit'
import { type Store } from './world'

/** Share of sessions in the app; the others are in the web shop. */
const appShare = 0.4
/** How often a visit falls together with a stocktake of some product. */
const countShare = 0.06

/**
 * What one customer causes, from `startMs` on: in a shop a receipt and its payment, on the web the way there too, and
 * a look at a shelf meanwhile. With `lateMs`, all of it happened so long ago and is told only now.
 */
export function arrive(scene: Scene, store: Store, { startMs, lateMs }: { startMs: number; lateMs: number }): void {
  const { random, world } = scene
  if (random() < countShare) count(scene, store, startMs)
  const customer = pickCustomer(random, world, store)
  const channel = channelOf(store, random)
  const who = (channel === 'app' ? store.texts.app : store.texts.own) + customer.text
  const session = channel === 'store' ? '' : `"sessionId":"${scene.ulid(startMs - lateMs)}",`
  const guest: Visit = { scene, store, customer, channel, who, session, startMs, lateMs }
  if (channel !== 'store') browse(guest)
  else settle(guest, { lines: fillBasket(guest), fromMs: startMs })
}

function channelOf({ channel }: Store, random: Random): Visit['channel'] {
  return channel === 'web' && random() < appShare ? 'app' : channel
}

// Tested in test/generator/week.test.ts.
import { type Customer } from './customer'
import { type ByteText } from './event-text'
import { eventHead, type Scene } from './scene'
import { type Store } from './world'

/** Who is there, and when by the clock and by the event: they differ where a till was offline. */
export interface Visit {
  readonly scene: Scene
  readonly store: Store
  readonly customer: Customer
  readonly channel: 'store' | 'web' | 'app'
  /** Store, channel and customer as fields of an event. */
  readonly who: ByteText
  /** Session as a field of an event; empty in a shop. */
  readonly session: ByteText
  readonly startMs: number
  readonly lateMs: number
}

/** Tells an event of a visit: its type, when it became known, and its own fields. */
export function tell(guest: Visit, atMs: number, { type, fields }: Told): void {
  const { scene, store, who, session, lateMs } = guest
  const head = eventHead(scene, type, atMs - lateMs)
  scene.tell(store, atMs, { text: `${head}${who}${session}${fields}}`, late: lateMs > 0 })
}

interface Told {
  readonly type: 'sale' | 'payment' | 'activity'
  readonly fields: ByteText
}

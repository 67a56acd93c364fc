import { type Calendar } from './calendar'
import { createRandom } from './random'
import { openScene } from './scene'
import { visit } from './visit'
import { type Week } from './week'
import { type Store, type World } from './world'

const visits = 5_000
/** A return is a receipt and its refund; a stream of minutes sees few of them, one of weeks all. */
const eventsPerReturn = 2 * 0.5
const gapMs = 1_000
const visitsPerHour = 1_000_000

/**
 * How many events a visit to each kind of store causes on average, found by trying: formulas would have to follow
 * every change of a visit. 0 for a kind the world has none of.
 */
export function eventsPerVisit(
  world: World,
  { calendar, week }: { readonly calendar: Calendar; readonly week: Week },
): Readonly<Record<Store['channel'], number>> {
  const average = (channel: Store['channel']): number => {
    const store = world.stores.find((each) => each.channel === channel)
    if (store === undefined) return 0
    let events = 0
    const scene = openScene(world, {
      seed: 0,
      startMs: 0,
      random: createRandom('trial'),
      calendar,
      week,
      visitsPerHour,
      plan: (_atMs, { kind }) => (events += kind === 'return' ? eventsPerReturn : 0),
      tell: () => events++,
    })
    for (let i = 0; i < visits; i++) visit(scene, store, { startMs: i * gapMs, lateMs: 0 })
    return events / visits
  }
  return { store: average('store'), web: average('web') }
}

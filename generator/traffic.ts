// Tested in test/generator/week.test.ts.
import { arrive } from './arrive'
import { type Calendar } from './calendar'
import { createRandom } from './random'
import { openScene } from './scene'
import { type Week } from './week'
import { type Store, type World } from './world'

/** How often a product of one store goes missing, on average; less often where stock events would outweigh sales. */
const gone = { everyMs: 2 * 3_600_000, maxShare: 0.03, eventsEach: 2 } as const

/** How much happens. */
export interface Traffic {
  /** Visits to a store of size 1 in an average hour, per millisecond. */
  readonly visitsPerMs: (timeMs: number) => number
  readonly goneEveryMs: number
}

export interface TrafficOptions {
  readonly startMs: number
  readonly ratePerSecond: number | ((timeMs: number) => number)
  readonly duplicates?: number
  readonly malformed?: number
  readonly calendar: Calendar
  readonly week: Week
}

/** The visits that make the rate of deliveries asked for. */
export function trafficOf(world: World, { startMs, ratePerSecond, calendar, week, ...flaws }: TrafficOptions): Traffic {
  const { duplicates = 0.005, malformed = 0.002 } = flaws
  const rateAt = (timeMs: number): number => (typeof ratePerSecond === 'number' ? ratePerSecond : ratePerSecond(timeMs))
  const perVisit = eventsPerVisit(world, { calendar, week })
  const perUnit = world.stores.reduce((sum, store) => sum + calendar.meanOf(store) * perVisit[store.channel], 0)
  const goneEvents = world.stores.length * gone.eventsEach
  const goneEveryMs = Math.max(gone.everyMs, (1000 * goneEvents) / (gone.maxShare * rateAt(startMs)))
  const goneRate = (1000 * goneEvents) / goneEveryMs
  const sentEach = perUnit * (1 + duplicates * (1 - malformed))
  return { goneEveryMs, visitsPerMs: (timeMs) => (rateAt(timeMs) - goneRate) / 1000 / sentEach }
}

const visits = 5_000
/** A return is a receipt and its refund; a stream of minutes sees few of them, one of weeks all. */
const eventsPerReturn = 2 * 0.5
const gapMs = 1_000
const visitsPerHour = 1_000_000

/**
 * How many events a visit to each kind of store causes on average, found by trying: formulas would have to follow
 * every change of a visit. 0 for a kind the world has none of.
 */
function eventsPerVisit(
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
    for (let i = 0; i < visits; i++) arrive(scene, store, { startMs: i * gapMs, lateMs: 0 })
    return events / visits
  }
  return { store: average('store'), web: average('web') }
}

import { type Agenda, createAgenda } from './agenda'
import { arrive } from './arrive'
import { wantedPieces } from './basket'
import { type Calendar, createCalendar, type Pattern } from './calendar'
import { type Delivery, lateAfterMs, openRoute } from './delivery'
import { type Errand } from './errand'
import { nextOutageMs, noOutages, type Outages } from './outage'
import { type Preset } from './places'
import { createRandom, exponential, logUniform } from './random'
import { type ErrandOptions, runErrand } from './run-errand'
import { openScene, type Scene } from './scene'
import { type Traffic, trafficOf } from './traffic'
import { type TruthLog } from './truth'
import { type Week, weekAt } from './week'
import { createWorld, type Store, type World } from './world'

export interface SimulationOptions {
  /** The same seed and start give the same deliveries, byte for byte. */
  readonly seed: number
  /** When the first deliveries are sent, epoch milliseconds; part of every id, so that another run repeats none. */
  readonly startMs: number
  /** Deliveries per second of event time; with the pattern `calendar`, on average over a week. */
  readonly ratePerSecond: number | ((timeMs: number) => number)
  readonly world?: Preset
  /** Other numbers than the preset's. */
  readonly stores?: number | undefined
  readonly products?: number | undefined
  /** Shares of deliveries, 0 to 1. */
  readonly late?: number
  readonly duplicates?: number
  readonly malformed?: number
  /** Outages per store and week. */
  readonly outages?: number
  readonly pattern?: Pattern
  /** Stated on sales and payments; left out when absent. */
  readonly currency?: string
  /** Is told what really happened. */
  readonly truth?: TruthLog | undefined
}

const [minuteMs, hourMs] = [60_000, 3_600_000]
/** Six hours is a till that was offline for most of a day. */
const lateness = { fromMs: lateAfterMs, toMs: 360 * minuteMs } as const

/** Visits before the start, not sent themselves: without them the rate would take a minute to build up. */
const warmUp = { ms: minuteMs, visits: 5_000 } as const

/**
 * The deliveries of a simulated retail world, for ever, in the order they are sent. Pure: no clock, and no chance but
 * the seed's. Network delay puts events of one store slightly out of order.
 */
export function* simulate(options: SimulationOptions): Generator<Delivery, never, undefined> {
  const { startMs, late = 0.01, pattern = 'flat' } = options
  const world = createWorld(options)
  const calendar = createCalendar(world, pattern)
  const errands = createAgenda<Errand>()
  const agenda = createAgenda<Delivery>()
  const outages = noOutages()
  const week = weekAt(world, startMs, pattern)
  const traffic = trafficOf(world, { ...options, calendar, week })
  const scene = stage(world, { ...options, calendar, week, traffic, errands, agenda, outages })
  const chores = { calendar, outages, goneEveryMs: traffic.goneEveryMs, outagesPerWeek: options.outages ?? 1 }
  begin(scene, startMs, chores)
  const visitsPerMs = traffic.visitsPerMs(startMs) * calendar.hourAt(startMs).total
  let nowMs = startMs - Math.min(warmUp.ms, warmUp.visits / visitsPerMs)
  for (let hour = calendar.hourAt(nowMs); ;) {
    const gapMs = hour.total === 0 ? Infinity : exponential(scene.random, 1 / (traffic.visitsPerMs(nowMs) * hour.total))
    const visited = nowMs + gapMs < hour.endMs
    nowMs = visited ? nowMs + gapMs : hour.endMs
    for (let atMs = errands.nextMs(); atMs <= nowMs; atMs = errands.nextMs()) {
      runErrand(scene, { atMs: Math.round(atMs), errand: errands.take() }, chores)
    }
    while (agenda.nextMs() <= nowMs) yield agenda.take()
    if (nowMs >= scene.week.endMs) scene.week = weekAt(world, nowMs, pattern)
    if (visited) receive(scene, { outages, store: storeAt(world, hour.pickStore(scene.random)), nowMs, late })
    else hour = calendar.hourAt(nowMs)
  }
}

type StageOptions = Omit<SimulationOptions, 'outages'> & {
  readonly calendar: Calendar
  readonly week: Week
  readonly traffic: Traffic
  readonly errands: Agenda<Errand>
  readonly agenda: Agenda<Delivery>
  readonly outages: Outages
}

function stage(
  world: World,
  { traffic, errands, agenda, outages, duplicates = 0.005, malformed = 0.002, ...options }: StageOptions,
): Scene {
  const { seed, startMs } = options
  const random = createRandom(`events ${seed}`)
  return openScene(world, {
    ...options,
    random,
    // A stream that catches up with the clock is busier afterwards; shelves are made for that.
    visitsPerHour: hourMs * Math.max(traffic.visitsPerMs(startMs), traffic.visitsPerMs(Infinity)),
    plan: errands.put,
    tell: openRoute({ random, outages, agenda, startMs, duplicates, malformed }),
  })
}

/** The first trouble of every store. */
function begin({ world, random, plan }: Scene, startMs: number, { goneEveryMs, outagesPerWeek }: ErrandOptions): void {
  for (const store of world.stores) {
    plan(startMs + exponential(random, goneEveryMs), { kind: 'gone', store })
    plan(startMs + nextOutageMs(random, outagesPerWeek), { kind: 'outage', store })
  }
}

interface Arrival {
  readonly outages: Outages
  readonly store: Store
  readonly nowMs: number
  readonly late: number
}

/** A visit to a store. In a power cut nothing is sold, and what the visitor wanted counts as lost demand. */
function receive(scene: Scene, { outages, store, nowMs, late }: Arrival): void {
  const outage = outages.of(store)
  if (outage?.kind === 'dark') {
    outage.trouble.units += wantedPieces(scene.random, store)
    return
  }
  const startMs = Math.round(nowMs)
  const lateMs = scene.random() < late ? latenessOf(scene, store, startMs) : 0
  arrive(scene, store, { startMs, lateMs })
}

/** How late a visit is told: at most back to the opening hour, for no sale happens in a closed store. */
function latenessOf({ random, calendar }: Scene, store: Store, startMs: number): number {
  let lateMs = logUniform(random, lateness.fromMs, lateness.toMs)
  while (lateMs >= lateness.fromMs && !calendar.isOpen(store, startMs - lateMs)) lateMs = Math.round(lateMs / 2)
  return lateMs >= lateness.fromMs ? lateMs : 0
}

function storeAt({ stores }: World, index: number): Store {
  const store = stores[index]
  if (store === undefined) throw new Error(`generator: expected one of ${stores.length} stores, got number ${index}`)
  return store
}

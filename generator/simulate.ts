import { createAgenda } from './agenda'
import { spoil } from './flaw'
import { createRandom, exponential, type Random, whole } from './random'
import { createShelf } from './shelf'
import { type Scene, type Step, visit } from './visit'
import { createWorld, type World } from './world'

/** One event on its way to the hub. */
export interface Delivery {
  readonly storeId: string
  readonly body: Uint8Array
  /** When it is sent, on the axis of event time. */
  readonly atMs: number
  /** What is odd about it: told long after it happened, sent a second time, spoilt. */
  readonly flaw: 'none' | 'late' | 'duplicate' | 'malformed'
}

export interface SimulationOptions {
  /** The same seed and start give the same deliveries, byte for byte. */
  readonly seed: number
  /** When the first deliveries are sent, epoch milliseconds; part of every id, so that another run repeats none. */
  readonly startMs: number
  /** Deliveries per second of event time. */
  readonly ratePerSecond: number | ((timeMs: number) => number)
  readonly stores?: number
  readonly products?: number
  /** Shares of deliveries, 0 to 1. */
  readonly late?: number
  readonly duplicates?: number
  readonly malformed?: number
  /** Whether the hour of the day (UTC) matters. */
  readonly pattern?: 'flat' | 'day'
  /** Stated on sales and payments; left out when absent. */
  readonly currency?: string
}

const encoder = new TextEncoder()
const minuteMs = 60_000
/** Late means past the lateness of ten minutes; six hours is a till that was offline for most of a day. */
const lateness = { fromMs: 11 * minuteMs, toMs: 360 * minuteMs } as const
const resend = { fromMs: 1_000, meanMs: 30_000, toMs: 5 * minuteMs } as const

/** Visits before the start, not sent themselves: without them the rate would take a minute to build up. */
const warmUp = { ms: minuteMs, visits: 5_000 } as const

/** Customers per hour of the day, relative; the mean is 1. */
const hours = [1, 1, 1, 1, 1, 3, 10, 20, 30, 36, 40, 42, 44, 42, 38, 36, 40, 46, 42, 28, 14, 8, 4, 2].map(
  (weight, _, all) => (weight * all.length) / all.reduce((sum, each) => sum + each, 0),
)

/**
 * The deliveries of a simulated retail world, for ever, in the order they are sent. Pure: no clock, and no chance but
 * the seed's. Network delay puts events of one store slightly out of order.
 */
export function* simulate({
  seed,
  startMs,
  ratePerSecond,
  stores = 12,
  products = 300,
  late = 0.01,
  duplicates = 0.005,
  malformed = 0.002,
  pattern = 'flat',
  currency,
}: SimulationOptions): Generator<Delivery, never, undefined> {
  const world = createWorld({ seed, stores, products })
  const scene = openScene(world, { seed, startMs, currency })
  const { random } = scene
  const perVisit = eventsPerVisit(world) * (1 + duplicates * (1 - malformed))
  const gapMs = (timeMs: number): number => {
    const rate = typeof ratePerSecond === 'number' ? ratePerSecond : ratePerSecond(timeMs)
    const swing = pattern === 'day' ? (hours[new Date(timeMs).getUTCHours()] ?? 1) : 1
    return (1000 * perVisit) / (rate * swing)
  }
  const agenda = createAgenda<Delivery>()
  const gapsBefore = Math.min(warmUp.ms / gapMs(startMs), warmUp.visits)
  for (let nextMs = startMs - gapsBefore * gapMs(startMs); ; nextMs += exponential(random, gapMs(nextMs))) {
    for (let due = agenda.takeDue(nextMs); due !== undefined; due = agenda.takeDue(nextMs)) {
      if (due.atMs >= startMs) yield due
    }
    const lateMs = random() < late ? logUniform(random, lateness.fromMs, lateness.toMs) : 0
    for (const step of visit(scene, Math.round(nextMs), lateMs)) {
      const [first, again] = deliver(step, { random, late: lateMs > 0, duplicates, malformed })
      agenda.put(first)
      // A resend of what was not sent would be no duplicate.
      if (again !== undefined && first.atMs >= startMs) agenda.put(again)
    }
  }
}

function openScene(
  world: World,
  {
    seed,
    startMs,
    currency,
  }: { readonly seed: number; readonly startMs: number; readonly currency?: string | undefined },
): Scene {
  const random = createRandom(`events ${seed}`)
  return {
    world,
    shelves: world.stores.map(() => createShelf(world, random, startMs)),
    random,
    ids: createRandom(`ids ${seed} ${startMs}`),
    currency,
  }
}

/** How many events a visit causes on average, found by trying: formulas would have to follow every change of a visit. */
function eventsPerVisit(world: World): number {
  const [visits, gapMs] = [2_000, 1_000]
  const scene = openScene(world, { seed: 0, startMs: 0 })
  let events = 0
  for (let i = 0; i < visits; i++) events += visit(scene, i * gapMs, 0).length
  return events / visits
}

interface Route {
  readonly random: Random
  readonly late: boolean
  readonly duplicates: number
  readonly malformed: number
}

/** What becomes of an event between the till and the hub: once, twice, or in pieces. */
function deliver(
  { atMs: knownMs, event }: Step,
  { random, late, duplicates, malformed }: Route,
): readonly [Delivery, Delivery?] {
  const storeId = 'storeId' in event ? event.storeId : ''
  const atMs = knownMs + networkMs(random)
  if (random() < malformed) return [{ storeId, body: spoil(event, random), atMs, flaw: 'malformed' }]
  const first: Delivery = { storeId, body: encoder.encode(JSON.stringify(event)), atMs, flaw: late ? 'late' : 'none' }
  if (random() >= duplicates) return [first]
  const againMs = Math.min(resend.fromMs + exponential(random, resend.meanMs), resend.toMs)
  return [first, { ...first, atMs: atMs + Math.round(againMs), flaw: 'duplicate' }]
}

/** A second at most, but now and then a minute. */
function networkMs(random: Random): number {
  return random() < 0.02 ? whole(random, 1_000, minuteMs) : whole(random, 20, 1_000)
}

function logUniform(random: Random, from: number, to: number): number {
  return Math.round(from * (to / from) ** random())
}

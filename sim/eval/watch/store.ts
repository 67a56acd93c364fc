import { noRhythm, type Rhythm } from './rhythm'

/*
 * A store's clock is its own traffic: it ticks with every basket, and for a category more at hours when that category is bought.
 * Counters only grow, so that a shelf needs no more than what they showed at its last sale.
 */

/** What is known of a store. */
export interface Store {
  readonly storeId: string
  /** Baskets so far. */
  ticks: number
  firstMs: number
  /** Event time of its newest basket. */
  newestMs: number
  /** Of the hour the counters below were last brought up to date in: which, by event time; its weight; ticks then. */
  hour: number
  weight: number
  hourTicks: number
  /** By category: the clock, the weighted clock, at the hour's start, and this hour's shape. */
  readonly clocks: Clock[]
  /** Weighted sales of shelves that are observable: each begins a silence that may be judged. */
  silences: number
  /** Ticks by ten minutes of the last hours, for sales told late. */
  readonly past: Past
  readonly rhythm: Rhythm
  /** Rows of shelves, a heap by `due`. */
  readonly heap: number[]
  /** Event time of the open alert of the whole store; null while none is open. */
  silentMs: number | null
  /** Which shift, how many alerts it has shown. */
  shift: number
  shown: number
  /** Rows whose alerts are held back by the cap. */
  readonly heldBack: Set<number>
}

export interface Clock {
  ticks: number
  weighted: number
  shape: number
}

export interface Past {
  readonly ticks: Float64Array
  slot: number
}

const pastSlotMs = 600_000
const pastSlots = 72

/** A store that has not sold yet. */
export function newStore(storeId: string): Store {
  return {
    storeId,
    ticks: 0,
    firstMs: Infinity,
    newestMs: -Infinity,
    hour: -Infinity,
    weight: 1,
    hourTicks: 0,
    clocks: [],
    silences: 0,
    past: { ticks: new Float64Array(pastSlots), slot: -Infinity },
    rhythm: noRhythm(),
    heap: [],
    silentMs: null,
    shift: -Infinity,
    shown: 0,
    heldBack: new Set(),
  }
}

/** The clock of a category, and its weighted clock, now. */
export function clockOf(store: Store, category: number): { readonly ticks: number; readonly weighted: number } {
  const clock = store.clocks[category]
  const since = store.ticks - store.hourTicks
  if (clock === undefined) return { ticks: since, weighted: since * store.weight }
  const shaped = since * clock.shape
  return { ticks: clock.ticks + shaped, weighted: clock.weighted + shaped * store.weight }
}

/** Brings the clocks up to an hour, in which the shapes are these. */
export function turnHour(
  store: Store,
  { hour, weight, shapes }: { hour: number; weight: number; shapes: readonly number[] },
): void {
  for (let category = 0; category < shapes.length; category++) {
    const { ticks, weighted } = clockOf(store, category)
    store.clocks[category] = { ticks, weighted, shape: shapes[category] ?? 1 }
  }
  store.hour = hour
  store.weight = weight
  store.hourTicks = store.ticks
}

/** Remembers where the counter stands at a time that is the store's newest. */
export function notePast({ past, ticks }: Store, timeMs: number): void {
  const slot = Math.floor(timeMs / pastSlotMs)
  if (slot <= past.slot) return
  const from = Math.max(past.slot + 1, slot - pastSlots + 1)
  for (let each = from; each <= slot; each++) past.ticks[each % pastSlots] = ticks
  past.slot = slot
}

/** What the counter showed at a time; that of twelve hours ago for what is older. */
export function ticksAt({ past, ticks }: Store, timeMs: number): number {
  const slot = Math.floor(timeMs / pastSlotMs) + 1
  if (slot > past.slot) return ticks
  return past.ticks[Math.max(slot, past.slot - pastSlots + 1) % pastSlots] ?? ticks
}

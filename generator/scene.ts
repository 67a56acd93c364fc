// Tested in test/generator/week.test.ts.
import { type Calendar } from './calendar'
import { type Errand } from './errand'
import { createUlids } from './event-id'
import { type ByteText, createTimeText, quoted } from './event-text'
import { createRandom, type Random } from './random'
import { createShelf, type Shelf } from './shelf'
import { createTruthLog, type TruthLog } from './truth'
import { type Week } from './week'
import { type Store, type World } from './world'

/** Where things happen, and the two sources of chance: what happens, and what it is named. */
export interface Scene {
  readonly world: World
  readonly calendar: Calendar
  readonly truth: TruthLog
  readonly random: Random
  readonly ulid: (timeMs: number) => string
  readonly timeText: (timeMs: number) => ByteText
  /** Stated on sales and payments, as a field before others; empty when none is. */
  readonly moneyText: ByteText
  readonly shelfOf: (store: Store) => Shelf
  readonly plan: (atMs: number, errand: Errand) => void
  /** Takes an event that a till or browser knew of at `atMs`. */
  readonly tell: (store: Store, atMs: number, event: { readonly text: ByteText; readonly late: boolean }) => void
  week: Week
}

export interface SceneOptions {
  readonly seed: number
  readonly startMs: number
  readonly random: Random
  readonly calendar: Calendar
  readonly week: Week
  /** Visits per hour to a store of size 1: shelves are as deep as the demand asks. */
  readonly visitsPerHour: number
  readonly currency?: string | undefined
  readonly plan: Scene['plan']
  readonly tell: Scene['tell']
  readonly truth?: TruthLog | undefined
}

/** A scene in which nothing has happened yet. A shelf is made when it is first asked for. */
export function openScene(world: World, options: SceneOptions): Scene {
  const {
    seed,
    startMs,
    random,
    calendar,
    week,
    visitsPerHour,
    currency,
    plan,
    tell,
    truth = createTruthLog(),
  } = options
  const shelves = new Map<number, Shelf>()
  const shelfOf = (store: Store): Shelf => {
    const existing = shelves.get(store.index)
    if (existing !== undefined) return existing
    const shelf = createShelf(world, store, visitsPerHour)
    shelves.set(store.index, shelf)
    return shelf
  }
  return {
    world,
    calendar,
    truth,
    random,
    ulid: createUlids(createRandom(`ids ${seed} ${startMs}`)),
    timeText: createTimeText(),
    moneyText: currency === undefined ? '' : `"currency":${quoted(currency)},`,
    shelfOf,
    plan,
    tell,
    week,
  }
}

/**
 * The first fields of every event, up to and with the comma: the caller adds fields and the closing brace. Written
 * by hand because `JSON.stringify` is too slow for millions (event-text.ts).
 */
export function eventHead({ ulid, timeText }: Scene, type: string, timeMs: number): ByteText {
  return `{"eventId":"${ulid(timeMs)}","type":"${type}","eventTime":"${timeText(timeMs)}",`
}

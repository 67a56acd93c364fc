// Tested in test/sim/eval/score.test.ts.
import { dayMs } from '../../src/day'
import { goodsOf } from './watch/basket'
import { type WatchRules, defaultWatchRules } from './watch/rules'
import { newWatch } from './watch/state'
import { watchTime } from './watch/store-silence'
import { watchBasket, watchCount } from './watch/watch'
import { partitionOf, type Tape } from './tape'

/** An alert of one shelf, whatever rule it came from. */
export interface Raised {
  readonly storeId: string
  readonly productId: string
  readonly openedMs: number
  readonly resolvedMs: number
  readonly expected: number
  readonly kind: string
}

const latenessMs = 600_000

/** The alerts of the shelf watch over a tape; `counts` says whether it is shown the stock events. */
export function raisedByWatch(
  tape: Tape,
  { rules = {}, counts }: { rules?: Partial<WatchRules>; counts: boolean },
): readonly Raised[] {
  const all: WatchRules = { ...defaultWatchRules, alertsPerShift: Infinity, ...rules }
  const watches = Array.from({ length: tape.partitions }, () => ({ watch: newWatch(), newestMs: -Infinity }))
  const raised: Raised[] = []
  const open = new Map<string, number>()
  for (const event of tape.events) {
    const { storeId, eventTimeMs } = event.kind === 'sale' ? event.basket : event.count
    const at = watches[partitionOf(storeId, tape.partitions)]
    if (!at) continue
    const { watch } = at
    const alerts = [
      ...(event.kind === 'sale'
        ? watchBasket(watch, event.basket, all)
        : counts
          ? watchCount(watch, event.count, all)
          : []),
      ...(eventTimeMs > at.newestMs ? watchTime(watch, (at.newestMs = eventTimeMs) - latenessMs, all) : []),
    ]
    for (const { change, kind, storeId: store, productId, openedMs, resolvedMs, evidence } of alerts) {
      if (productId === null) continue
      const shelf = `${store}\n${productId}`
      if (change === 'opened') {
        open.set(shelf, raised.length)
        raised.push({
          storeId: store,
          productId,
          openedMs,
          resolvedMs: Infinity,
          expected: evidence.expectedBaskets,
          kind,
        })
      } else {
        const index = open.get(shelf) ?? -1
        const alert = raised[index]
        if (alert) raised[index] = { ...alert, resolvedMs: resolvedMs ?? Infinity }
      }
    }
  }
  return raised
}

/** Times of sales of each shelf in order, and of all baskets of its store. */
export interface Sales {
  readonly byShelf: ReadonlyMap<string, readonly number[]>
  readonly byStore: ReadonlyMap<string, readonly number[]>
}

/** The sales of a tape by shelf, by event time. */
export function salesOf({ events }: Tape): Sales {
  const [byShelf, byStore] = [new Map<string, number[]>(), new Map<string, number[]>()]
  const put = (map: Map<string, number[]>, key: string, ms: number) => {
    const list = map.get(key)
    if (list) list.push(ms)
    else map.set(key, [ms])
  }
  for (const event of events) {
    if (event.kind !== 'sale') continue
    const { storeId, eventTimeMs } = event.basket
    const goods = goodsOf(event.basket)
    if (goods.size > 0) put(byStore, storeId, eventTimeMs)
    for (const productId of goods.keys()) put(byShelf, `${storeId}\n${productId}`, eventTimeMs)
  }
  for (const map of [byShelf, byStore]) for (const list of map.values()) list.sort((a, b) => a - b)
  return { byShelf, byStore }
}

/** The rule of a set time without a sale. */
export function raisedByWindow(tape: Tape, sales: Sales, windowMs: number): readonly Raised[] {
  return raisedBySilence(tape, sales, () => windowMs)
}

/** The plain Poisson zero-run: silence against the shelf's mean rate so far, by the clock on the wall. */
export function raisedByPoisson(tape: Tape, sales: Sales, falseAlarmsPerWeek: number): readonly Raised[] {
  const perStoreWeek = new Map<string, number>()
  for (const [shelf, times] of sales.byShelf) {
    const store = shelf.split('\n')[0] ?? ''
    const weeks = (tape.toMs - (times[0] ?? 0)) / (7 * dayMs)
    perStoreWeek.set(store, (perStoreWeek.get(store) ?? 0) + times.length / Math.max(weeks, 0.1))
  }
  return raisedBySilence(tape, sales, (times, index, shelf) => {
    if (index < 10) return Infinity
    const meanGapMs = ((times[index] ?? 0) - (times[0] ?? 0)) / index
    return meanGapMs * Math.log((perStoreWeek.get(shelf.split('\n')[0] ?? '') ?? 1) / falseAlarmsPerWeek)
  })
}

function raisedBySilence(
  tape: Tape,
  { byShelf }: Sales,
  waitMs: (times: readonly number[], index: number, shelf: string) => number,
): readonly Raised[] {
  const raised: Raised[] = []
  for (const [shelf, times] of byShelf) {
    const [storeId = '', productId = ''] = shelf.split('\n')
    times.forEach((timeMs, index) => {
      const openedMs = timeMs + waitMs(times, index, shelf)
      const resolvedMs = times[index + 1] ?? Infinity
      if (openedMs < resolvedMs && openedMs < tape.toMs)
        raised.push({ storeId, productId, openedMs, resolvedMs, expected: 0, kind: 'silence' })
    })
  }
  return raised
}

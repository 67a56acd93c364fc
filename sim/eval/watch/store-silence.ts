// Tested in test/sim/eval/watch/watch.test.ts.

import { pop, push } from '../../../src/fold/heap'
import { type Alert } from './alert'
import { basketsBetween, isKnown, usualHour, whenExpected } from './rhythm'
import { type WatchRules } from './rules'
import { type StoreCheck, type Watch } from './state'
import { type Store } from './store'

const [hourMs, dayMs, weekMs] = [3_600_000, 86_400_000, 7 * 86_400_000]
/** Baskets of a store expected, and minutes gone by, without one before the store counts as silent. */
const storeSilence = { baskets: 60, leastMs: 15 * 60_000, againMs: 5 * 60_000 } as const

/** Moves time: stores that should have sold by now and have not. O(log n) for each store looked at. */
export function watchTime(watch: Watch, watermarkMs: number, rules: WatchRules): readonly Alert[] {
  const out: Alert[] = []
  for (let next = watch.storeChecks[0]; next && next.dueMs <= watermarkMs; next = watch.storeChecks[0]) {
    pop(watch.storeChecks, sooner)
    checkStore(watch, next, rules, out)
  }
  return out
}

/** Has a store that sold for the first time looked at once its week is known. */
export function planStore(watch: Watch, store: number, firstMs: number): void {
  push(watch.storeChecks, { dueMs: firstMs + weekMs, store }, sooner)
}

function checkStore(watch: Watch, { dueMs, store: number }: StoreCheck, rules: WatchRules, out: Alert[]): void {
  const store = watch.stores[number] as Store
  const again = (ms: number) => push(watch.storeChecks, { dueMs: ms, store: number }, sooner)
  if (store.silentMs !== null || !isKnown(store.rhythm)) return again(dueMs + dayMs)
  const expectedMs = whenExpected(store.rhythm, store.newestMs, storeSilence.baskets)
  if (expectedMs === undefined) return again(dueMs + dayMs)
  const silentMs = Math.max(expectedMs, store.newestMs + storeSilence.leastMs)
  if (silentMs > dueMs) return again(Math.max(silentMs, dueMs + storeSilence.againMs))
  again(dueMs + hourMs)
  if (!rules.storeSilent || !(fellSilent(store) || othersSell(watch, store, dueMs))) return
  store.silentMs = dueMs
  out.push(storeAlert(store, { change: 'opened', openedMs: dueMs, resolvedMs: null, lastSaleMs: store.newestMs }))
}

/** Whether its silence began in the middle of trade. One that began at closing time may be a holiday. */
function fellSilent({ rhythm, newestMs }: Store): boolean {
  return basketsBetween(rhythm, newestMs, newestMs + hourMs) > usualHour(rhythm) / 4
}

/** Whether most other stores of the partition that should have sold meanwhile have. */
function othersSell({ stores }: Watch, silent: Store, nowMs: number): boolean {
  const due = stores.filter(
    (store) =>
      store !== silent &&
      isKnown(store.rhythm) &&
      basketsBetween(store.rhythm, silent.newestMs, nowMs) > storeSilence.baskets,
  )
  return due.length > 0 && due.filter(({ newestMs }) => newestMs > silent.newestMs + hourMs / 2).length * 2 > due.length
}

/** The end of the silence of a store, by a basket. */
export function endStoreSilence(store: Store, timeMs: number): Alert {
  const openedMs = store.silentMs ?? timeMs
  store.silentMs = null
  return storeAlert(store, { change: 'resolved', openedMs, resolvedMs: Math.max(timeMs, openedMs), lastSaleMs: null })
}

function storeAlert(
  store: Store,
  {
    change,
    openedMs,
    resolvedMs,
    lastSaleMs,
  }: Pick<Alert, 'change' | 'openedMs' | 'resolvedMs'> & { lastSaleMs: number | null },
): Alert {
  const expectedBaskets = lastSaleMs === null ? 0 : basketsBetween(store.rhythm, lastSaleMs, openedMs)
  return {
    change,
    kind: 'store-silent',
    storeId: store.storeId,
    productId: null,
    openedMs,
    resolvedMs,
    evidence: {
      lastSaleMs,
      expectedBaskets,
      logProbability: -expectedBaskets,
      onHand: null,
      soldElsewhere: 0,
      heldBack: store.heldBack.size,
    },
    lost: { units: 0, amountMinor: 0 },
  }
}

/** A total order, so that what comes out does not depend on the heap's shape. */
function sooner(a: StoreCheck, b: StoreCheck): number {
  return a.dueMs - b.dueMs || a.store - b.store
}

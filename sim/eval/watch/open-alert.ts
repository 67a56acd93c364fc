// Tested in test/sim/eval/watch/watch.test.ts.

import { type Alert, type Loss } from './alert'
import { type Product } from './product'
import { at, status } from './shelves'
import { type OpenAlert, type Watch } from './state'
import { clockOf, type Store } from './store'
import { judge } from './verdict'

/** The open alert of a shelf as it opens or resolves, with what it has cost by now. */
export function alertOf(
  watch: Watch,
  row: number,
  store: Store,
  { change, resolvedMs }: { change: Alert['change']; resolvedMs: number | null },
): Alert {
  const { columns } = watch.shelves
  const alert = watch.open.get(row) as OpenAlert
  const productId = watch.products[at(columns.product, row)]?.productId ?? null
  const { kind, openedMs, evidence } = alert
  return {
    change,
    kind,
    storeId: store.storeId,
    productId,
    openedMs,
    resolvedMs,
    evidence,
    lost: lossOf(watch, row, store, alert),
  }
}

/** What an open alert has cost by now. */
export function lossOf(watch: Watch, row: number, store: Store, { sinceTicks }: OpenAlert): Loss {
  const { columns } = watch.shelves
  const { perTick } = judge(watch, row, store)
  const category = (watch.products[at(columns.product, row)] as Product).category
  const baskets = Math.max(clockOf(store, category).ticks - sinceTicks, 0) * perTick
  return { units: baskets * at(columns.pieces, row), amountMinor: Math.round(baskets * at(columns.amount, row)) }
}

/** The alerts that are open and shown, with what they have cost by now: a live view of them. O(open alerts). */
export function openAlerts(watch: Watch): readonly Alert[] {
  const { columns } = watch.shelves
  return [...watch.open.keys()].flatMap((row) => {
    const store = watch.stores[at(columns.store, row)]
    const isHeldBack = (at(columns.status, row) & status.hidden) !== 0
    return store && !isHeldBack ? [alertOf(watch, row, store, { change: 'opened', resolvedMs: null })] : []
  })
}

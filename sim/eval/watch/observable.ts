import { type Product } from './product'
import { at, status } from './shelves'
import { type Watch } from './state'

/** How much of a store the watch can see: shelves whose silence would tell within the time the rules allow. */
export interface Observable {
  readonly storeId: string
  readonly shelves: number
  readonly observableShelves: number
  /** Of a basket's mean revenue, by what each shelf has sold lately; null before anything is known. */
  readonly observableRevenue: number | null
  readonly open: number
  /** Open alerts that the cap of this shift holds back. */
  readonly heldBack: number
}

/** The figures of every store. Looks at all shelves: for a report, not for an event. */
export function observables({ shelves: { columns, count }, stores, open }: Watch): readonly Observable[] {
  const sums = stores.map(() => ({ shelves: 0, seen: 0, revenue: 0, seenRevenue: 0, open: 0 }))
  for (let row = 0; row < count; row++) {
    const number = at(columns.store, row)
    const [sum, store] = [sums[number], stores[number]]
    if (!sum || !store) continue
    const revenue = at(columns.sales, row) * at(columns.amount, row)
    const isSeen = (at(columns.status, row) & status.unobservable) === 0
    sum.shelves += 1
    sum.revenue += revenue
    if (isSeen) {
      sum.seen += 1
      sum.seenRevenue += revenue
    }
    if (open.has(row)) sum.open += 1
  }
  return stores.map(({ storeId, heldBack }, number) => {
    const { shelves = 0, seen = 0, revenue = 0, seenRevenue = 0, open: opened = 0 } = sums[number] ?? {}
    return {
      storeId,
      shelves,
      observableShelves: seen,
      observableRevenue: revenue > 0 ? seenRevenue / revenue : null,
      open: opened,
      heldBack: heldBack.size,
    }
  })
}

/** The products of a store that are unobservable, by id. Looks at all shelves. */
export function unobservable({ shelves: { columns, count }, products }: Watch, storeNumber: number): readonly string[] {
  const found: string[] = []
  for (let row = 0; row < count; row++) {
    if (at(columns.store, row) !== storeNumber || (at(columns.status, row) & status.unobservable) === 0) continue
    found.push((products[at(columns.product, row)] as Product).productId)
  }
  return found.sort()
}

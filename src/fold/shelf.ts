/* Tested in test/fold/step.test.ts and properties.test.ts (alerts). */

import { pop, push } from './heap'

/**
 * Stock-out detection: a product that sold before in a store and has not sold there for `stockoutAfterMs` of event time is
 * taken to be out of stock. An alert opens once, when the watermark passes the deadline, and resolves with the next sale.
 */
export interface Shelf {
  lastSaleMs: number
  /** Event time at which the open alert became true; null while none is open. */
  openedMs: number | null
}

/** When a shelf is next checked. A sale leaves its deadline in the heap; one that comes due too early is pushed again. */
export interface Deadline {
  readonly dueMs: number
  readonly storeId: string
  readonly productId: string
}

export interface Shelves {
  readonly byStore: Map<string, Map<string, Shelf>>
  readonly deadlines: Deadline[]
}

/** A stock-out as it opens or resolves; times are event times in epoch milliseconds. */
export interface StockoutChange {
  readonly change: 'opened' | 'resolved'
  readonly storeId: string
  readonly productId: string
  /** The sale before the silence; the one that ends it is `resolvedMs`. */
  readonly lastSaleMs: number
  readonly openedMs: number
  readonly resolvedMs: number | null
}

export function noShelves(): Shelves {
  return { byStore: new Map(), deadlines: [] }
}

/** Records a sale of a product; returns the alert it resolves, if one was open. */
export function sold(
  shelves: Shelves,
  sale: { readonly storeId: string; readonly productId: string; readonly timeMs: number },
  stockoutAfterMs: number,
): StockoutChange | undefined {
  const { storeId, productId, timeMs } = sale
  const store = shelves.byStore.get(storeId) ?? new Map<string, Shelf>()
  if (store.size === 0) shelves.byStore.set(storeId, store)
  const shelf = store.get(productId)
  if (!shelf) {
    store.set(productId, { lastSaleMs: timeMs, openedMs: null })
    push(shelves.deadlines, { dueMs: timeMs + stockoutAfterMs, storeId, productId }, earlier)
    return undefined
  }
  if (timeMs <= shelf.lastSaleMs) return undefined
  const { lastSaleMs, openedMs } = shelf
  shelf.lastSaleMs = timeMs
  if (openedMs === null) return undefined
  shelf.openedMs = null
  push(shelves.deadlines, { dueMs: timeMs + stockoutAfterMs, storeId, productId }, earlier)
  // A late sale can fall before the moment the alert opened; an alert never resolves before it opened.
  return { change: 'resolved', storeId, productId, lastSaleMs, openedMs, resolvedMs: Math.max(timeMs, openedMs) }
}

/** Opens every alert whose deadline the watermark has passed, in deadline order; O(log n) for each shelf looked at. */
export function overdue(shelves: Shelves, watermarkMs: number, stockoutAfterMs: number): readonly StockoutChange[] {
  const opened: StockoutChange[] = []
  for (let next = shelves.deadlines[0]; next && next.dueMs <= watermarkMs; next = shelves.deadlines[0]) {
    pop(shelves.deadlines, earlier)
    const { storeId, productId } = next
    const shelf = shelves.byStore.get(storeId)?.get(productId)
    if (!shelf || shelf.openedMs !== null) continue
    const dueMs = shelf.lastSaleMs + stockoutAfterMs
    if (dueMs > watermarkMs) {
      push(shelves.deadlines, { dueMs, storeId, productId }, earlier)
      continue
    }
    shelf.openedMs = dueMs
    opened.push({
      change: 'opened',
      storeId,
      productId,
      lastSaleMs: shelf.lastSaleMs,
      openedMs: dueMs,
      resolvedMs: null,
    })
  }
  return opened
}

/** A total order, so that the order of alerts with one deadline does not depend on the heap's shape. */
function earlier(a: Deadline, b: Deadline): number {
  return a.dueMs - b.dueMs || compareText(a.storeId, b.storeId) || compareText(a.productId, b.productId)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

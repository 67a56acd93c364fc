// Tested in test/sim/eval/watch/watch.test.ts and snapshot.test.ts.

import { type AlertKind, type Evidence } from './alert'
import { type BasketLine } from './basket'
import { type Names, namesOf, numberOf } from './names'
import { type Category, type Product } from './product'
import { noShape, type Shape } from './shape'
import { noShelves, type Shelves } from './shelves'
import { type Calibration, noCalibration } from './silence'
import { newStore, type Store } from './store'

/** Beyond these categories, all are one. */
const maxCategories = 64

const noCategory = 'unknown'

/** Everything the watch remembers; plain data. */
export interface Watch {
  originMs: number
  /** Baskets of all stores. */
  baskets: number
  readonly stores: Store[]
  readonly storeNumbers: Map<string, number>
  readonly products: Product[]
  readonly productNumbers: Names
  readonly categories: Category[]
  readonly categoryNumbers: Names
  readonly shapes: Shape[]
  readonly allShape: Shape
  readonly shelves: Shelves
  readonly calibration: Calibration
  /** By row. */
  readonly open: Map<number, OpenAlert>
  /** Stores by the event time at which their silence is looked at. */
  readonly storeChecks: StoreCheck[]
}

/** An alert of a shelf while it is open. */
export interface OpenAlert {
  kind: AlertKind
  openedMs: number
  evidence: Evidence
  /** What the clock of the shelf showed when the loss began. */
  readonly sinceTicks: number
}

export interface StoreCheck {
  readonly dueMs: number
  readonly store: number
}

/** Nothing known. */
export function newWatch(): Watch {
  return {
    originMs: NaN,
    baskets: 0,
    stores: [],
    storeNumbers: new Map(),
    products: [],
    productNumbers: namesOf(),
    categories: [],
    categoryNumbers: namesOf(),
    shapes: [],
    allShape: noShape(),
    shelves: noShelves(),
    calibration: noCalibration(),
    open: new Map(),
    storeChecks: [],
  }
}

/** The number of a store, a new one for a new store. */
export function storeNumber(watch: Watch, storeId: string): number {
  const known = watch.storeNumbers.get(storeId)
  if (known !== undefined) return known
  watch.storeNumbers.set(storeId, watch.stores.length)
  return watch.stores.push(newStore(storeId)) - 1
}

/** The number of a product, a new one for a new product; its category is that of its first sale. */
export function productOf(watch: Watch, line: BasketLine): number {
  const number = numberOf(watch.productNumbers, line.productId)
  if (number < watch.products.length) return number
  const name = line.category ?? noCategory
  const isFull = watch.categories.length >= maxCategories && !watch.categoryNumbers.numbers.has(name)
  const category = numberOf(watch.categoryNumbers, isFull ? (watch.categoryNumbers.list[0] ?? noCategory) : name)
  if (category === watch.categories.length) {
    watch.categories.push({ name, weighted: 0, exposure: 0 })
    watch.shapes.push(noShape())
  }
  watch.products.push({
    productId: line.productId,
    category,
    sales: 0,
    total: 0,
    before: watch.allShape.total,
    until: watch.allShape.total,
    weighted: 0,
    exposure: 0,
  })
  return number
}

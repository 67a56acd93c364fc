// Tested in test/sim/eval/watch/watch.test.ts.

import { priorShare, type Category, type Product } from './product'
import { type WatchRules } from './rules'
import { at } from './shelves'
import { type Watch } from './state'
import { clockOf, type Store } from './store'
import { remembered } from './weight'

const [dayMs, weekMs] = [86_400_000, 7 * 86_400_000]
/** Sales elsewhere that have to be expected before their absence says anything. */
const elsewhere = 3

const slack = 1.25

/** What the silence of a shelf comes to. */
export interface Verdict {
  /** Baskets with the product expected since its last sale, and per tick of its clock. */
  readonly expected: number
  readonly perTick: number
  /** From how many baskets with the product the share is known. */
  readonly known: number
  readonly soldElsewhere: number
}

/** Judges the silence of a shelf, now. O(1). */
export function judge(watch: Watch, row: number, store: Store): Verdict {
  const { columns } = watch.shelves
  const product = watch.products[at(columns.product, row)] as Product
  const category = watch.categories[product.category] as Category
  const [sales, exposure] = [at(columns.sales, row), at(columns.exposure, row)]
  const prior = priorShare(product, category, { sales, exposure }, store.weight)
  const known = prior.known + sales / store.weight
  const lately = known / (prior.known / prior.mean + exposure / store.weight)
  // Where no other store shows that a promotion has ended, silence is judged by how the product sold before it.
  const before = at(columns.baseShare, row)
  const share = before > 0 && prior.known < 1 ? Math.min(lately, before) : lately
  const ticks = clockOf(store, product.category).ticks - at(columns.clockMark, row)
  // A basket has a product once or not at all: with a share of a quarter, none of n have it with (3/4)^n, not with e^(-n/4).
  const perTick = -Math.log(1 - Math.min(share, 0.8))
  const all = watch.baskets - at(columns.allMark, row)
  const soldElsewhere = product.sales - at(columns.productMark, row)
  const perBasket = product.total / Math.max(product.until - product.before, store.weight)
  const expectedElsewhere = Math.max(perBasket * all - share * ticks, 0)
  const trend = (soldElsewhere + elsewhere) / (expectedElsewhere + elsewhere)
  // Both vary by chance as well; only what goes beyond that counts, and only against an alert.
  const scale = Math.min(trend * slack, 1) / Math.max(at(columns.recent, row) / slack, 1)
  return { expected: perTick * ticks * scale, perTick: perTick * scale, known, soldElsewhere }
}

/** Minus the logarithm of the probability a silence must have: the budget, spread over the silences of a week. */
export function neededSurprise(store: Store, { falseAlarmsPerWeek, memoryMs }: WatchRules): number {
  const ageMs = Math.max(store.newestMs - store.firstMs, dayMs)
  const perWeek = ((store.silences / store.weight) * weekMs) / remembered(ageMs, memoryMs)
  return Math.log(Math.max(perWeek, 20) / falseAlarmsPerWeek)
}

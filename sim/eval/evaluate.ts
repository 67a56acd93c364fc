// Tested in test/sim/eval/score.test.ts.
import { goodsOf } from './watch/basket'
import { defaultWatchRules } from './watch/rules'
import { findShelf } from './watch/shelves'
import { surprise } from './watch/silence'
import { newWatch } from './watch/state'
import { judge } from './watch/verdict'
import { watchBasket } from './watch/watch'
import { type Raised, raisedByPoisson, raisedByWatch, raisedByWindow, salesOf } from './detect'
import { score, type Score, spellsOf } from './score'
import { partitionOf, type Tape } from './tape'

/** How one rule did on one source at one budget. */
export interface Result extends Score {
  readonly name: string
  /** `watch` is all rules of the default; `adaptive` the silence of shelves alone, without counts of stock. */
  readonly rule: 'watch' | 'adaptive' | 'poisson' | 'window'
  /** False alarms per store and week; null where the rule has none. */
  readonly budget: number | null
  readonly setting?: string
  /** No rule can be sure sooner, in baskets: ln(1/α), α what a silence may have of the budget. */
  readonly limitBaskets: number | null
}

export interface Evaluation {
  readonly results: readonly Result[]
  /** Share of silences less probable than p, of those no trouble touches; p itself where the probabilities are right. */
  readonly calibration: readonly { readonly p: number; readonly share: number }[]
}

const windowHours = [0.5, 1, 2, 4, 8, 24, 72] as const
const levels = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001] as const
const weekMs = 7 * 86_400_000

/** All rules on a tape. The window is shown at every length, the Poisson zero-run at what it says and at the budget it really keeps. */
export function evaluate(tape: Tape, budgets: readonly number[]): Evaluation {
  const sales = salesOf(tape)
  const spells = spellsOf(tape, sales)
  const firstMs = Math.min(...Array.from(sales.byStore.values(), ([first]) => first ?? Infinity))
  const silences = Array.from(sales.byShelf.values()).reduce((sum, { length }) => sum + length, 0)
  const perStoreWeek = (silences / sales.byStore.size) * (weekMs / (tape.toMs - firstMs))
  const row = (raised: readonly Raised[], head: Pick<Result, 'rule' | 'budget'> & { setting?: string }): Result => ({
    name: tape.name,
    ...head,
    ...score(tape, raised, { spells, sales }),
    limitBaskets: head.budget === null ? null : Math.log(perStoreWeek / head.budget),
  })
  const hasCounts = tape.events.some(({ kind }) => kind === 'stock')
  const results: Result[] = []
  for (const budget of budgets) {
    const rules = { falseAlarmsPerWeek: budget }
    if (hasCounts) results.push(row(raisedByWatch(tape, { rules, counts: true }), { rule: 'watch', budget }))
    results.push(row(raisedByWatch(tape, { rules, counts: false }), { rule: 'adaptive', budget }))
    results.push(row(raisedByPoisson(tape, sales, budget), { rule: 'poisson', budget, setting: 'as it says' }))
    const kept = poissonKeeping(budget, (nominal) =>
      row(raisedByPoisson(tape, sales, nominal), { rule: 'poisson', budget, setting: `set to ${nominal}` }),
    )
    if (kept) results.push(kept)
  }
  for (const hours of windowHours) {
    results.push(
      row(raisedByWindow(tape, sales, hours * 3_600_000), { rule: 'window', budget: null, setting: `${hours} h` }),
    )
  }
  return { results, calibration: calibrationOf(tape) }
}

/** The largest nominal budget at which the zero-run keeps the real one. */
function poissonKeeping(budget: number, run: (nominal: number) => Result): Result | undefined {
  for (let nominal = budget; nominal > budget * 1e-6; nominal /= 4) {
    const result = run(nominal)
    if (result.falsePerStoreWeek <= budget) return result
  }
  return undefined
}

function calibrationOf(tape: Tape): Evaluation['calibration'] {
  const watches = Array.from({ length: tape.partitions }, newWatch)
  const troubles = new Map<string, { fromMs: number; toMs: number }[]>()
  for (const { storeId, productId, fromMs, toMs } of tape.truth) {
    const key = `${storeId}\n${productId}`
    troubles.set(key, [...(troubles.get(key) ?? []), { fromMs, toMs }])
  }
  const surprises: number[] = []
  for (const event of tape.events) {
    if (event.kind !== 'sale') continue
    const { storeId, eventTimeMs } = event.basket
    const watch = watches[partitionOf(storeId, tape.partitions)]
    if (!watch) continue
    if (eventTimeMs >= tape.fromMs) {
      const number = watch.storeNumbers.get(storeId) ?? -1
      const store = watch.stores[number]
      for (const productId of goodsOf(event.basket).keys()) {
        const row = findShelf(watch.shelves, number, watch.productNumbers.numbers.get(productId) ?? -1)
        if (row === -1 || !store || watch.open.has(row)) continue
        const lastMs = watch.shelves.columns.lastSaleMs[row] ?? 0
        const isTroubled = troubles
          .get(`${storeId}\n${productId}`)
          ?.some(({ fromMs, toMs }) => fromMs <= eventTimeMs && toMs >= lastMs)
        if (isTroubled) continue
        const { expected, known } = judge(watch, row, store)
        surprises.push(surprise(watch.calibration, expected, known))
      }
    }
    watchBasket(watch, event.basket, { ...defaultWatchRules, alertsPerShift: Infinity, falseAlarmsPerWeek: 1e-6 })
  }
  return levels.map((p) => ({
    p,
    share: surprises.filter((each) => each >= -Math.log(p)).length / Math.max(surprises.length, 1),
  }))
}

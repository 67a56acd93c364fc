import { pop, push } from '../../../src/fold/heap'
import { type Alert, type AlertKind, type Evidence } from './alert'
import { type Basket, type BasketLine, type Count, goodsOf, tagOf } from './basket'
import { alertOf, lossOf } from './open-alert'
import { type Category, type Product } from './product'
import { beat } from './rhythm'
import { type WatchRules } from './rules'
import { addToShape, type Shape, shapeAt } from './shape'
import { addShelf, at, findShelf, type Shelves, status } from './shelves'
import { expectedFor, learnSilence, surprise } from './silence'
import { type OpenAlert, productOf, storeNumber, type Watch } from './state'
import { clockOf, notePast, type Store, ticksAt, turnHour } from './store'
import { endStoreSilence, planStore } from './store-silence'
import { judge, neededSurprise, type Verdict } from './verdict'
import { weightAt } from './weight'

/*
 * The shelf watch of one partition. Invariants, cited by the tests:
 *  S1  an alert opens once and resolves once, and does not resolve before it opened
 *  S2  what comes out depends on the order of the events alone: however they are cut into batches, whenever a snapshot is taken
 *  S3  without baskets nothing of a product opens: nights and holidays have no clock
 *  S4  no event looks at more shelves than those it names and those that are due
 */

const [hourMs, dayMs] = [3_600_000, 86_400_000]

/** A store is watched for this long before any silence in it says something. */
const learningMs = dayMs

/** Sales told later than this are taken to the time they happened; those before are in order, but for the network. */
const promptMs = 600_000

/** Silences that `recent` is the mean of, and how much one of them can be. */
const recent = { count: 8, most: 6 } as const

/** Surprise up to which a silence teaches how a shelf sells, and for what that leaves out, were all of them chance. */
const longest = 3
const fullShare = 1 / (1 - Math.exp(-longest))
/** After a promotion begins or ends, the share is known from so many baskets only. */
const knownAfterTag = 3

/** Takes a basket: what it resolves, then what it makes due. O(log n) for each shelf looked at. */
export function watchBasket(watch: Watch, basket: Basket, rules: WatchRules): readonly Alert[] {
  const lines = goodsOf(basket)
  if (lines.size === 0) return []
  const out: Alert[] = []
  const number = storeNumber(watch, basket.storeId)
  const store = watch.stores[number] as Store
  advance(watch, store, basket.eventTimeMs, rules)
  if (store.silentMs !== null && basket.eventTimeMs > store.silentMs)
    out.push(endStoreSilence(store, basket.eventTimeMs))
  store.ticks += 1
  watch.baskets += 1
  addToShape(watch.allShape, store.newestMs, store.weight)
  for (const line of lines.values()) sell(watch, { number, store, line, timeMs: basket.eventTimeMs, rules }, out)
  checkDue(watch, store, rules, out)
  return out
}

/** Takes a count of a shelf. */
export function watchCount(watch: Watch, count: Count, rules: WatchRules): readonly Alert[] {
  const number = watch.storeNumbers.get(count.storeId)
  const product = watch.productNumbers.numbers.get(count.productId)
  if (number === undefined || product === undefined) return []
  const row = findShelf(watch.shelves, number, product)
  // What never sold here is not missed.
  if (row === -1) return []
  const store = watch.stores[number] as Store
  const { columns } = watch.shelves
  columns.onHand[row] = count.onHand
  const alert = watch.open.get(row)
  const out: Alert[] = []
  if (count.onHand > 0) {
    // Pieces have been brought or found. A stocktake may be no more than the books again, and phantom stock is what those are wrong about.
    const isFilled = count.reason !== 'count'
    if (alert && (isFilled || alert.kind === 'confirmed')) {
      if (count.eventTimeMs >= alert.openedMs) resolve(watch, { row, store, timeMs: count.eventTimeMs, rules }, out)
    } else if (isFilled) restart(watch, row, store)
    return out
  }
  const lastSaleMs = at(columns.lastSaleMs, row)
  // Nor is what has not sold for long: nightly lists say 0 of everything that was ever in the assortment.
  const isMissed = count.eventTimeMs > lastSaleMs - promptMs && count.eventTimeMs < lastSaleMs + rules.memoryMs
  if (!rules.confirmed || alert || !isMissed) return out
  open(
    watch,
    { row, store, kind: 'confirmed', openedMs: count.eventTimeMs, rules, verdict: judge(watch, row, store) },
    out,
  )
  return out
}

function isLearning({ firstMs, newestMs }: Store): boolean {
  return newestMs - firstMs < learningMs
}

/** Brings a store's clocks to the time of a basket, if that is its newest. */
function advance(watch: Watch, store: Store, timeMs: number, rules: WatchRules): void {
  if (Number.isNaN(watch.originMs)) watch.originMs = timeMs
  if (timeMs <= store.newestMs) return
  notePast(store, timeMs)
  beat(store.rhythm, timeMs)
  if (store.firstMs === Infinity) {
    store.firstMs = timeMs
    planStore(watch, watch.storeNumbers.get(store.storeId) ?? 0, timeMs)
  }
  store.newestMs = timeMs
  const hour = Math.floor(timeMs / hourMs)
  if (hour <= store.hour) return
  const weight = weightAt(timeMs, { originMs: watch.originMs, memoryMs: rules.memoryMs })
  const shapes = watch.shapes.map((shape) => shapeAt(shape, watch.allShape, { timeMs, weight }))
  turnHour(store, { hour, weight, shapes })
}

interface Selling {
  readonly number: number
  readonly store: Store
  readonly line: BasketLine
  readonly timeMs: number
  readonly rules: WatchRules
}

function sell(watch: Watch, { number, store, line, timeMs, rules }: Selling, out: Alert[]): void {
  const productNumber = productOf(watch, line)
  const product = watch.products[productNumber] as Product
  const category = watch.categories[product.category] as Category
  addToShape(watch.shapes[product.category] as Shape, store.newestMs, store.weight)
  const { shelves } = watch
  const known = findShelf(shelves, number, productNumber)
  const row = known === -1 ? addShelf(shelves, number, productNumber) : known
  const { columns } = shelves
  product.sales += 1
  product.total += store.weight
  product.until = watch.allShape.total
  if (known === -1) {
    columns.lastSaleMs[row] = timeMs
    columns.recent[row] = 1
    columns.onHand[row] = -1
    columns.tag[row] = tagOf(line)
    columns.pieces[row] = line.pieces
    columns.amount[row] = line.amountMinor
    mark(watch, row, { store, timeMs })
    plan(watch, store, row, 1)
    return
  }
  if (at(columns.onHand, row) > 0) columns.onHand[row] = Math.max(at(columns.onHand, row) - line.pieces, 0)
  const isNewest = timeMs > at(columns.lastSaleMs, row)
  const alert = watch.open.get(row)
  if (alert) {
    if (timeMs > alert.openedMs) resolve(watch, { row, store, timeMs, rules }, out)
  } else {
    const { expected, known: from } = judge(watch, row, store)
    const isPromoted = at(columns.baseShare, row) > 0
    if (isNewest && !isPromoted) {
      if (!isLearning(store)) learnSilence(watch.calibration, expected, from)
      const mean = at(columns.recent, row)
      columns.recent[row] = mean + (Math.min(expected * Math.max(1, mean), recent.most) - mean) / recent.count
    }
    const { weighted } = clockOf(store, product.category)
    // A long silence may have been an empty shelf that nobody noticed; counted in full, it would hide the next.
    const believed = from * Math.expm1(longest / from)
    const counted = expected > believed ? believed / expected : 1
    const exposed = (weighted - at(columns.exposureMark, row)) * counted * fullShare
    columns.exposure[row] = at(columns.exposure, row) + exposed
    columns.sales[row] = at(columns.sales, row) + store.weight
    product.exposure += exposed
    product.weighted += store.weight
    category.exposure += exposed
    category.weighted += store.weight
    columns.exposureMark[row] = weighted
    if ((at(columns.status, row) & status.unobservable) === 0) store.silences += store.weight
  }
  noteSale(watch, row, { store, line, product, category })
  if (isNewest) {
    columns.lastSaleMs[row] = timeMs
    mark(watch, row, { store, timeMs })
  }
}

/** What a sale says about pieces, money and promotion. */
function noteSale(
  { shelves: { columns } }: Watch,
  row: number,
  { store, line, product, category }: { store: Store; line: BasketLine; product: Product; category: Category },
): void {
  columns.pieces[row] = at(columns.pieces, row) + (line.pieces - at(columns.pieces, row)) / 16
  columns.amount[row] = at(columns.amount, row) + (line.amountMinor - at(columns.amount, row)) / 16
  const tag = tagOf(line)
  const before = at(columns.tag, row)
  if (tag === before) return
  columns.tag[row] = tag
  const sales = at(columns.sales, row) / store.weight
  const share = at(columns.sales, row) / Math.max(at(columns.exposure, row), store.weight)
  if (before === 0) columns.baseShare[row] = share
  const now = tag === 0 && at(columns.baseShare, row) > 0 ? Math.min(at(columns.baseShare, row), share) : share
  if (tag === 0) columns.baseShare[row] = 0
  if (now <= 0) return
  const kept = Math.min(sales, knownAfterTag) * store.weight
  const exposure = kept / now
  const [soldLess, exposedLess] = [at(columns.sales, row) - kept, at(columns.exposure, row) - exposure]
  for (const sum of [product, category]) {
    sum.weighted -= soldLess
    sum.exposure -= exposedLess
  }
  columns.sales[row] = kept
  columns.exposure[row] = exposure
  columns.recent[row] = 1
}

/** Sets the marks of a shelf to a sale: now, or to when it happened if it is told late. */
function mark(watch: Watch, row: number, { store, timeMs }: { store: Store; timeMs: number }): void {
  const { columns } = watch.shelves
  const product = watch.products[at(columns.product, row)] as Product
  const { ticks, weighted } = clockOf(store, product.category)
  const late = store.newestMs - timeMs > promptMs ? store.ticks - ticksAt(store, timeMs) : 0
  const shape = store.clocks[product.category]?.shape ?? 1
  columns.clockMark[row] = Math.max(ticks - late * shape, at(columns.clockMark, row))
  columns.exposureMark[row] = weighted
  columns.allMark[row] = watch.baskets
  columns.productMark[row] = product.sales
}

function restart(watch: Watch, row: number, store: Store): void {
  const { columns } = watch.shelves
  const product = watch.products[at(columns.product, row)] as Product
  columns.clockMark[row] = clockOf(store, product.category).ticks
  columns.allMark[row] = watch.baskets
  columns.productMark[row] = product.sales
}

function checkDue(watch: Watch, store: Store, rules: WatchRules, out: Alert[]): void {
  const { columns } = watch.shelves
  const first = dueFirst(watch.shelves)
  turnShift(watch, store, rules, out)
  for (let row = store.heap[0]; row !== undefined && at(columns.due, row) <= store.ticks; row = store.heap[0]) {
    pop(store.heap, first)
    columns.status[row] = at(columns.status, row) & ~status.waiting
    if (watch.open.has(row)) continue
    const waitTicks = look(watch, { row, store, rules }, out)
    if (waitTicks !== undefined) plan(watch, store, row, waitTicks)
  }
}

/** Has a shelf looked at after so many ticks. */
function plan({ shelves }: Watch, store: Store, row: number, ticks: number): void {
  const { columns } = shelves
  columns.due[row] = store.ticks + Math.max(1, Math.ceil(ticks))
  columns.status[row] = at(columns.status, row) | status.waiting
  push(store.heap, row, dueFirst(shelves))
}

/** Looks at a shelf that is due: opens its alert, or says after how many ticks it is due again. */
function look(
  watch: Watch,
  { row, store, rules }: { row: number; store: Store; rules: WatchRules },
  out: Alert[],
): number | undefined {
  const { columns } = watch.shelves
  const verdict = judge(watch, row, store)
  const needed = neededSurprise(store, rules)
  const limit = expectedFor(watch.calibration, needed, verdict.known)
  const perDay = store.ticks / (Math.max(store.newestMs - store.firstMs, dayMs) / dayMs)
  const observable = limit / verdict.perTick <= (perDay * rules.observableMs) / dayMs
  columns.status[row] = observable
    ? at(columns.status, row) & ~status.unobservable
    : at(columns.status, row) | status.unobservable
  if (!observable || isLearning(store)) return Math.max(perDay / 4, 1)
  const left = (limit - verdict.expected) / verdict.perTick
  // What is expected of it may rise meanwhile, with the hour or with what others sell; so it is looked at half way.
  if (left > 0) return Math.max(left / 2, limit / verdict.perTick / 40)
  const kind = at(columns.onHand, row) > 0 ? 'phantom' : 'silence'
  open(watch, { row, store, kind, openedMs: store.newestMs, verdict, rules }, out)
  return undefined
}

interface Opening {
  readonly row: number
  readonly store: Store
  readonly kind: AlertKind
  readonly openedMs: number
  readonly verdict: Verdict
  readonly rules: WatchRules
}

function open(watch: Watch, { row, store, kind, openedMs, verdict, rules }: Opening, out: Alert[]): void {
  const { columns } = watch.shelves
  const lastSaleMs = at(columns.lastSaleMs, row)
  const onHand = at(columns.onHand, row)
  const isShown = store.shown < rules.alertsPerShift
  if (isShown) store.shown += 1
  else store.heldBack.add(row)
  const category = (watch.products[at(columns.product, row)] as Product).category
  const evidence: Evidence = {
    lastSaleMs,
    expectedBaskets: verdict.expected,
    logProbability: -surprise(watch.calibration, verdict.expected, verdict.known),
    onHand: onHand < 0 ? null : onHand,
    soldElsewhere: verdict.soldElsewhere,
    heldBack: store.heldBack.size,
  }
  const sinceTicks = kind === 'confirmed' ? clockOf(store, category).ticks : at(columns.clockMark, row)
  watch.open.set(row, { kind, openedMs, evidence, sinceTicks })
  columns.status[row] = at(columns.status, row) | status.open | (isShown ? 0 : status.hidden)
  if (isShown) out.push(alertOf(watch, row, store, { change: 'opened', resolvedMs: null }))
}

function resolve(
  watch: Watch,
  { row, store, timeMs }: { row: number; store: Store; timeMs: number; rules: WatchRules },
  out: Alert[],
): void {
  const { columns } = watch.shelves
  const alert = watch.open.get(row)
  if (!alert) return
  const isHidden = (at(columns.status, row) & status.hidden) !== 0
  if (!isHidden)
    out.push(alertOf(watch, row, store, { change: 'resolved', resolvedMs: Math.max(timeMs, alert.openedMs) }))
  store.heldBack.delete(row)
  watch.open.delete(row)
  columns.status[row] = at(columns.status, row) & ~(status.open | status.hidden)
  // The time it was empty says nothing about how it sells.
  columns.exposureMark[row] = clockOf(store, (watch.products[at(columns.product, row)] as Product).category).weighted
  restart(watch, row, store)
  // A confirmed alert may have opened while the shelf still waited.
  if ((at(columns.status, row) & status.waiting) === 0) plan(watch, store, row, 1)
}

/** At the turn of a shift, shows what was held back and still stands, the dearest first. */
function turnShift(watch: Watch, store: Store, rules: WatchRules, out: Alert[]): void {
  const shift = Math.floor(store.newestMs / rules.shiftMs)
  if (shift <= store.shift) return
  store.shift = shift
  store.shown = 0
  const { columns } = watch.shelves
  const waiting = Array.from(store.heldBack, (row) => ({
    row,
    lost: lossOf(watch, row, store, watch.open.get(row) as OpenAlert).amountMinor,
  }))
  waiting.sort((a, b) => b.lost - a.lost || a.row - b.row)
  for (const { row } of waiting.slice(0, rules.alertsPerShift)) {
    store.heldBack.delete(row)
    store.shown += 1
    columns.status[row] = at(columns.status, row) & ~status.hidden
    const alert = watch.open.get(row) as OpenAlert
    alert.openedMs = Math.max(alert.openedMs, store.newestMs)
    out.push(alertOf(watch, row, store, { change: 'opened', resolvedMs: null }))
  }
}

function dueFirst({ columns }: Shelves): (a: number, b: number) => number {
  return (a, b) => at(columns.due, a) - at(columns.due, b) || a - b
}

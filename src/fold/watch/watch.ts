// Tested in test/fold/watch/watch.test.ts, properties.test.ts and world.test.ts.

import { pop, push } from '../heap'
import { type Alert, type AlertKind, type Evidence, type Loss } from './alert'
import { type Names, namesOf, numberOf } from './names'
import { type Category, priorShare, type Product } from './product'
import { basketsBetween, beat, isKnown, usualHour, whenExpected } from './rhythm'
import { type WatchRules } from './rules'
import { addToShape, noShape, type Shape, shapeAt } from './shape'
import { addShelf, at, findShelf, noShelves, type Shelves, status } from './shelves'
import { type Calibration, expectedFor, learnSilence, noCalibration, surprise } from './silence'
import { clockOf, newStore, notePast, type Store, ticksAt, turnHour } from './store'
import { remembered, weightAt } from './weight'

/*
 * The shelf watch of one partition. Invariants, cited by the tests:
 *  S1  an alert opens once and resolves once, and does not resolve before it opened
 *  S2  what comes out depends on the order of the events alone: however they are cut into batches, whenever a snapshot is taken
 *  S3  without baskets nothing of a product opens: nights and holidays have no clock
 *  S4  no event looks at more shelves than those it names and those that are due
 */

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

/** A receipt, as far as shelves go; a `SaleEvent` is one. */
export interface Basket {
  readonly storeId: string
  readonly eventTimeMs: number
  readonly voids?: string
  readonly lines: readonly BasketLine[]
}

export interface BasketLine {
  readonly productId: string
  readonly kind: string
  readonly category?: string
  readonly promotionId?: string
  readonly pieces: number
  readonly amountMinor: number
}

/** A count of a shelf; a `StockEvent` is one. */
export interface Count {
  readonly storeId: string
  readonly productId: string
  readonly eventTimeMs: number
  readonly onHand: number
  readonly reason: string
}

const [hourMs, dayMs, weekMs] = [3_600_000, 86_400_000, 7 * 86_400_000]

/** A store is watched for this long before any silence in it says something. */
const learningMs = dayMs
/** Sales told later than this are taken to the time they happened; those before are in order, but for the network. */
const promptMs = 600_000
/** Silences that `recent` is the mean of, and how much one of them can be. */
const recent = { count: 8, most: 6 } as const
/** Sales elsewhere that have to be expected before their absence says anything. */
const elsewhere = 3
const slack = 1.25
/** After a promotion begins or ends, the share is known from so many baskets only. */
const knownAfterTag = 3
/** Beyond these categories, all are one. */
const maxCategories = 64
const noCategory = 'unknown'

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

/** Takes a basket: what it resolves, then what it makes due. O(log n) for each shelf looked at. */
export function watchBasket(watch: Watch, basket: Basket, rules: WatchRules): readonly Alert[] {
  if (basket.voids !== undefined) return []
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

/** Moves time: stores that should have sold by now and have not. O(log n) for each store looked at. */
export function watchTime(watch: Watch, watermarkMs: number, rules: WatchRules): readonly Alert[] {
  const out: Alert[] = []
  for (let next = watch.storeChecks[0]; next && next.dueMs <= watermarkMs; next = watch.storeChecks[0]) {
    pop(watch.storeChecks, sooner)
    checkStore(watch, next, rules, out)
  }
  return out
}

/** The lines that sold something, one per product. */
function goodsOf({ lines }: Basket): ReadonlyMap<string, BasketLine> {
  const goods = new Map<string, BasketLine>()
  for (const line of lines) {
    if (line.kind !== 'goods' || line.pieces <= 0) continue
    const before = goods.get(line.productId)
    if (!before) goods.set(line.productId, line)
    else
      goods.set(line.productId, {
        ...line,
        pieces: before.pieces + line.pieces,
        amountMinor: before.amountMinor + line.amountMinor,
      })
  }
  return goods
}

function storeNumber(watch: Watch, storeId: string): number {
  const known = watch.storeNumbers.get(storeId)
  if (known !== undefined) return known
  watch.storeNumbers.set(storeId, watch.stores.length)
  return watch.stores.push(newStore(storeId)) - 1
}

/** Brings a store's clocks to the time of a basket, if that is its newest. */
function advance(watch: Watch, store: Store, timeMs: number, rules: WatchRules): void {
  if (Number.isNaN(watch.originMs)) watch.originMs = timeMs
  if (timeMs <= store.newestMs) return
  notePast(store, timeMs)
  beat(store.rhythm, timeMs)
  if (store.firstMs === Infinity) {
    store.firstMs = timeMs
    push(watch.storeChecks, { dueMs: timeMs + weekMs, store: watch.storeNumbers.get(store.storeId) ?? 0 }, sooner)
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
    if (isNewest) {
      if (!isLearning(store)) learnSilence(watch.calibration, expected, from)
      const mean = at(columns.recent, row)
      columns.recent[row] = mean + (Math.min(expected * Math.max(1, mean), recent.most) - mean) / recent.count
    }
    const { weighted } = clockOf(store, product.category)
    const exposed = weighted - at(columns.exposureMark, row)
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

/** What the silence of a shelf comes to. */
export interface Verdict {
  /** Baskets with the product expected since its last sale, and per tick of its clock. */
  readonly expected: number
  readonly perTick: number
  /** From how many baskets with the product the share is known. */
  readonly known: number
  readonly soldElsewhere: number
}

export function judge(watch: Watch, row: number, store: Store): Verdict {
  const { columns } = watch.shelves
  const product = watch.products[at(columns.product, row)] as Product
  const category = watch.categories[product.category] as Category
  const [sales, exposure] = [at(columns.sales, row), at(columns.exposure, row)]
  const prior = priorShare(product, category, { sales, exposure }, store.weight)
  const known = prior.known + sales / store.weight
  const share = known / (prior.known / prior.mean + exposure / store.weight)
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

function alertOf(
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

function lossOf(watch: Watch, row: number, store: Store, { sinceTicks }: OpenAlert): Loss {
  const { columns } = watch.shelves
  const { perTick } = judge(watch, row, store)
  const category = (watch.products[at(columns.product, row)] as Product).category
  const baskets = Math.max(clockOf(store, category).ticks - sinceTicks, 0) * perTick
  return { units: baskets * at(columns.pieces, row), amountMinor: Math.round(baskets * at(columns.amount, row)) }
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

/** Baskets of a store expected, and minutes gone by, without one before the store counts as silent. */
const storeSilence = { baskets: 60, leastMs: 15 * 60_000, againMs: 5 * 60_000 } as const

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

function endStoreSilence(store: Store, timeMs: number): Alert {
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

function productOf(watch: Watch, line: BasketLine): number {
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

/** A promotion as a small number, 0 for none. Two that share one are taken for the same. */
function tagOf({ promotionId }: BasketLine): number {
  if (promotionId === undefined) return 0
  let hash = 0
  for (let i = 0; i < promotionId.length; i++) hash = (Math.imul(hash, 31) + promotionId.charCodeAt(i)) | 0
  return ((hash >>> 0) % 65_535) + 1
}

function dueFirst({ columns }: Shelves): (a: number, b: number) => number {
  return (a, b) => at(columns.due, a) - at(columns.due, b) || a - b
}

/** A total order, so that what comes out does not depend on the heap's shape. */
function sooner(a: StoreCheck, b: StoreCheck): number {
  return a.dueMs - b.dueMs || a.store - b.store
}

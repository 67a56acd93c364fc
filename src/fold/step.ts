import { type RetailEvent, type SaleEvent } from '../event/event'
import { accumulate, emptyAccumulator, measured } from './accumulator'
import { forget, remember, repeatsReceipt } from './duplicates'
import { fingerprintOf } from './fingerprint'
import { type Value } from './measure'
import { comparePositions, type Position } from './position'
import { type Contribution, type Fact, type Rollup, type ShopEvent } from './rollup'
import { type Rules } from './rules'
import { overdue, sold, type StockoutChange } from './shelf'
import { type Cell, cellId, type OpenWindows, type State } from './state'
import { afterEvent, afterPulse, afterReject, type Watermark } from './watermark'
import { isClosed, windowStart } from './window'

/*
 * The fold of one partition. Invariants, cited by the tests:
 *  W1  a closed window never reopens: what arrives for it becomes a correction row
 *  W2  the watermark never falls
 *  W3  how the log is cut into batches does not change what comes out (`live` apart, which shows a moment)
 *  W4  an event id of a store counts once within the lateness horizon
 *  W5  what comes out for event n depends only on events up to n
 */

/** One entry of a partition's log, in order. */
export type Entry = Position & { readonly enqueuedMs: number } & (
    { readonly kind: 'event'; readonly event: RetailEvent } | { readonly kind: 'reject'; readonly reason: string }
  )

/** A row of a rollup; `values` by column name. */
export interface WindowRow {
  readonly rollup: Rollup
  readonly startMs: number
  readonly key: readonly string[]
  readonly values: Readonly<Record<string, Value>>
  readonly at: Position
}

/** What leaves the fold for good, each with the position of the event that caused it. */
export type Emit =
  | ({ readonly kind: 'closed' } & WindowRow)
  /** The increments of one event that came after its window had closed. */
  | ({ readonly kind: 'correction' } & WindowRow)
  | ({ readonly kind: 'stockout'; readonly at: Position } & StockoutChange)

/** What a batch held, for the telemetry; never part of state. */
export interface Counts {
  readonly events: number
  readonly pulses: number
  readonly duplicates: number
  /** Duplicates that say something else than the event that counted. */
  readonly conflicting: number
  readonly late: number
  readonly rejected: Readonly<Record<string, number>>
}

export interface Step {
  /** The state given in, changed in place: the caller must not use the old one again. */
  readonly state: State
  readonly out: readonly Emit[]
  /** Windows still open that this batch changed, as they stand at its end. */
  readonly live: readonly WindowRow[]
  readonly counts: Counts
}

/** The same with the fields a fold in progress writes to. */
interface Progress {
  readonly state: State
  readonly rules: Rules
  readonly out: Emit[]
  readonly touched: Map<Cell, { readonly rollup: Rollup; readonly startMs: number }>
  readonly counts: {
    events: number
    pulses: number
    duplicates: number
    conflicting: number
    late: number
    rejected: Record<string, number>
  }
}

/**
 * Folds a batch of one partition's log, whose entries must follow the state's position and each other.
 * Deterministic and synchronous: output and state are a function of the entries folded so far (G3).
 * Throws when an entry does not come after the one before it.
 */
export function step(state: State, batch: readonly Entry[], rules: Rules): Step {
  const counts = {
    events: 0,
    pulses: 0,
    duplicates: 0,
    conflicting: 0,
    late: 0,
    rejected: Object.create(null) as Record<string, number>,
  }
  const progress: Progress = { state, rules, out: [], touched: new Map(), counts }
  for (const entry of batch) {
    if (state.at && comparePositions(entry, state.at) <= 0) {
      throw new Error(
        `fold: expected an entry after ${show(state.at)}, got ${show(entry)}; drop what was folded before calling step`,
      )
    }
    state.at = { sequence: entry.sequence, item: entry.item }
    state.enqueuedMs = Math.max(state.enqueuedMs, entry.enqueuedMs)
    take(progress, entry, state.at)
  }
  return { state, out: progress.out, live: liveRows(progress), counts }
}

function take(progress: Progress, entry: Entry, at: Position): void {
  const { state, rules, counts } = progress
  const { enqueuedMs } = entry
  if (entry.kind === 'reject') {
    counts.rejected[entry.reason] = (counts.rejected[entry.reason] ?? 0) + 1
    count(progress, { kind: 'rejected', reason: entry.reason, timeMs: newestMs(progress, enqueuedMs) }, at)
    state.watermark = afterReject(state.watermark, enqueuedMs)
    return
  }
  const { event } = entry
  const time = { eventTimeMs: event.eventTimeMs, enqueuedMs }
  if (event.type === 'pulse') {
    counts.pulses += 1
    advance(progress, afterPulse(state.watermark, time, rules), at)
    return
  }
  const fingerprint = fingerprintOf(event)
  const sighting = remember(state.seen, event, fingerprint, state.watermark.ms)
  if (sighting !== 'new') {
    const isConflicting = sighting === 'conflicting'
    counts.duplicates += 1
    if (isConflicting) counts.conflicting += 1
    count(progress, { kind: 'duplicate', event, isConflicting, timeMs: event.eventTimeMs }, at)
    state.watermark = afterReject(state.watermark, enqueuedMs)
    return
  }
  counts.events += 1
  const lateMs = latenessOf(progress, event)
  if (lateMs > 0) counts.late += 1
  const isRepeated = repeatsReceipt(state.seen, event, fingerprint, state.watermark.ms)
  count(progress, { kind: 'counted', event, timeMs: event.eventTimeMs, lateMs, isRepeated }, at)
  if (event.type === 'sale') watchShelves(progress, event, at)
  advance(progress, afterEvent(state.watermark, time, rules.latenessMs), at)
}

/** The newest event time of the partition; before there is any, `otherwiseMs`. */
function newestMs({ state, rules }: Progress, otherwiseMs: number): number {
  return state.watermark.ms === -Infinity ? otherwiseMs : state.watermark.ms + rules.latenessMs
}

/** How far an event is behind the newest one, if a window it belongs in has closed; else 0. */
function latenessOf(progress: Progress, { eventTimeMs }: ShopEvent): number {
  const { state, rules } = progress
  const late = rules.rollups.some(({ windowMs }) =>
    isClosed(windowStart(eventTimeMs, windowMs), windowMs, state.watermark.ms),
  )
  return late ? newestMs(progress, eventTimeMs) - eventTimeMs : 0
}

/** Adds a fact to every rollup that counts it: to its window while that is open, as a correction afterwards. */
function count({ state, rules, out, touched }: Progress, fact: Fact, at: Position): void {
  const { timeMs } = fact
  for (const rollup of rules.rollups) {
    const startMs = windowStart(timeMs, rollup.windowMs)
    const closed = isClosed(startMs, rollup.windowMs, state.watermark.ms)
    for (const { key, amounts } of rollup.contributions(fact)) {
      const contribution = { key, amounts, timeMs }
      if (closed) {
        out.push({ kind: 'correction', ...correction(rollup, contribution, { startMs, at }) })
        continue
      }
      const cell = openCell(windowsOf(state, rollup), { rollup, startMs, key, at })
      accumulate(rollup, cell.values, contribution)
      cell.at = at
      touched.set(cell, { rollup, startMs })
    }
  }
}

function correction(
  rollup: Rollup,
  contribution: Contribution & { readonly timeMs: number },
  { startMs, at }: { readonly startMs: number; readonly at: Position },
): WindowRow {
  const values = emptyAccumulator(rollup)
  accumulate(rollup, values, contribution)
  return { rollup, startMs, key: contribution.key, values: measured(rollup, values), at }
}

function windowsOf(state: State, rollup: Rollup): OpenWindows {
  const windows = state.windows.get(rollup.name)
  if (!windows) throw new Error(`fold: state has no rollup ${rollup.name}; it was folded by other rules, rebuild it`)
  return windows
}

function openCell(
  windows: OpenWindows,
  { rollup, startMs, key, at }: { rollup: Rollup; startMs: number; key: readonly string[]; at: Position },
): Cell {
  const cells = windows.get(startMs) ?? new Map<string, Cell>()
  if (cells.size === 0) windows.set(startMs, cells)
  const id = cellId(key)
  const cell = cells.get(id) ?? { key, values: emptyAccumulator(rollup), at }
  if (!cells.has(id)) cells.set(id, cell)
  return cell
}

function watchShelves(progress: Progress, event: SaleEvent, at: Position): void {
  const { state, rules, out } = progress
  // A return, or a receipt taken back, says nothing about what is on the shelf for others to buy.
  if (event.voids !== undefined) return
  for (const line of event.lines) {
    if (line.kind !== 'goods' || line.quantity <= 0) continue
    const sale = { storeId: event.storeId, productId: line.productId, timeMs: event.eventTimeMs }
    const resolved = sold(state.shelves, sale, rules.stockoutAfterMs)
    if (resolved) out.push({ kind: 'stockout', at, ...resolved })
  }
}

/** Moves the watermark and lets out what that settles: closed windows by rollup and time, then stock-outs by deadline. */
function advance(progress: Progress, watermark: Watermark, at: Position): void {
  const { state, rules, out } = progress
  const before = state.watermark.ms
  state.watermark = watermark
  if (watermark.ms <= before) return
  for (const rollup of rules.rollups) close(progress, rollup, at)
  for (const change of overdue(state.shelves, watermark.ms, rules.stockoutAfterMs)) {
    out.push({ kind: 'stockout', at, ...change })
  }
  forget(state.seen, watermark.ms, rules.latenessMs)
}

function close(progress: Progress, rollup: Rollup, at: Position): void {
  const windows = windowsOf(progress.state, rollup)
  const due = [...windows.keys()]
    .filter((startMs) => isClosed(startMs, rollup.windowMs, progress.state.watermark.ms))
    .sort((a, b) => a - b)
  for (const startMs of due) {
    for (const cell of windows.get(startMs)?.values() ?? []) {
      progress.touched.delete(cell)
      progress.out.push({ kind: 'closed', ...row(rollup, startMs, cell), at })
    }
    windows.delete(startMs)
  }
}

function liveRows(progress: Progress): WindowRow[] {
  return Array.from(progress.touched, ([cell, { rollup, startMs }]) => row(rollup, startMs, cell))
}

function row(rollup: Rollup, startMs: number, cell: Cell): WindowRow {
  return { rollup, startMs, key: cell.key, values: measured(rollup, cell.values), at: cell.at }
}

function show(position: Position): string {
  return `${position.sequence}/${position.item}`
}

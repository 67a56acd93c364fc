/* Tested in test/fold/properties.test.ts (W3). */

import { nothingSeen, type Seen } from './duplicates'
import { type Position } from './position'
import { type Accumulator, restoreAccumulator, storeAccumulator } from './accumulator'
import { type Stored } from './measure'
import { type Rollup } from './rollup'
import { type Deadline, noShelves, type Shelves } from './shelf'
import { type Rules } from './rules'
import { noWatermark, type Watermark } from './watermark'

/** The running aggregate of one key in one open window, and the last event that changed it. */
export interface Cell {
  readonly key: readonly string[]
  readonly values: Accumulator
  at: Position
}

/** Open windows of one rollup: start (epoch ms) → key → cell, both in order of first arrival. */
export type OpenWindows = Map<number, Map<string, Cell>>

/** Everything the fold remembers of one partition; plain data, owned by one `step` at a time. */
export interface State {
  /** The last event folded; undefined before the first. */
  at: Position | undefined
  /** When the hub took the newest thing folded, epoch milliseconds by its clock; -Infinity before the first. */
  enqueuedMs: number
  watermark: Watermark
  readonly seen: Seen
  /** By rollup name. */
  readonly windows: Map<string, OpenWindows>
  readonly shelves: Shelves
}

/** The state of a partition nothing has been read from. */
export function emptyState(rules: Rules): State {
  return {
    at: undefined,
    enqueuedMs: -Infinity,
    watermark: noWatermark,
    seen: nothingSeen(),
    windows: new Map(rules.rollups.map((rollup) => [rollup.name, new Map<number, Map<string, Cell>>()])),
    shelves: noShelves(),
  }
}

/** How many things a state remembers: event ids, receipts, cells of open windows, shelves. */
export function sizeOf({ seen, windows, shelves }: State): number {
  const sizes = (maps: Iterable<{ readonly size: number }>) => Array.from(maps, ({ size }) => size)
  const cells = [...windows.values()].flatMap((open) => sizes(open.values()))
  return [...cells, ...sizes(shelves.byStore.values())].reduce(
    (sum, size) => sum + size,
    seen.ids.size + seen.receipts.size,
  )
}

/** A state as JSON keeps it; -Infinity, which JSON lacks, is null. */
interface StoredState {
  readonly at: Position | null
  readonly enqueuedMs: number | null
  readonly watermarkMs: number | null
  readonly activeAtMs: number | null
  readonly seen: readonly (readonly [
    bucket: number,
    ids: readonly (readonly [identity: string, content: number])[],
    receipts: readonly number[],
  ])[]
  readonly windows: readonly {
    readonly rollup: string
    readonly open: readonly (readonly [startMs: number, cells: readonly StoredCell[]])[]
  }[]
  readonly shelves: readonly (readonly [
    storeId: string,
    shelves: readonly (readonly [productId: string, lastSaleMs: number, openedMs: number | null])[],
  ])[]
  readonly deadlines: readonly Deadline[]
}

interface StoredCell {
  readonly key: readonly string[]
  readonly values: readonly Stored[]
  readonly at: Position
}

/** A state as JSON text; `decodeState` gives back one that folds on exactly as the original would. */
export function encodeState(state: State): string {
  const stored: StoredState = {
    at: state.at ?? null,
    enqueuedMs: finite(state.enqueuedMs),
    watermarkMs: finite(state.watermark.ms),
    activeAtMs: finite(state.watermark.activeAtMs),
    seen: storeSeen(state.seen),
    windows: Array.from(state.windows, ([rollup, open]) => ({
      rollup,
      open: Array.from(open, ([startMs, cells]) => [startMs, Array.from(cells.values(), storeCell)]),
    })),
    shelves: Array.from(state.shelves.byStore, ([storeId, shelves]) => [
      storeId,
      Array.from(shelves, ([productId, shelf]) => [productId, shelf.lastSaleMs, shelf.openedMs]),
    ]),
    deadlines: state.shelves.deadlines,
  }
  return JSON.stringify(stored)
}

/**
 * The state that `encodeState` wrote under the same rules. Throws when the text is not such a state; whether the rules
 * are the same is for the caller to check, by `rulesId` kept beside it.
 */
export function decodeState(text: string, rules: Rules): State {
  const stored = JSON.parse(text) as StoredState
  return {
    at: stored.at ?? undefined,
    enqueuedMs: stored.enqueuedMs ?? -Infinity,
    watermark: { ms: stored.watermarkMs ?? -Infinity, activeAtMs: stored.activeAtMs ?? -Infinity },
    seen: restoreSeen(stored.seen),
    windows: new Map(
      rules.rollups.map((rollup) => [
        rollup.name,
        restoreWindows(rollup, stored.windows.find((windows) => windows.rollup === rollup.name)?.open ?? []),
      ]),
    ),
    shelves: {
      byStore: new Map(
        stored.shelves.map(([storeId, shelves]) => [
          storeId,
          new Map(shelves.map(([productId, lastSaleMs, openedMs]) => [productId, { lastSaleMs, openedMs }])),
        ]),
      ),
      deadlines: [...stored.deadlines],
    },
  }
}

/** The text under which a key's cell is kept. No two keys share one: texts of the contract have no control characters. */
export function cellId(key: readonly string[]): string {
  return key.join('\n')
}

function storeSeen({ ids, buckets }: Seen): StoredState['seen'] {
  return Array.from(buckets, ([number, bucket]) => [
    number,
    bucket.ids.map((identity) => [identity, ids.get(identity) ?? 0]),
    bucket.receipts,
  ])
}

function restoreSeen(stored: StoredState['seen']): Seen {
  return {
    ids: new Map(stored.flatMap(([, ids]) => ids)),
    receipts: new Set(stored.flatMap(([, , receipts]) => receipts)),
    buckets: new Map(
      stored.map(([number, ids, receipts]) => [
        number,
        { ids: ids.map(([identity]) => identity), receipts: [...receipts] },
      ]),
    ),
  }
}

function storeCell({ key, values, at }: Cell): StoredCell {
  return { key, values: storeAccumulator(values), at }
}

function restoreWindows(
  rollup: Rollup,
  open: readonly (readonly [startMs: number, cells: readonly StoredCell[]])[],
): OpenWindows {
  return new Map(
    open.map(([startMs, cells]) => [
      startMs,
      new Map(cells.map((cell) => [cellId(cell.key), restoreCell(rollup, cell)])),
    ]),
  )
}

function restoreCell(rollup: Rollup, { key, values, at }: StoredCell): Cell {
  return { key, values: restoreAccumulator(rollup, values), at }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

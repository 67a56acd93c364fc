// Tested in test/dashboard/trade-tiles.test.ts.
import { type Change } from './change'

/** A figure at the head of a view. */
export interface Tile {
  readonly name: string
  readonly value: string
  readonly change?: Change
  /** What it was, or more about it. */
  readonly note: string
}

/* Tested in test/fold/rollups.test.ts. */

import { type PulseEvent, type RetailEvent } from '../event/event'
import { type Amount, type Measure } from './measure'

/** An event of the shops; heartbeats only move time. */
export type ShopEvent = Exclude<RetailEvent, PulseEvent>

/** What an entry of the log turned out to be, and the instant it counts at (epoch milliseconds). */
export type Fact = { readonly timeMs: number } & (
  | {
      readonly kind: 'counted'
      readonly event: ShopEvent
      /** How far the event was behind the newest of its partition, when that was too far for its window; else 0. */
      readonly lateMs: number
      /** A receipt that counted already, under another id: same store, order, edition and lines. */
      readonly isRepeated: boolean
    }
  | {
      readonly kind: 'duplicate'
      readonly event: ShopEvent
      /** It says something else than the event of its id that counted. */
      readonly isConflicting: boolean
    }
  /** Its time is unknown, so it counts at that of the newest event before it. */
  | { readonly kind: 'rejected'; readonly reason: string }
)

/** A grouping column of a rollup. */
export interface Dimension {
  readonly name: string
  readonly comment: string
}

/** What one fact adds to one key: dimension values, then one amount per measure that is fed (ratios are not). */
export interface Contribution {
  readonly key: readonly string[]
  readonly amounts: Readonly<Record<string, Amount | undefined>>
}

/** One windowed aggregate: drives the fold, the Delta schema, the PostgreSQL table and its upsert. */
export interface Rollup {
  readonly name: string
  readonly comment: string
  readonly windowMs: number
  readonly dimensions: readonly Dimension[]
  readonly measures: readonly Measure[]
  /** What the fact adds, at most once per key; empty when the rollup does not count this kind of fact. */
  contributions(fact: Fact): readonly Contribution[]
}

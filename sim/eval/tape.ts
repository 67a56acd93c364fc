// Tested in test/sim/eval/score.test.ts.
import { type Basket, type Count } from './watch/basket'

/** What was really missing: one shelf, from when to when, event time in epoch milliseconds. */
export interface Missing {
  readonly storeId: string
  readonly productId: string
  readonly kind: string
  readonly fromMs: number
  readonly toMs: number
  /** Pieces wanted and not had, where the source knows. */
  readonly units?: number
}

/** Events of a source in the order they arrived, with the truth about them. */
export interface Tape {
  readonly name: string
  readonly events: readonly TapeEvent[]
  readonly truth: readonly Missing[]
  /** Scored from here on; what comes before is for learning. */
  readonly fromMs: number
  readonly toMs: number
  readonly partitions: number
}

export type TapeEvent =
  { readonly kind: 'sale'; readonly basket: Basket } | { readonly kind: 'stock'; readonly count: Count }

/** The partition of a store, for sources that have none: any spread will do. */
export function partitionOf(storeId: string, partitions: number): number {
  let hash = 0
  for (let i = 0; i < storeId.length; i++) hash = (Math.imul(hash, 31) + storeId.charCodeAt(i)) | 0
  return (hash >>> 0) % partitions
}

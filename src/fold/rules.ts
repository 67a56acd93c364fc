/* Tested in test/fold/properties.test.ts (rules that differ) and measure.test.ts. */

import { measureId } from './measure'
import { type Rollup } from './rollup'

/** What the fold is told besides the events. Never stored in state; state carries `rulesId` of the rules it was folded by. */
export interface Rules {
  /** How long after the newest event an older one still counts as on time. */
  readonly latenessMs: number
  /** How long a partition must have been quiet before a heartbeat moves its watermark. */
  readonly idleAfterMs: number
  /** How long a product that sold before must go unsold in a store to count as out of stock. */
  readonly stockoutAfterMs: number
  /** Digits after the point of the currency's minor unit (ISO 4217): what a whole unit of money is worth. */
  readonly minorDigits: number
  /** Kinds of products whose lines say none, as the events are decoded by: `GIFTCARD=gift_card`. */
  readonly productKinds: string
  readonly rollups: readonly Rollup[]
}

/** A readable identity of rules: two that differ in anything which changes the answer differ in it. */
export function rulesId(rules: Rules): string {
  return [...timeIds(rules), stockoutId(rules), ...rules.rollups.map(rollupId)].join(' ')
}

/** The identity of what the rows of one rollup depend on: the same under rules that differ in other rollups only. */
export function rollupRulesId(rules: Rules, rollup: Rollup): string {
  return [...timeIds(rules), rollupId(rollup)].join(' ')
}

/** The identity of what stock-outs depend on. */
export function stockoutRulesId(rules: Rules): string {
  return [...timeIds(rules), stockoutId(rules)].join(' ')
}

function timeIds({ latenessMs, idleAfterMs, minorDigits, productKinds }: Rules): readonly string[] {
  const sales = [`minor-digits=${minorDigits}`, `product-kinds=${productKinds}`]
  return ['fold-3', `lateness=${latenessMs}`, `idle=${idleAfterMs}`, ...sales]
}

function stockoutId({ stockoutAfterMs }: Rules): string {
  return `stockout=${stockoutAfterMs}`
}

function rollupId({ name, windowMs, dimensions, measures }: Rollup): string {
  const columns = [...dimensions.map((dimension) => dimension.name), ...measures.map(measureId)]
  return `${name}/${windowMs}(${columns.join(',')})`
}

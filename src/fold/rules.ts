import { type Rollup } from './rollup'

/** What the fold is told besides the events. Never stored in state; state carries `rulesId` of the rules it was folded by. */
export interface Rules {
  /** How long after the newest event an older one still counts as on time. */
  readonly latenessMs: number
  /** How long a partition must have been quiet before a heartbeat moves its watermark. */
  readonly idleAfterMs: number
  /** How long a product that sold before must go unsold in a store to count as out of stock. */
  readonly stockoutAfterMs: number
  readonly rollups: readonly Rollup[]
}

/** A readable identity of rules: two that differ in anything which changes the answer differ in it. */
export function rulesId(rules: Rules): string {
  const rollups = rules.rollups.map((rollup) => {
    const columns = [...rollup.dimensions, ...rollup.measures].map((column) => column.name)
    return `${rollup.name}/${rollup.windowMs}(${columns.join(',')})`
  })
  return [
    'fold-1',
    `lateness=${rules.latenessMs}`,
    `idle=${rules.idleAfterMs}`,
    `stockout=${rules.stockoutAfterMs}`,
    ...rollups,
  ].join(' ')
}

// Table properties (`SET TBLPROPERTIES`), as a plan for the commit loop.
// Tested in test/lake/write/swap.test.ts.

import { openingActions } from './actions'
import { commitPlanned, defaultRetry, type Plan, type Retry } from './commit'
import { type Snapshot } from '../log/snapshot'
import { type Table } from '../table'

export type ConfigureResult =
  | { readonly kind: 'committed'; readonly version: number }
  /** The table has these properties already; nothing was committed. */
  | { readonly kind: 'unchanged'; readonly version: number }

/**
 * Sets properties of the table in a commit of their own and leaves the others. Any number may race: each finds the
 * properties set, by itself or by another. Throws when the store fails or no try succeeds.
 *
 * @example
 * await configure(sales, { 'delta.logRetentionDuration': 'interval 60 days' })
 */
export async function configure(
  table: Table,
  configuration: Readonly<Record<string, string>>,
  { retry = defaultRetry }: { readonly retry?: Retry } = {},
): Promise<ConfigureResult> {
  const txnId = table.uuid()
  const plan = ({ version, metadata }: Snapshot): Plan<Extract<ConfigureResult, { kind: 'unchanged' }>> => {
    const isSet = Object.entries(configuration).every(([name, value]) => metadata.configuration[name] === value)
    if (isSet) return { kind: 'stop', result: { kind: 'unchanged', version } }
    const wanted = { ...metadata, configuration: { ...metadata.configuration, ...configuration } }
    const opening = openingActions(table.clock(), { operation: 'SET TBLPROPERTIES', txnId, isBlindAppend: false })
    return { kind: 'commit', actions: [...opening, { kind: 'metadata', metadata: wanted }] }
  }
  // Without the pins: one of them may name the very value that is being set, and the table has not got it yet.
  return commitPlanned({ ...table, pinned: {} }, plan, { txnId, retry })
}

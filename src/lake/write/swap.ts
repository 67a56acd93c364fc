// Atomic overwrite (`REPLACE` with a conflict rule): new content, schema, properties and positions in one commit.

import { addActions, checkRemovable, openingActions, removeActions } from './actions'
import { commitPlanned, defaultRetry, type Plan, type Retry } from './commit'
import { type Action, type AddFile, type Metadata, type Txn } from '../log/action'
import { fitSchema, type TableSchema, toSchemaString, withColumns } from '../schema'
import { type Snapshot } from '../log/snapshot'
import { type Table } from '../table'

/** A new content for a table, or for some of its partitions. */
export interface Swap {
  /** Data files that are stored already, written with `schema`. */
  readonly adds: readonly AddFile[]
  /** The files they take the place of; those appended while the commit was under way are asked for as well. */
  readonly replaces: (file: AddFile) => boolean
  /** Where the new content has every position. */
  readonly positions: readonly Txn[]
  /** Whether the new content has what an application has written up to a position found in the table; pure. */
  readonly covers: (found: Txn) => boolean
  readonly schema: TableSchema
  /** The properties the table is to have, by those it has; pure. */
  readonly configure: (configuration: Metadata['configuration']) => Metadata['configuration']
  readonly operation: string
}

export type SwapResult =
  | { readonly kind: 'committed'; readonly version: number; readonly removed: number }
  /** An application has written what the new content lacks; nothing was committed. `version` is the table's. */
  | { readonly kind: 'superseded'; readonly version: number; readonly appId: string }

/**
 * Gives a table another content, schema, properties and positions in one commit: readers and writers see all of it or
 * nothing. Rows appended with a position are never lost: the new content covers them, or is superseded. Throws when files
 * that stay do not fit the schema, the table is append-only, the store fails, or no try succeeds.
 *
 * @example
 * import { prepareAppend } from './append'
 *
 * const { adds } = await prepareAppend(table, rows)
 * const result = await swap(table, {
 *   adds,
 *   replaces: ({ partitionValues }) => partitionValues['date'] === '2010-12-01',
 *   positions: [{ appId: 'hub/0', version: 97 }],
 *   covers: ({ appId, version }) => appId === 'hub/0' && version <= 97,
 *   schema: table.schema,
 *   configure: (found) => found,
 *   operation: 'REBUILD',
 * })
 */
export async function swap(
  table: Table,
  content: Swap,
  { retry = defaultRetry }: { readonly retry?: Retry } = {},
): Promise<SwapResult> {
  const txnId = table.uuid()
  let removed = 0
  const plan = (snapshot: Snapshot): Plan<Extract<SwapResult, { kind: 'superseded' }>> => {
    const uncovered = [...snapshot.txns].find(([appId, version]) => !content.covers({ appId, version }))
    if (uncovered) {
      return { kind: 'stop', result: { kind: 'superseded', version: snapshot.version, appId: uncovered[0] } }
    }
    const old = [...snapshot.files.values()].filter(content.replaces)
    removed = old.length
    return { kind: 'commit', actions: exchange(table, snapshot, { content, old, txnId }) }
  }
  const outcome = await commitPlanned(table, plan, { txnId, retry })
  return outcome.kind === 'committed' ? { ...outcome, removed } : outcome
}

function exchange(
  table: Table,
  snapshot: Snapshot,
  { content, old, txnId }: { readonly content: Swap; readonly old: readonly AddFile[]; readonly txnId: string },
): readonly Action[] {
  if (old.length > 0) checkRemovable(table.root, snapshot)
  const nowMs = table.clock()
  const { adds, positions: txns, operation } = content
  return [
    ...openingActions(nowMs, { txns, operation, txnId, isBlindAppend: false }),
    { kind: 'metadata', metadata: metadataAfter(table, snapshot, { content, kept: snapshot.files.size - old.length }) },
    ...removeActions(old, { deletedMs: nowMs, dataChange: true }),
    ...addActions(adds),
  ]
}

/** Columns only nullable ones of which are new may be added to files that stay; without such files any schema will do. */
function metadataAfter(
  { root }: Table,
  { metadata, schema: found }: Snapshot,
  { content: { schema, configure }, kept }: { readonly content: Swap; readonly kept: number },
): Metadata {
  const configuration = configure(metadata.configuration)
  const fit = fitSchema(schema, found)
  switch (fit.kind) {
    case 'fits':
      return { ...metadata, configuration }
    case 'lacks':
      return { ...metadata, configuration, schemaString: withColumns(metadata.schemaString, schema.columns) }
    case 'differs': {
      if (kept > 0) throw new Error(`delta table ${root}: ${fit.difference}, and ${kept} files stay; replace them all`)
      const schemaString = toSchemaString(schema)
      return { ...metadata, configuration, schemaString, partitionColumns: schema.partitionBy }
    }
  }
}

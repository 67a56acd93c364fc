import { defaultRetry, type Move, openingActions } from './append'
import { commitPlanned, type Plan, type Retry } from './commit'
import type { Action, AddFile, Metadata } from './log'
import { fitSchema, type TableSchema, toSchemaString, withColumns } from './schema'
import type { Snapshot } from './state'
import type { Table } from './table'

/** A new content for a table, or for some of its partitions. */
export interface Swap {
  /** Data files that are stored already, written with `schema`. */
  readonly adds: readonly AddFile[]
  /** The files they take the place of; those appended while the commit was under way are asked for as well. */
  readonly replaces: (file: AddFile) => boolean
  /** Every position of the table, and where the new content has it: an application left out supersedes the swap. */
  readonly moves: readonly Move[]
  readonly schema: TableSchema
  /** The properties the table is to have, by those it has; pure. */
  readonly configure: (configuration: Metadata['configuration']) => Metadata['configuration']
  readonly operation: string
}

export type SwapResult =
  | { readonly kind: 'committed'; readonly version: number; readonly removed: number }
  /** A position is not where the swap was prepared from; nothing was committed. `version` is the table's. */
  | { readonly kind: 'superseded'; readonly version: number; readonly appId: string }

/**
 * Gives a table another content, schema, properties and positions in one commit: readers and writers see all of it or
 * nothing. Rows appended meanwhile are never lost: their application has moved, and the swap is superseded. Throws when
 * files that stay do not fit the schema, the table is append-only, the store fails, or no try succeeds.
 *
 * @example
 * const moves = [{ appId: 'hub/0', after: 41, version: 97 }]
 * await swap(table, { adds, replaces: () => true, moves, schema, configure: (found) => found, operation: 'REBUILD' })
 */
export async function swap(
  table: Table,
  content: Swap,
  { retry = defaultRetry }: { readonly retry?: Retry } = {},
): Promise<SwapResult> {
  const txnId = table.uuid()
  let removed = 0
  const plan = (snapshot: Snapshot): Plan<Extract<SwapResult, { kind: 'superseded' }>> => {
    const appId = movedElsewhere(snapshot, content.moves)
    if (appId !== undefined) {
      return { kind: 'stop', result: { kind: 'superseded', version: snapshot.version, appId } }
    }
    const old = [...snapshot.files.values()].filter(content.replaces)
    removed = old.length
    return { kind: 'commit', actions: exchange(table, snapshot, { content, old, txnId }) }
  }
  const outcome = await commitPlanned(table, plan, { txnId, retry })
  return outcome.kind === 'committed' ? { ...outcome, removed } : outcome
}

function movedElsewhere({ txns }: Snapshot, moves: readonly Move[]): string | undefined {
  // Positions compare by value: the log may hold as bigint what the caller holds as number.
  const moved = moves.find(({ appId, after }) => txns.get(appId)?.toString() !== after?.toString())
  return moved?.appId ?? [...txns.keys()].find((appId) => !moves.some((move) => move.appId === appId))
}

function exchange(
  table: Table,
  snapshot: Snapshot,
  { content, old, txnId }: { readonly content: Swap; readonly old: readonly AddFile[]; readonly txnId: string },
): readonly Action[] {
  // PROTOCOL.md, "Append-only Tables": a rule of writer version 2.
  if (old.length > 0 && snapshot.metadata.configuration['delta.appendOnly'] === 'true') {
    throw new Error(`delta table ${table.root}: expected no removes, it is append-only (delta.appendOnly)`)
  }
  const deletedMs = table.clock()
  const { adds, moves: txns, operation } = content
  return [
    ...openingActions(table, { txns, operation, txnId, isBlindAppend: false }),
    { kind: 'metadata', metadata: metadataAfter(table, snapshot, { content, kept: snapshot.files.size - old.length }) },
    ...old.map(({ path, partitionValues, sizeBytes }) => {
      return { kind: 'remove', file: { path, partitionValues, sizeBytes, deletedMs, dataChange: true } } as const
    }),
    ...adds.map((file) => ({ kind: 'add', file }) as const),
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

// The actions that log entries of this writer are made of.
// Tested in test/lake/write/commit.test.ts and swap.test.ts.

import { type Action, type AddFile, type Txn } from '../log/action'
import { type Snapshot } from '../log/snapshot'

/** What every entry of this writer begins with: who wrote it and why (commitInfo), and the positions it moves (txn). */
export function openingActions(
  nowMs: number,
  {
    txns = [],
    operation,
    txnId,
    isBlindAppend,
  }: {
    readonly txns?: readonly Txn[]
    readonly operation: string
    readonly txnId: string
    readonly isBlindAppend: boolean
  },
): readonly Action[] {
  const info = { timestampMs: nowMs, operation, parameters: {}, txnId, isBlindAppend }
  const moves = txns.map(({ appId, version }) => ({ kind: 'txn', txn: { appId, version, updatedMs: nowMs } }) as const)
  return [{ kind: 'commit-info', info }, ...moves]
}

/** Data files as the actions that bring them into the table. */
export function addActions(files: readonly AddFile[]): readonly Action[] {
  return files.map((file) => ({ kind: 'add', file }) as const)
}

/**
 * Data files as the actions that take them out of the table. `dataChange` is false when the same rows come back in other
 * files (PROTOCOL.md, "Add File and Remove File").
 */
export function removeActions(
  files: readonly AddFile[],
  { deletedMs, dataChange }: { readonly deletedMs: number; readonly dataChange: boolean },
): readonly Action[] {
  return files.map(({ path, partitionValues, sizeBytes }) => {
    return { kind: 'remove', file: { path, partitionValues, sizeBytes, deletedMs, dataChange } } as const
  })
}

/** Throws when rows may not be taken out of the table (PROTOCOL.md, "Append-only Tables": a rule of writer version 2). */
export function checkRemovable(root: string, { metadata }: Snapshot): void {
  if (metadata.configuration['delta.appendOnly'] !== 'true') return
  throw new Error(`delta table ${root}: expected no removes, it is append-only (delta.appendOnly)`)
}

import { type AddFile } from '../../lake/log/action'
import { type Snapshot } from '../../lake/log/snapshot'
import { fileView, readFile, selectFiles } from '../../lake/scan'
import { type Table } from '../../lake/table'

/*
 * Orphaned rows: a table has rows of a partition but no position for it. A commit brings both, so somebody's upkeep has
 * dropped the position: where `delta.setTransactionRetentionDuration` is set, other engines leave out of their checkpoints
 * each txn that is older than that. A stream that goes on then takes the table for empty and writes every row again.
 */

/** The property by which other engines drop positions. */
const retention = 'delta.setTransactionRetentionDuration'

/**
 * Throws, naming table and partition, when a table that has no position for a partition holds rows of it; to be asked only
 * then. Statistics of the log tell, which are in memory: a file's smallest and largest partition have rows in it. Files
 * of partitions on both sides are read, this column alone, and only where the table's properties let positions be dropped.
 */
export async function checkNoOrphans(table: Table, snapshot: Snapshot, partition: number): Promise<void> {
  const doubtful: AddFile[] = []
  for (const file of selectFiles(snapshot)) {
    const { min, max } = fileView(snapshot.schema, file)
    const [low, high] = [Number(min.partition_id ?? -Infinity), Number(max.partition_id ?? Infinity)]
    if (low === partition || high === partition) throw orphaned(table, snapshot, partition)
    if (low < partition && partition < high) doubtful.push(file)
  }
  if (snapshot.metadata.configuration[retention] === undefined) return
  for (const file of doubtful) {
    for await (const rows of readFile(table, file, { schema: snapshot.schema, columns: ['partition_id'] })) {
      if (rows.some((row) => row.partition_id === partition)) throw orphaned(table, snapshot, partition)
    }
  }
}

function orphaned({ root }: Table, { metadata: { name = root, configuration } }: Snapshot, partition: number): Error {
  const period = configuration[retention]
  const by = period === undefined ? 'set for a time, it seems' : `"${period}"`
  // Bronze is what the others are rebuilt from.
  const cure = root.startsWith('bronze/')
    ? 'remove the checkpoint that dropped it, see docs/troubleshooting.md, "positions dropped"'
    : `run npm run rebuild -- --tables ${name}`
  return new Error(
    `${root}: holds rows of partition ${partition} but no position for it: somebody's upkeep dropped it ` +
      `(${retention}, ${by}), and going on would write them twice; unset that property, then ${cure}`,
  )
}

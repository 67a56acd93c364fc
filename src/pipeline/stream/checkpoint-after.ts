// Tested in test/pipeline/stream/ingest.test.ts.
import { writeCheckpoint } from '../../lake/upkeep/checkpoint'
import { type Table } from '../../lake/table'
import { reasonOf } from '../../reason'
import { type Ports } from '../ports'

/** Versions this process has begun a checkpoint of: appends that share a commit come with the same one. */
const begun = new WeakMap<Table, number>()

/**
 * Delta checkpoint of a table, to be awaited when a commit is through: writes one when the version is one of those that
 * have one, so that a cold start reads few entries even between two runs of `upkeep`. Of all processes and partitions
 * only the one that made the commit writes it. Never throws: the table is as good without, which is logged.
 */
export async function checkpointAfter(
  { checkpointEveryCommits = Infinity, log }: Pick<Ports, 'checkpointEveryCommits' | 'log'>,
  table: Table,
  version: number,
): Promise<void> {
  if (version % checkpointEveryCommits !== 0 || begun.get(table) === version) return
  begun.set(table, version)
  try {
    await writeCheckpoint(table)
  } catch (error) {
    log('warn', `checkpoint of ${table.root} at ${version} left to the next: ${reasonOf(error)}`)
  }
}

// Tested in test/pipeline/stream/ingest.test.ts.
import { type State } from '../../fold/state'
import { type Row } from '../../lake/schema'
import { type Table } from '../../lake/table'
import { appendShared } from '../../lake/write/shared-append'

/*
 * Fencing: nothing keeps two processes from believing that they own a partition, so each commit names the position it
 * goes on from, and the log takes it only while it is at that position. The loser is `Superseded`. An `Owner` lives from
 * a resume to the first error: whatever went wrong, what it holds may be behind the log or ahead of it, and the next
 * batch resumes anew. It is changed in place by whoever takes a batch, one batch of the partition at a time.
 */

/** A partition as its owner has it in memory, all of it derived from the lake. */
export interface Owner {
  readonly partition: number
  /** Application id of the partition's positions. */
  readonly id: string
  /** The fold up to the position in bronze. */
  readonly state: State
  /** Sequence number of the last message that a table has taken: bronze, gaps, silver, gold. Absent: nothing yet. */
  readonly positions: Map<Table, number>
  /** The same of PostgreSQL. */
  warehouse: number | undefined
  /** Events folded since the state was saved. */
  sinceSaved: number
  /** Zones of stores that are none and that people have been told of; a till says its zone with every receipt. */
  readonly toldZones: Set<string>
}

/** Another owner of the partition has committed; what this one has in memory is out of date. */
export class Superseded extends Error {}

/**
 * Appends rows of the owner's partition to a table and moves the partition's position there, in one commit, which it may
 * share with other partitions of this process; returns the table's version. `upTo` is the sequence number of the last
 * message the rows come from. Throws `Superseded` when another owner has moved the position, and what `appendShared`
 * throws; the owner is of no use after either.
 */
export async function appendAs(
  owner: Owner,
  { table, rows, upTo }: { readonly table: Table; readonly rows: readonly Row[]; readonly upTo: number },
): Promise<number> {
  const { id, positions } = owner
  const moves = [{ appId: id, after: positions.get(table), version: upTo }]
  const result = await appendShared(table, { rows, moves, operation: 'STREAMING UPDATE' })
  if (result.kind === 'superseded') throw new Superseded(`${table.root}: ${id} was moved by another owner`)
  positions.set(table, upTo)
  return result.version
}

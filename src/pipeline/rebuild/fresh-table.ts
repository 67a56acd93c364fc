// Tested in test/pipeline/rebuild/rebuild.test.ts.
import { type Rules } from '../../fold/rules'
import { prepareAppend } from '../../lake/write/append'
import { type AddFile } from '../../lake/log/action'
import { isTable, openTable } from '../../lake/open-table'
import { type Row } from '../../lake/schema'
import { type Store } from '../../lake/store'
import { swap } from '../../lake/write/swap'
import { refresh, type Surroundings, type Table } from '../../lake/table'
import { appId, partitionOf, positionsOf } from '../position'
import { hasGotAny, mayLack, type Owed, type SinkPositions, stillOwed } from './owed'
import { type Placed } from '../rows/derived'
import { rulesOf, stamped } from '../rows/stamp'
import { goldStockout, type ScaledSpec } from '../rows/tables'

/*
 * A table's new content beside its old one. It lives as long as one rebuild: files are written from the first event on,
 * unseen, and either one commit swaps them in or they stay unnamed, for vacuum to remove. The old writer goes on:
 *
 *   fold      up to message 97, files stored
 *   stream    commits messages 98 and 99 under the old rules
 *   swap      reads the log: position 99 is beyond 97, so nothing is committed ('moved')
 *   fold      up to 99, the rows of 98 and 99 with it
 *   swap      commits: old files out, new files in, position 99, rules; the stream's next commit is refused
 *
 * The one way to get it wrong: rows of dates that stay must not be added while the old writer may still bring them.
 * `isCovered` is asked by the commit itself, on the state it lands on, and not before.
 */

/** What is needed to write a table anew. */
export interface TablePorts {
  readonly stream: string
  readonly store: Store
  readonly rules: Rules
  /** Clock, names and patience of the tables; the defaults are the real ones. */
  readonly surroundings?: Partial<Surroundings>
}

/** A table the fold fills, opened as it is. */
export interface OpenTable {
  readonly spec: ScaledSpec
  readonly table: Table
}

/** A new content for a silver or gold table, in files that nobody sees before the swap. Changed in place. */
export interface FreshTable extends OpenTable {
  /** The date from which the table is replaced; undefined: all of it. */
  readonly start: string | undefined
  /** What the table had taken when the new content was begun. */
  readonly before: SinkPositions
  /** Files of the new content. */
  readonly adds: AddFile[]
  /** Rows in those files. */
  written: number
  /** Rows on their way into the next file. */
  rows: Row[]
  /** Rows of dates that stay, which the table may lack. */
  readonly owed: Owed<Row>[]
}

/** What became of a table. */
export interface SwappedTable {
  readonly table: string
  readonly version: number
  readonly rows: number
  readonly filesAdded: number
  readonly filesRemoved: number
}

/** Rows gathered into one file of each date. */
const rowsPerFile = 100_000

/** Opens a table as it is, under whatever rules, creating it when it is not there. */
export async function openAsIs(
  { store, surroundings }: TablePorts,
  { name, root, schema }: ScaledSpec,
): Promise<Table> {
  const isThere = await isTable(store, root)
  return openTable({ store, root, ...(!isThere && { schema, name }), ...surroundings })
}

/** The date from which a table is replaced; an alert may be open for days, so alerts are replaced whole. */
export function startIn({ name }: ScaledSpec, from: string | undefined): string | undefined {
  return name === goldStockout.name ? undefined : from
}

/**
 * Begins a new content for a table. With `from`, rows of earlier dates stay, and what the table lacks of those when the
 * commit lands is added. Throws when the table has positions of another stream.
 */
export function beginTable(
  { stream }: TablePorts,
  { spec, from, table }: OpenTable & { readonly from: string | undefined },
): FreshTable {
  const before = positionsOf(table.seen.snapshot, stream)
  return { spec, table, start: startIn(spec, from), before, adds: [], written: 0, rows: [], owed: [] }
}

/** Takes rows of a partition, in the order of its log, and stores them whenever they fill a file. */
export async function takeRows(fresh: FreshTable, partition: number, placed: readonly Placed[]): Promise<void> {
  const { start, before, rows, owed } = fresh
  for (const { sequence, row } of placed) {
    const one = { partition, sequence, row }
    if (start === undefined || String(row.date) >= start) rows.push(row)
    else if (mayLack(before, one)) owed.push(one)
  }
  if (rows.length >= rowsPerFile) await flush(fresh)
}

/** Stores what is still in memory, so that the swap has little left to do. */
export async function flush(fresh: FreshTable): Promise<void> {
  const { rows } = fresh
  fresh.rows = []
  fresh.written += rows.length
  fresh.adds.push(...(await storeRows(fresh, rows)))
}

async function storeRows({ spec, table }: OpenTable, rows: readonly Row[]): Promise<readonly AddFile[]> {
  return (await prepareAppend({ ...table, schema: spec.schema }, rows)).adds
}

/**
 * Puts the new content, which goes up to these positions, in the place of the old, in one commit; 'moved', and nothing
 * is changed, when the old writer has come further (B2): fold on and ask again.
 */
export async function swapTable(
  { stream, rules }: TablePorts,
  fresh: FreshTable,
  folded: ReadonlyMap<number, number>,
): Promise<'moved' | SwappedTable> {
  await flush(fresh)
  const { spec, table, start, adds, written } = fresh
  const snapshot = await refresh(table)
  const late = stillOwed(fresh.owed, positionsOf(snapshot, stream))
  const lateAdds = await storeRows(
    fresh,
    late.map(({ row }) => row),
  )
  // The schema may have been changed by another rebuild; whether old files fit the new one, the swap looks itself.
  const result = await swap(
    { ...table, schema: snapshot.schema },
    {
      adds: [...adds, ...lateAdds],
      replaces: ({ partitionValues }) => start === undefined || (partitionValues.date ?? '') >= start,
      positions: Array.from(folded, ([partition, version]) => ({ appId: appId(stream, partition), version })),
      covers: ({ appId: id, version }) => {
        const partition = partitionOf(id, stream)
        return partition !== undefined && isCovered({ partition, sequence: Number(version) }, { folded, late })
      },
      schema: spec.schema,
      configure: (found) => stamped(found, { rules: rulesOf(rules, spec.name), from: start }),
      operation: 'REBUILD',
    },
  )
  if (result.kind === 'superseded') return 'moved'
  const filesAdded = adds.length + lateAdds.length
  const { version, removed: filesRemoved } = result
  return { table: spec.name, version, rows: written + late.length, filesAdded, filesRemoved }
}

/** Whether the new content has all that the old writer brought up to a position, and none of it twice. */
function isCovered(
  position: { readonly partition: number; readonly sequence: number },
  { folded, late }: { readonly folded: ReadonlyMap<number, number>; readonly late: readonly Owed<Row>[] },
): boolean {
  const end = folded.get(position.partition)
  // A late row that the old writer has brought after all would be there twice.
  return end !== undefined && position.sequence <= end && !hasGotAny(late, position)
}

import { type Rules } from '../../fold/rules'
import { prepareAppend } from '../../lake/write/append'
import { type AddFile } from '../../lake/log/action'
import { logFolder } from '../../lake/log/log-name'
import { type Row } from '../../lake/schema'
import { type Snapshot } from '../../lake/log/snapshot'
import { type Store } from '../../lake/store'
import { swap } from '../../lake/write/swap'
import { openTable, refresh, type Surroundings, type Table } from '../../lake/table'
import { appId, positionIn } from '../position'
import { type Placed } from '../rows/derived'
import { rulesOf, stamped } from '../rows/stamp'
import { goldStockout, type TableSpec } from '../rows/tables'

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
  readonly spec: TableSpec
  readonly table: Table
}

/** A new content for a silver or gold table, in files that nobody sees before the swap. */
export interface FreshTable {
  readonly spec: TableSpec
  /** Takes rows of a partition, in the order of its log. */
  take(partition: number, rows: readonly Placed[]): Promise<void>
  /** Stores what is still in memory, so that the swap has little left to do. */
  flush(): Promise<void>
  /** Puts the new content, which goes up to these positions, in the place of the old; 'moved' when that is further. */
  swap(positions: ReadonlyMap<number, number>): Promise<'moved' | SwappedTable>
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
export async function openAsIs({ store, surroundings }: TablePorts, { name, root, schema }: TableSpec): Promise<Table> {
  const isThere = (await store.list(logFolder(root))).length > 0
  return openTable({ store, root, ...(!isThere && { schema, name }), ...surroundings })
}

/** The date from which a table is replaced; an alert may be open for days, so alerts are replaced whole. */
export function startIn({ name }: TableSpec, from: string | undefined): string | undefined {
  return name === goldStockout.name ? undefined : from
}

/** A row of a date before the start, which the table may not have got. */
interface Owed extends Placed {
  readonly partition: number
}

/**
 * Begins a new content for a table. With `from`, rows of earlier dates stay; what the table has not got of those when
 * the commit lands is added, because the writer that owed it will be refused.
 */
export function beginTable(
  { stream, rules }: TablePorts,
  { spec, from, table }: { readonly spec: TableSpec; readonly from: string | undefined; readonly table: Table },
): FreshTable {
  const start = startIn(spec, from)
  const before = table.seen.snapshot
  const adds: AddFile[] = []
  const owed: Owed[] = []
  let rows: Row[] = []
  let written = 0
  const store = async (batch: readonly Row[]) => (await prepareAppend({ ...table, schema: spec.schema }, batch)).adds
  const flush = async () => {
    const batch = rows
    rows = []
    written += batch.length
    adds.push(...(await store(batch)))
  }
  return {
    spec,
    flush,
    take: async (partition, placed) => {
      const floor = floorOf(before, stream, partition)
      for (const one of placed) {
        if (start === undefined || String(one.row.date) >= start) rows.push(one.row)
        else if (one.sequence > floor) owed.push({ ...one, partition })
      }
      if (rows.length >= rowsPerFile) await flush()
    },
    swap: async (folded) => {
      await flush()
      const snapshot = await refresh(table)
      const late = owed.filter(({ partition, sequence }) => sequence > (positionIn(snapshot, stream, partition) ?? -1))
      const lateAdds = await store(late.map(({ row }) => row))
      const positions = Array.from(folded, ([partition, version]) => ({ appId: appId(stream, partition), version }))
      // The schema may have been changed by another rebuild; whether old files fit the new one, the swap looks itself.
      const result = await swap(
        { ...table, schema: snapshot.schema },
        {
          adds: [...adds, ...lateAdds],
          replaces: ({ partitionValues }) => start === undefined || (partitionValues.date ?? '') >= start,
          positions,
          // A late row that the old writer has brought after all would be there twice.
          covers: ({ appId: id, version }) =>
            positions.some((position) => position.appId === id && version <= position.version) &&
            !late.some(({ partition, sequence }) => appId(stream, partition) === id && sequence <= version),
          schema: spec.schema,
          configure: (found) => stamped(found, { rules: rulesOf(rules, spec.name), from: start }),
          operation: 'REBUILD',
        },
      )
      if (result.kind === 'superseded') return 'moved'
      const filesAdded = adds.length + lateAdds.length
      const { version, removed: filesRemoved } = result
      return { table: spec.name, version, rows: written + late.length, filesAdded, filesRemoved }
    },
  }
}

/** Rows above this the table may not have; a table that never had any is not owed what is before the start. */
function floorOf(before: Snapshot, stream: string, partition: number): number {
  return before.txns.size === 0 ? Infinity : (positionIn(before, stream, partition) ?? -1)
}

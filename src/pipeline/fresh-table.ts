import { rulesOf, stamped } from './stamp'
import { goldStockout, type TableSpec } from './tables'
import { type Placed } from './silver'
import { appId } from './ports'
import { positionIn } from './resume'
import { prepareAppend } from '../lake/append'
import { type AddFile } from '../lake/log'
import { type Row } from '../lake/schema'
import { readSnapshot } from '../lake/snapshot'
import { type Snapshot } from '../lake/state'
import { type Store } from '../lake/store'
import { swap } from '../lake/swap'
import { openTable, type Surroundings, type Table } from '../lake/table'
import { type Rules } from '../fold/rules'

/** What is needed to write a table anew. */
export interface TablePorts {
  readonly stream: string
  readonly store: Store
  readonly rules: Rules
  /** Clock, names and patience of the tables; the defaults are the real ones. */
  readonly surroundings?: Partial<Surroundings>
}

/** A new content for a silver or gold table, in files that nobody sees before the swap. */
export interface FreshTable {
  readonly spec: TableSpec
  /** Takes rows of a partition, in the order of its log. */
  take(partition: number, rows: readonly Placed[]): Promise<void>
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
  const isThere = (await readSnapshot(store, root)) !== undefined
  return openTable({ store, root, ...(!isThere && { schema, name }), ...surroundings })
}

/** The date from which a table is replaced; an alert may be open for days, so alerts are replaced whole. */
export function startIn({ name }: TableSpec, from: string | undefined): string | undefined {
  return name === goldStockout.name ? undefined : from
}

/**
 * Begins a new content for a table. With `from`, rows of earlier dates stay; what the table has not got of those when
 * the commit lands is added, because the writer that owed it will be refused.
 */
export function beginTable(
  ports: TablePorts,
  { spec, from, table: opened }: { readonly spec: TableSpec; readonly from: string | undefined; readonly table: Table },
): FreshTable {
  const start = startIn(spec, from)
  const before = opened.seen.snapshot
  const adds: AddFile[] = []
  let rows: Row[] = []
  let written = 0
  const owed: { readonly partition: number; readonly placed: Placed }[] = []
  const store = async (batch: readonly Row[]) => (await prepareAppend({ ...opened, schema: spec.schema }, batch)).adds
  const flush = async () => {
    const batch = rows
    rows = []
    written += batch.length
    if (batch.length > 0) adds.push(...(await store(batch)))
  }
  return {
    spec,
    take: async (partition, placed) => {
      const floor = floorOf(before, appId(ports.stream, partition))
      for (const one of placed) {
        if (start === undefined || String(one.row.date) >= start) rows.push(one.row)
        else if (one.sequence > floor) owed.push({ partition, placed: one })
      }
      if (rows.length >= rowsPerFile) await flush()
    },
    swap: async (positions) => {
      await flush()
      const table = await openAsIs(ports, spec)
      const found = (partition: number) => positionIn(table.seen.snapshot, appId(ports.stream, partition))
      if ([...positions].some(([partition, position]) => (found(partition) ?? -1) > position)) return 'moved'
      const late = owed.filter(({ partition, placed }) => placed.sequence > (found(partition) ?? -1))
      const lateAdds = await store(late.map(({ placed }) => placed.row))
      const result = await swap(table, {
        adds: [...adds, ...lateAdds],
        replaces: ({ partitionValues }) => start === undefined || (partitionValues.date ?? '') >= start,
        moves: Array.from(positions, ([partition, version]) => {
          return { appId: appId(ports.stream, partition), after: found(partition), version }
        }),
        schema: spec.schema,
        configure: (found) => stamped(found, { rules: rulesOf(ports.rules, spec.name), from: start }),
        operation: 'REBUILD',
      })
      if (result.kind === 'superseded') return 'moved'
      return {
        table: spec.name,
        version: result.version,
        rows: written + late.length,
        filesAdded: adds.length + lateAdds.length,
        filesRemoved: result.removed,
      }
    },
  }
}

/** Rows above this the table may not have; a table that never had any is not owed what is before the start. */
function floorOf(before: Snapshot, id: string): number {
  return before.txns.size === 0 ? Infinity : (positionIn(before, id) ?? -1)
}

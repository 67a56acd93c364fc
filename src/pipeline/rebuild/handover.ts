// Tested in test/pipeline/rebuild/rebuild.test.ts.
import { rulesId } from '../../fold/rules'
import { refresh } from '../../lake/table'
import { type Warehouse } from '../../warehouse/connection'
import { readSink } from '../../warehouse/live'
import { type OpenTable, type TablePorts } from './fresh-table'
import { type Ports } from '../ports'
import { positionIn } from '../position'
import { type Refold } from './refold'
import { saveState } from '../stream/saved-states'
import { rulesOf, stampOf } from '../rows/stamp'

/*
 * How a rebuild hands a partition to the stream: by a saved state, from which the next resume goes on. It must be no
 * further than every sink has come (B3), for a resume offers the sinks nothing from before the state it starts with.
 */

/** Sequence number of the newest row a fold has put out, by `rowKey`. */
export type NewestRows = Map<string, number>

/** A table and a partition as one key of `NewestRows`. */
export function rowKey(table: string, partition: number): string {
  return `${table}/${partition}`
}

/**
 * Saves the state of each partition of which every sink has all the rows, so that the stream resumes there instead of
 * folding from the start; returns which. Sinks of other rules do not count: nobody resumes before they are replaced, and
 * they are replaced by rows that go at least as far.
 */
export async function saveStates(
  ports: TablePorts & { readonly warehouse: Warehouse; readonly unique: Ports['unique'] },
  {
    refold,
    newest,
    tables,
    but = [],
  }: {
    readonly refold: Refold
    readonly newest: NewestRows
    /** All that the fold fills. */
    readonly tables: readonly OpenTable[]
    /** Partitions that need no saving. */
    readonly but?: readonly number[]
  },
): Promise<readonly number[]> {
  const late = [await behindInLake(ports, { refold, newest, tables }), await behindLive(ports, refold)]
  const behind = new Set([...but, ...late.flat()])
  const saved: number[] = []
  for (const [partition, { position, state }] of refold.partitions) {
    if (position === undefined || behind.has(partition)) continue
    const place = { stream: ports.stream, partition }
    const saving = { saved: { sequence: position, state }, rules: ports.rules, unique: ports.unique() }
    await saveState(ports.store, place, saving)
    saved.push(partition)
  }
  return saved
}

async function behindInLake(
  ports: TablePorts,
  {
    refold,
    newest,
    tables,
  }: { readonly refold: Refold; readonly newest: NewestRows; readonly tables: readonly OpenTable[] },
): Promise<readonly number[]> {
  const behind: number[] = []
  for (const { spec, table } of tables) {
    const snapshot = await refresh(table)
    if (stampOf(snapshot) !== rulesOf(ports.rules, spec.name)) continue
    for (const partition of refold.partitions.keys()) {
      const has = positionIn(snapshot, ports.stream, partition) ?? -1
      if ((newest.get(rowKey(spec.name, partition)) ?? -1) > has) behind.push(partition)
    }
  }
  return behind
}

async function behindLive(
  { warehouse, stream, rules }: TablePorts & { readonly warehouse: Warehouse },
  refold: Refold,
): Promise<readonly number[]> {
  const behind: number[] = []
  for (const [partition, position] of refold.positions()) {
    const sink = await readSink(warehouse, { stream, partition })
    if (sink?.rules === rulesId(rules) && sink.sequence < position) behind.push(partition)
  }
  return behind
}

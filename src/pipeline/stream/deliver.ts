import { rulesId } from '../../fold/rules'
import { type Emit, type WindowRow } from '../../fold/step'
import { appendShared } from '../../lake/write/shared-append'
import { applyBatch } from '../../warehouse/live'
import { type Ports } from '../ports'
import { appId } from '../position'
import { lakeRow, liveChanges, type Placed, tableOf } from '../rows/derived'
import { checkpointAfter } from '../upkeep'

/** How far each sink has taken a partition: by silver or gold table, and PostgreSQL. Undefined: nothing yet. */
export interface SinkPositions {
  readonly tables: Map<string, number>
  warehouse: number | undefined
}

/** What a stretch of the log changed downstream of bronze. */
export interface Effects {
  readonly partition: number
  /** Sequence number of the last message of the stretch. */
  readonly sequence: number
  readonly out: readonly Emit[]
  readonly live: readonly WindowRow[]
}

/** Another owner of the partition has committed; what this one holds in memory is out of date. */
export class Superseded extends Error {}

/**
 * Brings silver, gold and PostgreSQL up to a stretch of the log. Rows a sink has already taken are skipped, so doing it
 * again after any crash, with the stretch cut differently, changes nothing (G2). Throws `Superseded` when another owner
 * has moved a table meanwhile; after any error the caller must forget its state and resume.
 */
export async function deliver(ports: Ports, effects: Effects, positions: SinkPositions): Promise<void> {
  const results = await Promise.allSettled([
    deliverWarehouse(ports, effects, positions),
    ...byTable(effects, positions).map(([name, rows]) => deliverTable(ports, effects, { name, rows, positions })),
  ])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

/** Rows the tables do not have yet, by table. */
function byTable({ partition, out }: Effects, { tables }: SinkPositions): [string, Placed[]][] {
  const fresh = out.filter((emit) => emit.at.sequence > (tables.get(tableOf(emit)) ?? -1))
  const grouped = new Map<string, Placed[]>()
  for (const row of fresh.map((emit) => lakeRow(partition, emit))) {
    const rows = grouped.get(row.table)
    if (rows) rows.push(row)
    else grouped.set(row.table, [row])
  }
  return [...grouped]
}

async function deliverTable(
  ports: Ports,
  { partition, sequence }: Effects,
  { name, rows, positions }: { name: string; rows: readonly Placed[]; positions: SinkPositions },
): Promise<void> {
  const table = ports.tables.derived.get(name)
  if (!table) throw new Error(`pipeline: expected a table for ${name}, found none; add it where tables are opened`)
  const id = appId(ports.stream, partition)
  const result = await appendShared(table, {
    rows: rows.map(({ row }) => row),
    moves: [{ appId: id, after: positions.tables.get(name), version: sequence }],
    operation: 'STREAMING UPDATE',
  })
  if (result.kind === 'superseded') throw new Superseded(`${name}: ${id} was moved by another owner`)
  positions.tables.set(name, sequence)
  await checkpointAfter(ports, table, result.version)
}

async function deliverWarehouse(ports: Ports, effects: Effects, positions: SinkPositions): Promise<void> {
  const { partition, sequence } = effects
  if (positions.warehouse !== undefined && sequence <= positions.warehouse) return
  const changes = liveChanges(ports.rules.rollups, effects)
  const batch = { stream: ports.stream, partition, sequence, rules: rulesId(ports.rules), ...changes }
  const { position } = await applyBatch(ports.warehouse, batch)
  positions.warehouse = position
}

// Tested in test/pipeline/stream/ingest.test.ts.
import { refresh, type Table } from '../../lake/table'
import { metricNames, record } from '../../observe/metrics'
import { takeInstallation } from '../../warehouse/installation'
import { readSink } from '../../warehouse/live'
import { type Ports } from '../ports'
import { appId, checkOneStream, positionIn } from '../position'
import { checkSink, checkTable, stampTables } from '../rows/stamp'
import { deliver } from './deliver'
import { foldBronze } from './fold-bronze'
import { checkNoOrphans } from './orphans'
import { type Owner } from './owner'
import { loadState } from './saved-states'

/**
 * Recovery: takes over a partition, its position from bronze's log, its state from the newest usable saved state and the
 * bronze rows after that, folded again. Sinks that had not got that far, because the last owner died on the way, are
 * brought up to date by what that puts out. Throws, naming it, when a sink was folded by other rules or bronze has the partition of another stream.
 */
export async function resume(ports: Ports, partition: number): Promise<Owner> {
  const startedMs = ports.clock()
  const bronze = await refresh(ports.tables.bronze)
  const position = positionIn(bronze, ports.stream, partition)
  if (position === undefined) {
    checkOneStream(bronze, ports.stream, partition)
    await checkNoOrphans(ports.tables.bronze, bronze, partition)
  }
  if (bronze.txns.size === 0) await stampTables(ports.tables.derived, ports.rules)
  // Where they differ the daily batch refuses them; what is folded here goes by neither days nor weeks.
  await ports.warehouse.transaction((session) => takeInstallation(session, ports.installation))
  const place = { stream: ports.stream, partition }
  const { positions, warehouse } = await sinkPositions(ports, partition)
  if (position !== undefined) positions.set(ports.tables.bronze, position)
  // A database restored from a backup is behind the saved states: only what is folded from before its end fills it.
  const upTo = Math.min(position ?? -1, warehouse ?? -1)
  const { saved, refused } = await loadState(ports.store, place, { upTo, rules: ports.rules })
  for (const { path, reason } of refused) ports.log('warn', `saved state ${path} not used: ${reason}`)
  const id = appId(ports.stream, partition)
  const owner: Owner = { partition, id, state: saved.state, positions, warehouse, sinceSaved: 0, toldZones: new Set() }
  if (position !== undefined) {
    const stretch = { state: owner.state, partition, after: saved.sequence, bronze }
    await foldBronze(ports, stretch, async (effects, events) => {
      owner.sinceSaved += events
      await deliver(ports, owner, effects)
      record(metricNames.foldedAgain, events, { partition: String(partition) })
    })
  }
  const tookMs = ports.clock() - startedMs
  record(metricNames.resumeMs, tookMs, { partition: String(partition) })
  ports.log(
    'info',
    `partition ${partition} resumed at ${position ?? 'the start'}: saved state of ${saved.sequence}, ` +
      `${owner.sinceSaved} events folded again, ${tookMs} ms`,
  )
  return owner
}

/** How far each sink is; throws, naming it, when one was folded by other rules. */
async function sinkPositions(
  { stream, tables, warehouse, rules }: Ports,
  partition: number,
): Promise<{ readonly positions: Map<Table, number>; readonly warehouse: number | undefined }> {
  const positions = new Map<Table, number>()
  const look = async (table: Table, derived?: string) => {
    const snapshot = await refresh(table)
    if (derived !== undefined) checkTable(rules, { name: derived, root: table.root, snapshot })
    const position = positionIn(snapshot, stream, partition)
    if (position === undefined) await checkNoOrphans(table, snapshot, partition)
    else positions.set(table, position)
  }
  await Promise.all([...Array.from(tables.derived, ([name, table]) => look(table, name)), look(tables.gaps)])
  const sink = await readSink(warehouse, { stream, partition })
  checkSink(rules, sink)
  return { positions, warehouse: sink?.sequence }
}

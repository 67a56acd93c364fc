// Tested in test/pipeline/stream/ingest.test.ts.
import { isZone } from '../../business/zone'
import { rulesId } from '../../fold/rules'
import { type Row } from '../../lake/schema'
import { type Table } from '../../lake/table'
import { applyBatch } from '../../warehouse/live'
import { type Ports } from '../ports'
import { lakeRow, liveChanges, tableOf } from '../rows/derived'
import { checkpointAfter } from './checkpoint-after'
import { type Effects } from './fold-bronze'
import { appendAs, type Owner } from './owner'

/**
 * Brings silver, gold and PostgreSQL up to a stretch of the log. Rows a sink has already taken are skipped, so doing it
 * again after any crash, with the stretch cut differently, changes nothing (G2). Throws `Superseded` when another owner
 * has moved a table meanwhile; after any error the caller must forget the owner and resume.
 */
export async function deliver(ports: Ports, owner: Owner, effects: Effects): Promise<void> {
  const upTo = effects.sequence
  const fresh = byTable(ports, owner, effects)
  const results = await Promise.allSettled([
    deliverWarehouse(ports, owner, effects),
    ...Array.from(fresh, async ([table, rows]) => {
      const version = await appendAs(owner, { table, rows, upTo })
      await checkpointAfter(ports, table, version)
    }),
  ])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

/** Rows the tables do not have yet, by table. */
function byTable({ tables }: Ports, { partition, positions }: Owner, { out }: Effects): ReadonlyMap<Table, Row[]> {
  const grouped = new Map<Table, Row[]>()
  for (const emit of out) {
    const name = tableOf(emit)
    const table = tables.derived.get(name)
    if (!table) throw new Error(`pipeline: expected a table for ${name}, found none; add it where tables are opened`)
    if (emit.at.sequence <= (positions.get(table) ?? -1)) continue
    const rows = grouped.get(table) ?? []
    grouped.set(table, rows)
    rows.push(lakeRow(partition, emit).row)
  }
  return grouped
}

async function deliverWarehouse(ports: Ports, owner: Owner, effects: Effects): Promise<void> {
  const { sequence } = effects
  if (owner.warehouse !== undefined && sequence <= owner.warehouse) return
  const changes = liveChanges(ports.rules, effects)
  const place = { stream: ports.stream, partition: owner.partition, sequence }
  const batch = { ...place, rules: rulesId(ports.rules), ...changes, zones: effects.zones }
  const { position } = await applyBatch(ports.warehouse, batch)
  owner.warehouse = position
  tellStrangeZones(ports, owner, effects)
}

function tellStrangeZones({ log }: Ports, { partition, toldZones }: Owner, { zones }: Effects): void {
  const strange = zones.map(({ zone }) => zone).filter((zone) => !toldZones.has(zone) && !isZone(zone))
  for (const zone of strange) {
    toldZones.add(zone)
    log(
      'warn',
      `partition ${partition}: expected storeZone to be an IANA time zone, got "${zone}"; the store keeps its days`,
    )
  }
}

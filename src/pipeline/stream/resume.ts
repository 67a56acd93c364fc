import { type State } from '../../fold/state'
import { refresh } from '../../lake/table'
import { type Snapshot } from '../../lake/log/snapshot'
import { metricNames, record } from '../../observe/metrics'
import { readSink } from '../../warehouse/live'
import { deliver, type SinkPositions } from './deliver'
import { appId, type Ports } from '../ports'
import { replay } from './fold-bronze'
import { checkNoOrphans } from './orphans'
import { readSnapshot } from './saved-states'
import { checkSink, checkTable, stampTables } from '../rows/stamp'
import { bronzeGaps } from '../rows/tables'

/** A partition as its owner holds it in memory, all of it derived from the lake. */
export interface Owned {
  /** Sequence number of the last message in bronze; undefined before the first. */
  position: number | undefined
  readonly state: State
  readonly positions: SinkPositions
  /** Events folded since the last snapshot. */
  sinceSnapshot: number
}

/**
 * Takes over a partition: position from bronze's log, state from the newest usable snapshot plus a replay of the bronze
 * rows after it. Sinks that had not got that far, because the last owner died on the way, are brought up to date by the
 * replay.
 */
export async function resume(ports: Ports, partition: number): Promise<Owned> {
  const startedMs = ports.clock()
  const bronze = await refresh(ports.tables.bronze)
  const position = positionIn(bronze, appId(ports.stream, partition))
  if (position === undefined) {
    checkStream(bronze, ports, partition)
    await checkNoOrphans(ports.tables.bronze, bronze, partition)
  }
  if (bronze.txns.size === 0) await stampTables(ports.tables.derived, ports.rules)
  const place = { stream: ports.stream, partition }
  const positions = await sinkPositions(ports, partition)
  // A database restored from a backup is behind its snapshots: only a replay from before it stopped brings it up to date.
  const upTo = Math.min(position ?? -1, positions.warehouse ?? -1)
  const { saved, refused } = await readSnapshot(ports.store, place, { upTo, rules: ports.rules })
  for (const { path, reason } of refused) ports.log('warn', `snapshot ${path} not used: ${reason}`)
  const owned: Owned = { position, state: saved.state, positions, sinceSnapshot: 0 }
  if (position !== undefined) {
    const stretch = { state: owned.state, partition, after: saved.sequence, bronze }
    await replay(ports, stretch, async (effects, events) => {
      owned.sinceSnapshot += events
      await deliver(ports, effects, positions)
    })
  }
  const tookMs = ports.clock() - startedMs
  record(metricNames.resumeMs, tookMs, { partition: String(partition) })
  ports.log(
    'info',
    `partition ${partition} resumed at ${position ?? 'the start'}: snapshot ${saved.sequence}, ` +
      `${owned.sinceSnapshot} events replayed, ${tookMs} ms`,
  )
  return owned
}

/** How far each sink is; throws, naming it, when one was folded by other rules. */
async function sinkPositions({ stream, tables, warehouse, rules }: Ports, partition: number): Promise<SinkPositions> {
  const id = appId(stream, partition)
  const sinks = [...tables.derived, [bronzeGaps.name, tables.gaps] as const]
  const found = await Promise.all(
    sinks.map(async ([name, table]) => {
      const snapshot = await refresh(table)
      if (tables.derived.has(name)) checkTable(rules, { name, root: table.root, snapshot })
      const position = positionIn(snapshot, id)
      if (position === undefined) await checkNoOrphans(table, snapshot, partition)
      return [name, position] as const
    }),
  )
  const known = found.filter((entry): entry is readonly [string, number] => entry[1] !== undefined)
  const sink = await readSink(warehouse, { stream, partition })
  checkSink(rules, sink)
  return { tables: new Map(known), warehouse: sink?.sequence }
}

/** The position an application has in a table; undefined when it has none. */
export function positionIn(snapshot: Snapshot, id: string): number | undefined {
  const version = snapshot.txns.get(id)
  return version === undefined ? undefined : Number(version)
}

/** Throws when the partition's rows are another stream's: two of them would share numbers, and neither could resume. */
function checkStream(bronze: Snapshot, { stream }: Ports, partition: number): void {
  const suffix = appId('', partition)
  const other = [...bronze.txns.keys()].find((id) => id.endsWith(suffix))
  if (other === undefined) return
  throw new Error(
    `partition ${partition}: expected bronze of stream "${stream}", got "${other.slice(0, -suffix.length)}"; set ` +
      'STREAM_NAME to that, and raise HUB_GENERATION if another hub takes its place; or give this hub a lake of its own',
  )
}

// Tested in test/sim/crash/simulation.test.ts.
import { dayMs } from '../../src/day'
import { encodeActions } from '../../src/lake/log/action'
import { refresh, type Table } from '../../src/lake/table'
import { writeCheckpoint } from '../../src/lake/upkeep/checkpoint'
import { cleanLog } from '../../src/lake/upkeep/clean-log'
import { compactable, compactPartition } from '../../src/lake/upkeep/compact'
import { vacuum } from '../../src/lake/upkeep/vacuum'
import { type LakeTables, type Ports } from '../../src/pipeline/ports'
import { upkeep } from '../../src/pipeline/upkeep'

/** Something that runs beside the stream, as a timer would start it, in a process of its own. */
export interface Beside {
  /** It starts when the stream has taken this share of the workload, from 0 to 1. */
  readonly startsAt: number
  run(ports: Ports): Promise<unknown>
}

/** Commits between two checkpoints of a table's log, in runs with upkeep. */
export const checkpointEveryCommits = 10

/**
 * When most of the workload is in: another engine's upkeep of one silver table; then ours of bronze, two days on, so
 * that the days being written to count as finished and compaction and stream work on the same files. The other tables
 * are no different to it.
 */
export const upkeepBeside: readonly Beside[] = [
  {
    startsAt: 0.6,
    run: async ({ tables, log, clock }) => {
      await foreignUpkeep(tables)
      await upkeep(
        { tables: { ...tables, derived: new Map() }, log },
        { nowMs: clock() + 2 * dayMs, settings: { checkpointEveryCommits: 5 } },
      )
    },
  },
]

/**
 * What other engines do to a table in use: a column of a type this code has not, OPTIMIZE of days that are not over,
 * and a checkpoint of positions without their dates.
 */
async function foreignUpkeep({ derived }: LakeTables): Promise<void> {
  const table = derived.get('sales_1m')
  if (!table) throw new Error('foreign upkeep: expected table sales_1m')
  await addForeignColumn(table)
  for (const { partition } of compactable(await refresh(table))) {
    await compactPartition(table, { partition, orderBy: ['store_id'] })
  }
  const snapshot = await refresh(table)
  await writeCheckpoint({ ...table, seen: { ...table.seen, snapshot: { ...snapshot, txnDates: new Map() } } })
}

async function addForeignColumn(table: Table): Promise<void> {
  const { store, root } = table
  for (;;) {
    const { metadata, version } = await refresh(table)
    const { fields } = JSON.parse(metadata.schemaString) as { readonly fields: readonly { readonly name: string }[] }
    if (fields.some(({ name }) => name === 'tags')) return
    const type = { type: 'array', elementType: 'string', containsNull: true }
    const tags = { name: 'tags', type, nullable: true, metadata: {} }
    const schemaString = JSON.stringify({ type: 'struct', fields: [...fields, tags] })
    const staged = `${root}/_staged/${table.uuid()}`
    await store.put(staged, encodeActions([{ kind: 'metadata', metadata: { ...metadata, schemaString } }]))
    await store.rename(staged, `${root}/_delta_log/${String(version + 1).padStart(20, '0')}.json`)
  }
}

/**
 * What time does to the lake after a run: everything that was taken out or left behind is past its retention, and so is
 * the log before the last checkpoint.
 */
export async function passTime({ bronze, derived }: LakeTables, nowMs: number): Promise<void> {
  for (const table of [bronze, ...derived.values()]) {
    await vacuum(table, { nowMs: nowMs + 40 * dayMs })
    await cleanLog(table, { nowMs: nowMs + 40 * dayMs })
  }
}

// Tested in test/sim/crash/simulation.test.ts.
import { type Store } from '../../src/lake/store'
import { readRows } from '../../src/lake/scan'
import { openTable } from '../../src/lake/open-table'
import { refresh } from '../../src/lake/table'
import { bronzeEvents, bronzeGaps, derivedTables, goldStockout, type ScaledSpec } from '../../src/pipeline/rows/tables'
import { liveTable } from '../../src/pipeline/rows/derived'
import { type Warehouse } from '../../src/warehouse/connection'
import { takeInstallation } from '../../src/warehouse/installation'
import { primaryKeyOf } from '../../src/warehouse/table'
import { installation } from '../installation'
import { rules } from './workload'

/** The tables of the lake that a run is judged by. */
const lakeTables: readonly ScaledSpec[] = [bronzeEvents, bronzeGaps, ...derivedTables(rules)]

/** The tables of the database that a run is judged by, with the columns that say which row is which. */
const databaseTables: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    rules.rollups.map((rollup) => [
      rollup.name,
      primaryKeyOf(liveTable(rollup, rules))
        .map(({ name }) => name)
        .join(', '),
    ]),
  ),
  gold_stockout: 'store_id, product_id, opened_at, partition_id',
  sink_position: 'stream, partition_id',
  stores: 'store_id',
}

/** A row as text, and what makes it that row and no other. */
export interface IdentifiedRow {
  readonly id: string
  readonly text: string
}

/** Everything a run has left, by table. */
export type Rows = ReadonlyMap<string, readonly IdentifiedRow[]>

export async function readEverything(store: Store, warehouse: Warehouse): Promise<Rows> {
  const found = new Map<string, readonly IdentifiedRow[]>()
  for (const { name, root, schema } of lakeTables) {
    const table = await openTable({ store, root, schema, name })
    const rows: IdentifiedRow[] = []
    for await (const group of readRows(table, await refresh(table)))
      rows.push(...group.map((row) => lakeRow(name, row)))
    found.set(name, rows)
  }
  for (const [name, key] of Object.entries(databaseTables)) {
    const rows = await warehouse.query(
      `SELECT concat_ws(' ', ${key}) AS id, (to_jsonb(t) - 'updated_at')::text AS text FROM ${name} AS t`,
    )
    found.set(
      `postgres ${name}`,
      rows.map(({ id, text }) => ({ id: id ?? '', text: text ?? '' })),
    )
  }
  return found
}

/** Empties the database but for what the installation is; rows are few, and DELETE is faster than TRUNCATE then. */
export async function emptyDatabase(warehouse: Warehouse): Promise<void> {
  // Else the first run would write it, and 25,000 business days, and have other steps than all that follow.
  await warehouse.transaction((session) => takeInstallation(session, installation))
  await warehouse.query(
    `WITH ${Object.keys(databaseTables)
      .map((name) => `d_${name} AS (DELETE FROM ${name})`)
      .join(', ')} SELECT 1`,
  )
}

function lakeRow(table: string, row: Readonly<Record<string, unknown>>): IdentifiedRow {
  const text = JSON.stringify(row, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
  return { id: lakeId(table, row), text }
}

const position = ['partition_id', 'sequence', 'item']
const keys: Readonly<Record<string, readonly string[]>> = {
  [bronzeEvents.name]: position,
  [bronzeGaps.name]: ['partition_id', 'first_sequence'],
  [goldStockout.name]: ['store_id', 'product_id', 'opened_at', 'change'],
}

function lakeId(table: string, row: Readonly<Record<string, unknown>>): string {
  const dimensions = rules.rollups.find(({ name }) => name === table)?.dimensions ?? []
  const window = ['window_start', 'partition_id', ...dimensions.map(({ name }) => name), 'kind']
  const columns = keys[table] ?? [...window, ...(row.kind === 'correction' ? position : [])]
  return columns.map((column) => String(row[column])).join(' ')
}

/** How many rows are not there, there more than once or uncalled for, and there with another content. */
export interface Difference {
  readonly lost: number
  readonly duplicated: number
  readonly wrong: number
  /** Some of them, for people. */
  readonly examples: readonly string[]
}

/** Compares what a run left with what it should have left. */
export function differenceOf(expected: Rows, found: Rows): Difference {
  const total = { lost: 0, duplicated: 0, wrong: 0, examples: [] as string[] }
  for (const [table, rows] of expected) {
    const missing = without(rows, found.get(table) ?? [])
    const extra = without(found.get(table) ?? [], rows)
    for (const row of missing) {
      const changed = extra.findIndex(({ id }) => id === row.id)
      const [instead] = changed === -1 ? [] : extra.splice(changed, 1)
      total[instead ? 'wrong' : 'lost'] += 1
      total.examples.push(`${instead ? 'wrong' : 'lost'} ${table} ${row.text}${instead ? ` is ${instead.text}` : ''}`)
    }
    total.duplicated += extra.length
    total.examples.push(...extra.map(({ text }) => `duplicated ${table} ${text}`))
  }
  return { ...total, examples: total.examples.slice(0, 12) }
}

/** The rows of a bag that another bag lacks, each as often as it lacks it. */
function without(rows: readonly IdentifiedRow[], other: readonly IdentifiedRow[]): IdentifiedRow[] {
  const counts = new Map<string, number>()
  for (const { text } of other) counts.set(text, (counts.get(text) ?? 0) + 1)
  return rows.filter(({ text }) => {
    const left = counts.get(text) ?? 0
    counts.set(text, left - 1)
    return left <= 0
  })
}

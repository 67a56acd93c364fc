// Tested in test/tools/verify/verify.test.ts.
import { type Warehouse } from '../../src/warehouse/connection'
import { type Engine } from './engine'
import { goldColumns, goldTables } from './gold'
import { figureColumns, rollups } from './rollups'

/** The tables of PostgreSQL and the columns compared. */
export const columns: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    rollups.map((rollup) => [
      rollup.name,
      ['window_start', ...rollup.keys, ...figureColumns(rollup).map(({ name }) => name), 'closed', 'partition_id'],
    ]),
  ),
  gold_stockout: ['store_id', 'product_id', 'opened_at', 'last_sale_at', 'resolved_at', 'status', 'partition_id'],
  sink_position: ['stream', 'partition_id', 'sequence'],
  daily_batch: ['date', 'run', 'batched_at', 'read_up_to', 'stale'],
  installation: ['zone', 'day_start'],
  stores: ['store_id', 'zone', 'day_start', 'source'],
  ...Object.fromEntries(goldTables.map((table) => [table.name, goldColumns(table)])),
}

/** Copies the tables of PostgreSQL into schema `pg`, each as of one moment, in the text form PostgreSQL gives. */
export async function loadWarehouse({ connection }: Engine, warehouse: Warehouse): Promise<void> {
  for (const [table, names] of Object.entries(columns)) {
    const list = names.join(', ')
    await connection.run(`CREATE TABLE pg.copied (${names.map((name) => `${name} VARCHAR`).join(', ')})`)
    const copied = await connection.createAppender('copied', 'pg')
    for await (const page of warehouse.pages(`SELECT ${list} FROM ${table}`)) {
      for (const row of page) {
        for (const name of names) {
          const text = row[name]
          if (text === null || text === undefined) copied.appendNull()
          else copied.appendVarchar(text)
        }
        copied.endRow()
      }
      copied.flushSync()
    }
    copied.closeSync()
    await connection.run(
      `INSERT INTO pg.${table} (${list}) SELECT ${names.map(asRead).join(', ')} FROM pg.copied; DROP TABLE pg.copied`,
    )
  }
}

/** A copied column: a sketch without the mark that PostgreSQL puts before hexadecimal digits. */
function asRead(name: string): string {
  return name.endsWith('_sketch') ? `${name}[3:]` : name
}

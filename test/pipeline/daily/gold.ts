import { readRows } from '../../../src/lake/scan'
import { refresh } from '../../../src/lake/table'
import { dailyTables, warehouseTable } from '../../../src/pipeline/daily/tables'
import { type Ports } from '../../../src/pipeline/ports'
import { readTable } from '../../warehouse/read-table'

/** Rows of a gold table as text, the named columns by spaces, in an order of its own; the same in both places. */
export async function goldOf(ports: Ports, name: string, columns: string): Promise<string[]> {
  const { delta, postgres } = await goldIn(ports, name, columns)
  expect(postgres).toEqual(delta)
  return delta
}

/** The same as the lake has it and as PostgreSQL has it. */
export async function goldIn(
  { tables, warehouse, rules }: Ports,
  name: string,
  columns: string,
): Promise<{ readonly delta: string[]; readonly postgres: string[] }> {
  const show = (row: Readonly<Record<string, unknown>>) =>
    columns
      .split(' ')
      .map((column) => String(row[column]))
      .join(' ')
  const [table, daily] = [tables.daily.get(name), dailyTables.find(({ spec }) => spec.name === name)]
  if (!table || !daily) throw new Error(`expected a gold table ${name}`)
  const delta: string[] = []
  for await (const rows of readRows(table, await refresh(table))) delta.push(...rows.map(show))
  const { key, values } = warehouseTable(daily, rules.minorDigits)
  const postgres = (await readTable(warehouse, { name, columns: [...key, ...values] })).map(show)
  return { delta: delta.sort(), postgres: postgres.sort() }
}

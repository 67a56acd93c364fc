// Tested in test/pipeline/daily/run.test.ts.
import { duckTypes, sqlText } from '../../lake/duckdb'
import { type FileView, selectFiles } from '../../lake/scan'
import { byDecimalType, type Column } from '../../lake/schema'
import { refresh, type Table } from '../../lake/table'
import { type ScaledSpec, type TableSpec } from '../rows/tables'
import { fetchFiles, type Fetched } from './fetch'
import { type Workshop } from './workshop'

/** Types of the cells of memory: decimals as whole units of their last digit, instants as epoch milliseconds. */
const cellTypes: Readonly<Record<Column['type'], string>> = {
  ...duckTypes,
  timestamp: 'BIGINT',
  ...byDecimalType(() => 'BIGINT'),
}

/**
 * Makes `known.<table>` hold the rows of a lake table as it is now, of the files that `where` keeps: those it has
 * already stay, others go, and what it lacks is fetched. Columns are `file` and the table's, or those that are named:
 * decimals as whole units of their last digit, instants as epoch milliseconds.
 */
export async function know(
  { connection, folder, known }: Workshop,
  {
    spec,
    table,
    where,
    columns: wantedColumns,
  }: {
    readonly spec: TableSpec
    readonly table: Table
    readonly where: (file: FileView) => boolean
    /** Files of before have no others. */
    readonly columns?: readonly string[] | undefined
  },
): Promise<void> {
  const { name } = spec
  const present = known.get(name) ?? new Set<string>()
  const isWanted = (column: Column) => wantedColumns?.includes(column.name) ?? true
  const schema = { ...table.schema, columns: table.schema.columns.filter(isWanted) }
  if (!known.has(name)) {
    const columns = schema.columns.map((column) => `${column.name} ${cellTypes[column.type]}`)
    await connection.run(`CREATE TABLE known.${name} (file VARCHAR, ${columns.join(', ')})`)
    known.set(name, present)
  }
  const wanted = selectFiles(await refresh(table), { where })
  const paths = new Set(wanted.map(({ path }) => path))
  const gone = [...present].filter((path) => !paths.has(path))
  if (gone.length > 0) await connection.run(`DELETE FROM known.${name} WHERE file IN (${gone.map(sqlText).join(', ')})`)
  for (const path of gone) present.delete(path)
  const lacking = wanted.filter(({ path }) => !present.has(path))
  await fetchFiles(table, { files: lacking, folder }, async (group) => {
    await connection.run(insertInto({ name, schema }, group))
    for (const { file } of group) present.add(file.path)
  })
}

function insertInto(
  { name, schema: { columns, partitionBy } }: Pick<ScaledSpec, 'name' | 'schema'>,
  group: readonly Fetched[],
): string {
  const files = group.map(({ file, path }) => {
    const values = partitionBy.map((column) => file.partitionValues[column] ?? null)
    return `(${[path, file.path, ...values].map((value) => (value === null ? 'NULL' : sqlText(value))).join(', ')})`
  })
  const cells = columns.map((column) =>
    partitionBy.includes(column.name) ? `f.${column.name}::${cellTypes[column.type]}` : cellOf(column),
  )
  const names = ['filename', 'file', ...partitionBy].join(', ')
  return `INSERT INTO known.${name} SELECT f.file, ${cells.join(', ')}
    FROM read_parquet([${group.map(({ path }) => sqlText(path)).join(', ')}], filename = true, hive_partitioning = false) AS r
    JOIN (VALUES ${files.join(', ')}) AS f(${names}) ON r.filename = f.filename`
}

/** How a column's value becomes a cell of memory, where it is not one already. */
const conversions: Readonly<Partial<Record<Column['type'], (cell: string) => string>>> = {
  timestamp: (cell) => `epoch_ms(${cell})`,
  ...byDecimalType((scale) => (cell: string) => `(${cell} * ${10 ** scale})::BIGINT`),
}

function cellOf({ name, type }: Column): string {
  const convert = conversions[type]
  return convert ? convert(`r.${name}`) : `r.${name}`
}

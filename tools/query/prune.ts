// Tested in test/tools/query/session.test.ts.
import { type DuckDBConnection } from '@duckdb/node-api'
import { duckTypes, sqlText } from '../../src/lake/duckdb'
import { type AddFile } from '../../src/lake/log/action'
import { partitionColumns, type TableSchema } from '../../src/lake/schema'
import { fileView, selectFiles } from '../../src/lake/scan'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Node, partitionTerms, type TableUse } from './tree'
import { sqlName } from './sql-name'

/**
 * The files of a snapshot that the mentions of its table may take rows from, by the partition columns: DuckDB itself
 * decides each WHERE over the partitions there are, so that it means there what it means in the statement. Every file
 * when any mention reads all partitions.
 */
export async function neededFiles(
  connection: DuckDBConnection,
  snapshot: Snapshot,
  uses: readonly TableUse[],
): Promise<readonly AddFile[]> {
  const files = selectFiles(snapshot)
  const partitionBy = partitionColumns(snapshot.schema).map(({ name }) => name)
  const filters = uses.map(
    ({ filter }) => filter && { alias: filter.alias, terms: partitionTerms(filter, partitionBy) },
  )
  if (partitionBy.length === 0 || filters.some((filter) => !filter || filter.terms.length === 0)) return files
  await listPartitions(connection, snapshot.schema, files)
  const wanted = new Set<number>()
  for (const filter of filters) {
    const kept = filter && (await keptBy(connection, filter))
    if (!kept) return files
    for (const index of kept) wanted.add(index)
  }
  return files.filter((_, index) => wanted.has(index))
}

/** Makes the table `partitions`: one row per file, its number and its partition values. */
async function listPartitions(
  connection: DuckDBConnection,
  schema: TableSchema,
  files: readonly AddFile[],
): Promise<void> {
  const columns = partitionColumns(schema)
  const rows = files.map((addFile, file) => {
    const { partition } = fileView(schema, addFile)
    const cells = columns.map(({ name }) => partition[name] ?? null)
    return { file, ...Object.fromEntries(cells.map((cell, i) => [`p${i}`, cell === null ? null : String(cell)])) }
  })
  const types = JSON.stringify({ file: 'BIGINT', ...Object.fromEntries(columns.map((_, i) => [`p${i}`, 'VARCHAR'])) })
  const typed = columns.map((column, i) => `p${i}::${duckTypes[column.type]} AS ${sqlName(column.name)}`)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE tillstream_partitions AS SELECT file AS tillstream_file, ${typed.join(', ')}
     FROM (SELECT unnest(from_json(${sqlText(JSON.stringify(rows))}, ${sqlText(`[${types}]`)}), recursive := true))`,
  )
}

/** The numbers of the files whose partition meets all terms; undefined when that cannot be found out. */
async function keptBy(
  connection: DuckDBConnection,
  { alias, terms }: { readonly alias: string; readonly terms: readonly Node[] },
): Promise<readonly number[] | undefined> {
  const skeleton = `SELECT tillstream_file FROM tillstream_partitions AS ${sqlName(alias)} WHERE true`
  const where = terms.length === 1 ? terms[0] : { ...conjunction, children: terms }
  try {
    const made = await connection.runAndReadAll(`SELECT json_serialize_sql(${sqlText(skeleton)})`)
    const tree = JSON.parse(String(made.getRows()[0]?.[0])) as { statements: [{ node: Record<string, unknown> }] }
    tree.statements[0].node.where_clause = where
    // Positions of "nowhere" are 2^64-1, which a double cannot hold.
    const json = JSON.stringify(tree, (key, value: unknown) => (key === 'query_location' ? 0 : value))
    const sql = await connection.runAndReadAll(`SELECT json_deserialize_sql(${sqlText(json)})`)
    const found = await connection.runAndReadAll(String(sql.getRows()[0]?.[0]))
    return found.getRows().map(([file]) => Number(file))
  } catch {
    // The statement itself will meet what is wrong with its WHERE, and say so with the place.
    return undefined
  }
}

const conjunction = { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', query_location: 0 }

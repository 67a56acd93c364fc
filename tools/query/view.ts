// Tested in test/tools/query/session.test.ts.
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DuckDBConnection } from '@duckdb/node-api'
import { atOnce } from '../../src/lake/at-once'
import { dataPath } from '../../src/lake/scan'
import { duckTypes, sqlText } from '../../src/lake/duckdb'
import { type AddFile } from '../../src/lake/log/action'
import { partitionFolder } from '../../src/lake/partition'
import { partitionColumns, type TableSchema } from '../../src/lake/schema'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Store } from '../../src/lake/store'
import { type LakeTable } from './catalog'
import { sqlName } from './sql-name'

/** Copies of data files on this machine. A data file never changes, so a copy is good for as long as the session. */
export interface Copies {
  readonly store: Store
  readonly folder: string
  /** Local paths by path in the store. */
  readonly have: Map<string, string>
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

const filesAtOnce = 4
/** Below this nobody waits long enough to want to know. */
const quietBytes = 8_000_000

/**
 * Copies files of a table, a few at a time, and returns where they are, in the order given. Throws when one is not there,
 * which a vacuum explains, and when the signal is given.
 */
export async function copyFiles(
  copies: Copies,
  { name, root }: LakeTable,
  { files, snapshot }: { readonly files: readonly AddFile[]; readonly snapshot: Snapshot },
): Promise<readonly string[]> {
  const { store, have, signal, progress } = copies
  const missing = files.filter((file) => !have.has(dataPath(root, file)))
  const totalBytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let copiedBytes = 0
  await atOnce(filesAtOnce, missing, async (file) => {
    signal.throwIfAborted()
    const bytes = await store.read(dataPath(root, file))
    if (!bytes) throw new Error(goneText(name, snapshot, file))
    have.set(dataPath(root, file), await keep(copies, { name, schema: snapshot.schema, file, bytes }))
    copiedBytes += file.sizeBytes
    if (totalBytes > quietBytes) progress(`${name}: ${megabytes(copiedBytes)} of ${megabytes(totalBytes)} MB`)
  })
  return files.map((file) => have.get(dataPath(root, file)) ?? '')
}

function goneText(name: string, { version }: Snapshot, { path }: AddFile): string {
  return `query: ${name} version ${version} names ${path}, which is not there; a vacuum takes files of old versions away, ask for a newer one`
}

/** Writes a copy in the folder of its partition, under a name of its own: DuckDB remembers files by their path. */
async function keep(
  { folder }: Copies,
  { name, schema, file, bytes }: { name: string; schema: TableSchema; file: AddFile; bytes: Uint8Array },
): Promise<string> {
  // The values are those of the log; the path in the log is only a name.
  const values = Object.fromEntries(schema.partitionBy.map((column) => [column, file.partitionValues[column] ?? null]))
  const path = join(folder, name, partitionFolder(schema.partitionBy, values), `${randomUUID()}.parquet`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  return path
}

/** A table as SQL sees it: its columns over copies of its files. */
export interface View {
  readonly name: string
  readonly schema: TableSchema
  readonly paths: readonly string[]
}

/**
 * Makes the table a view over its copied files: its columns in their order and types, null where a file lacks one;
 * without those of foreign types.
 */
export async function createView(connection: DuckDBConnection, { name, schema, paths }: View): Promise<void> {
  const source = paths.length === 0 ? undefined : parquetSource(schema, paths)
  const stored = source === undefined ? [] : await columnsOf(connection, source)
  const columns = schema.columns.map((column) => {
    const value = stored.includes(column.name) ? sqlName(column.name) : 'NULL'
    return `${value}::${duckTypes[column.type]} AS ${sqlName(column.name)}`
  })
  const from = source === undefined ? 'WHERE false' : `FROM ${source}`
  await connection.run(`CREATE OR REPLACE VIEW ${sqlName(name)} AS SELECT ${columns.join(', ')} ${from}`)
}

function parquetSource(schema: TableSchema, paths: readonly string[]): string {
  const types = partitionColumns(schema).map(({ name, type }) => `${sqlName(name)}: ${duckTypes[type]}`)
  const hive = types.length === 0 ? 'hive_partitioning = false' : `hive_types = {${types.join(', ')}}`
  return `read_parquet([${paths.map(sqlText).join(', ')}], union_by_name = true, ${hive})`
}

async function columnsOf(connection: DuckDBConnection, source: string): Promise<readonly string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)
  return described.getRows().map(([name]) => String(name))
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

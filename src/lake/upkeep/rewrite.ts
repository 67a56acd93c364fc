// External merge of Parquet files by DuckDB, checked by an order-independent fingerprint of the rows: compaction's
// engine.
// Tested in test/lake/upkeep/compact.test.ts.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import { dateOf, dayMs } from '../../day'
import { atOnce } from '../at-once'
import { narrow } from '../parquet/cell'
import { duckTypes, type Scratch, sqlText, withDuckDb } from '../duckdb'
import { byDecimalType, type Cell, type Column, type ColumnType } from '../schema'
import { type Bounds, type ColumnStats } from '../parquet/stats'

/** A Parquet file as it comes out of a rewrite. */
export interface Rewritten {
  readonly bytes: Uint8Array
  readonly rowCount: number
  /** The columns the file has; a nullable one that no source has is left out. */
  readonly columns: readonly Column[]
  /** By column name. */
  readonly stats: ReadonlyMap<string, ColumnStats>
}

const memoryLimit = '512MB'
const sourcesAtOnce = 4
const rowsPerGroup = 100_000

/**
 * Parquet files rewritten as `parts` files of the same number of rows, ordered by the columns named. A few sources or one
 * result are in memory at a time; DuckDB sorts within a limit of its own, and on disk beyond it. Each result is handed
 * to `take`; when all are, they have been read back and held the rows of the sources, each as often. Throws, maybe after
 * some results, when that is not so or a source does not have the columns' types.
 */
export function rewriteParquet(
  sources: readonly (() => Promise<Uint8Array>)[],
  {
    columns,
    others = [],
    orderBy,
    parts,
    take,
  }: {
    readonly columns: readonly Column[]
    /** Names of columns that are carried over in the types the sources have; those no source has are left out. */
    readonly others?: readonly string[]
    readonly orderBy: readonly string[]
    readonly parts: number
    readonly take: (file: Rewritten) => Promise<void>
  },
): Promise<void> {
  return withDuckDb(
    async (scratch) => {
      const { connection, folder } = scratch
      const from = parquetRows(await fetchAll(scratch, sources))
      const stored = await columnNames(connection, from)
      const kept = columns.filter(({ name, nullable }) => stored.has(name) || !nullable)
      const carried = others.filter((name) => stored.has(name))
      const before = await fingerprint(connection, { columns: kept, carried }, from)
      await connection.run(
        `CREATE TEMP TABLE sorted AS SELECT ${selected(kept, carried)} FROM ${from} ${orderClause(kept, orderBy)}`,
      )
      const rowsPerPart = Math.ceil(before.rows / parts)
      let after: Fingerprint = { rows: 0, hash: 0n }
      for (let start = 0; start < before.rows; start += rowsPerPart) {
        // DuckDB keeps what it knows of a file by its name.
        const path = join(folder, `result-${start}.parquet`)
        const rows = `(FROM sorted WHERE rowid >= ${start} AND rowid < ${start + rowsPerPart})`
        await connection.run(`COPY ${rows} TO ${sqlText(path)} (FORMAT parquet, COMPRESSION snappy,
          ROW_GROUP_SIZE ${rowsPerGroup})`)
        const part = await fingerprint(connection, { columns: kept, carried }, parquetRows([path]))
        after = { rows: after.rows + part.rows, hash: after.hash + part.hash }
        const stats = await statsOf(connection, kept, parquetRows([path]))
        await take({ bytes: await readFile(path), rowCount: part.rows, columns: kept, stats })
        await rm(path)
      }
      if (after.rows === before.rows && after.hash === before.hash) return
      throw new Error(`parquet rewrite: expected the ${before.rows} rows of the sources, got ${after.rows} or others`)
    },
    { memoryLimit },
  )
}

function parquetRows(paths: readonly string[]): string {
  return `read_parquet([${paths.map(sqlText).join(', ')}], union_by_name = true)`
}

/** Copies the sources into the scratch folder, a few at a time; returns their paths there. */
async function fetchAll({ folder }: Scratch, sources: readonly (() => Promise<Uint8Array>)[]): Promise<string[]> {
  await atOnce(sourcesAtOnce, sources.entries(), async ([i, source]) => {
    await writeFile(join(folder, `source-${i}.parquet`), await source())
  })
  return sources.map((_, i) => join(folder, `source-${i}.parquet`))
}

async function columnNames(connection: DuckDBConnection, from: string): Promise<ReadonlySet<string>> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)
  return new Set(described.getRowObjects().map((row) => String(row['column_name'])))
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

function selected(columns: readonly Column[], carried: readonly string[]): string {
  const cast = columns.map(({ name, type }) => `CAST(${quoted(name)} AS ${duckTypes[type]}) AS ${quoted(name)}`)
  return [...cast, ...carried.map(quoted)].join(', ')
}

function orderClause(columns: readonly Column[], orderBy: readonly string[]): string {
  const there = orderBy.filter((name) => columns.some((column) => column.name === name))
  return there.length === 0 ? '' : `ORDER BY ${there.map(quoted).join(', ')}`
}

/** How many rows there are and a sum over them that does not depend on their order. */
interface Fingerprint {
  readonly rows: number
  readonly hash: bigint
}

async function fingerprint(
  connection: DuckDBConnection,
  { columns, carried }: { readonly columns: readonly Column[]; readonly carried: readonly string[] },
  from: string,
): Promise<Fingerprint> {
  const names = [...columns.map(({ name }) => name), ...carried].map(quoted).join(', ')
  const found = await connection.runAndReadAll(
    `SELECT count(*), coalesce(sum(hash(${names})), 0)::HUGEINT FROM (SELECT ${selected(columns, carried)} FROM ${from})`,
  )
  const [rows, hash] = found.getRows()[0] ?? []
  return { rows: Number(rows), hash: BigInt(String(hash)) }
}

/** A bound in a type that JavaScript has: whole numbers for days, microseconds and minor units. */
const boundSql: Readonly<Record<ColumnType, (bound: string) => string>> = {
  string: (bound) => bound,
  binary: () => 'NULL',
  boolean: () => 'NULL',
  integer: (bound) => `${bound}::BIGINT`,
  long: (bound) => bound,
  double: (bound) => bound,
  date: (bound) => `date_diff('day', DATE '1970-01-01', ${bound})`,
  timestamp: (bound) => `epoch_us(${bound})`,
  ...byDecimalType((scale) => (bound: string) => `(${bound}::DECIMAL(38, ${scale}) * ${10 ** scale})::BIGINT`),
}

async function statsOf(
  connection: DuckDBConnection,
  columns: readonly Column[],
  from: string,
): Promise<ReadonlyMap<string, ColumnStats>> {
  const asked = columns.flatMap(({ name, type }) => {
    const [min, max] = ['min', 'max'].map((side) => boundSql[type](`${side}(${quoted(name)})`))
    return [`count(*) - count(${quoted(name)})`, min, max]
  })
  const found = await connection.runAndReadAll(`SELECT ${asked.join(', ')} FROM ${from}`)
  const cells = found.getRows()[0] ?? []
  return new Map(
    columns.map(({ name, type }, i) => {
      const [nulls, min, max] = cells.slice(i * 3, i * 3 + 3)
      return [name, { nullCount: Number(nulls), bounds: boundsFrom(type, min, max) }]
    }),
  )
}

function boundsFrom(type: ColumnType, min: DuckDBValue | undefined, max: DuckDBValue | undefined): Bounds {
  if (type === 'binary' || type === 'boolean') return { kind: 'open' }
  const [low, high] = [boundCell(type, min, 'down'), boundCell(type, max, 'up')]
  if (low === null || high === null) return { kind: 'empty' }
  // DuckDB orders NaN above every number.
  return Number.isNaN(high) ? { kind: 'open' } : { kind: 'range', min: low, max: high }
}

function boundCell(type: ColumnType, value: DuckDBValue | undefined, towards: 'down' | 'up'): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value !== 'bigint') throw new Error(`parquet rewrite: expected a bound of ${type}, got ${String(value)}`)
  if (type === 'date') return dateOf(Number(value) * dayMs)
  return type === 'timestamp' ? wholeMs(value, towards) : narrow(value)
}

/** The millisecond that an instant finer than that does not pass. */
function wholeMs(micros: bigint, towards: 'down' | 'up'): number {
  const rest = ((micros % 1000n) + 1000n) % 1000n
  return Number((micros - rest) / 1000n) + (towards === 'up' && rest > 0n ? 1 : 0)
}

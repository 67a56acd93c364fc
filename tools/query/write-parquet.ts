// Tested in test/tools/query/output.test.ts.
import { type DuckDBConnection } from '@duckdb/node-api'
import { sqlText } from '../../src/lake/duckdb'
import { sqlName } from './sql-name'

/**
 * Writes the answer to a SELECT to a Parquet file on this machine; returns how many rows. Sums of whole numbers, which
 * Parquet has no type for, become DECIMAL(38,0) and stay exact; throws when one has more than 38 digits.
 */
export async function writeParquet(connection: DuckDBConnection, sql: string, path: string): Promise<number> {
  const copied = await connection.runAndReadAll(
    `COPY (${await exact(connection, sql)}) TO ${sqlText(path)} (FORMAT parquet)`,
  )
  return Number(copied.getRows()[0]?.[0])
}

/** The statement with its 128-bit integers as decimals: DuckDB writes those as DOUBLE, which has 53 bits. */
async function exact(connection: DuckDBConnection, sql: string): Promise<string> {
  // A comment at the end of the statement must not swallow the parenthesis.
  const statement = `${sql}\n`
  const none = await connection.run(`SELECT * FROM (${statement}) LIMIT 0`)
  const types = none.columnTypes().map(String)
  const columns = none.columnNames().map((name, i) => {
    const found = types[i] ?? ''
    return { name, found, type: withoutHugeIntegers(found), position: `c${i}` }
  })
  if (columns.every(({ found, type }) => found === type)) return statement
  const cast = columns.map(({ name, found, type, position }) => {
    return `${found === type ? position : `${position}::${type}`} AS ${sqlName(name)}`
  })
  // By position, for two columns may have one name.
  const positions = columns.map(({ position }) => position).join(', ')
  return `SELECT ${cast.join(', ')} FROM (${statement}) AS answer(${positions})`
}

/** A type as DuckDB writes it, whatever it nests; fields and values of an enumeration are in quotes. */
function withoutHugeIntegers(type: string): string {
  return type.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\bU?HUGEINT\b/g, (part) =>
    /^U?HUGEINT$/.test(part) ? 'DECIMAL(38,0)' : part,
  )
}

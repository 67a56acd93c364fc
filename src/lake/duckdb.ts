// A DuckDB in memory for one piece of work, and its spelling of types and texts.
// Tested in test/lake/upkeep/checkpoint.test.ts and compact.test.ts.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection } from '@duckdb/node-api'
import { byDecimalType, type ColumnType } from './schema'

/** What DuckDB calls the column types. */
export const duckTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  binary: 'BLOB',
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  long: 'BIGINT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
  ...byDecimalType((scale) => `DECIMAL(18,${scale})`),
}

/** A DuckDB in memory and a folder on this machine's disk, for one piece of work. */
export interface Scratch {
  readonly connection: DuckDBConnection
  readonly folder: string
}

/**
 * Runs work on a DuckDB of its own, bounded in memory: what does not fit goes to the folder. Both are gone when the work
 * is over, however it ends. The library is loaded at the first use, since few processes come to need it.
 */
export async function withDuckDb<T>(
  work: (scratch: Scratch) => Promise<T>,
  { memoryLimit = '256MB', threads = 1 }: { readonly memoryLimit?: string; readonly threads?: number } = {},
): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-lake-'))
  try {
    const options = { threads: String(threads), memory_limit: memoryLimit, temp_directory: folder }
    const database = await DuckDBInstance.create(':memory:', options)
    try {
      const connection = await database.connect()
      await connection.run("SET timezone = 'UTC'")
      return await work({ connection, folder }).finally(() => connection.closeSync())
    } finally {
      database.closeSync()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A text as a literal of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

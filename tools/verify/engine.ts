// Tested in test/tools/verify/verify.test.ts.
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** A DuckDB of its own in a temporary folder: what does not fit into memory goes to disk. */
export interface Engine {
  readonly connection: DuckDBConnection
  /** For files that come and go with the engine. */
  readonly folder: string
  /** Rows of a query, values as JSON has them. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Runs a file of statements from the folder `sql` beside this one. */
  script(name: string): Promise<void>
  close(): Promise<void>
}

const memoryLimit = '1GB'

/** Opens an engine; `close` removes every trace of it. */
export async function openEngine(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-verify-'))
  try {
    const options = { memory_limit: memoryLimit, temp_directory: join(folder, 'spill') }
    const database = await DuckDBInstance.create(join(folder, 'verify.duckdb'), options)
    const connection = await database.connect()
    return {
      connection,
      folder,
      query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
      script: async (name) => {
        await connection.run(await readFile(join(__dirname, 'sql', `${name}.sql`), 'utf8'))
      },
      close: async () => {
        connection.closeSync()
        database.closeSync()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

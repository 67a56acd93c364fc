import { join } from 'node:path'
import { Client } from 'pg'
import { type ConnectionSettings } from './connection'

/** Where, which way, and how far. */
export interface MigrateOptions extends ConnectionSettings {
  readonly direction?: 'up' | 'down'
  /** How many migrations to run; by default all when going up, one when going down. */
  readonly count?: number
  /** Gets the lines the migration tool prints; default: they are dropped. */
  readonly log?: (line: string) => void
  /** How long to wait for another migration, or for another session's lock on a table. */
  readonly lockTimeoutMs?: number
}

/** This program's advisory lock, one of the 64-bit numbers of the database; any constant that no other program takes. */
const lockKey = '8386112019281109587'

/**
 * Brings the schema up (or down) by the SQL files in `migrations/`, all in one transaction, and returns the names of
 * those run. Safe to run at once from several places: they take turns, and those that come late find nothing to do.
 *
 * Throws with the failing statement's error, having changed nothing.
 */
export async function migrate({
  direction = 'up',
  count = direction === 'up' ? Infinity : 1,
  log = () => undefined,
  lockTimeoutMs = 60_000,
  ssl,
  ...settings
}: MigrateOptions): Promise<readonly string[]> {
  // Loaded here because it is an ES module, and because it is a tool of development that is not deployed.
  const { runner } = await import('node-pg-migrate')
  const client = new Client({
    ...settings,
    ssl: ssl === 'verify' ? { rejectUnauthorized: true } : false,
    application_name: 'tillstream migrate',
    lock_timeout: lockTimeoutMs,
  })
  await client.connect()
  try {
    // The tool's own lock gives up at once when it is taken; this one waits.
    await client.query('SELECT pg_advisory_lock($1)', [lockKey])
    const done = await runner({
      dbClient: client,
      dir: join(__dirname, 'migrations'),
      migrationsTable: 'migrations',
      schema: 'public',
      direction,
      count,
      noLock: true,
      log,
    })
    return done.map((migration) => migration.name)
  } catch (cause) {
    const place = `${settings.host}:${settings.port}/${settings.database}`
    throw new Error(`warehouse: cannot migrate ${place} ${direction}: ${(cause as Error).message}`, { cause })
  } finally {
    await client.end()
  }
}

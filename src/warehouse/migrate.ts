import { join } from 'node:path'
import { Client } from 'pg'
import { fillCalendars } from './business-days'
import { asText, type ConnectionSettings, type Session, type TextRow } from './connection'
import { type Installation, takeInstallation } from './installation'

/** Where, which way, and how far. */
export interface MigrateOptions extends ConnectionSettings {
  readonly direction?: 'up' | 'down'
  /** How many migrations to run; by default all when going up, one when going down. */
  readonly count?: number
  /** Gets the lines the migration tool prints; default: they are dropped. */
  readonly log?: (line: string) => void
  /** What the settings say; put in where nobody has said it yet. */
  readonly installation?: Installation
  /** How long to wait for another migration, or for another session's lock on a table. */
  readonly lockTimeoutMs?: number
}

/** This program's advisory lock, one of the 64-bit numbers of the database; any constant that no other program takes. */
const lockKey = '8386112019281109587'

/**
 * Brings the schema up (or down) by the SQL files in `migrations/`, all in one transaction, and returns the names of
 * those run. Going up, it writes down the days of every calendar in use anew, for zones change their rules. Safe to run at once from several places: they take turns, and those that come late find nothing to do.
 *
 * Throws with the failing statement's error, having changed nothing.
 */
export async function migrate({
  direction = 'up',
  count = direction === 'up' ? Infinity : 1,
  log = () => undefined,
  installation,
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
  })
  await client.connect()
  try {
    // A connection pooler (PgBouncer) keeps a client on one server connection for a transaction only. So the lock is the
    // transaction's and not the session's, and no setting outlives it: nothing is left to whoever gets the connection next.
    await client.query(`BEGIN; SET LOCAL lock_timeout = ${Math.trunc(lockTimeoutMs)}; SET LOCAL search_path TO public`)
    // The tool's own lock gives up at once when it is taken; this one waits.
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey])
    const done = await runner({
      dbClient: withoutTransactions(client),
      dir: join(__dirname, 'migrations'),
      migrationsTable: 'migrations',
      direction,
      count,
      singleTransaction: true,
      noLock: true,
      log,
    })
    if (direction === 'up') await fill(client, installation)
    await client.query('COMMIT')
    return done.map((migration) => migration.name)
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    const place = `${settings.host}:${settings.port}/${settings.database}`
    throw new Error(`warehouse: cannot migrate ${place} ${direction}: ${(cause as Error).message}`, { cause })
  } finally {
    await client.end()
  }
}

/** A client whose transaction somebody else began and will end: the tool's own BEGIN, COMMIT and ROLLBACK do nothing. */
function withoutTransactions(client: Client): Client {
  const query = (statement: string, values?: unknown[]) =>
    /^(BEGIN|COMMIT|ROLLBACK)$/.test(statement) ? Promise.resolve({ rows: [] }) : client.query(statement, values)
  return { query } as unknown as Client
}

async function fill(client: Client, installation: Installation | undefined): Promise<void> {
  const types = { getTypeParser: () => asText }
  const session: Session = {
    query: async (text, parameters = []) =>
      (await client.query<TextRow>({ text, values: [...parameters], types })).rows,
  }
  // Whoever asked for a few migrations only may not have come to these tables yet.
  const [found] = await session.query(`SELECT to_regprocedure('calendars_in_use()') AS calendars`)
  if (found?.calendars === null) return
  if (installation) await takeInstallation(session, installation)
  if ((await fillCalendars(session, 'moved')).length > 0) await session.query('ANALYZE business_days, zone_offsets')
}

import { Pool, type PoolClient } from 'pg'

/** How to reach the database. `verify` means TLS with a certificate that is checked, as Azure requires. */
export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** A function is asked before each new connection, so a Microsoft Entra token is never stale. */
  readonly password: string | (() => Promise<string>)
  readonly ssl: 'off' | 'verify'
}

/** A row as PostgreSQL prints it: every value is its text form, so nothing is rounded or shifted on the way. */
export type TextRow = Readonly<Record<string, string | null>>

/** Where statements run: the pool, or one transaction. Values go in as parameters only. */
export interface Session {
  query(statement: string, parameters?: readonly unknown[]): Promise<readonly TextRow[]>
}

/** A pool of connections to the warehouse. */
export interface Warehouse extends Session {
  /**
   * Runs `work` in one transaction, committed when it returns and rolled back when it throws. When the connection is
   * lost during the commit this throws although the work may be in: callers write so that doing it again changes
   * nothing.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /**
   * The rows of a SELECT in pages of `pageRows`, all as of one moment, without holding more than a page. A connection
   * is kept until the last page is taken or the loop is left.
   */
  pages(
    statement: string,
    options?: { readonly parameters?: readonly unknown[]; readonly pageRows?: number },
  ): AsyncGenerator<readonly TextRow[], void, undefined>
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>
}

/** Pool size and patience, all with defaults fit for one function instance. */
export interface WarehouseOptions extends ConnectionSettings {
  readonly max?: number
  readonly statementTimeoutMs?: number
  readonly connectTimeoutMs?: number
  /** Told of connections lost while idle; the next statement opens a new one, so there is nothing to do. */
  readonly onIdleError?: (error: Error) => void
}

/**
 * Opens a pool; connections are made when first needed, so this neither waits nor fails. A server that goes away
 * fails the statements under way and never the process.
 */
export function openWarehouse({
  max = 4,
  statementTimeoutMs = 30_000,
  connectTimeoutMs = 10_000,
  onIdleError = () => undefined,
  ssl,
  ...settings
}: WarehouseOptions): Warehouse {
  const pool = new Pool({
    ...settings,
    ssl: ssl === 'verify' ? { rejectUnauthorized: true } : false,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'tillstream',
    types: { getTypeParser: () => asText },
  })
  pool.on('error', onIdleError)
  const limit = `SET LOCAL statement_timeout = ${Math.trunc(statementTimeoutMs)}`
  const begun = <T>(work: (session: Session) => Promise<T>) => transact(pool, { limit, work })
  return {
    query: (statement, parameters) => begun((session) => session.query(statement, parameters)),
    transaction: begun,
    pages: (statement, { parameters = [], pageRows = 5000 } = {}) =>
      fetchPages(pool, { limit, statement, parameters, pageRows }),
    close: () => pool.end(),
  }
}

/** Keeps a value as PostgreSQL prints it. */
export const asText = (value: string): string => value

interface Lease {
  readonly client: PoolClient
  /** Gives the connection back, or throws it away when it is lost. */
  readonly release: () => void
  /** The error to report: why the connection was lost when it was, for pg then says only that it cannot be used. */
  readonly reason: (error: unknown) => unknown
}

async function acquire(pool: Pool): Promise<Lease> {
  const client = await pool.connect()
  let lost: Error | undefined
  // A connection that breaks between two statements says so by an event, which would end the process unheard.
  const onError = (error: Error) => {
    lost = error
  }
  client.on('error', onError)
  const release = () => {
    client.off('error', onError)
    client.release(lost)
  }
  const reason = (error: unknown) =>
    lost ? new Error(`warehouse: connection lost: ${lost.message}`, { cause: error }) : error
  return { client, release, reason }
}

/** The connection may be gone, and the transaction with it: what matters to the caller is the error before. */
async function rollBack(client: PoolClient): Promise<void> {
  await client.query('ROLLBACK').catch(() => undefined)
}

/** Work and the statement that limits each of its statements: in the transaction, for a pooler takes no limit when connecting. */
interface Work<T> {
  readonly limit: string
  readonly work: (session: Session) => Promise<T>
}

async function transact<T>(pool: Pool, { limit, work }: Work<T>): Promise<T> {
  const { client, release, reason } = await acquire(pool)
  try {
    await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED; ${limit}`)
    const result = await work({
      query: async (statement, parameters = []) => (await client.query<TextRow>(statement, [...parameters])).rows,
    })
    await client.query('COMMIT')
    return result
  } catch (error) {
    await rollBack(client)
    throw reason(error)
  } finally {
    release()
  }
}

interface PagedSelect {
  readonly limit: string
  readonly statement: string
  readonly parameters: readonly unknown[]
  readonly pageRows: number
}

async function* fetchPages(
  pool: Pool,
  { limit, statement, parameters, pageRows }: PagedSelect,
): AsyncGenerator<readonly TextRow[], void, undefined> {
  const { client, release, reason } = await acquire(pool)
  try {
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${limit}`)
    await client.query(`DECLARE page NO SCROLL CURSOR FOR ${statement}`, [...parameters])
    for (;;) {
      const { rows } = await client.query<TextRow>(`FETCH ${Math.trunc(pageRows)} FROM page`)
      if (rows.length === 0) return
      yield rows
    }
  } catch (error) {
    throw reason(error)
  } finally {
    await rollBack(client)
    release()
  }
}

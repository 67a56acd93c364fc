// Tested in test/tools/doctor.test.ts and doctor/judge.test.ts.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openServer } from '../../src/app/ports'
import { type Warehouse } from '../../src/warehouse/connection'
import { countScattered, readScattered } from '../../src/warehouse/scattered'
import { type Check, fault, type Finding, ok, warn } from './check'
import { settingsOf, type Subject } from './subject'
import { printable } from '../query/printable'
import { reach } from './wire'

/** Whether the database is there, is the one this code expects, and lets it write. */
export const postgresChecks: readonly Check[] = [
  {
    group: 'postgres',
    name: 'server',
    needs: ['settings', 'running'],
    run: checkServer,
    fix: 'look at the log of the server; locally that is postgres.log in the data folder',
  },
  {
    group: 'postgres',
    name: 'migrations',
    needs: ['server'],
    run: checkMigrations,
    fix: 'run npm run migrate',
  },
  {
    group: 'postgres',
    name: 'rights',
    needs: ['server'],
    run: checkRights,
    fix: 'give the role its rights: node dist/infra/create-app-role.js',
  },
  {
    group: 'postgres',
    name: 'stores',
    needs: ['migrations'],
    run: checkStores,
    fix: 'send with the store as partition key',
  },
  {
    group: 'postgres',
    name: 'clock',
    needs: ['server'],
    run: checkClock,
    fix: 'set the clock of this machine by NTP',
  },
]

/** Opens the database for as long as `work` takes. */
export async function withWarehouse<T>(subject: Subject, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = openServer(settingsOf(subject))
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

async function checkServer(subject: Subject): Promise<readonly Finding[]> {
  const { postgres } = settingsOf(subject)
  await reach(postgres)
  try {
    const [row] = await withWarehouse(subject, (warehouse) =>
      warehouse.query(`SELECT current_setting('server_version') AS version, s.ssl, s.version AS tls
                       FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()`),
    )
    const tls = row?.ssl === 't' ? row.tls : subject.stack ? 'no TLS, on this machine' : 'no TLS'
    return [ok(`${postgres.host}:${postgres.port}/${postgres.database}, version ${row?.version}, ${tls}`)]
  } catch (error) {
    return [refusalOf(error, postgres)]
  }
}

/** https://www.postgresql.org/docs/17/errcodes-appendix.html, and the codes of Node's TLS. */
const advice: Readonly<Record<string, string>> = {
  '28P01': 'correct POSTGRES_USER and POSTGRES_PASSWORD; in Azure leave the password out',
  '28000': 'let this address in, and make the role: node dist/infra/create-app-role.js',
  '3D000': 'correct POSTGRES_DATABASE, or make the database; then run npm run migrate',
  '53300': 'too many connections are open: end some, or take a larger server',
  '57P03': 'the server is starting or recovering: wait, and ask again',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'install a certificate that is trusted, or on your own machine set POSTGRES_TLS to off',
  SELF_SIGNED_CERT_IN_CHAIN: 'trust its issuer (NODE_EXTRA_CA_CERTS), or on your own machine set POSTGRES_TLS to off',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'trust its issuer: NODE_EXTRA_CA_CERTS=FILE',
  ERR_TLS_CERT_ALTNAME_INVALID: 'write the name in the certificate into POSTGRES_HOST',
}

function refusalOf(error: unknown, { user, database }: { readonly user: string; readonly database: string }): Finding {
  const { code = '', message } = error as Error & { code?: string }
  if (message.includes('does not support SSL')) {
    return fault(message, 'switch TLS on at the server, or on your own machine set POSTGRES_TLS to off')
  }
  const fix = advice[code]
  if (fix === undefined) throw error
  return fault(`${user} at ${database}: ${message}`, fix)
}

/** Whether each store's events come from one partition. */
async function checkStores(subject: Subject): Promise<readonly Finding[]> {
  const { count, most } = await withWarehouse(subject, async (warehouse) => ({
    count: await countScattered(warehouse),
    most: await readScattered(warehouse, { limit: 3 }),
  }))
  if (count === 0) return [ok('each store sends to one partition')]
  const named = most.map(({ storeId, partitions }) => `${printable(storeId)} to ${partitions}`).join(', ')
  return [
    warn(
      `${count} ${count === 1 ? 'store sends' : 'stores send'} to several partitions, such as ${named}; sums are right, ` +
        'but repeats, stock-outs and the order of events are known within a partition only',
      'send with the store as partition key; after growing the hub wait a day (docs/runbooks.md, stores-scattered)',
    ),
  ]
}

const folder = join(__dirname, '..', '..', 'src', 'warehouse', 'migrations')

async function checkMigrations(subject: Subject): Promise<readonly Finding[]> {
  const wanted = readdirSync(folder).flatMap((file) => (file.endsWith('.sql') ? [file.slice(0, -4)] : []))
  const run = await withWarehouse(subject, namesOfMigrations)
  const missing = wanted.filter((name) => !run.includes(name)).sort()
  const unknown = run.filter((name) => !wanted.includes(name))
  if (missing.length > 0) {
    const where = subject.source.kind === 'environment' ? ' -- --env' : ''
    return [
      fault(`${missing.length} of ${wanted.length} are missing, from ${missing[0]} on`, `run npm run migrate${where}`),
    ]
  }
  if (unknown.length > 0) {
    return [
      warn(
        `${unknown.length} are not known here, such as ${unknown[0]}`,
        'update this checkout: the database is ahead of it',
      ),
    ]
  }
  return [ok(`all ${wanted.length} are in`)]
}

async function namesOfMigrations(warehouse: Warehouse): Promise<readonly string[]> {
  const [table] = await warehouse.query(`SELECT to_regclass('public.migrations') AS name`)
  if (!table?.name) return []
  return (await warehouse.query('SELECT name FROM public.migrations')).map(({ name }) => name ?? '')
}

/** Tables the role may not write, and whether anything can be written at all: by a row that is taken back. */
async function checkRights(subject: Subject): Promise<readonly Finding[]> {
  const { user } = settingsOf(subject).postgres
  return withWarehouse(subject, async (warehouse) => {
    const closed = await warehouse.query(
      `SELECT c.relname AS name FROM pg_class AS c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migrations'
         AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
           AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
       ORDER BY 1`,
    )
    const [first] = closed
    if (first) {
      const fix = 'run node dist/infra/create-app-role.js as the administrator'
      return [fault(`${user} may not write ${closed.length} tables, such as ${first.name}`, fix)]
    }
    const refusal = await tryToWrite(warehouse)
    return [refusal ?? ok(`${user} writes every table`)]
  })
}

const takenBack = new Error('taken back')

async function tryToWrite(warehouse: Warehouse): Promise<Finding | undefined> {
  try {
    await warehouse.transaction(async (session) => {
      await session.query(
        `INSERT INTO sink_position (stream, partition_id, sequence, rules) SELECT 'doctor ' || gen_random_uuid(), 0, -1, ''`,
      )
      throw takenBack
    })
  } catch (error) {
    if (error === takenBack) return undefined
    const { code, message } = error as Error & { code?: string }
    // read_only_sql_transaction: a standby, or a disk that is nearly full, for which Azure makes a server read-only.
    if (code === '25006') return fault('the server takes no writes', 'make room on its disk, or connect to the primary')
    if (code === '42P01') return fault(message, 'run npm run migrate')
    throw error
  }
  return undefined
}

const mostApartMs = 5000

/** Nothing is computed by the clock; tokens and certificates are judged by it. */
async function checkClock(subject: Subject): Promise<readonly Finding[]> {
  return withWarehouse(subject, async (warehouse) => {
    await warehouse.query('SELECT 1')
    const beforeMs = Date.now()
    const [row] = await warehouse.query('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms')
    const middleMs = (beforeMs + Date.now()) / 2
    return [judgeClock(Math.round(Number(row?.ms) - middleMs))]
  })
}

/** By how much a server's clock is ahead of this machine's. */
export function judgeClock(aheadMs: number): Finding {
  const what = `${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine`
  if (Math.abs(aheadMs) <= mostApartMs) return ok(what)
  return warn(what, 'set the clock of this machine by NTP; tokens and certificates are judged by it')
}

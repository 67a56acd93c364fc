// Tested in test/tools/query.test.ts.
import { join } from 'node:path'
import { type Settings, parseSettings } from '../../src/config/settings'
import { openServer } from '../../src/app/server'
import { type Warehouse } from '../../src/warehouse/connection'
import { migrate } from '../../src/warehouse/migrate'
import { type LocalSettings, portsOf } from '../../local/stack/settings-file'
import { startPostgres } from '../../local/postgres/postgres'
import { isListening } from '../../local/stack/listening'

/**
 * Runs work on the PostgreSQL the settings name. One on this machine is that of the services that run (`npm start` in
 * another terminal), else started for the length of the work; one in Azure is reached by password or by the identity the
 * environment has (`az login`).
 */
export async function withWarehouse<T>(
  { settings, dataDir }: { readonly settings: LocalSettings; readonly dataDir: string },
  work: (warehouse: Warehouse, settings: Settings) => Promise<T>,
): Promise<T> {
  const parsed = parseSettings(settings.values)
  const started = await startMissing({ settings, dataDir }, parsed)
  const warehouse = openServer(parsed)
  try {
    return await work(warehouse, parsed)
  } finally {
    await warehouse.close()
    await started?.close()
  }
}

/** Starts the PostgreSQL of this machine where it does not run. */
async function startMissing(
  { settings, dataDir }: { readonly settings: LocalSettings; readonly dataDir: string },
  { postgres: { host, user, database, password = '' } }: Settings,
): Promise<{ close(): Promise<void> } | undefined> {
  if (!['localhost', '127.0.0.1', '::1'].includes(host)) return undefined
  const { postgres: port } = portsOf(settings)
  if (await isListening(port)) return undefined
  const server = await startPostgres({ dataDir: join(dataDir, 'postgres'), port, user, database, password })
  try {
    await migrate(server.settings)
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

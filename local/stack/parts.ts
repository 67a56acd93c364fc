// Tested in test/tools/doctor.test.ts.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { installationOf } from '../../src/app/installation'
import { parseSettings } from '../../src/config/settings'
import { migrate } from '../../src/warehouse/migrate'
import hubConfig from '../hub/Config.json'
import { startHub } from '../hub/hub'
import { startPostgres } from '../postgres/postgres'
import { startAzurite } from '../storage/azurite'
import { startLake } from '../storage/storage'
import { startApp } from './app'
import { type LocalSettings, portsOf } from './settings-file'

/** One part of the stack, running. */
export interface Part {
  /** Where it is, for people. */
  readonly address: string
  /** Settles when it ends without having been told to, with the reason. */
  readonly ended: Promise<string>
  close(): Promise<void>
}

export const partNames = ['hub', 'azurite', 'gateway', 'postgres', 'app'] as const
export type PartName = (typeof partNames)[number]

/** The hub's configuration, with as many partitions as the setting HUB_PARTITIONS says, if it does: a hub may grow in place. */
function withPartitions(config: typeof hubConfig, { values }: LocalSettings): typeof hubConfig {
  const { HUB_PARTITIONS: partitions, EVENT_HUB_NAME: name } = values
  if (partitions === undefined) return config
  const grown = structuredClone(config)
  for (const { Entities: entities } of grown.UserConfig.NamespaceConfig) {
    for (const entity of entities) if (entity.Name === name) entity.PartitionCount = Number(partitions)
  }
  return grown
}

/** Nothing but this process ends it. */
const withProcess = new Promise<never>(() => undefined)

/**
 * Starts each part where the settings expect it, with its data below a folder. Throws, saying what to do, when it cannot
 * start; nothing of it is left running then. The gateway needs Azurite, and the app all others.
 */
export const parts: Readonly<Record<PartName, (settings: LocalSettings, dataDir: string) => Promise<Part>>> = {
  hub: async (settings, dataDir) => {
    const config = withPartitions(hubConfig, settings)
    const hub = await startHub({ config, dataDir: join(dataDir, 'hub'), port: portsOf(settings).hub })
    return { address: `sb://127.0.0.1:${hub.port}`, ended: withProcess, close: hub.close }
  },
  azurite: async (settings, dataDir) => {
    const { blob, queue, table } = portsOf(settings)
    const azurite = await startAzurite({
      dataDir: join(dataDir, 'storage'),
      blobPort: blob,
      queuePort: queue,
      tablePort: table,
    })
    const ended = azurite.exited.then((error) => (error ? error.message : withProcess))
    return { address: azurite.blobUrl, ended, close: () => azurite.close() }
  },
  gateway: async (settings) => {
    const { lake, blob } = portsOf(settings)
    const gateway = await startLake({ port: lake, blobUrl: `http://127.0.0.1:${blob}` })
    return { address: gateway.url, ended: withProcess, close: () => gateway.close() }
  },
  postgres: async (settings, dataDir) => {
    const { POSTGRES_PASSWORD: password = '', POSTGRES_USER: user, POSTGRES_DATABASE: database } = settings.values
    const account = { password, ...(user && { user }), ...(database && { database }) }
    const place = { dataDir: join(dataDir, 'postgres'), port: portsOf(settings).postgres }
    const postgres = await startPostgres({ ...place, ...account })
    try {
      const installation = installationOf(parseSettings(settings.values))
      await migrate({ ...postgres.settings, installation })
    } catch (error) {
      await postgres.close()
      throw error
    }
    const { settings: reached, port } = postgres
    return {
      address: `postgres://${reached.user}@127.0.0.1:${port}/${reached.database}`,
      ended: new Promise((resolve) => postgres.onExit(resolve)),
      close: () => postgres.close(),
    }
  },
  app: async (settings, dataDir) => {
    await mkdir(dataDir, { recursive: true })
    const app = await startApp(settings, { dataDir, say: (line) => console.error(line) })
    return { address: app.healthUrl, ended: withProcess, close: app.close }
  },
}

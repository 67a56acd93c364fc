// Tested in test/sim/soak/soak.test.ts.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressesAt, appFolder, readLocalSettings } from './settings-file'

/** A place of its own for a stack: a data directory, and settings on ports nobody uses. */
export interface Place {
  readonly data: string
  /** The settings file. */
  readonly settings: string
  readonly ports: { readonly hub: number; readonly http: number; readonly postgres: number; readonly lake: number }
  remove(): Promise<void>
}

/**
 * Makes a place in the system's temporary folder out of the sample settings, with `values` in place of the sample's.
 * With `httpPort` 0 any number of apps can share it, each listening on whatever port is free.
 */
export async function makePlace({
  values = {},
  httpPort,
}: { readonly values?: Readonly<Record<string, string>>; readonly httpPort?: number } = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-stack-'))
  const [hub = 0, free = 0, postgres = 0, lake = 0, blob = 0, queue = 0, table = 0] = await freePorts(7)
  const http = httpPort ?? free
  const sample = readLocalSettings(join(appFolder, 'local.settings.sample.json')).values
  const own = addressesAt({ hub, lake, blob, queue, table, postgres }, sample)
  const settings = join(folder, 'settings.json')
  await writeFile(settings, JSON.stringify({ Values: { ...sample, ...own, ...values }, Host: { LocalHttpPort: http } }))
  return {
    data: join(folder, 'data'),
    settings,
    ports: { hub, http, postgres, lake },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

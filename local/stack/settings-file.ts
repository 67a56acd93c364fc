import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { emulatorAccount } from '../../src/azure/credential'
import { reasonOf } from '../../src/reason'

/** The function app's folder: where package.json, host.json and local.settings.sample.json are. */
export const appFolder = folderOf('package.json', __dirname)

/** A `local.settings.json`: what the Functions host and this stack both go by. */
export interface LocalSettings {
  readonly file: string
  readonly values: Readonly<Record<string, string>>
  readonly httpPort: number
}

/** The ports the local services have to listen on for the settings to find them. */
export interface StackPorts {
  readonly hub: number
  readonly lake: number
  readonly blob: number
  readonly queue: number
  readonly table: number
  readonly postgres: number
}

/** Where each service listens, counted from `--port-base`; docs/local.md tells them, and `npm run generate` knows the hub's. */
export const portOffsets = { hub: 0, blob: 1, queue: 2, table: 3, lake: 4, postgres: 5, http: 6 } as const

/**
 * Reads a settings file: the one named, else `local.settings.json` where somebody made one, else the sample. With
 * `portBase` every service is moved to the ports counted from it. Throws, naming file and fault, when it is not there
 * or not of the shape Core Tools write, and when a service to be moved is not one of this machine.
 */
export function readLocalSettings(named?: string, portBase?: number): LocalSettings {
  const own = join(appFolder, 'local.settings.json')
  const file = named ?? (existsSync(own) ? own : join(appFolder, 'local.settings.sample.json'))
  const parsed = parse(file)
  const values = Object.entries(parsed.Values ?? {}).map(([name, value]) => [name, String(value)] as const)
  if (values.length === 0) throw new Error(`settings ${file}: expected "Values" with settings in it, got none`)
  const local = { file, values: Object.fromEntries(values), httpPort: parsed.Host?.LocalHttpPort ?? 7071 }
  if (portBase === undefined) return local
  // Throws for an address that is not of this machine.
  portsOf(local)
  const at = (service: keyof typeof portOffsets) => portBase + portOffsets[service]
  const ports = { hub: at('hub'), blob: at('blob'), queue: at('queue'), table: at('table'), lake: at('lake') }
  const moved = addressesAt({ ...ports, postgres: at('postgres') }, local.values)
  return { ...local, values: { ...local.values, ...moved }, httpPort: at('http') }
}

/** The settings by which each service is found on this machine at the ports given; other parts of `values` stay. */
export function addressesAt(
  { hub, lake, blob, queue, table, postgres }: StackPorts,
  values: LocalSettings['values'],
): Readonly<Record<string, string>> {
  const { name, key } = emulatorAccount
  const endpoint = (service: string, port: number) => `${service}Endpoint=http://127.0.0.1:${port}/${name}`
  return {
    EventHubConnection: (values.EventHubConnection ?? '').replace(/Endpoint=[^;]+/i, `Endpoint=sb://127.0.0.1:${hub}`),
    AzureWebJobsStorage: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${name}`,
      `AccountKey=${key}`,
      endpoint('Blob', blob),
      endpoint('Queue', queue),
      endpoint('Table', table),
    ].join(';'),
    LAKE_URL: `http://127.0.0.1:${lake}/${name}`,
    POSTGRES_PORT: String(postgres),
  }
}

/** Settings with the timer of heartbeats switched off, by the setting that does so in Azure. */
export function withoutPulse(settings: LocalSettings): LocalSettings {
  return { ...settings, values: { ...settings.values, 'AzureWebJobs.pulse.Disabled': 'true' } }
}

/** Where the settings expect each service. Throws, naming the setting, when one is not an address on this machine. */
export function portsOf({ values, file }: LocalSettings): StackPorts {
  const port = (setting: string, text: string | undefined, fallback: number) =>
    portIn(text, { fallback, where: `settings ${file}: ${setting}` })
  const storage = values.AzureWebJobsStorage ?? ''
  const endpoint = (service: string) => new RegExp(`${service}Endpoint=([^;]+)`, 'i').exec(storage)?.[1]
  const hub = /Endpoint=([^;]+)/i.exec(values.EventHubConnection ?? '')?.[1]
  const postgres = `http://${values.POSTGRES_HOST ?? '127.0.0.1'}:${values.POSTGRES_PORT ?? '5432'}`
  return {
    hub: port('EventHubConnection', hub?.replace(/^sb:/, 'http:'), 5672),
    lake: port('LAKE_URL', values.LAKE_URL, 80),
    blob: port('AzureWebJobsStorage', endpoint('Blob'), 10_000),
    queue: port('AzureWebJobsStorage', endpoint('Queue'), 10_001),
    table: port('AzureWebJobsStorage', endpoint('Table'), 10_002),
    postgres: port('POSTGRES_HOST', postgres, 5432),
  }
}

/** The nearest folder upwards that holds a file: this runs compiled, below dist, and as it is, in tests. */
function folderOf(name: string, from: string): string {
  if (existsSync(join(from, name))) return from
  if (dirname(from) === from) throw new Error(`settings: expected ${name} in a folder above ${__dirname}, found none`)
  return folderOf(name, dirname(from))
}

interface SettingsShape {
  readonly Values?: Readonly<Record<string, unknown>>
  readonly Host?: { readonly LocalHttpPort?: number }
}

function parse(file: string): SettingsShape {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SettingsShape
  } catch (cause) {
    const reason = reasonOf(cause)
    throw new Error(`settings ${file}: expected JSON as in local.settings.sample.json: ${reason}`, { cause })
  }
}

const thisMachine = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

function portIn(url: string | undefined, { fallback, where }: { fallback: number; where: string }): number {
  if (url === undefined) return fallback
  const { hostname, port } = new URL(url)
  if (!thisMachine.test(hostname)) {
    throw new Error(`${where}: expected an address on this machine to start a service at, got ${hostname}`)
  }
  return port === '' ? fallback : Number(port)
}

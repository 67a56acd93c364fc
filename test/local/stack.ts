import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emulatorAccount } from '../../src/azure/credential'

const root = join(__dirname, '..', '..')

/** A place of its own for a stack: a data directory, and settings on ports nobody uses. */
export interface Place {
  readonly data: string
  readonly settings: string
  readonly ports: { readonly hub: number; readonly http: number; readonly postgres: number; readonly lake: number }
  remove(): Promise<void>
}

export async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-stack-'))
  const [hub = 0, http = 0, postgres = 0, lake = 0, blob = 0, queue = 0, table = 0] = await freePorts(7)
  const sample = JSON.parse(await readFile(join(root, 'local.settings.sample.json'), 'utf8')) as {
    Values: Record<string, string>
    Host: { LocalHttpPort: number }
  }
  const { name, key } = emulatorAccount
  const endpoint = (service: string, port: number) => `${service}Endpoint=http://127.0.0.1:${port}/${name}`
  Object.assign(sample.Values, {
    EventHubConnection: sample.Values.EventHubConnection?.replace('127.0.0.1', `127.0.0.1:${hub}`),
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
    IDLE_AFTER_SECONDS: '2',
  })
  sample.Host.LocalHttpPort = http
  const settings = join(folder, 'settings.json')
  await writeFile(settings, JSON.stringify(sample))
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

/** A command of the project as `npm run` runs it, compiled. */
export interface Running {
  readonly process: ChildProcess
  /** Resolves once stderr has said this. */
  said(text: string): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

/** Starts `dist/local/NAME.js` with a place's data and settings. */
export function run(name: string, place: Place, ...flags: readonly string[]): Running {
  const script = join(root, 'dist', 'local', `${name}.js`)
  const child = spawn(process.execPath, [script, '--data', place.data, '--settings', place.settings, ...flags], {
    cwd: root,
  })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, ...text }))
  return {
    process: child,
    ended,
    said: async (wanted) => {
      while (!text.stderr.includes(wanted)) {
        const over = await Promise.race([once(child.stderr, 'data').then(() => false), ended.then(() => true)])
        if (over) throw new Error(`${name}: expected it to say "${wanted}", it ended with: ${text.stderr}`)
      }
    },
  }
}

/** The JSON object on the last line. */
export function lastLine(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}

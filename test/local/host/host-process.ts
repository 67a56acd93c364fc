import { buildSync } from 'esbuild'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FunctionListing } from '../../../local/host/admin'
import { type HostStart } from '../../../local/host/host'

const root = join(__dirname, '..', '..', '..')

export type Message = { readonly kind: string } & Readonly<Record<string, unknown>>

export interface HostProcess {
  readonly port: number
  readonly functions: readonly FunctionListing[]
  /** Everything the process has said, in order. */
  readonly messages: readonly Message[]
  /** The first message that matches, said already or still to come; rejects when the process ends first. */
  find(match: (message: Message) => boolean): Promise<Message>
  send(message: Message): void
  /** Closes the host in order; resolves when its process has ended. */
  close(): Promise<void>
  /** SIGKILL: no shutdown, no checkpoint. */
  kill(): Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'host-driver-'))
const driver = join(folder, 'driver.js')
const living = new Set<ChildProcess>()

/** Compiles the driver; call it once before the first host of a test file. */
export function buildDriver(): void {
  buildSync({
    entryPoints: [join(__dirname, 'driver.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile: driver,
  })
}

/** Ends whatever a failed test left behind. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...living].map(kill))
  rmSync(folder, { recursive: true, force: true })
}

export const fixture = (name: string): string => join(__dirname, 'fixtures', name)

/** Starts a host in a process of its own, on a free port; rejects with what the host refused. */
export async function forkHost(
  options: Omit<HostStart, 'clock' | 'random' | 'log' | 'onInvocation'>,
): Promise<HostProcess> {
  const child = fork(driver, {
    env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  living.add(child)
  const messages: Message[] = []
  const find = finder(child, messages)
  child.on('exit', () => living.delete(child))
  child.send({ kind: 'start', options: { port: 0, ...options } })
  const first = await find(({ kind }) => kind === 'started' || kind === 'error')
  if (first.kind === 'error') {
    await kill(child)
    throw new Error(String(first['message']))
  }
  return {
    port: Number(first['port']),
    functions: first['functions'] as FunctionListing[],
    messages,
    find,
    send: (message) => child.send(message),
    close: async () => {
      const exited = once(child, 'exit')
      child.send({ kind: 'close' })
      await exited
    },
    kill: () => kill(child),
  }
}

function finder(child: ChildProcess, messages: Message[]): HostProcess['find'] {
  const watchers = new Set<() => void>()
  child.on('message', (message: Message) => {
    messages.push(message)
    for (const watcher of [...watchers]) watcher()
  })
  return (match) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = messages.find(match)
        if (!found) return
        watchers.delete(look)
        child.off('exit', onExit)
        resolve(found)
      }
      const onExit = (): void => reject(new Error(`host process ended; it said ${JSON.stringify(messages.slice(-5))}`))
      watchers.add(look)
      child.once('exit', onExit)
      look()
    })
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

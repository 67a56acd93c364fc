import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reasonOf } from '../../src/reason'
import { azuritePreload } from './azurite-preload'

/** A running Azurite. Ports of services not started are absent. */
export interface Azurite {
  readonly blobPort: number
  readonly queuePort?: number
  readonly tablePort?: number
  /** Blob endpoint without account: `http://host:port`. */
  readonly blobUrl: string
  readonly pid: number
  /** Settles when the process ends: undefined after `close`, else an error with what it last said. */
  readonly exited: Promise<Error | undefined>
  /** Lets it save and end; kills it when that takes longer than two seconds. */
  close(): Promise<void>
}

/** Where Azurite keeps its data and listens. */
export interface AzuriteOptions {
  /** Made when missing. */
  readonly dataDir: string
  readonly host?: string
  /** 'blob' starts the blob service alone. */
  readonly services?: 'all' | 'blob'
  /** 0 takes a free port. */
  readonly blobPort?: number
  readonly queuePort?: number
  readonly tablePort?: number
  readonly startTimeoutMs?: number
}

/**
 * Starts the Azure Storage emulator from node_modules as a child process and waits until it listens. Throws, naming
 * the port or the data directory, when it cannot.
 *
 * Durability: file content reaches the disk before a write is acknowledged, the index that names it within about
 * five seconds or when Azurite ends. It is told to end by `close`, and by the system when this process dies in
 * whatever way. Only when Azurite itself is killed are the last seconds forgotten, as if they had not happened; who
 * holds newer state must then stop and start anew from what is stored.
 */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  const { dataDir, services = 'all', startTimeoutMs = 30_000 } = options
  await mkdir(dataDir, { recursive: true })
  const child = spawn(process.execPath, childArguments(options), {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C goes to the whole foreground group; here it is the parent that says when to end.
    detached: true,
  })
  // Ending the input of a process that has just died is no fault of ours to report.
  child.stdin.on('error', () => undefined)
  const output = collected(child)
  const ended = endOf(child)
  const wanted = services === 'all' ? ['Blob', 'Queue', 'Table'] : ['Blob']
  const ports = await listening(child, { wanted, startTimeoutMs, output }).catch(async (error: unknown) => {
    await end(child, ended)
    throw startFault(output(), dataDir, error)
  })
  let phase: 'running' | 'closing' = 'running'
  const exited = ended.then((how) => {
    if (phase === 'closing') return undefined
    return new Error(`azurite: ended by itself with ${how}; ${lastError(output()) ?? 'it gave no reason'}`)
  })
  return {
    ...ports,
    pid: child.pid ?? 0,
    exited,
    async close() {
      phase = 'closing'
      await end(child, ended)
    },
  }
}

function childArguments({
  dataDir,
  host = '127.0.0.1',
  services = 'all',
  blobPort = 10_000,
  queuePort = 10_001,
  tablePort = 10_002,
}: AzuriteOptions): string[] {
  const root = dirname(require.resolve('azurite/package.json'))
  const main = join(root, 'dist/src', services === 'all' ? 'azurite.js' : 'blob/main.js')
  // An idle connection is kept for an hour: one closed under a request would fail it.
  const blob = ['--blobHost', host, '--blobPort', `${blobPort}`, '--blobKeepAliveTimeout', '3600']
  const others = [
    '--queueHost',
    host,
    '--queuePort',
    `${queuePort}`,
    '--tableHost',
    host,
    '--tablePort',
    `${tablePort}`,
  ]
  return [
    ...['--import', azuritePreload(main)],
    ...[main, '--silent', '--skipApiVersionCheck', '--disableTelemetry', '--location', dataDir],
    ...blob,
    ...(services === 'all' ? others : []),
  ]
}

interface Ports {
  readonly blobPort: number
  readonly queuePort?: number
  readonly tablePort?: number
  readonly blobUrl: string
}

interface Awaited {
  readonly wanted: readonly string[]
  readonly startTimeoutMs: number
  readonly output: () => string
}

/** The addresses Azurite announces once each of its servers listens; rejects when it ends or takes too long. */
function listening(child: ChildProcess, { wanted, startTimeoutMs, output }: Awaited): Promise<Ports> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`not listening after ${startTimeoutMs} ms`))
    }, startTimeoutMs)
    const settle = (act: () => void) => {
      clearTimeout(timer)
      child.stdout?.off('data', look)
      act()
    }
    const look = () => {
      const found = announced(output())
      if (wanted.every((name) => found.has(name))) settle(() => resolve(portsOf(found)))
    }
    child.stdout?.on('data', look)
    child.once('error', (error) => settle(() => reject(error)))
    child.once('exit', (code) => settle(() => reject(new Error(`ended with code ${code ?? 'none'}`))))
  })
}

function announced(text: string): Map<string, URL> {
  const lines = text.matchAll(/Azurite (\w+) service (?:is successfully listening at|successfully listens on) (\S+)/g)
  return new Map([...lines].map(([, name = '', url = '']) => [name, new URL(url)]))
}

function portsOf(found: ReadonlyMap<string, URL>): Ports {
  const port = (name: string) => Number(found.get(name)?.port)
  const blob = { blobPort: port('Blob'), blobUrl: found.get('Blob')?.origin ?? '' }
  return found.has('Queue') ? { ...blob, queuePort: port('Queue'), tablePort: port('Table') } : blob
}

/** Settles when the process has ended and its output is read, with its exit code or what killed it. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `code ${code ?? 'unknown'}`))
    child.once('error', ({ message }) => resolve(message))
  })
}

const closeTimeoutMs = 1_800

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs)
  await ended
  clearTimeout(timer)
}

const keptOutput = 8_192

/** What the child has printed, the last of it. */
function collected(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-keptOutput)
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}

function startFault(output: string, dataDir: string, cause: unknown): Error {
  const taken = /EADDRINUSE\D*[\d.:]*?:(\d+)\b/.exec(output)?.[1]
  if (taken) return new Error(`azurite: port ${taken} is taken; stop what uses it or choose another`, { cause })
  const why = lastError(output) ?? reasonOf(cause)
  return new Error(
    `azurite: did not start on ${dataDir}: ${why}; check that the directory is writable, or move it aside to start empty`,
    { cause },
  )
}

function lastError(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => /error/i.test(line))
  return lines.at(-1)?.trim()
}

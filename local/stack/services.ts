// Tested in test/local/start.test.ts.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf } from '../../src/reason'
import { holderOf } from '../hub/lock'
import { startStorage } from '../storage/storage'
import { keepRunning } from './kept'
import { isListening } from './listening'
import { parts } from './parts'
import { type LocalSettings, portsOf } from './settings-file'

/** The embedded services, running. */
export interface Services {
  /** Where each is, for people. */
  readonly addresses: Readonly<Record<'hub' | 'storage' | 'postgres', string>>
  /** Resolves with the reason when a service ends without having been told to. */
  readonly failed: Promise<string>
  close(): Promise<void>
}

/**
 * Starts Event Hub, storage and PostgreSQL where the settings expect them, with their data below `dataDir`, and brings
 * the database's tables up to date. A PostgreSQL that ends is started again, and `say` is told. Throws, saying what to do, when any cannot start; nothing is left running then.
 */
export async function startServices(
  settings: LocalSettings,
  dataDir: string,
  { say = (line) => console.error(line) }: { readonly say?: (line: string) => void } = {},
): Promise<Services> {
  const ports = portsOf(settings)
  await checkWritable(dataDir)
  checkFree(dataDir)
  await checkPorts({ ...ports })
  const starting = [
    parts.hub(settings, dataDir),
    startStorage({ dataDir: join(dataDir, 'storage'), ports }),
    keepRunning(() => parts.postgres(settings, dataDir), { name: 'postgres', say }),
  ] as const
  const started = await Promise.allSettled(starting)
  const close = () => closeAll(started)
  const faults = started.flatMap((result) => (result.status === 'rejected' ? [reasonOf(result.reason)] : []))
  if (faults.length > 0) {
    await close()
    throw new Error(faults.join('\n'))
  }
  const [hub, storage, postgres] = await Promise.all(starting)
  return {
    addresses: { hub: hub.address, storage: storage.url, postgres: postgres.address },
    failed: Promise.race([postgres.ended, failureOf(storage.exited)]),
    close,
  }
}

/** Says in the terms of a person what a failing service would say in its own, each differently. */
async function checkWritable(dataDir: string): Promise<void> {
  const probe = join(dataDir, '.writable')
  try {
    await mkdir(dataDir, { recursive: true })
    await writeFile(probe, '')
    await rm(probe)
  } catch (cause) {
    throw new Error(
      `data directory ${dataDir}: expected a folder that can be written, got ${reasonOf(cause)}; ` +
        'give it to your user or choose another with --data DIR',
      { cause },
    )
  }
}

/** Two stacks over one folder would each refuse the other in the words of whichever service is first. */
function checkFree(dataDir: string): void {
  const pid = holderOf(join(dataDir, 'hub'))
  if (pid === undefined) return
  throw new Error(
    `data directory ${dataDir}: a stack runs on it already, process ${pid}; use that one, end it (kill -INT ${pid}), ` +
      'or start another with --data DIR --port-base N',
  )
}

/** One line for all services that cannot listen, before any has begun. Port 0 is any that is free. */
async function checkPorts(ports: Readonly<Record<string, number>>): Promise<void> {
  const wanted = Object.entries(ports).filter(([, port]) => port !== 0)
  const isTaken = await Promise.all(wanted.map(([, port]) => isListening(port)))
  const taken = wanted.flatMap(([name, port], index) => (isTaken[index] === true ? [`${port} (${name})`] : []))
  if (taken.length === 0) return
  throw new Error(
    `ports taken on 127.0.0.1: ${taken.join(', ')}; end what listens there (another npm start?), ` +
      'or move all of this one with --port-base N',
  )
}

/** The reason something ended by itself; for ever unsettled when it was told to. */
function failureOf(exited: Promise<Error | undefined>): Promise<string> {
  return new Promise((resolve) => void exited.then((error) => error && resolve(error.message)))
}

async function closeAll(started: readonly PromiseSettledResult<{ close(): Promise<void> }>[]): Promise<void> {
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const closed = await Promise.allSettled(running.map((service) => service.close()))
  const failed = closed.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

import { type Settings, parseSettings } from '../config/settings'
import { type Ingest, openIngest } from '../pipeline/ingest'
import { openPorts, type Log, type OpenPorts } from './ports'

/** What one worker process keeps open between invocations. */
export interface Running {
  readonly settings: Settings
  readonly ports: OpenPorts
  readonly ingest: Ingest
}

let running: Promise<Running> | undefined

// Ports outlive the invocation that opened them; a line goes to the newest one, which is still there to take it.
let newestLog: Log = () => undefined

/**
 * The process's ports and pipeline, opened from the environment at the first invocation that needs them. A failure is
 * not kept: the next invocation tries again.
 */
export function run(log: Log): Promise<Running> {
  newestLog = log
  running ??= open().catch((error: unknown) => {
    running = undefined
    throw error
  })
  return running
}

/** Closes what `run` opened, if anything; for the end of the worker. */
export async function stop(): Promise<void> {
  const open = running
  running = undefined
  await (await open)?.ports.close()
}

async function open(): Promise<Running> {
  const settings = parseSettings(process.env)
  const ports = await openPorts(settings, (level, line) => newestLog(level, line))
  return { settings, ports, ingest: openIngest(ports) }
}

// Tested in test/observe/telemetry.test.ts.
import { type Settings, parseSettings } from '../config/settings'
import { type Telemetry } from '../observe/telemetry'
import { type Ingest, openIngest } from '../pipeline/stream/ingest'
import { enterLog, logHere } from './log'
import { openPorts, type Log, type OpenPorts } from './ports'
import { startTelemetry } from './telemetry'

/** What one worker process keeps open between invocations. */
export interface Running {
  readonly settings: Settings
  readonly ports: OpenPorts
  readonly ingest: Ingest
}

let running: Promise<Running> | undefined
let telemetry: Telemetry | undefined

/**
 * The process's ports and pipeline, opened from the environment at the first invocation that needs them. A failure is
 * not kept: the next invocation tries again.
 */
export function run(log: Log): Promise<Running> {
  enterLog(log)
  running ??= open().catch((error: unknown) => {
    running = undefined
    throw error
  })
  return running
}

/** Closes what `run` opened, if anything, and sends what was measured last; for the end of the worker. */
export async function stop(): Promise<void> {
  const [open, sending] = [running, telemetry]
  running = undefined
  telemetry = undefined
  // At the same time: the host grants a worker that is to end five seconds for both.
  const results = await Promise.allSettled([closePorts(open), sending?.close()])
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function closePorts(open: Promise<Running> | undefined): Promise<void> {
  await (await open)?.ports.close()
}

async function open(): Promise<Running> {
  const settings = parseSettings(process.env)
  // First, and kept when the rest does not open: that is when there is something to tell.
  telemetry ??= startTelemetry(settings, logHere)
  const ports = await openPorts(settings, logHere)
  return { settings, ports, ingest: openIngest(ports) }
}

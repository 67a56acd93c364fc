// Tested in test/local/host/hooks.test.ts.
import { type FunctionListing } from './admin'
import { parseFunction, type AppFunction } from './binding'
import { systemClock, type Clock } from './clock'
import { describeError, type Log } from './core'
import { findEntryFiles } from './entry'
import { type LoadBalancing } from './event-hub-trigger'
import { parseHostJson, type HostOptions } from './host-json'
import { routePath, startHttpTrigger, type HttpFunction, type HttpListener } from './http-trigger'
import { createInvoker, type InvocationReport } from './invocation'
import { type Outcome } from './retry'
import { applySettings, type Settings } from './settings'
import { loadApp, type App } from './shim'
import { catchStrays } from './stray'
import { handTimerInput } from './timer-trigger'
import { startTriggers, type HostContext } from './triggers'

export interface HostStart {
  /** The function app's folder, whose package.json names the compiled functions in `main`, or a pattern for them. */
  readonly entry: string
  /** The `Values` of local.settings.json; they win over the process environment. */
  readonly settings: Settings
  /** host.json, parsed. */
  readonly hostJson?: unknown
  /** 0 for any free port. */
  readonly port?: number
  readonly host?: string
  readonly clock?: Clock
  /** In [0, 1), spreads retries. */
  readonly random?: () => number
  readonly loadBalancing?: LoadBalancing
  /** How long `close` waits for what is running. */
  readonly drainMs?: number
  readonly onInvocation?: (report: InvocationReport) => void
  readonly log?: Log
}

export interface Host {
  readonly port: number
  readonly functions: readonly FunctionListing[]
  /** Runs a timer by hand, outside its schedule; rejects with what the function threw. */
  invoke(name: string): Promise<void>
  /** Stops the listeners, drains, runs the `appTerminate` hooks and releases everything; safe to call twice. */
  close(): Promise<void>
}

const silent: Log = () => undefined

/**
 * Runs a compiled function app in this process the way the Functions host and its Node worker run it: the same
 * registered functions, delivery rules and records in storage, so that stopping here and starting there resumes.
 * What a function does or throws, a stray rejection included, does not end the host. Throws on whatever would keep a
 * function from running as registered: a missing setting, an unsupported binding, a busy port, a hub or storage
 * account that does not answer.
 */
export async function startHost({
  entry,
  settings,
  hostJson = {},
  port = 7071,
  host = '127.0.0.1',
  clock = systemClock,
  random = Math.random,
  loadBalancing = { updateIntervalMs: 2_000, ownershipExpirationMs: 10_000 },
  drainMs = 3_000,
  onInvocation,
  log = silent,
}: HostStart): Promise<Host> {
  const options = parseHostJson(hostJson)
  const files = await findEntryFiles(entry)
  // Run in reverse when the host closes, and when it fails to start.
  const undo: (() => void | Promise<void>)[] = [applySettings(settings)]
  try {
    undo.push(catchStrays(log))
    const app = await loadApp(files, log)
    undo.push(app.unload)
    const known = { ...definedOnly(process.env), ...settings }
    const functions = [...app.functions.values()].map((registered) => parseFunction(registered, known))
    const invoker = createInvoker(app, { clock, log, onInvocation })
    const context: HostContext = { functions, options, settings: known, clock, random, log, invoke: invoker.invoke }
    const http = await startHttp(context, { host, port })
    undo.push(() => http.destroy())
    undo.push(() => terminate(app))
    const stopTriggers = await startTriggers(context, { loadBalancing, drainMs })
    undo.push(async () => {
      http.stop()
      // Side by side, so that closing takes one drain and not the sum of several.
      const [running] = await Promise.all([invoker.drain(drainMs), stopTriggers()])
      sayAbandoned(running, log)
    })
    log({ level: 'information', category: 'Host.Startup', message: `host started with ${functions.length} functions` })
    let closing: Promise<void> | undefined
    return {
      port: http.port,
      functions: functions.map((fn) => listing(fn, options)),
      invoke: async (name) => orThrow(await invokeByHand(context, name)),
      close: () => (closing ??= unwind(undo, log)),
    }
  } catch (error) {
    await unwind(undo, log)
    throw error
  }
}

async function startHttp(context: HostContext, { host, port }: { host: string; port: number }): Promise<HttpListener> {
  const { functions, options, invoke, log } = context
  const served = functions.flatMap((fn): HttpFunction[] =>
    fn.trigger.kind === 'http' && fn.state === 'enabled' ? [{ fn, trigger: fn.trigger }] : [],
  )
  return startHttpTrigger({
    host,
    port,
    routePrefix: options.routePrefix,
    functions: served,
    admin: {
      functions: functions.map((fn) => listing(fn, options)),
      invokeByHand: (name) => invokeByHand(context, name),
    },
    invoke,
    log,
  })
}

async function invokeByHand({ functions, invoke }: HostContext, name: string): Promise<Outcome<unknown>> {
  const fn = functions.find((candidate) => candidate.name === name)
  if (!fn || fn.trigger.kind !== 'timer') {
    const timers = functions.filter(({ trigger }) => trigger.kind === 'timer').map((timer) => timer.name)
    throw new Error(`function "${name}": expected a timer to run by hand, one of: ${timers.join(', ') || 'none'}`)
  }
  return invoke(fn, handTimerInput())
}

function orThrow(outcome: Outcome<unknown>): void {
  if (outcome.kind !== 'succeeded') throw outcome.error
}

function listing({ name, trigger, state }: AppFunction, { routePrefix }: HostOptions): FunctionListing {
  switch (trigger.kind) {
    case 'eventHub':
      return { name, state, trigger: trigger.kind, detail: `${trigger.eventHubName} / ${trigger.consumerGroup}` }
    case 'timer':
      return { name, state, trigger: trigger.kind, detail: trigger.schedule }
    case 'unbound':
      return { name, state, trigger: trigger.type, detail: '' }
    case 'http':
      return {
        name,
        state,
        trigger: trigger.kind,
        detail: `${trigger.methods.join(',')} /${routePath(routePrefix, trigger)}`,
      }
  }
}

/** Runs the undo steps, last first; one that fails does not keep the others from running. */
async function unwind(undo: (() => void | Promise<void>)[], log: Log): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) {
    try {
      await step()
    } catch (error) {
      log({ level: 'error', category: 'Host.Shutdown', message: describeError(error).stack })
    }
  }
}

function terminate(app: App): Promise<void> {
  return app.runHooks('appTerminate', { hookData: {}, appHookData: app.hookData })
}

function sayAbandoned(count: number, log: Log): void {
  if (count === 0) return
  log({
    level: 'warning',
    category: 'Host.Shutdown',
    message: `${count} invocations still running, no longer waited for`,
  })
}

function definedOnly(env: NodeJS.ProcessEnv): Settings {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

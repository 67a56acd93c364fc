// Tested in test/local/host/hooks.test.ts.
import { randomBytes, randomUUID } from 'node:crypto'
import { type AppFunction } from './binding'
import { within, type Clock } from './clock'
import {
  describeError,
  type CoreInvocationContext,
  type InvocationModel,
  type InvocationRequest,
  type InvocationResponse,
  type Log,
  type RetryContext,
  type TypedData,
} from './core'
import { type Outcome } from './retry'
import { type App } from './shim'

/** What a trigger hands over: the value of its binding and what it knows about it, PascalCase keys. */
export interface TriggerInput {
  readonly data: TypedData
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>
  readonly retryContext?: RetryContext | undefined
}

/** What one invocation came to, for counters and a status line. */
export interface InvocationReport {
  readonly functionName: string
  readonly invocationId: string
  readonly trigger: AppFunction['trigger']['kind']
  readonly outcome: 'succeeded' | 'failed'
  readonly startedAtMs: number
  readonly durationMs: number
  /** 0 on the first attempt. */
  readonly retryCount: number
  readonly error?: unknown
}

export type Invoke = (
  fn: AppFunction,
  input: TriggerInput | (() => TriggerInput),
) => Promise<Outcome<InvocationResponse>>

export interface Invoker {
  /**
   * Runs a function once and resolves to how it ended; it never rejects, whatever user code or a hook does. An input
   * given as a function is built inside the invocation, so that data which cannot be bound fails it, as in the service.
   */
  readonly invoke: Invoke
  /** Resolves when nothing is running any more, to the number of invocations still running at the time limit. */
  drain(limitMs: number): Promise<number>
}

interface Surroundings {
  readonly clock: Clock
  readonly log: Log
  readonly onInvocation?: ((report: InvocationReport) => void) | undefined
}

export function createInvoker(app: App, { clock, log, onInvocation }: Surroundings): Invoker {
  const running = new Set<Promise<unknown>>()

  const run = async (
    fn: AppFunction,
    source: TriggerInput | (() => TriggerInput),
  ): Promise<Outcome<InvocationResponse>> => {
    const invocationId = randomUUID()
    const startedAtMs = clock.nowMs()
    let retryCount = 0
    const say = logOf(fn, log)
    say('information', `Executing 'Functions.${fn.name}' (Id=${invocationId})`)
    const outcome = await settle(() => {
      const input = typeof source === 'function' ? source() : source
      retryCount = input.retryContext?.retryCount ?? 0
      return runSteps(app, fn, { request: requestOf(fn, input, invocationId), log })
    })
    const durationMs = clock.nowMs() - startedAtMs
    sayExecuted(say, fn, { outcome, invocationId, durationMs })
    const failed = outcome.kind !== 'succeeded'
    onInvocation?.({
      functionName: fn.name,
      invocationId,
      trigger: fn.trigger.kind,
      outcome: failed ? 'failed' : 'succeeded',
      startedAtMs,
      durationMs,
      retryCount,
      ...(failed ? { error: outcome.error } : {}),
    })
    return outcome
  }

  return {
    invoke: (fn, input) => {
      const invocation = run(fn, input)
      running.add(invocation)
      return invocation.finally(() => running.delete(invocation))
    },
    drain: async (limitMs) => {
      await within(Promise.allSettled(running), limitMs, clock)
      return running.size
    },
  }
}

async function settle<T>(act: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'succeeded', value: await act() }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

/** The steps of the worker, in its order: azure-functions-nodejs-worker `src/eventHandlers/InvocationHandler.ts`. */
async function runSteps(
  app: App,
  fn: AppFunction,
  { request, log }: { request: InvocationRequest; log: Log },
): Promise<InvocationResponse> {
  const core = coreContext(app, fn, { request, log })
  const model = app.model.getInvocationModel(core)
  const { context, inputs } = await model.getArguments()
  core.invocationContext = context
  const shared = { hookData: {}, appHookData: app.hookData, invocationContext: context }
  const before = { ...shared, inputs, functionCallback: fn.callback }
  core.state = 'preInvocationHooks'
  await app.runHooks('preInvocation', before)
  core.state = 'invocation'
  const ended = await callFunction(model, context, before)
  const after = { ...shared, inputs: before.inputs, ...ended }
  core.state = 'postInvocationHooks'
  await app.runHooks('postInvocation', after)
  core.state = undefined
  // As in the worker (its `isError`), a function that rejects with null or undefined has succeeded.
  if (after.error !== null && after.error !== undefined) throw asError(after.error)
  return model.getResponse(context, after.result)
}

async function callFunction(
  model: InvocationModel,
  context: unknown,
  { inputs, functionCallback }: { inputs: unknown[]; functionCallback: AppFunction['callback'] },
): Promise<{ result: unknown; error: unknown }> {
  try {
    return { result: await model.invokeFunction(context, inputs, functionCallback), error: null }
  } catch (error) {
    return { result: null, error }
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(describeError(error).message, { cause: error })

type HostContext = CoreInvocationContext & { invocationContext: unknown }

function coreContext(
  app: App,
  fn: AppFunction,
  { request, log }: { request: InvocationRequest; log: Log },
): HostContext {
  const context: HostContext = {
    invocationId: request.invocationId,
    metadata: fn.metadata,
    request,
    state: undefined,
    invocationContext: undefined,
    log: (level, category, message) => {
      const source = category === 'user' ? `Function.${fn.name}.User` : `Function.${fn.name}`
      app.logThroughHooks(
        { level, category, message, invocationContext: context.invocationContext },
        (hookedLevel, hookedMessage) =>
          log({ level: hookedLevel, category: source, message: hookedMessage, functionName: fn.name }),
      )
    },
  }
  return context
}

function requestOf(fn: AppFunction, input: TriggerInput, invocationId: string): InvocationRequest {
  const { data, triggerMetadata = {}, retryContext } = input
  return {
    invocationId,
    functionId: fn.name,
    inputData: [{ name: fn.trigger.bindingName, data }],
    triggerMetadata,
    traceContext: { traceParent: traceParent(), traceState: '', attributes: {} },
    ...(retryContext ? { retryContext } : {}),
  }
}

/** A sampled W3C trace of its own for each invocation: https://www.w3.org/TR/trace-context/ section 3.2. */
function traceParent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
}

type Say = (level: 'information' | 'error', message: string) => void

function logOf(fn: AppFunction, log: Log): Say {
  return (level, message) => log({ level, category: `Function.${fn.name}`, message, functionName: fn.name })
}

interface Executed {
  readonly outcome: Outcome<unknown>
  readonly invocationId: string
  readonly durationMs: number
}

function sayExecuted(say: Say, fn: AppFunction, { outcome, invocationId, durationMs }: Executed): void {
  const tail = `Id=${invocationId}, Duration=${durationMs}ms)`
  if (outcome.kind === 'succeeded') say('information', `Executed 'Functions.${fn.name}' (Succeeded, ${tail}`)
  else say('error', `Executed 'Functions.${fn.name}' (Failed, ${tail}: ${describeError(outcome.error).stack}`)
}

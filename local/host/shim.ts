// Tested in test/local/host/hooks.test.ts.
import Module, { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  describeError,
  type FunctionCallback,
  type FunctionMetadata,
  type HookCallback,
  type HookName,
  type Log,
  type LogCategory,
  type LogLevel,
  type ProgrammingModel,
} from './core'

const coreModuleName = '@azure/functions-core'
const hookNames: readonly HookName[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log']

/** Files user code has been loaded from, so that the next host in this process runs them afresh. */
const loadedFiles = new Set<string>()

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata
  readonly callback: FunctionCallback
}

/** What user code left behind by being loaded: its functions, its hooks and the model that runs them. */
export interface App {
  readonly functions: ReadonlyMap<string, RegisteredFunction>
  readonly model: ProgrammingModel
  /** Shared by every hook of the app, as the worker shares it. */
  readonly hookData: Record<string, unknown>
  /** Runs the hooks of one name in the order they were registered; the first that throws ends the run. */
  runHooks(name: Exclude<HookName, 'log'>, context: Record<string, unknown>): Promise<void>
  /** Lets the log hooks rewrite level and message of a user's line, then hands it to `emit`. */
  logThroughHooks(line: HookedLine, emit: (level: LogLevel, message: string) => void): void
  readonly unload: () => void
}

interface HookedLine {
  readonly level: LogLevel
  readonly category: LogCategory
  readonly message: string
  readonly invocationContext?: unknown
}

interface Registry {
  readonly functions: Map<string, RegisteredFunction>
  readonly hooks: Record<HookName, HookCallback[]>
  model: ProgrammingModel | undefined
  phase: 'loading' | 'loaded'
}

class Disposable {
  #onDispose: (() => void) | undefined

  constructor(onDispose: () => void) {
    this.#onDispose = onDispose
  }

  static from(...items: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => items.forEach((item) => item.dispose()))
  }

  dispose(): void {
    this.#onDispose?.()
    this.#onDispose = undefined
  }
}

/**
 * Loads user code the way the Node worker does: `@azure/functions-core` answers first, then every file in
 * order, then the `appStart` hooks; after that no function can be registered. Throws, naming the file, when one
 * cannot be loaded, and when nothing registered. Several apps may be loaded in one process, each with its own
 * copy of `@azure/functions` and of its own files.
 */
export async function loadApp(files: readonly string[], log: Log): Promise<App> {
  const registry: Registry = {
    functions: new Map(),
    hooks: { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] },
    model: undefined,
    phase: 'loading',
  }
  const core = coreModule(registry, log)
  const unload = requireAll(files, core)
  const app = appOf(registry, { unload, log })
  try {
    await app.runHooks('appStart', { hookData: {}, appHookData: app.hookData })
    registry.phase = 'loaded'
    await refuseHttpStreams(app.model)
  } catch (error) {
    unload()
    throw error
  }
  return app
}

/** The module the library asks for: azure-functions-nodejs-worker `src/setupCoreModule.ts`. */
function coreModule(registry: Registry, log: Log): object {
  return {
    version: '3.16.1',
    // The library refuses log hooks below 4.34.
    hostVersion: '4.1053.0',
    Disposable,
    setProgrammingModel: (model: ProgrammingModel) => {
      registry.model = model
    },
    getProgrammingModel: () => registry.model,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      registerFunction(registry, metadata, callback),
    registerHook: (name: string, callback: HookCallback) => registerHook(registry, name, callback),
    log: (level: LogLevel, category: LogCategory, message: string) =>
      log({ level, category: `Worker.${category}`, message }),
  }
}

function registerFunction(registry: Registry, metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  const { name } = metadata
  if (registry.phase !== 'loading') {
    throw new Error(`function "${name}": expected to be registered while the app loads, came after; move it to the top`)
  }
  if (registry.functions.has(name)) {
    throw new Error(`function "${name}": expected one registration, got a second; rename one of the two`)
  }
  registry.functions.set(name, { metadata, callback })
  return new Disposable(() => registry.functions.delete(name))
}

function registerHook(registry: Registry, name: string, callback: HookCallback): Disposable {
  const known = hookNames.find((candidate) => candidate === name)
  if (!known) throw new RangeError(`hook "${name}": expected one of ${hookNames.join(', ')}`)
  const list = registry.hooks[known]
  list.push(callback)
  return new Disposable(() => {
    const at = list.indexOf(callback)
    if (at >= 0) list.splice(at, 1)
  })
}

/**
 * The library asks for the core module once, when user code first registers something, and keeps the answer;
 * so `require` is proxied only while the files load, and two hosts in one process do not meet.
 */
function requireAll(files: readonly string[], core: object): () => void {
  const cache = createRequire(__filename).cache
  purge(cache, (file) => loadedFiles.has(file) || isFunctionsLibrary(file))
  const before = new Set(Object.keys(cache))
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the caller's own `this` below
  const original = Module.prototype.require
  Module.prototype.require = function require(this: Module, id: string): unknown {
    return id === coreModuleName ? core : original.call(this, id)
  }
  try {
    for (const file of files) requireOne(file)
  } finally {
    Module.prototype.require = original
    for (const file of Object.keys(cache)) if (!before.has(file) && isUserFile(file)) loadedFiles.add(file)
  }
  return () => purge(cache, (file) => !before.has(file) && (isUserFile(file) || isFunctionsLibrary(file)))
}

function requireOne(file: string): void {
  try {
    createRequire(file)(file)
  } catch (error) {
    throw new Error(`function app ${file}: could not be loaded: ${describeError(error).message}`, { cause: error })
  }
}

const isUserFile = (file: string): boolean => !file.includes(join('/', 'node_modules', '/'))
const isFunctionsLibrary = (file: string): boolean =>
  file.includes(join('/', 'node_modules', '@azure', 'functions', '/'))

function purge(cache: NodeJS.Dict<NodeModule>, drop: (file: string) => boolean): void {
  for (const file of Object.keys(cache).filter(drop)) {
    delete cache[file]
    loadedFiles.delete(file)
  }
}

function appOf(registry: Registry, { unload, log }: { unload: () => void; log: Log }): App {
  if (!registry.model || registry.functions.size === 0) {
    unload()
    throw new Error('function app: expected at least one function registered through "@azure/functions", found none')
  }
  return {
    functions: registry.functions,
    model: registry.model,
    hookData: {},
    runHooks: async (name, context) => {
      for (const hook of [...registry.hooks[name]]) await hook(context)
    },
    logThroughHooks: (line, emit) => {
      const context: Record<string, unknown> = { hookData: {}, ...line }
      for (const hook of registry.hooks.log) runLogHook(hook, context, log)
      if (line.category === 'user') emit(context['level'] as LogLevel, String(context['message']))
      else emit(line.level, line.message)
    },
    unload,
  }
}

/** A log hook that throws costs its own effect and not the line it was given. */
function runLogHook(hook: HookCallback, context: Record<string, unknown>, log: Log): void {
  try {
    hook(context)
  } catch (error) {
    log({ level: 'error', category: 'Worker.system', message: `log hook failed: ${describeError(error).message}` })
  }
}

/** Streams would need the host to proxy HTTP to a server of the library's own, one it never closes. */
async function refuseHttpStreams(model: ProgrammingModel): Promise<void> {
  const capabilities = await model.getCapabilities({ TypedDataCollection: 'true' })
  if (capabilities['HttpUri'] === undefined) return
  throw new Error(
    'app.setup: enableHttpStream is not supported by the local host; leave it out and return whole bodies',
  )
}

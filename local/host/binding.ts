// Tested in test/local/host/timer-trigger.test.ts.
import { type BindingInfo, type FunctionCallback, type FunctionMetadata } from './core'
import { parseRetryPolicy, type RetryPolicy } from './retry'
import { expand, isDisabled, type Settings } from './settings'
import { type RegisteredFunction } from './shim'

export interface EventHubTrigger {
  readonly kind: 'eventHub'
  readonly bindingName: string
  /** Name of the setting that holds the connection string. */
  readonly connection: string
  readonly eventHubName: string
  readonly consumerGroup: string
  readonly cardinality: 'one' | 'many'
  readonly dataType: 'binary' | 'string' | 'none'
}

export interface TimerTrigger {
  readonly kind: 'timer'
  readonly bindingName: string
  readonly schedule: string
  readonly startup: 'run' | 'wait'
  /** Whether missed runs are made up for; `default` leaves it to the length of the schedule. */
  readonly monitor: 'on' | 'off' | 'default'
}

export interface HttpTrigger {
  readonly kind: 'http'
  readonly bindingName: string
  readonly route: string
  /** Upper case. */
  readonly methods: readonly string[]
}

/** A trigger the local host cannot honour, of a function that is switched off. */
export interface UnboundTrigger {
  readonly kind: 'unbound'
  readonly bindingName: string
  readonly type: string
}

export type Trigger = EventHubTrigger | TimerTrigger | HttpTrigger | UnboundTrigger

/** A function as the host runs it: one supported trigger, settings expanded. */
export interface AppFunction {
  readonly name: string
  readonly metadata: FunctionMetadata
  readonly callback: FunctionCallback
  readonly trigger: Trigger
  readonly retry: RetryPolicy | undefined
  readonly state: 'enabled' | 'disabled'
}

/**
 * Reads what a function registered. Throws, naming the function, on a binding the local host cannot honour, rather
 * than run the function without it; unless the function is switched off.
 */
export function parseFunction({ metadata, callback }: RegisteredFunction, settings: Settings): AppFunction {
  const { name } = metadata
  const common = { name, metadata, callback }
  if (!isDisabled(name, settings)) return { ...common, ...parseBindings(metadata, settings), state: 'enabled' }
  try {
    return { ...common, ...parseBindings(metadata, settings), state: 'disabled' }
  } catch {
    // Switching a function off is what the error would have advised.
    const [bindingName = '', binding] = triggerBinding(metadata) ?? []
    const trigger = { kind: 'unbound' as const, bindingName, type: binding?.type ?? 'none' }
    return { ...common, trigger, retry: undefined, state: 'disabled' }
  }
}

function triggerBinding({ bindings }: FunctionMetadata): [string, BindingInfo] | undefined {
  return Object.entries(bindings).find(([, binding]) => /trigger$/i.test(binding.type))
}

function parseBindings(metadata: FunctionMetadata, settings: Settings): Pick<AppFunction, 'trigger' | 'retry'> {
  const { name } = metadata
  const where = `function "${name}"`
  const found = triggerBinding(metadata)
  if (!found) throw new Error(`${where}: expected one trigger binding, found none`)
  const [bindingName, binding] = found
  refuseOtherBindings(where, Object.entries(metadata.bindings), bindingName)
  return {
    trigger: parseTrigger(where, bindingName, { binding, name, settings }),
    retry: parseRetryPolicy(metadata.retryOptions, where),
  }
}

function refuseOtherBindings(
  where: string,
  bindings: readonly (readonly [string, BindingInfo])[],
  trigger: string,
): void {
  const other = bindings.find(([name, { type }]) => name !== trigger && !(name === '$return' && type === 'http'))
  if (!other) return
  throw new Error(
    `${where}: binding "${other[0]}" of type ${other[1].type} is not supported by the local host; use an SDK`,
  )
}

interface Source {
  readonly binding: BindingInfo
  readonly name: string
  readonly settings: Settings
}

function parseTrigger(where: string, bindingName: string, { binding, name, settings }: Source): Trigger {
  const text = (property: string, fallback?: string): string => {
    const value = binding[property] ?? fallback
    if (typeof value === 'string') return expand(value, settings, `${where} ${property}`)
    throw new Error(`${where}: ${property} expected a string, got ${JSON.stringify(value)}`)
  }
  switch (binding.type.toLowerCase()) {
    case 'eventhubtrigger':
      return {
        kind: 'eventHub',
        bindingName,
        connection: text('connection'),
        eventHubName: text('eventHubName', ''),
        consumerGroup: text('consumerGroup', '$Default'),
        cardinality: oneOf(where, 'cardinality', { value: text('cardinality', 'one'), words: ['one', 'many'] }),
        dataType: oneOf(where, 'dataType', { value: text('dataType', 'none'), words: ['binary', 'string', 'none'] }),
      }
    case 'timertrigger':
      return {
        kind: 'timer',
        bindingName,
        schedule: text('schedule'),
        startup: binding['runOnStartup'] === true ? 'run' : 'wait',
        monitor: binding['useMonitor'] === undefined ? 'default' : binding['useMonitor'] === false ? 'off' : 'on',
      }
    case 'httptrigger':
      return { kind: 'http', bindingName, route: text('route', name), methods: methodsOf(where, binding['methods']) }
    default:
      throw new Error(
        `${where}: trigger ${binding.type} is not supported by the local host (eventHub, timer and http are); ` +
          `switch it off with AzureWebJobs.${name}.Disabled=true or run it with func start`,
      )
  }
}

interface Choice<W extends string> {
  readonly value: string
  readonly words: readonly W[]
}

function oneOf<W extends string>(where: string, property: string, { value, words }: Choice<W>): W {
  const word = words.find((candidate) => candidate === value.toLowerCase())
  if (word !== undefined) return word
  throw new Error(`${where}: ${property} expected ${words.join(' or ')}, got "${value}"`)
}

function methodsOf(where: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((method) => String(method).toUpperCase())
  throw new Error(`${where}: methods expected a list, got ${JSON.stringify(value)}`)
}

// Tested in test/local/host/timer-trigger.test.ts.
/**
 * The shapes that cross between the Functions host and `@azure/functions`: the module the Node worker
 * offers as `@azure/functions-core`, and the RPC messages it carries (azure-functions-nodejs-worker
 * `types-core/index.d.ts`; azure-functions-language-worker-protobuf `FunctionRpc.proto`).
 */

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none'
export type LogCategory = 'user' | 'system' | 'customMetric'

/** One line for whoever watches the host; `category` is spelled as the service spells it. */
export interface LogEntry {
  readonly level: LogLevel
  readonly category: string
  readonly message: string
  readonly functionName?: string
}

export type Log = (entry: LogEntry) => void

export interface NullableString {
  readonly value: string
}

export interface HttpCookie {
  readonly name: string
  readonly value: string
  readonly domain?: NullableString
  readonly path?: NullableString
  readonly expires?: { readonly value: { readonly seconds: number } }
  readonly secure?: { readonly value: boolean }
  readonly httpOnly?: { readonly value: boolean }
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone'
  readonly maxAge?: { readonly value: number }
}

export interface HttpData {
  readonly method?: string
  readonly url?: string
  readonly nullableHeaders?: Readonly<Record<string, NullableString>>
  readonly nullableQuery?: Readonly<Record<string, NullableString>>
  readonly nullableParams?: Readonly<Record<string, NullableString>>
  readonly body?: TypedData
  readonly statusCode?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly HttpCookie[]
}

/** One value on the wire; the first field present wins. */
export interface TypedData {
  readonly string?: string
  readonly json?: string
  readonly bytes?: Uint8Array
  readonly http?: HttpData
  readonly int?: number
  readonly double?: number
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] }
  readonly collectionString?: { readonly string: readonly string[] }
  readonly collectionSint64?: { readonly sint64: readonly number[] }
}

export interface RetryContext {
  readonly retryCount: number
  readonly maxRetryCount: number
  readonly exception: { readonly message: string; readonly source: string; readonly stackTrace: string }
}

export interface Duration {
  readonly seconds: number
}

export interface RetryOptions {
  readonly retryStrategy?: string
  readonly maxRetryCount?: number
  readonly delayInterval?: Duration
  readonly minimumInterval?: Duration
  readonly maximumInterval?: Duration
}

export interface BindingInfo {
  readonly type: string
  readonly direction?: string
  readonly [property: string]: unknown
}

export interface FunctionMetadata {
  readonly name: string
  readonly bindings: Readonly<Record<string, BindingInfo>>
  readonly retryOptions?: RetryOptions
}

export type FunctionCallback = (...args: unknown[]) => unknown

export interface InvocationRequest {
  readonly invocationId: string
  readonly functionId: string
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[]
  readonly triggerMetadata: Readonly<Record<string, TypedData>>
  readonly traceContext: { readonly traceParent: string; readonly traceState: string; readonly attributes: object }
  readonly retryContext?: RetryContext
}

export interface InvocationResponse {
  readonly invocationId: string
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[]
  readonly returnValue?: TypedData | null
}

/** What the host lends the model for one invocation; `state` moves as the steps do. */
export interface CoreInvocationContext {
  readonly invocationId: string
  readonly metadata: FunctionMetadata
  readonly request: InvocationRequest
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined
  log(level: LogLevel, category: LogCategory, message: string): void
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>
}

export interface ProgrammingModel {
  readonly name: string
  readonly version: string
  getInvocationModel(context: CoreInvocationContext): InvocationModel
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>
}

export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log'
export type HookCallback = (context: Record<string, unknown>) => unknown

/** What a thrown value says about itself, whatever it is; several tries are told by their last. */
export function describeError(error: unknown): { readonly message: string; readonly stack: string } {
  if (typeof error !== 'object' || error === null) return { message: String(error), stack: String(error) }
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0) {
    return describeError(error.errors.at(-1))
  }
  const { message, name, stack } = error as Readonly<Record<'message' | 'name' | 'stack', unknown>>
  const said = [message, name].find((part) => typeof part === 'string' && part !== '')
  const text = typeof said === 'string' ? said : JSON.stringify(error)
  return { message: text, stack: typeof stack === 'string' ? stack : text }
}

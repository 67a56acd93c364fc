import { type Clock } from './clock'
import { describeError, type RetryContext, type RetryOptions } from './core'

/** When a failed invocation is tried again; a `maxRetryCount` of -1 never ends. */
export type RetryPolicy =
  | { readonly kind: 'fixedDelay'; readonly maxRetryCount: number; readonly delayMs: number }
  | {
      readonly kind: 'exponentialBackoff'
      readonly maxRetryCount: number
      readonly minimumMs: number
      readonly maximumMs: number
    }

/** How one invocation, or a run of retries, ended; `stopped` means the host no longer wants the answer. */
export type Outcome<T> =
  | { readonly kind: 'succeeded'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'stopped'; readonly error: unknown }

/**
 * The policy registered with a function, or undefined without one. Throws, naming `where`, on an unknown strategy and
 * on the intervals the service refuses (azure-functions-host `Utility.ValidateRetryOptions`).
 */
export function parseRetryPolicy(options: RetryOptions | undefined, where: string): RetryPolicy | undefined {
  if (!options) return undefined
  const { maxRetryCount } = options
  if (maxRetryCount === undefined || !Number.isInteger(maxRetryCount) || maxRetryCount < -1) {
    throw new Error(`${where} retry: maxRetryCount expected a whole number from -1, got ${String(maxRetryCount)}`)
  }
  switch (options.retryStrategy) {
    case 'fixedDelay': {
      const delayMs = milliseconds(options.delayInterval?.seconds, `${where} retry: delayInterval`)
      return { kind: 'fixedDelay', maxRetryCount, delayMs }
    }
    case 'exponentialBackoff': {
      const minimumMs = milliseconds(options.minimumInterval?.seconds, `${where} retry: minimumInterval`)
      const maximumMs = milliseconds(options.maximumInterval?.seconds, `${where} retry: maximumInterval`)
      if (minimumMs > maximumMs) {
        throw new Error(
          `${where} retry: minimumInterval ${minimumMs} ms expected at most maximumInterval ${maximumMs} ms`,
        )
      }
      return { kind: 'exponentialBackoff', maxRetryCount, minimumMs, maximumMs }
    }
    case undefined:
    default:
      throw new Error(
        `${where} retry: strategy expected fixedDelay or exponentialBackoff, got "${String(options.retryStrategy)}"`,
      )
  }
}

function milliseconds(seconds: number | undefined, where: string): number {
  if (seconds === undefined || seconds < 0) throw new Error(`${where} expected 0 or more, got ${String(seconds)}`)
  return seconds * 1000
}

/**
 * Milliseconds before retry number `retryCount` (from 1). Back-off is minimum + 2^(n-1) minimums, these spread by
 * ±20 %, up to the maximum (azure-webjobs-sdk `RandomizedExponentialBackoffStrategy`). `random` is in [0, 1).
 */
export function retryDelayMs(policy: RetryPolicy, retryCount: number, random: () => number): number {
  switch (policy.kind) {
    case 'fixedDelay':
      return policy.delayMs
    case 'exponentialBackoff': {
      const spread = 0.8 + 0.4 * random()
      const delayMs = policy.minimumMs + spread * 2 ** (retryCount - 1) * policy.minimumMs
      return Math.min(Math.round(delayMs), policy.maximumMs)
    }
  }
}

export interface RetryLoop {
  readonly clock: Clock
  readonly random: () => number
  /** Ends the loop before its next attempt. */
  readonly signal: AbortSignal
  readonly onRetry?: (retry: RetryContext, delayMs: number) => void
}

/**
 * Runs `attempt` until it succeeds or the policy ends, one attempt at a time; without a policy there is one attempt
 * (azure-webjobs-sdk `FunctionExecutorExtensions.TryExecuteAsync`). The first attempt has no retry context.
 */
export async function runWithRetries<T>(
  policy: RetryPolicy | undefined,
  attempt: (retry: RetryContext | undefined) => Promise<Outcome<T>>,
  { clock, random, signal, onRetry }: RetryLoop,
): Promise<Outcome<T>> {
  let retry: RetryContext | undefined
  for (let retryCount = 1; ; retryCount++) {
    const outcome = await attempt(retry)
    if (outcome.kind !== 'failed' || !policy) return outcome
    const { maxRetryCount } = policy
    if (maxRetryCount !== -1 && retryCount > maxRetryCount) return outcome
    const { message, stack } = describeError(outcome.error)
    retry = { retryCount, maxRetryCount, exception: { message, source: '', stackTrace: stack } }
    const delayMs = retryDelayMs(policy, retryCount, random)
    onRetry?.(retry, delayMs)
    await clock.wait(delayMs, signal)
    if (signal.aborted) return { kind: 'stopped', error: outcome.error }
  }
}

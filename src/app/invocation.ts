// Tested in test/observe/telemetry.test.ts.
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Operation } from '../observe/diary'
import { metricNames, record } from '../observe/metrics'

/** What the worker says about the invocation; a part of the Functions invocation context. */
interface Invocation {
  readonly traceContext?: { readonly traceParent?: string | undefined } | undefined
  readonly retryContext?: { readonly retryCount: number } | undefined
}

const operations = new AsyncLocalStorage<Operation | undefined>()

/**
 * Does an invocation's work such that whatever happens in it, across awaits, is told under the invocation's trace:
 * from an event's position one finds the request that committed it.
 */
export function inInvocation<T>(invocation: Invocation, work: () => Promise<T>): Promise<T> {
  if ((invocation.retryContext?.retryCount ?? 0) > 0) record(metricNames.retries, 1)
  return operations.run(operationOf(invocation), work)
}

/** The invocation the calling code is part of; undefined outside of any, or when the host traces none. */
export function operation(): Operation | undefined {
  return operations.getStore()
}

/** https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
function operationOf({ traceContext }: Invocation): Operation | undefined {
  const found = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(traceContext?.traceParent ?? '')
  return found?.[1] && found[2] ? { id: found[1], parentId: found[2] } : undefined
}

// Tested in test/local/host/hooks.test.ts.
import { type ServerResponse } from 'node:http'
import { describeError } from './core'
import { sendJson, sendStatus } from './http-message'
import { type Outcome } from './retry'

/** A function as the host shows it. */
export interface FunctionListing {
  readonly name: string
  /** eventHub, timer or http; of a function switched off, whatever its binding says. */
  readonly trigger: string
  /** Hub and consumer group, schedule, or methods and path. */
  readonly detail: string
  readonly state: 'enabled' | 'disabled'
}

export interface AdminPorts {
  readonly functions: readonly FunctionListing[]
  /** Runs a function by hand; rejects when the function cannot be run so. */
  readonly invokeByHand: (name: string) => Promise<Outcome<unknown>>
}

export interface AdminRequest {
  readonly method: string
  readonly url: URL
  readonly contentType: string
  readonly body: Buffer
}

/**
 * Answers what the service's host answers below `/admin`: `GET /admin/host/status`, `GET /admin/functions`, and
 * `POST /admin/functions/{name}` with `{"input": "…"}`, which is accepted with 202 before the function has run. With
 * `?wait=true` the answer waits for the function: 200, or 500 with what it threw.
 */
export async function answerAdmin(request: AdminRequest, response: ServerResponse, ports: AdminPorts): Promise<void> {
  const path = request.url.pathname.replace(/\/$/, '')
  const { method } = request
  if (method === 'GET' && path === '/admin/host/status') return sendJson(response, 200, { state: 'Running' })
  if (method === 'GET' && path === '/admin/functions') return sendJson(response, 200, ports.functions)
  const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1]
  if (method !== 'POST' || name === undefined) return sendStatus(response, 404)
  return runByHand(decodeURIComponent(name), request, { response, ports })
}

async function runByHand(
  name: string,
  request: AdminRequest,
  { response, ports }: { response: ServerResponse; ports: AdminPorts },
): Promise<void> {
  const fn = ports.functions.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (!fn) return sendJson(response, 404, { error: `function "${name}": not in this app` })
  // As the service does; it also keeps other sites' pages from posting here without a preflight.
  if (!request.contentType.startsWith('application/json')) return sendStatus(response, 415)
  const unreadable = bodyFault(request.body)
  if (unreadable !== undefined) return sendJson(response, 400, { error: unreadable })
  if (fn.trigger !== 'timer') {
    return sendJson(response, 400, { error: `function "${fn.name}": only timers run by hand; ${advice(fn)}` })
  }
  const run = ports.invokeByHand(fn.name)
  if (request.url.searchParams.get('wait') !== 'true') {
    // How it ends is in the log; the invoker does not reject.
    void run
    return sendStatus(response, 202)
  }
  const outcome = await run
  if (outcome.kind === 'succeeded') return sendJson(response, 200, { ok: true })
  return sendJson(response, 500, { ok: false, error: describeError(outcome.error) })
}

/** A timer takes nothing from its input, but the service refuses a body that is not JSON. */
function bodyFault(body: Buffer): string | undefined {
  if (body.length === 0) return undefined
  try {
    JSON.parse(body.toString('utf8'))
    return undefined
  } catch (error) {
    return `body: expected {"input": "…"}, got ${describeError(error).message}`
  }
}

function advice({ trigger, detail }: FunctionListing): string {
  return trigger === 'http' ? `call ${detail}` : `send an event to ${detail}`
}

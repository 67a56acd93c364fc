// Tested in test/local/host/http.test.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { answerAdmin, type AdminPorts } from './admin'
import { type AppFunction, type HttpTrigger } from './binding'
import { describeError, type Log } from './core'
import { httpInput, readBody, sendInvocationResponse, sendStatus } from './http-message'
import { type Invoke } from './invocation'
import { compileRoute, matchRoute, type Route } from './route'

export interface HttpListener {
  readonly port: number
  /** Takes no more connections; requests under way go on. */
  stop(): void
  /** Ends every connection, kept alive or in use. */
  destroy(): Promise<void>
}

export interface HttpOptions {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly routePrefix: string
  readonly functions: readonly HttpFunction[]
  readonly admin: AdminPorts
  readonly invoke: Invoke
  readonly log: Log
}

export interface HttpFunction {
  readonly fn: AppFunction
  readonly trigger: HttpTrigger
}

/**
 * Serves HTTP functions below the route prefix, and `/admin`. Keys and `authLevel` are not checked, as with Core
 * Tools. A function that throws answers 500 and a body above 100 MB 413. Throws, naming the port, when it is taken.
 */
export async function startHttpTrigger(options: HttpOptions): Promise<HttpListener> {
  const routes = options.functions.map(({ fn, trigger }) =>
    compileRoute(routePath(options.routePrefix, trigger), trigger.methods, {
      target: fn,
      where: `function "${fn.name}"`,
    }),
  )
  const server = createServer((request, response) => {
    answer(request, response, { routes, options }).catch((error: unknown) => {
      options.log({ level: 'error', category: 'Host.Http', message: `${request.url}: ${describeError(error).message}` })
      if (!response.headersSent) sendStatus(response, 500)
      else response.destroy()
    })
  })
  await listen(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close()
      server.closeIdleConnections()
    },
    destroy: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Path of a function's route below the host, without the leading slash: `api/health`. */
export function routePath(routePrefix: string, { route }: HttpTrigger): string {
  return [routePrefix, route].filter((part) => part !== '').join('/')
}

interface Serving {
  readonly routes: readonly Route<AppFunction>[]
  readonly options: HttpOptions
}

async function answer(request: IncomingMessage, response: ServerResponse, { routes, options }: Serving): Promise<void> {
  const url = parseUrl(request)
  const method = request.method ?? 'GET'
  if (!url) return sendStatus(response, 400)
  const isAdmin = url.pathname.startsWith('/admin/')
  const match = isAdmin ? undefined : matchRoute(routes, method, url.pathname)
  if (!isAdmin && !match) return sendStatus(response, 404)
  const body = await readBody(request)
  if (!body) {
    response.setHeader('connection', 'close')
    return sendStatus(response, 413)
  }
  if (!match) {
    const contentType = request.headers['content-type'] ?? ''
    return answerAdmin({ method, url, contentType, body }, response, options.admin)
  }
  const outcome = await options.invoke(match.target, { data: httpInput(request, body, { url, params: match.params }) })
  if (outcome.kind === 'succeeded') sendInvocationResponse(response, outcome.value)
  else sendStatus(response, 500)
}

function parseUrl(request: IncomingMessage): URL | undefined {
  const text = `http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`
  return URL.canParse(text) ? new URL(text) : undefined
}

function listen(server: Server, { port, host }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const what = `functions host: port ${port} on ${host} expected to be free, is in use`
      reject(new Error(`${what}; stop what listens there (lsof -i :${port}) or choose another port`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}

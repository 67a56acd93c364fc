import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, request as requestTo, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { emulatorAccount } from '../../src/azure/credential'
import { parseDfsCall } from './dfs-call'
import { answer, refusal, type Reply } from './dfs-answer'
import { dfsError } from './dfs-error'
import { openEmulator } from './emulator'

/** A running gateway. */
export interface Gateway {
  readonly port: number
  /** Account URL for clients: `http://host:port/devstoreaccount1`. */
  readonly url: string
  /** Stops listening and drops connections. */
  close(): Promise<void>
}

/** Where the gateway listens, and the blob emulator it stands before. */
export interface GatewayOptions {
  /** 0 takes a free port. */
  readonly port: number
  /** The emulator's blob endpoint, `http://host:port` without account. */
  readonly blobUrl: string
  readonly host?: string
}

/**
 * Serves ADLS Gen2 (DFS) calls from a blob emulator and passes every other request through untouched, so one address
 * is a whole storage account. Answers carry the service's status, error code and ETag. Signatures of DFS calls are
 * not checked, only that there is one for the emulator's account. Throws when the port is taken.
 */
export async function startGateway({ port, blobUrl, host = '127.0.0.1' }: GatewayOptions): Promise<Gateway> {
  const emulator = openEmulator(blobUrl)
  const agent = new Agent({ keepAlive: true })

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = await dfsReply(request)
    if (reply === 'not dfs') await passThrough(request, response, blobUrl, agent)
    else send(request, response, reply)
  }
  const dfsReply = async (request: IncomingMessage): Promise<Reply | 'not dfs'> => {
    try {
      const call = parseDfsCall({ method: request.method ?? '', url: request.url ?? '/', headers: request.headers })
      if (!call) return 'not dfs'
      expectSignature(request)
      return await answer(emulator, call, request)
    } catch (error) {
      return refusal(error)
    }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else send(request, response, refusal(error))
    })
  })
  // A connection closed for being idle just as a rename goes out on it would leave that rename's outcome unknown.
  server.keepAliveTimeout = 0
  server.listen(port, host)
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EADDRINUSE' ? 'the port is taken; stop what uses it or choose another' : cause.message
    throw new Error(`storage gateway: cannot listen on ${host}:${port}: ${why}`, { cause })
  })
  const bound = (server.address() as AddressInfo).port
  return {
    port: bound,
    url: `http://${host}:${bound}/${emulatorAccount.name}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

function expectSignature({ headers: { authorization }, url = '' }: IncomingMessage): void {
  if (authorization === undefined) {
    if (/[?&]sig=/.test(url)) return
    throw dfsError('NoAuthenticationInformation')
  }
  if (authorization.startsWith(`SharedKey ${emulatorAccount.name}:`) || authorization.startsWith('Bearer ')) return
  throw dfsError('AuthenticationFailed', `Expected account ${emulatorAccount.name} or a bearer token.`)
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, json }: Reply): void {
  const body = json === undefined || request.method === 'HEAD' ? '' : JSON.stringify(json)
  const clientRequestId = request.headers['x-ms-client-request-id']
  response.writeHead(status, {
    ...(body !== '' && { 'content-type': 'application/json;charset=utf-8' }),
    'content-length': Buffer.byteLength(body),
    'x-ms-request-id': randomUUID(),
    'x-ms-version': request.headers['x-ms-version'] ?? '',
    ...(clientRequestId && { 'x-ms-client-request-id': clientRequestId }),
    ...headers,
  })
  response.end(body)
  // A refused request may still be sending; what is left of it would be read as the next request's start.
  request.resume()
}

/** Headers about one connection; each side of the gateway has its own. */
const hopHeaders = ['connection', 'keep-alive', 'proxy-connection']

async function passThrough(
  request: IncomingMessage,
  response: ServerResponse,
  blobUrl: string,
  agent: Agent,
): Promise<void> {
  const { method, url = '/' } = request
  const upstream = requestTo(new URL(blobUrl), { method, path: url, agent, headers: endToEnd(request.rawHeaders) })
  const answered = once(upstream, 'response') as Promise<[IncomingMessage]>
  try {
    const [[reply]] = await Promise.all([answered, pipeline(request, upstream)])
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, endToEnd(reply.rawHeaders))
    await pipeline(reply, response)
  } catch (error) {
    upstream.destroy()
    if (response.headersSent) throw error
    throw dfsError('ServerBusy', error instanceof Error ? error.message : '', error)
  }
}

function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !hopHeaders.includes((raw[index - (index % 2)] ?? '').toLowerCase()))
}

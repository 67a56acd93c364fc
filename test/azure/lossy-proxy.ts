import { once } from 'node:events'
import { Agent, createServer, request as requestTo } from 'node:http'
import { type AddressInfo } from 'node:net'

/** A proxy on the way to a storage account that keeps a list of requests and can lose answers. */
export interface LossyProxy {
  readonly url: string
  /** `METHOD path?query` of every request so far, without the account. */
  readonly requests: string[]
  /** Passes the next request that `matches` on, and closes its connection instead of answering. */
  loseAnswerOf(matches: (request: string) => boolean): void
  close(): Promise<void>
}

/** Stands before the account at `url`. */
export async function lossyProxy(url: string): Promise<LossyProxy> {
  const target = new URL(url)
  const agent = new Agent({ keepAlive: true })
  const requests: string[] = []
  let loses: ((request: string) => boolean) | undefined

  const server = createServer((request, response) => {
    const { method, url: path = '', headers } = request
    const said = `${method ?? ''} ${path.replace(target.pathname, '')}`
    requests.push(said)
    const isLost = loses?.(said) ?? false
    if (isLost) loses = undefined
    const upstream = requestTo({ host: target.hostname, port: target.port, method, path, headers, agent }, (answer) => {
      if (isLost) {
        answer.resume().on('end', () => request.socket.destroy())
        return
      }
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    request.pipe(upstream)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${target.pathname}`,
    requests,
    loseAnswerOf(matches) {
      loses = matches
    },
    async close() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await once(server, 'close')
    },
  }
}

import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** An item as Application Insights takes it (https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete). */
export interface Item {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly data: {
    readonly baseType: string
    readonly baseData: {
      readonly name?: string
      readonly metrics?: readonly {
        readonly name: string
        readonly value: number
        readonly count: number
        readonly min: number
        readonly max: number
      }[]
      readonly properties?: Readonly<Record<string, string>>
      readonly measurements?: Readonly<Record<string, number>>
    }
  }
}

/** A service on this machine that takes telemetry and keeps it. */
export interface Ingestion {
  readonly connectionString: string
  readonly requests: { readonly items: readonly Item[]; readonly text: string; readonly authorization?: string }[]
  readonly items: () => readonly Item[]
  readonly close: () => Promise<void>
}

/** Starts the service on a free port; it answers as Application Insights does, or with `status` and no more. */
export async function startIngestion({ status = 200 } = {}): Promise<Ingestion> {
  const requests: Ingestion['requests'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
      const items = text.split('\n').map((line) => JSON.parse(line) as Item)
      const { authorization } = request.headers
      requests.push({ items, text, ...(authorization === undefined ? {} : { authorization }) })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(
        status === 200
          ? JSON.stringify({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] })
          : '{"message": "no"}',
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=http://127.0.0.1:${port}`,
    requests,
    items: () => requests.flatMap(({ items }) => items),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

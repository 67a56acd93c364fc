// Tested in test/local/host/http.test.ts.
import { type IncomingMessage, type ServerResponse } from 'node:http'
import { type HttpCookie, type InvocationResponse, type NullableString, type TypedData } from './core'

/** The service takes no request body above this (azure-functions-host, `maxRequestBodySize`). */
const largestBodyBytes = 104_857_600

/** Reads a request's body; undefined when it is larger than `limitBytes`, of which no more is then kept. */
export async function readBody(request: IncomingMessage, limitBytes = largestBodyBytes): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return undefined
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * The request as the function is to see it: absolute URL, headers and query flattened to one value a name, and no body
 * when it has no bytes (azure-functions-host sends one only with a Content-Length above 0).
 */
export function httpInput(
  request: IncomingMessage,
  body: Buffer,
  { url, params }: { url: URL; params: Readonly<Record<string, string>> },
): TypedData {
  return {
    http: {
      method: request.method ?? 'GET',
      url: url.href,
      nullableHeaders: nullable(Object.entries(request.headers)),
      nullableQuery: nullable(
        [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name)]),
      ),
      nullableParams: nullable(Object.entries(params)),
      ...(body.length > 0 ? { body: { bytes: body } } : {}),
    },
  }
}

function nullable(
  entries: readonly (readonly [string, string | readonly string[] | undefined])[],
): Record<string, NullableString> {
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, { value: [value].flat().join(',') }]])),
  )
}

/** Answers with what the function returned; a function that returned nothing answers 204. */
export function sendInvocationResponse(response: ServerResponse, { returnValue }: InvocationResponse): void {
  const http = returnValue?.http
  if (!http) return sendStatus(response, 204)
  response.statusCode = Number(http.statusCode ?? '200')
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    // The body is whole by now, so its framing is the server's to write.
    if (!/^(transfer-encoding|content-length|connection|keep-alive)$/i.test(name)) response.setHeader(name, value)
  }
  if (http.cookies && http.cookies.length > 0) response.appendHeader('set-cookie', http.cookies.map(cookieText))
  const body = Buffer.from(http.body?.bytes ?? [])
  if (![204, 205, 304].includes(response.statusCode)) response.setHeader('content-length', body.length)
  response.end(body)
}

export function sendStatus(response: ServerResponse, status: number): void {
  response.writeHead(status).end()
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`)
}

/** A Set-Cookie value: RFC 6265 section 4.1. */
function cookieText(cookie: HttpCookie): string {
  const { name, value, domain, path, expires, maxAge, secure, httpOnly, sameSite } = cookie
  const parts = [`${name}=${encodeURIComponent(value)}`]
  if (maxAge) parts.push(`Max-Age=${maxAge.value}`)
  if (domain) parts.push(`Domain=${domain.value}`)
  if (path) parts.push(`Path=${path.value}`)
  if (expires) parts.push(`Expires=${new Date(expires.value.seconds * 1000).toUTCString()}`)
  if (httpOnly?.value) parts.push('HttpOnly')
  if (secure?.value) parts.push('Secure')
  if (sameSite && sameSite !== 'none') parts.push(`SameSite=${sameSiteWord(sameSite)}`)
  return parts.join('; ')
}

function sameSiteWord(sameSite: 'lax' | 'strict' | 'explicitNone'): string {
  switch (sameSite) {
    case 'lax':
      return 'Lax'
    case 'strict':
      return 'Strict'
    case 'explicitNone':
      return 'None'
  }
}

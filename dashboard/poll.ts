/** What one question for figures came to. */
export type Outcome<A> =
  | { readonly kind: 'answer'; readonly answer: A; readonly etag: string | null; readonly serverMs: number | null }
  | { readonly kind: 'unchanged'; readonly serverMs: number | null }
  | { readonly kind: 'failure'; readonly words: string }

/** What of `fetch` is used. */
export type Fetch = (
  address: string,
  options: { readonly headers: Record<string, string>; readonly cache: 'no-store'; readonly signal: AbortSignal },
) => Promise<Pick<Response, 'status' | 'ok' | 'json'> & { readonly headers: Pick<Headers, 'get'> }>

const everyMs = 1000
const longestMs = 30_000
const timeoutMs = 10_000

/** How long to wait before asking again, milliseconds: a second, and twice as long with each failure in a row up to 30 s. */
export function waitMs(failures: number): number {
  return Math.min(longestMs, everyMs * 2 ** failures)
}

/** Asks once. Never throws: what goes wrong is an outcome, in words. */
export async function ask<A>(fetch: Fetch, address: string, etag: string | null): Promise<Outcome<A>> {
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json', ...(etag === null ? {} : { 'if-none-match': etag }) },
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const date = Date.parse(response.headers.get('date') ?? '')
    const serverMs = Number.isNaN(date) ? null : date
    if (response.status === 304) return { kind: 'unchanged', serverMs }
    if (response.ok) {
      return { kind: 'answer', answer: (await response.json()) as A, etag: response.headers.get('etag'), serverMs }
    }
    return { kind: 'failure', words: await refusalOf(response) }
  } catch (error) {
    const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : ''
    if (name === 'TimeoutError') return { kind: 'failure', words: `no answer within ${timeoutMs / 1000} s` }
    if (name === 'SyntaxError') return { kind: 'failure', words: 'the answer is not JSON' }
    return { kind: 'failure', words: 'the server cannot be reached' }
  }
}

async function refusalOf(response: Pick<Response, 'status' | 'json'>): Promise<string> {
  const body: unknown = await response.json().catch(() => null)
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null
  return typeof error === 'string' ? error : `the server answered ${response.status}`
}

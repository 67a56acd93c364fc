// Tested in test/functions/live.test.ts.
/** What every answer to a browser says: nothing but the page's own files runs, shows, connects or frames. */
export const safety: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

/** An HTTP answer. */
export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** An answer without figures, that says why in JSON. */
export function refuse(status: number, error: string): Answered {
  const headers = { ...safety, 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' }
  return { status, headers, body: JSON.stringify({ error }) }
}

/** Whether a caller has the version that there is, by its If-None-Match. */
export function hasVersion(ifNoneMatch: string | null | undefined, etag: string): boolean {
  return (
    ifNoneMatch
      ?.trim()
      .split(/\s*,\s*/)
      .includes(etag) ?? false
  )
}

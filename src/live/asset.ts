import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { type Answered, hasVersion, refuse, safety } from './headers'

/** What a file is, by the end of its name; a file of any other is not given out. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** A name that begins with a letter or number and has no folder in it. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Names with a hash of the content, `page-5XQ2KEAL.js` as esbuild makes them: other content has another name. */
const hashed = /[.-](?:[A-Z2-7]{8}|[0-9a-f]{8,64})\.[a-z0-9]+$/

/** Where the page's files are: beside the functions in the package, beside the folder of the functions in dist. */
export function pageFolder(functions: string): string {
  const packaged = join(functions, 'dashboard')
  return existsSync(packaged) ? packaged : join(functions, '..', 'dashboard')
}

/**
 * Answers with a file of a folder: 304 when the caller has it, 404 for a name that is none of its files. Names lead
 * nowhere but into the folder itself.
 */
export async function answerAsset(
  folder: string,
  { file, ifNoneMatch }: { readonly file: string; readonly ifNoneMatch?: string | null },
): Promise<Answered> {
  const type = types[extname(file).toLowerCase()]
  const body = type !== undefined && plainName.test(file) ? await readIfThere(join(folder, file)) : undefined
  if (body === undefined || type === undefined) return refuse(404, 'page: expected a file of the page, found none')
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const keep = hashed.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache'
  const headers = { ...safety, etag, 'cache-control': keep }
  if (hasVersion(ifNoneMatch, etag)) return { status: 304, headers }
  return { status: 200, headers: { ...headers, 'content-type': type }, body }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR') return undefined
    throw error
  }
}

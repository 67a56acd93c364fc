// Tested in test/local/start.test.ts.
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where replayed events came from, so that `verify` can go back to it. */
export type Source =
  | { readonly kind: 'csv'; readonly files: readonly string[]; readonly map: string }
  | { readonly kind: 'ndjson'; readonly files: readonly string[] }

const name = 'replays.ndjson'

/** Notes in the data directory that a source was replayed in full; paths are absolute. */
export async function recordSource(dataDir: string, source: Source): Promise<void> {
  await appendFile(join(dataDir, name), `${JSON.stringify(source)}\n`)
}

/** What was replayed into this data directory, each source once; none when nothing was. */
export async function readSources(dataDir: string): Promise<readonly Source[]> {
  const text = await readFile(join(dataDir, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return [...new Set(text.split('\n').filter((line) => line !== ''))].map((line) => JSON.parse(line) as Source)
}

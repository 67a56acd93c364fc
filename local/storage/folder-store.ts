// Tested in test/lake/store/store.test.ts.
import { link, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type Store } from '../../src/lake/store'

/** A store in a folder of this machine, for readers that know only paths and for lakes too large for memory. */
export function folderStore(folder: string): Store {
  const at = (path: string) => join(folder, path)
  const make = (path: string) => mkdir(dirname(at(path)), { recursive: true })
  return {
    read: (path, range) => unless('ENOENT', readRange(at(path), range)),
    list: async (prefix, { after = '' } = {}) => {
      const entries = await unless('ENOENT', readdir(at(prefix), { recursive: true, withFileTypes: true }))
      const files = (entries ?? []).filter((entry) => entry.isFile())
      const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      const wanted = paths.filter((path) => path > after).sort()
      return Promise.all(
        wanted.map(async (path) => {
          const { size, mtimeMs } = await stat(at(path))
          return { path, sizeBytes: size, modifiedMs: Math.trunc(mtimeMs) }
        }),
      )
    },
    put: async (path, bytes) => {
      await make(path)
      await writeFile(at(path), bytes)
    },
    rename: async (from, to) => {
      await make(to)
      // A hard link is the one way to take a name here that fails when the name is taken.
      const done = await unless(
        'EEXIST',
        link(at(from), at(to)).then(() => 'moved' as const),
      )
      if (done) await rm(at(from))
      return done ?? 'exists'
    },
    remove: (path) => rm(at(path), { force: true }),
  }
}

async function readRange(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const start = Math.min(range?.start ?? 0, size)
    const bytes = new Uint8Array(Math.max(0, Math.min(range?.end ?? size, size) - start))
    await file.read(bytes, 0, bytes.length, start)
    return bytes
  } finally {
    await file.close()
  }
}

/** The promise's value, or undefined when it fails with this code. */
async function unless<T>(code: string, promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code === code) return undefined
    throw error
  })
}

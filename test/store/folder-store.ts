import { link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Store } from '../../src/lake/store'

/** A store in a folder of this machine, so that readers which know only paths can read what the pipeline wrote. */
export function folderStore(folder: string): Store {
  const at = (path: string) => join(folder, ...path.split('/'))
  return {
    read: async (path, range) => {
      const bytes = await unlessMissing(readFile(at(path)))
      return bytes && new Uint8Array(bytes.subarray(range?.start, range?.end))
    },
    list: async (prefix, { after = '' } = {}) => {
      const entries = await unlessMissing(readdir(at(prefix), { recursive: true, withFileTypes: true }))
      const files = (entries ?? []).filter((entry) => entry.isFile())
      const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      const wanted = paths.filter((path) => path > after).sort()
      return Promise.all(
        wanted.map(async (path) => {
          const { size, mtimeMs } = await stat(at(path))
          return { path, sizeBytes: size, modifiedMs: Math.trunc(mtimeMs) }
        }),
      )
    },
    put: async (path, bytes) => {
      await mkdir(dirname(at(path)), { recursive: true })
      await writeFile(at(path), bytes)
    },
    rename: async (from, to) => {
      await mkdir(dirname(at(to)), { recursive: true })
      // A hard link is the one way to take a name here that fails when the name is taken.
      const taken = await link(at(from), at(to)).then(
        () => false,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return true
          throw error
        },
      )
      if (taken) return 'exists'
      await rm(at(from))
      return 'moved'
    },
    remove: (path) => rm(at(path), { force: true }),
  }
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

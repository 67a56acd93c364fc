// Tested in test/sim/crash/simulation.test.ts.
import { type Store } from '../../src/lake/store'

/** A store in memory whose files carry the simulation's time; held to the contract of the real ones. */
export function memoryDisk(nowMs: () => number): Store {
  const files = new Map<string, { readonly bytes: Uint8Array; readonly modifiedMs: number }>()
  return {
    read: (path, range) => {
      const bytes = files.get(path)?.bytes
      return Promise.resolve(bytes && Uint8Array.prototype.slice.call(bytes, range?.start, range?.end))
    },
    list: (prefix, { after = '' } = {}) => {
      const folder = prefix.endsWith('/') ? prefix : `${prefix}/`
      const paths = [...files.keys()].filter((path) => path.startsWith(folder) && path > after).sort()
      return Promise.resolve(
        paths.flatMap((path) => {
          const file = files.get(path)
          return file ? [{ path, sizeBytes: file.bytes.byteLength, modifiedMs: file.modifiedMs }] : []
        }),
      )
    },
    put: (path, bytes) => {
      files.set(path, { bytes: Uint8Array.prototype.slice.call(bytes), modifiedMs: nowMs() })
      return Promise.resolve()
    },
    rename: (from, to) => {
      const file = files.get(from)
      if (!file) return Promise.reject(new Error(`disk: rename of ${from} to ${to}: no such file`))
      if (files.has(to)) return Promise.resolve('exists')
      files.set(to, file)
      files.delete(from)
      return Promise.resolve('moved')
    },
    remove: (path) => {
      files.delete(path)
      return Promise.resolve()
    },
  }
}

import { type Store } from '../../../src/lake/store'

/**
 * A store in this process, held to the same contract as the real ones. Times come from `nowMs`. Bytes are copied in
 * and out, so a caller that reuses its buffer changes nothing stored.
 */
export function memoryStore({ nowMs = Date.now }: { readonly nowMs?: () => number } = {}): Store {
  const files = new Map<string, { readonly bytes: Uint8Array; readonly modifiedMs: number }>()
  // A Buffer's own `slice` is a view, hence the constructor.
  // Each verb runs to its end before another starts, which is all the atomicity a rename needs.
  return {
    read(path, range) {
      const file = files.get(path)
      return Promise.resolve(file && new Uint8Array(file.bytes.subarray(range?.start, range?.end)))
    },
    list(prefix, { after = '' } = {}) {
      const folder = prefix.endsWith('/') ? prefix : `${prefix}/`
      const found = [...files].filter(([path]) => path.startsWith(folder) && path > after)
      const listed = found.map(([path, { bytes, modifiedMs }]) => ({ path, sizeBytes: bytes.byteLength, modifiedMs }))
      return Promise.resolve(listed.sort((a, b) => (a.path < b.path ? -1 : 1)))
    },
    put(path, bytes) {
      files.set(path, { bytes: new Uint8Array(bytes), modifiedMs: nowMs() })
      return Promise.resolve()
    },
    rename(from, to) {
      const file = files.get(from)
      if (!file) return Promise.reject(new Error(`memory store: rename to ${to} of ${from}: no such file`))
      if (files.has(to)) return Promise.resolve('exists')
      files.set(to, file)
      files.delete(from)
      return Promise.resolve('moved')
    },
    remove(path) {
      files.delete(path)
      return Promise.resolve()
    },
  }
}

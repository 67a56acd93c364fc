import { type Store } from '../../../src/lake/store'

/**
 * What goes wrong with one call of a store:
 * - 'refused': it throws and nothing happened;
 * - 'applied, answer lost': it happened, and throws;
 * - 'torn': a put leaves the first half of the file, and throws;
 * - 'stale': a list misses the newest (greatest) path;
 * - 'slow': it waits for `until`, then happens.
 */
export type Fault = Where &
  (
    | { readonly effect: 'refused' | 'applied, answer lost' }
    | { readonly call: 'put'; readonly effect: 'torn' }
    | { readonly call: 'list'; readonly effect: 'stale' }
    | { readonly effect: 'slow'; readonly until: Promise<void> }
  )

interface Where {
  readonly call: keyof Store
  /** Which call of that verb, from 1. */
  readonly nth: number
  /** Counts only calls about paths that contain this text; a rename is about both of its paths. */
  readonly path?: string
}

/** The same store with faults at the calls named; every other call goes through. */
export function faulty(store: Store, ...faults: readonly Fault[]): Store {
  const seen = faults.map(() => 0)
  /** The fault due for this call; every fault counts every call of its own. */
  const due = (call: keyof Store, ...paths: string[]): Fault | undefined =>
    faults.filter((fault, index) => {
      const isOurs = fault.call === call && paths.some((path) => path.includes(fault.path ?? ''))
      if (isOurs) seen[index] = (seen[index] ?? 0) + 1
      return isOurs && seen[index] === fault.nth
    })[0]
  return {
    read: (path, range) => strike(due('read', path), () => store.read(path, range)),
    async list(prefix, options) {
      const fault = due('list', prefix)
      const files = await strike(fault, () => store.list(prefix, options))
      return fault?.effect === 'stale' ? files.slice(0, -1) : files
    },
    async put(path, bytes) {
      const fault = due('put', path)
      if (fault?.effect !== 'torn') return strike(fault, () => store.put(path, bytes))
      await store.put(path, bytes.slice(0, bytes.byteLength / 2))
      throw fail(fault)
    },
    rename: (from, to) => strike(due('rename', from, to), () => store.rename(from, to)),
    remove: (path) => strike(due('remove', path), () => store.remove(path)),
  }
}

async function strike<T>(fault: Fault | undefined, call: () => Promise<T>): Promise<T> {
  switch (fault?.effect) {
    case 'refused':
      throw fail(fault)
    case 'applied, answer lost':
      await call()
      throw fail(fault)
    case 'slow':
      await fault.until
      return call()
    case 'torn':
    case 'stale':
    case undefined:
      return call()
    default: {
      const never: never = fault
      return never
    }
  }
}

function fail({ call, nth, effect }: Fault): Error {
  return new Error(`faulty store: ${call} ${nth}: ${effect}`)
}

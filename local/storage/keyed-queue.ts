// Tested in test/local/storage/gateway.test.ts.
/** Runs a task when no earlier task that shares one of its keys is under way. */
export type KeyedQueue = <T>(keys: readonly string[], task: () => Promise<T>) => Promise<T>

/**
 * A queue per key, first come first served; a failing task fails its own caller only. Keys are taken all at once, so
 * tasks with several keys cannot wait for each other in a ring.
 */
export function keyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>()
  return async (keys, task) => {
    const earlier = keys.flatMap((key) => tails.get(key) ?? [])
    const done = Promise.all(earlier).then(task)
    const tail = done.catch(() => undefined)
    for (const key of keys) tails.set(key, tail)
    try {
      return await done
    } finally {
      for (const key of keys) if (tails.get(key) === tail) tails.delete(key)
    }
  }
}

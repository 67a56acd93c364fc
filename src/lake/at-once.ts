/**
 * Does work for every item, for at most so many at a time, in their order. After a failure no further work is begun; it
 * throws the first one when nothing is under way any more, so that what the work writes to may be taken away.
 */
export async function atOnce<T>(most: number, items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items[Symbol.iterator]()
  let failure: { readonly reason: unknown } | undefined
  const worker = async () => {
    for (let next = queue.next(); next.done !== true && !failure; next = queue.next()) {
      try {
        await work(next.value)
      } catch (reason) {
        failure ??= { reason }
      }
    }
  }
  await Promise.all(Array.from({ length: most }, worker))
  if (failure) throw failure.reason
}

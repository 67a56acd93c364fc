/** Things to come, earliest first; of equal times the one put in first comes first. */
export interface Agenda<T extends { readonly atMs: number }> {
  readonly size: () => number
  readonly put: (item: T) => void
  /** Takes out the earliest item if it is due at `byMs`. */
  readonly takeDue: (byMs: number) => T | undefined
}

/** An empty agenda; a binary heap, so putting and taking cost O(log n). */
export function createAgenda<T extends { readonly atMs: number }>(): Agenda<T> {
  const heap: { readonly item: T; readonly order: number }[] = []
  let puts = 0
  const before = (i: number, j: number): boolean => {
    const [a, b] = [heap[i], heap[j]]
    if (a === undefined || b === undefined) return a !== undefined
    return a.item.atMs < b.item.atMs || (a.item.atMs === b.item.atMs && a.order < b.order)
  }
  const swap = (i: number, j: number): void => {
    const [a, b] = [heap[i], heap[j]]
    if (a === undefined || b === undefined) return
    heap[i] = b
    heap[j] = a
  }
  const sink = (): void => {
    for (let at = 0, least = 0; ; at = least) {
      if (before(2 * at + 1, least)) least = 2 * at + 1
      if (before(2 * at + 2, least)) least = 2 * at + 2
      if (least === at) return
      swap(at, least)
    }
  }
  return {
    size: () => heap.length,
    put: (item) => {
      heap.push({ item, order: puts++ })
      for (let at = heap.length - 1; at > 0 && before(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1)
    },
    takeDue: (byMs) => {
      const [first] = heap
      if (first === undefined || first.item.atMs > byMs) return undefined
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) {
        heap[0] = last
        sink()
      }
      return first.item
    },
  }
}

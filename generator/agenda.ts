// Tested in test/generator/parts.test.ts.
/** Things to come, earliest first; of equal times the one put in first comes first. */
export interface Agenda<T> {
  readonly size: () => number
  /** Time of the earliest item, Infinity when there is none. */
  readonly nextMs: () => number
  readonly put: (atMs: number, item: T) => void
  /** Takes out the earliest item. Throws when there is none. */
  readonly take: () => T
}

/**
 * An empty agenda: a binary heap, so putting and taking cost O(log n). Times and items lie in columns, so that a
 * million of them leave nothing behind for the garbage collector.
 */
export function createAgenda<T>(): Agenda<T> {
  let times = new Float64Array(1024)
  let orders = new Float64Array(1024)
  const items: T[] = []
  let puts = 0
  const timeAt = (i: number): number => times[i] ?? Infinity
  const before = (atMs: number, order: number, i: number): boolean =>
    atMs < timeAt(i) || (atMs === timeAt(i) && order < (orders[i] ?? Infinity))
  const move = (from: number, to: number): void => {
    times[to] = timeAt(from)
    orders[to] = orders[from] ?? 0
    items[to] = itemAt(items, from)
  }
  const set = (at: number, atMs: number, order: number): void => {
    times[at] = atMs
    orders[at] = order
  }
  /** The place for an item that would otherwise lie at the root of the first `size` places. */
  const sink = (size: number, atMs: number, order: number): number => {
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1
      const least = right < size && before(timeAt(right), orders[right] ?? 0, child) ? right : child
      if (before(atMs, order, least)) break
      move(least, at)
      at = least
    }
    return at
  }
  return {
    size: () => items.length,
    nextMs: () => (items.length === 0 ? Infinity : timeAt(0)),
    put: (atMs, item) => {
      const order = puts++
      let at = items.length
      if (at === times.length) [times, orders] = [grown(times), grown(orders)]
      items.push(item)
      for (let parent = (at - 1) >> 1; at > 0 && before(atMs, order, parent); parent = (at - 1) >> 1) {
        move(parent, at)
        at = parent
      }
      set(at, atMs, order)
      items[at] = item
    },
    take: () => {
      const first = itemAt(items, 0)
      const size = items.length - 1
      const last = itemAt(items, size)
      items.pop()
      if (size === 0) return first
      const [atMs, order] = [timeAt(size), orders[size] ?? 0]
      const at = sink(size, atMs, order)
      set(at, atMs, order)
      items[at] = last
      return first
    },
  }
}

function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`agenda: expected an item at ${index}, got none`)
  return item
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}

/* Tested in test/fold/step.test.ts (stock-outs) and properties.test.ts (state). */

/** A binary min-heap in an array: the array is the state, so it can be stored and restored as it is. */

/** Adds an item in O(log n). */
export function push<T>(heap: T[], item: T, compare: (a: T, b: T) => number): void {
  heap.push(item)
  let child = heap.length - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (!swapIfLess(heap, child, parent, compare)) return
    child = parent
  }
}

/** Takes the least item in O(log n); undefined when the heap is empty. */
export function pop<T>(heap: T[], compare: (a: T, b: T) => number): T | undefined {
  const least = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return least
  heap[0] = last
  let parent = 0
  for (;;) {
    const left = 2 * parent + 1
    const right = left + 1
    const leftItem = heap[left]
    if (leftItem === undefined) return least
    const rightItem = heap[right]
    const child = rightItem !== undefined && compare(rightItem, leftItem) < 0 ? right : left
    if (!swapIfLess(heap, child, parent, compare)) return least
    parent = child
  }
}

function swapIfLess<T>(heap: T[], child: number, parent: number, compare: (a: T, b: T) => number): boolean {
  const [a, b] = [heap[child], heap[parent]]
  if (a === undefined || b === undefined || compare(a, b) >= 0) return false
  heap[child] = b
  heap[parent] = a
  return true
}

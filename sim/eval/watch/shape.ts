/*
 * When in the day and the week a category is bought, learnt from all stores of the partition: by UTC hour of the day and day of the
 * week, each relative to the baskets of that hour or day. A shape of 1 is a category that is in as many baskets as on average.
 */

/** Weighted lines of a category, by hour of the day (24) and day of the week (7), and all of them. */
export interface Shape {
  readonly lines: Float64Array
  total: number
}

export const slots = 24 + 7
/** Lines of its own a slot needs to be believed half. */
const doubt = 40
const [least, most] = [0.25, 4]

/** A category of which nothing is known. */
export function noShape(): Shape {
  return { lines: new Float64Array(slots), total: 0 }
}

/** Counts one line, or one basket, of a weight. */
export function addToShape(shape: Shape, timeMs: number, weight: number): void {
  const [hour, day] = slotsOf(timeMs)
  shape.lines[hour] = (shape.lines[hour] ?? 0) + weight
  shape.lines[day] = (shape.lines[day] ?? 0) + weight
  shape.total += weight
}

/** How many more baskets than on average have the category, at a time; `weight` is that of now. */
export function shapeAt(
  category: Shape,
  baskets: Shape,
  { timeMs, weight }: { timeMs: number; weight: number },
): number {
  if (baskets.total === 0) return 1
  const share = category.total / baskets.total
  const part = (slot: number) => {
    const expected = (share * (baskets.lines[slot] ?? 0)) / weight
    return ((category.lines[slot] ?? 0) / weight + doubt) / (expected + doubt)
  }
  const [hour, day] = slotsOf(timeMs)
  return Math.min(Math.max(part(hour) * part(day), least), most)
}

function slotsOf(timeMs: number): readonly [hour: number, day: number] {
  const hour = Math.floor(timeMs / 3_600_000)
  return [((hour % 24) + 24) % 24, 24 + (((Math.floor(hour / 24) % 7) + 7) % 7)]
}

/*
 * When a store sells: baskets by UTC hour of the week, forgotten over some weeks. Nights, Sundays and the lunch break are hours in
 * which nothing is expected, and nobody has to say so.
 */

export interface Rhythm {
  /** Baskets in an average such hour, Thursday 00:00 (the epoch's first) first. */
  readonly mean: Float32Array
  /** The hour being counted, in hours since the epoch; -1 before the first basket. */
  hour: number
  baskets: number
  /** Hours looked at so far. */
  hours: number
}

const hourMs = 3_600_000
const hoursPerWeek = 168
/** An average over about so many weeks. */
const weeks = 4

/** The rhythm of a store that has not sold yet. */
export function noRhythm(): Rhythm {
  return { mean: new Float32Array(hoursPerWeek), hour: -1, baskets: 0, hours: 0 }
}

/** Counts a basket. One of an hour that is over does not count. */
export function beat(rhythm: Rhythm, timeMs: number): void {
  const hour = Math.floor(timeMs / hourMs)
  if (rhythm.hour === -1) rhythm.hour = hour
  // After a silence of months, hours more than a few weeks back say nothing that the last weeks do not.
  const skipped = hour - rhythm.hour - weeks * hoursPerWeek
  if (skipped > 0) rhythm.hour += Math.floor(skipped / hoursPerWeek) * hoursPerWeek
  while (rhythm.hour < hour) turn(rhythm)
  if (hour === rhythm.hour) rhythm.baskets += 1
}

/** Whether a whole week has been seen. */
export function isKnown({ hours }: Rhythm): boolean {
  return hours > hoursPerWeek
}

/** Baskets expected between two moments. Exact for up to a week, after which a week is a week. */
export function basketsBetween({ mean }: Rhythm, fromMs: number, toMs: number): number {
  let sum = 0
  for (let hour = Math.floor(fromMs / hourMs); hour * hourMs < toMs; hour++) {
    const part = Math.min(toMs, (hour + 1) * hourMs) - Math.max(fromMs, hour * hourMs)
    sum += (meanOf(mean, hour) * part) / hourMs
  }
  return sum
}

/** When so many baskets should have come since a moment; undefined where they do not within a week. */
export function whenExpected({ mean }: Rhythm, fromMs: number, baskets: number): number | undefined {
  let left = baskets
  const first = Math.floor(fromMs / hourMs)
  for (let hour = first; hour < first + hoursPerWeek; hour++) {
    const startMs = Math.max(fromMs, hour * hourMs)
    const perMs = meanOf(mean, hour) / hourMs
    const here = perMs * ((hour + 1) * hourMs - startMs)
    if (here >= left && perMs > 0) return Math.ceil(startMs + left / perMs)
    left -= here
  }
  return undefined
}

/** Baskets of an average hour in which the store sells at all. */
export function usualHour({ mean }: Rhythm): number {
  const open = mean.filter((baskets) => baskets > 0)
  return open.length === 0 ? 0 : open.reduce((sum, baskets) => sum + baskets, 0) / open.length
}

function turn(rhythm: Rhythm): void {
  const slot = slotOf(rhythm.hour)
  const seen = Math.min(Math.floor(rhythm.hours / hoursPerWeek) + 1, weeks)
  const before = rhythm.mean[slot] ?? 0
  rhythm.mean[slot] = before + (rhythm.baskets - before) / seen
  rhythm.hours += 1
  rhythm.hour += 1
  rhythm.baskets = 0
}

function meanOf(mean: Float32Array, hour: number): number {
  return mean[slotOf(hour)] ?? 0
}

function slotOf(hour: number): number {
  return ((hour % hoursPerWeek) + hoursPerWeek) % hoursPerWeek
}

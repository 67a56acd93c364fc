import { dayMs } from '../../src/day'
import { zoneOffset } from '../../generator/csv/local-time'

/** A time between two changes of a zone's clocks; epoch milliseconds, and milliseconds ahead of UTC. */
export interface Stretch {
  /** The first instant of it, -Infinity of the first. */
  readonly fromMs: number
  readonly offsetMs: number
  /** The offset before it; its own of the first. */
  readonly beforeMs: number
  /** The local time at which it ends, as if that were UTC; Infinity of the last. */
  readonly localEndMs: number
}

/**
 * The stretches of a zone around these local days, each given by its midnight as if that were UTC, ascending; changes
 * far from all of them may be missing. By Node's rules, which the replay used: DuckDB's may be of another release.
 */
export function stretchesOf(zone: string, days: readonly number[]): readonly Stretch[] {
  const offsetMs = zoneOffset(zone)
  const probes = [...new Set(days.flatMap((day) => [-1, 0, 1, 2].map((by) => day + by * dayMs)))].sort((a, b) => a - b)
  const stretches: Stretch[] = []
  let open = { fromMs: -Infinity, offsetMs: offsetMs(probes[0] ?? 0), beforeMs: offsetMs(probes[0] ?? 0) }
  for (const [index, probe] of probes.entries()) {
    const next = offsetMs(probe)
    if (next === open.offsetMs) continue
    const changeMs = changeBetween(offsetMs, [probes[index - 1] ?? probe, probe])
    stretches.push({ ...open, localEndMs: changeMs + open.offsetMs })
    open = { fromMs: changeMs, offsetMs: next, beforeMs: open.offsetMs }
  }
  return [...stretches, { ...open, localEndMs: Infinity }]
}

/** The first instant at which the offset is no longer that of `low`, by halving. */
function changeBetween(offsetMs: (utcMs: number) => number, [low, high]: readonly [number, number]): number {
  const before = offsetMs(low)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMs(middle) === before) low = middle
    else high = middle
  }
  return high
}

/** SQL of a relation of stretches, times in whole milliseconds. */
export function stretchesSql(stretches: readonly Stretch[]): string {
  const far = (ms: number) => `${Math.min(Math.max(ms, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)}::BIGINT`
  const rows = stretches.map((stretch) => {
    const { fromMs, offsetMs, beforeMs, localEndMs } = stretch
    return `(${[fromMs, offsetMs, beforeMs, localEndMs].map(far).join(', ')})`
  })
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS stretch(from_ms, offset_ms, before_ms, local_end_ms)`
}

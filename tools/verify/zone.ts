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

/**
 * SQL that makes `truth.clock` of the stores and zones in schema `pg`, for events of these times; epoch milliseconds. The
 * store is empty for those that have no calendar of their own.
 */
export function clockSql(
  calendars: readonly { readonly store: string; readonly zone: string; readonly dayStart: string }[],
  { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number },
): string {
  const first = Math.floor(firstMs / dayMs) - 3
  const days = Array.from({ length: Math.floor(lastMs / dayMs) + 4 - first }, (_, day) => (first + day) * dayMs)
  const clocks = calendars.map(({ store, zone, dayStart }) => {
    const startMs = Date.parse(`1970-01-01T${dayStart}:00Z`)
    return `SELECT '${store.replaceAll("'", "''")}' AS store_id, ${startMs}::BIGINT AS start_ms, from_ms, offset_ms, before_ms,
        coalesce(lead(from_ms) OVER (ORDER BY from_ms), ${Number.MAX_SAFE_INTEGER}) AS until_ms
      FROM (${stretchesSql(stretchesOf(zone, days))})`
  })
  return `CREATE TABLE truth.clock AS ${clocks.join(' UNION ALL ')};`
}

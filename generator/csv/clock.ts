import { ianaZone } from './zone-name'
import { withOffset, zoneClock } from './local-time'
import { type TimeShape } from './map'
import { type CsvRow } from './rows'
import { timeFormat } from './time-format'

/** What a row says of its time, before it is known which pass of a repeated hour it means. */
export interface Told {
  /** As it stands in the file, the zone behind it where the row names one. */
  readonly text: string
  /** Local, as if it were UTC; with its offset when it says one. Absent where the text is no time. */
  readonly parts?: { readonly localMs: number; readonly offsetMs?: number }
  /** IANA; absent where the row names none that is known. */
  readonly zone?: string
}

/** Reads what a row says of its time. */
export function timeTeller({ columns, formats, zone, zoneColumn }: TimeShape): (row: CsvRow) => Told {
  const parsers = formats.map(timeFormat)
  const zones = new Map<string, string | undefined>()
  const zoneOf = (name: string): string | undefined => {
    if (!zones.has(name)) zones.set(name, ianaZone(name))
    return zones.get(name)
  }
  return (row) => {
    const local = columns.map((column) => (row[column] ?? '').trim()).filter((text) => text !== '')
    const name = zoneColumn === undefined ? '' : (row[zoneColumn] ?? '').trim()
    const said = name === '' ? zone : zoneOf(name)
    const joined = local.join(' ')
    const text = joined === '' || name === '' ? joined : `${joined} ${name}`
    let parts: Told['parts']
    for (const parse of parsers) if ((parts ??= parse(joined)) !== undefined) break
    return { text, ...(parts && { parts }), ...(said !== undefined && { zone: said }) }
  }
}

/** How often a clock had to decide. */
export interface ClockCounts {
  /** Times of an hour that comes twice, by the pass they were put into. */
  repeated: { first: number; second: number }
  /** Times that the clocks skip. */
  skipped: number
}

/**
 * Tells the instant of what rows say, asked in the order of the file; undefined where they say none. In an hour that comes
 * twice, a time before that of an earlier row of the same store means the second pass has begun; in a file that runs
 * backwards, a time after it that the first has. Without such a row the first pass is taken, backwards the second.
 */
export function instantClock(repeated: TimeShape['repeated']): {
  readonly instant: (told: Told, store: string) => number | undefined
  readonly counts: ClockCounts
} {
  const clocks = new Map<string, ReturnType<typeof zoneClock>>()
  const counts: ClockCounts = { repeated: { first: 0, second: 0 }, skipped: 0 }
  const clockOf = (zone: string) => {
    const clock = clocks.get(zone) ?? zoneClock(zone)
    clocks.set(zone, clock)
    return clock
  }
  /** By store: the last time in a repeated hour, and in which pass it was. */
  const passes = new Map<string, { readonly localMs: number; readonly isSecond: boolean; readonly shiftMs: number }>()
  let [ups, downs] = [0, 0]
  let lastMs: number | undefined
  const isBackwards = () => downs > ups
  const passOf = (
    localMs: number,
    { store, shiftMs }: { readonly store: string; readonly shiftMs: number },
  ): boolean => {
    if (repeated !== 'order') return repeated === 'second'
    const before = passes.get(store)
    const isNear = before !== undefined && Math.abs(before.localMs - localMs) < before.shiftMs
    let isSecond = isNear ? before.isSecond : isBackwards()
    if (isNear && !isBackwards() && localMs < before.localMs) isSecond = true
    if (isNear && isBackwards() && localMs > before.localMs) isSecond = false
    passes.set(store, { localMs, isSecond, shiftMs })
    return isSecond
  }
  const instant = ({ parts, zone }: Told, store: string): number | undefined => {
    if (!parts) return undefined
    const stated = withOffset(parts)
    if (stated !== undefined) return stated
    if (zone === undefined) return undefined
    const { localMs } = parts
    const { first, second, isSkipped } = clockOf(zone)(localMs)
    if (isSkipped) counts.skipped++
    const isSecond = second !== undefined && passOf(localMs, { store, shiftMs: second - first })
    if (second !== undefined) counts.repeated[isSecond ? 'second' : 'first']++
    else {
      if (lastMs !== undefined && localMs > lastMs) ups++
      if (lastMs !== undefined && localMs < lastMs) downs++
      lastMs = localMs
    }
    return isSecond ? second : first
  }
  return { instant, counts }
}

import { dayMs } from '../day'

/** A stretch of time in which a zone's clocks were so far ahead of UTC; epoch milliseconds, the end not in it. */
export interface Offset {
  readonly fromMs: number
  readonly toMs: number
  readonly offsetMs: number
}

/** A business day of one calendar; epoch milliseconds, the end not in it. */
export interface Day {
  /** `Europe/London 04:00`. */
  readonly calendar: string
  readonly zone: string
  readonly startMs: number
  readonly endMs: number
}

const weekMs = 7 * dayMs

/** What a zone's clocks show at an instant, as the milliseconds of a clock without a zone; throws beyond the offsets given. */
export function localMs(offsets: readonly Offset[], ms: number): number {
  const found = offsets.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)
  if (!found) throw new Error(`report: expected an offset of the zone at ${new Date(ms).toISOString()}, got none`)
  return ms + found.offsetMs
}

/** What a zone's clocks show, `2026-11-29 14:03:07`; throws beyond the offsets given. */
export function clockText(offsets: readonly Offset[], ms: number): string {
  return new Date(localMs(offsets, ms)).toISOString().slice(0, 19).replace('T', ' ')
}

/**
 * The instant at which, a week before, the clocks showed the same: the first of two where they showed it twice, the change
 * of the clocks where they left it out. `day` is the business day of the week before, which the answer does not leave.
 */
export function weekBefore(
  nowMs: number,
  { day, offsets }: { readonly day: Day; readonly offsets: readonly Offset[] },
): number {
  const wantedMs = localMs(offsets, nowMs) - weekMs
  for (const { fromMs, toMs, offsetMs } of offsets) {
    const [lowMs, highMs] = [Math.max(fromMs, day.startMs), Math.min(toMs, day.endMs)]
    if (lowMs < highMs && wantedMs - offsetMs < highMs) return Math.max(lowMs, wantedMs - offsetMs)
  }
  return day.endMs
}

import { dayMs } from '../../src/day'
import { type TimeParts, timeFormat } from './time-format'

/** The instants of a local time: two of an hour that the clocks run through twice. Epoch milliseconds. */
export interface Instants {
  readonly first: number
  readonly second?: number
  /** The clocks skip this local time: it counts as if they had not yet been put forward. */
  readonly isSkipped: boolean
}

/**
 * A reader of local times such as `yyyy-MM-dd HH:mm:ss` or `M/d/yyyy H:mm` in an IANA zone: text → epoch
 * milliseconds, undefined for text of another shape or a date that does not exist. Throws when the format or the zone
 * is not one.
 *
 * An hour the clocks skip counts as if they had not yet been put forward; of an hour they run through twice, the
 * first is taken (java.time and Temporal's 'compatible' do the same).
 */
export function localTimeReader(format: string, zone: string): (text: string) => number | undefined {
  const parse = timeFormat(format)
  const instants = zoneClock(zone)
  return (text) => {
    const parts = parse(text)
    return parts === undefined ? undefined : (withOffset(parts) ?? instants(parts.localMs).first)
  }
}

/** The instant of a time that says its offset itself. */
export function withOffset({ localMs, offsetMs }: TimeParts): number | undefined {
  return offsetMs === undefined ? undefined : localMs - offsetMs
}

/**
 * Tells the instants of local times, given as if they were UTC, in an IANA zone. Throws when there is no such zone.
 * Memory: two numbers for each day asked for.
 */
export function zoneClock(zone: string): (localMs: number) => Instants {
  const offsetMs = zoneOffset(zone)
  const days = new Map<number, readonly [before: number, after: number]>()
  return (localMs) => {
    const day = Math.floor(localMs / dayMs)
    const known = days.get(day)
    const [before, after] = known ?? [offsetMs((day - 1) * dayMs), offsetMs((day + 2) * dayMs)]
    if (!known) days.set(day, [before, after])
    const [early, late] = [localMs - before, localMs - after]
    if (before === after) return { first: early, isSkipped: false }
    const [isEarly, isLate] = [offsetMs(early) === before, offsetMs(late) === after]
    if (isEarly && isLate) return { first: Math.min(early, late), second: Math.max(early, late), isSkipped: false }
    if (isEarly || isLate) return { first: isEarly ? early : late, isSkipped: false }
    return { first: early, isSkipped: true }
  }
}

/** Tells how far an IANA zone is ahead of UTC at an instant, in milliseconds. Throws when there is no such zone. */
export function zoneOffset(zone: string): (utcMs: number) => number {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (utcMs) => {
    const fields = new Map(clock.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]))
    const field = (type: Intl.DateTimeFormatPartTypes): number => fields.get(type) ?? 0
    const [hour, minute, second] = [field('hour'), field('minute'), field('second')]
    const localMs = Date.UTC(field('year'), field('month') - 1, field('day'), hour, minute, second)
    return localMs - Math.floor(utcMs / 1000) * 1000
  }
}

import { dateOf, dayMs, startOf } from '../day'
import { type Offset, offsetAt, offsetsOf } from './zone'

/** By which clock a shop's days go, and when they begin. */
export interface Calendar {
  /** IANA name. */
  readonly zone: string
  /** Minutes after local midnight, 0 to 1439. */
  readonly startMinutes: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The name of a calendar: `Europe/London 04:00`. */
export function calendarId({ zone, startMinutes }: Calendar): string {
  return `${zone} ${clockTime(startMinutes)}`
}

/** The calendar of such a name; throws when it is not one. */
export function calendarOf(id: string): Calendar {
  const [, zone, start] = /^(\S+) (\d\d:\d\d)$/.exec(id) ?? []
  if (zone === undefined || start === undefined) {
    throw new Error(`calendar: expected a zone and a time such as "Europe/London 04:00", got "${id}"`)
  }
  return { zone, startMinutes: minutesOf(start) }
}

/** Minutes after midnight of `HH:MM`; throws unless it is a time of day. */
export function minutesOf(time: string): number {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? []
  if (hour === undefined) throw new Error(`time of day: expected HH:MM from 00:00 to 23:59, got "${time}"`)
  return Number(hour) * 60 + Number(minute)
}

/** Minutes after midnight as `HH:MM`. */
export function clockTime(minutes: number): string {
  return new Date(minutes * minuteMs).toISOString().slice(11, 16)
}

/**
 * The first instant at which the local clock shows the date's start or later, epoch milliseconds. Days reach from their
 * start to that of the next date: they leave nothing out and never overlap. A day has 23 or 25 hours where the clocks
 * change in it, and none where the zone has skipped the date.
 */
export function dayStart({ zone, startMinutes }: Calendar, date: string): number {
  const localMs = startOf(date) + startMinutes * minuteMs
  // Zones are at most 14 hours ahead of UTC and 12 behind it, and have skipped a day at most.
  const [fromMs, toMs] = [localMs - 2 * dayMs, localMs + 2 * dayMs]
  const offsets = offsetsOf(zone, fromMs, toMs)
  const reached = (offset: Offset) => Math.max(offset.fromMs, localMs - offset.offsetMs)
  const endOf = (index: number) => offsets[index + 1]?.fromMs ?? Infinity
  const found = offsets.find((offset, index) => reached(offset) < endOf(index))
  if (!found) throw new Error(`calendar: expected an offset of ${zone} around ${date}, got none`)
  return reached(found)
}

/** The business date of an instant: the last whose start is not after it. */
export function dateAt(calendar: Calendar, ms: number): string {
  let dayMsUtc = startOf(dateOf(ms + offsetAt(calendar.zone, ms) - calendar.startMinutes * minuteMs))
  // Where clocks went back over the start of a day, the local clock shows the date before once more.
  while (dayStart(calendar, dateOf(dayMsUtc + dayMs)) <= ms) dayMsUtc += dayMs
  return dateOf(dayMsUtc)
}

/** First instant and end of a business date, epoch milliseconds. */
export function dayRange(calendar: Calendar, date: string): { readonly startMs: number; readonly endMs: number } {
  return { startMs: dayStart(calendar, date), endMs: dayStart(calendar, dateOf(startOf(date) + dayMs)) }
}

/**
 * The first instant of the hour of the local clock that an instant is in, epoch milliseconds. Never before the last
 * change of the clocks, so the two passes of an hour that comes twice are two hours.
 */
export function hourStart(zone: string, ms: number): number {
  const [now] = offsetsOf(zone, ms - hourMs, ms + 1).slice(-1)
  const { fromMs, offsetMs } = now ?? { fromMs: ms, offsetMs: 0 }
  const localMs = ms + offsetMs
  return Math.max(fromMs, ms - (localMs - Math.floor(localMs / hourMs) * hourMs))
}

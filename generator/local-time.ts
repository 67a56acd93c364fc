import { dayMs } from '../src/day'

const tokens = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
} as const

/**
 * A reader of local times such as `yyyy-MM-dd HH:mm:ss` or `M/d/yyyy H:mm` in an IANA zone: text → epoch
 * milliseconds, undefined for text of another shape or a date that does not exist. Hour, minute and second may be
 * left out of the format and are 0 then. Throws when the format or the zone is not one.
 *
 * An hour the clocks skip counts as if they had not yet been put forward; of an hour they run through twice, the
 * first is taken (java.time and Temporal's 'compatible' do the same).
 */
export function localTimeReader(format: string, zone: string): (text: string) => number | undefined {
  const shape = shapeOf(format)
  const offsetMs = zoneOffset(zone)
  return (text) => {
    const fields = shape.exec(text.trim())?.groups
    if (fields === undefined) return undefined
    const field = (name: string): number => Number(fields[name] ?? 0)
    const [year, month, day] = [field('year'), field('month'), field('day')]
    const [hour, minute, second] = [field('hour'), field('minute'), field('second')]
    const localMs = Date.UTC(year, month - 1, day, hour, minute, second)
    const local = new Date(localMs)
    const exists = local.getUTCMonth() === month - 1 && local.getUTCDate() === day
    if (!exists || hour > 23 || minute > 59 || second > 59) return undefined
    return toUtcMs(localMs, offsetMs)
  }
}

function shapeOf(format: string): RegExp {
  const source = format.replace(/yyyy|MM?|dd?|HH?|mm|ss|T|[^A-Za-z]|[A-Za-z]+/g, (part) => {
    if (part in tokens) return tokens[part as keyof typeof tokens]
    if (part === 'T' || /[^A-Za-z]/.test(part)) return part.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
    throw new Error(`time format "${format}": expected ${Object.keys(tokens).join(', ')}, got "${part}"`)
  })
  for (const field of ['year', 'month', 'day']) {
    const uses = source.split(`<${field}>`).length - 1
    if (uses !== 1) throw new Error(`time format "${format}": expected one ${field}, got ${uses}`)
  }
  return new RegExp(`^${source}$`)
}

/** With the offset in force before a change of clocks, unless only the one after it leads back to the local time. */
function toUtcMs(localMs: number, offsetMs: (utcMs: number) => number): number {
  const [before, after] = [offsetMs(localMs - dayMs), offsetMs(localMs + dayMs)]
  const early = localMs - before
  if (before === after || offsetMs(early) === before) return early
  const late = localMs - after
  return offsetMs(late) === after ? late : early
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

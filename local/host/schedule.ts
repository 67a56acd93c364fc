import { Cron } from 'croner'

/** When a timer fires: NCRONTAB in UTC; times are epoch milliseconds. */
export interface Schedule {
  /** The first occurrence after the given time, never that time itself; Infinity when there is none. */
  nextMs(afterMs: number): number
}

/** What is known about a timer's past, as the service keeps it; 0 stands for never. */
export interface ScheduleStatus {
  readonly lastMs: number
  readonly nextMs: number
  readonly lastUpdatedMs: number
}

const value = String.raw`(?:\d+|[A-Za-z]{3})`
const range = String.raw`(?:\*|${value}(?:-${value})?)(?:/\d+)?`
const field = `${range}(?:,${range})*`
const ncrontab = new RegExp(String.raw`^(?:${field}\s+){4,5}${field}$`)

/**
 * Parses `{second} {minute} {hour} {day} {month} {day of week}`, or five fields without the second. Day and day of
 * week must both match, as in NCRONTAB. Throws, naming `where`, on anything else, TimeSpans included: those need an
 * App Service plan.
 */
export function parseSchedule(expression: string, where: string): Schedule {
  const text = expression.trim()
  try {
    if (!ncrontab.test(text)) throw new Error('not six fields of numbers, *, lists, ranges and steps')
    const cron = new Cron(text, { timezone: 'UTC', legacyMode: false, paused: true })
    return { nextMs: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? Infinity }
  } catch (cause) {
    const expected = 'expected NCRONTAB {second} {minute} {hour} {day} {month} {day of week}'
    throw new Error(`${where}: schedule ${expected}, got "${expression}"`, { cause })
  }
}

/** Whether two of the next few occurrences are less than a minute apart; such timers keep no status. */
export function isSubMinute(schedule: Schedule, nowMs: number): boolean {
  let atMs = schedule.nextMs(nowMs)
  for (let occurrence = 0; occurrence < 5 && atMs !== Infinity; occurrence++) {
    const followingMs = schedule.nextMs(atMs)
    if (followingMs - atMs < 60_000) return true
    atMs = followingMs
  }
  return false
}

/**
 * When the timer should have fired and did not, or undefined. A schedule changed since the status was written is
 * judged by what it would have been (azure-webjobs-sdk-extensions `ScheduleMonitor.CheckPastDueAsync`).
 */
export function missedRunMs(schedule: Schedule, status: ScheduleStatus, nowMs: number): number | undefined {
  const expectedMs = schedule.nextMs(status.lastMs > 0 ? status.lastMs : status.lastUpdatedMs)
  return nowMs > expectedMs ? expectedMs : undefined
}

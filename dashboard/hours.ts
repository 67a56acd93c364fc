import { type Trade } from '../src/live/schema'

type Hour = NonNullable<Trade['today']>['hours'][number]

/** An hour of the business day, and the same one a week before. Money in minor units; null where nothing was taken. */
export interface HourPair {
  /** `09:00`, and `02:00 again` where clocks go back. */
  readonly label: string
  readonly now: Hour | null
  readonly before: Hour | null
}

const dayMinutes = 24 * 60

function minutesAfter(start: number, { time }: Pick<Hour, 'time'>): number {
  return (minutesOf(time) - start + dayMinutes) % dayMinutes
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

const keyOf = ({ time, isAgain }: Pick<Hour, 'time' | 'isAgain'>) => (isAgain ? `${time} again` : time)

/**
 * The hours of two business days beside each other, in the order of the day, without holes between the first and the last.
 * Both lists are in that order; the day may begin at any hour, and the one that leaves both in order is it.
 */
export function hourPairs(now: readonly Hour[], before: readonly Hour[]): readonly HourPair[] {
  const firsts = [before[0], now[0]].filter((hour) => hour !== undefined).map(({ time }) => minutesOf(time))
  const inOrder = (start: number) => (hours: readonly Hour[]) =>
    hours.every((hour, at) => {
      const previous = hours[at - 1]
      return previous === undefined || minutesAfter(start, previous) <= minutesAfter(start, hour)
    })
  const start = firsts.find((first) => [now, before].every(inOrder(first))) ?? firsts[0]
  if (start === undefined) return []
  const places = new Map<string, { at: number; now: Hour | null; before: Hour | null }>()
  const place = (hour: Pick<Hour, 'time' | 'isAgain'>) => {
    const key = keyOf(hour)
    const found = places.get(key) ?? {
      at: minutesAfter(start, hour) + (hour.isAgain ? 0.5 : 0),
      now: null,
      before: null,
    }
    places.set(key, found)
    return found
  }
  for (const hour of now) place(hour).now = hour
  for (const hour of before) place(hour).before = hour
  const last = Math.max(...[...places.values()].map(({ at }) => at))
  for (let at = 0; at < last; at += 60) {
    const minutes = (start + at) % dayMinutes
    const clock = (part: number) => String(part).padStart(2, '0')
    place({ time: `${clock(Math.floor(minutes / 60))}:${clock(minutes % 60)}`, isAgain: false })
  }
  return [...places]
    .sort(([, a], [, b]) => a.at - b.at)
    .map(([label, { now: hour, before: hourBefore }]) => ({ label, now: hour, before: hourBefore }))
}

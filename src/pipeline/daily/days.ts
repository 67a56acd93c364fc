import { type Calendar, calendarId, calendarOf, dateAt, dayRange, dayStart } from '../../business/calendar'
import { dateOf, dayMs, startOf } from '../../day'
import { type StoreCalendars } from '../../warehouse/daily-book'

/** By which days the stores go. */
export interface Calendars {
  /** Of stores that have none of their own. */
  readonly usual: Calendar
  /** Of those that have another. */
  readonly own: ReadonlyMap<string, Calendar>
  /** Every calendar in use, once. */
  readonly all: readonly Calendar[]
  /** A text that is another where any store goes by other days. */
  readonly id: string
}

/** A business date by one of the calendars; epoch milliseconds. */
export interface DaySpan {
  readonly calendar: string
  readonly startMs: number
  readonly endMs: number
}

/** The calendars as PostgreSQL has them; throws when a zone is none that this machine knows. */
export function calendarsOf({ usual, stores }: StoreCalendars): Calendars {
  const own = [...stores].filter(([, id]) => id !== usual).sort(([a], [b]) => (a < b ? -1 : 1))
  const ids = [...new Set([usual, ...own.map(([, id]) => id)])]
  const calendars = new Map(ids.map((id) => [id, calendarOf(id)]))
  const find = (id: string) => calendars.get(id) ?? calendarOf(id)
  return {
    usual: find(usual),
    own: new Map(own.map(([store, id]) => [store, find(id)])),
    all: [...calendars.values()],
    id: JSON.stringify([usual, ...own]),
  }
}

/** A date by each of the calendars. */
export function spansOf({ all }: Calendars, date: string): readonly DaySpan[] {
  return all.map((calendar) => ({ calendar: calendarId(calendar), ...dayRange(calendar, date) }))
}

/** From the first instant of a date by any calendar to the last end of it. */
export function rangeOf(calendars: Calendars, date: string): { readonly startMs: number; readonly endMs: number } {
  const spans = spansOf(calendars, date)
  return {
    startMs: Math.min(...spans.map(({ startMs }) => startMs)),
    endMs: Math.max(...spans.map(({ endMs }) => endMs)),
  }
}

/** The last date that is over by all calendars. */
export function lastDateOver({ all }: Calendars, nowMs: number): string {
  const before = all.map((calendar) => dateOf(startOf(dateAt(calendar, nowMs)) - dayMs))
  return before.sort()[0] ?? ''
}

/** When a day ended last, by any of the calendars; epoch milliseconds. */
export function lastEnd({ all }: Calendars, nowMs: number): number {
  return Math.max(...all.map((calendar) => dayStart(calendar, dateAt(calendar, nowMs))))
}

/** Tells the business date of a store's instant; fast where instants come in about their order. */
export function dateFinder({ usual, own }: Calendars): (storeId: string, ms: number) => string {
  const last = new Map<Calendar, { readonly date: string; readonly startMs: number; readonly endMs: number }>()
  return (storeId, ms) => {
    const calendar = own.get(storeId) ?? usual
    let day = last.get(calendar)
    if (!day || ms < day.startMs || ms >= day.endMs) {
      const date = dateAt(calendar, ms)
      day = { date, ...dayRange(calendar, date) }
      last.set(calendar, day)
    }
    return day.date
  }
}

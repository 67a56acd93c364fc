import { dateOf, dayMs, startOf } from '../day'

/** How years are divided into weeks: by ISO 8601, or as the shops of North America do (NRF 4-5-4). */
export type FiscalCalendar = (typeof fiscalCalendars)[number]

/** Every fiscal calendar there is. */
export const fiscalCalendars = ['iso', '4-5-4'] as const

/** A week of a fiscal year, and the period, 1 to 12, that it belongs to. */
export interface FiscalWeek {
  readonly year: number
  readonly period: number
  readonly week: number
}

const weekMs = 7 * dayMs

/** Day of the week by ISO 8601: 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(startOf(date)).getUTCDay() || 7
}

/** The fiscal week of a business date; throws unless it is a real date. */
export function fiscalWeekOf(calendar: FiscalCalendar, date: string): FiscalWeek {
  return calendar === 'iso' ? isoWeekOf(date) : retailWeekOf(date)
}

/**
 * The ISO 8601 week of a date: weeks begin on Monday and belong to the year that has their Thursday. The period is the
 * month of that Thursday.
 */
export function isoWeekOf(date: string): FiscalWeek {
  const thursday = new Date(startOf(date) + (4 - weekdayOf(date)) * dayMs)
  const year = thursday.getUTCFullYear()
  const days = (thursday.getTime() - Date.UTC(year, 0, 1)) / dayMs
  return { year, period: thursday.getUTCMonth() + 1, week: Math.floor(days / 7) + 1 }
}

/**
 * The week of the National Retail Federation's 4-5-4 calendar: a year begins on the Sunday after the Saturday nearest
 * to 31 January and is named by the calendar year it begins in; quarters are of 4, 5 and 4 weeks. Where a year has 53
 * weeks (2006, 2012, 2017, 2023), the last is of period 12.
 */
export function retailWeekOf(date: string): FiscalWeek {
  const ms = startOf(date)
  const calendarYear = new Date(ms).getUTCFullYear()
  const year = ms < retailYearStart(calendarYear) ? calendarYear - 1 : calendarYear
  const week = Math.floor((ms - retailYearStart(year)) / weekMs) + 1
  const quarter = Math.min(3, Math.floor((week - 1) / 13))
  const ofQuarter = week - quarter * 13
  return { year, period: quarter * 3 + (ofQuarter <= 4 ? 1 : ofQuarter <= 9 ? 2 : 3), week }
}

/** The Sunday a 4-5-4 year begins on, epoch milliseconds of its UTC midnight. */
function retailYearStart(year: number): number {
  const endOfJanuary = Date.UTC(year, 0, 31)
  const weekday = weekdayOf(dateOf(endOfJanuary))
  // From -3 to 3 days to the nearest Saturday, the sixth day of the week.
  const toSaturday = ((6 - weekday + 3 + 7) % 7) - 3
  return endOfJanuary + (toSaturday + 1) * dayMs
}

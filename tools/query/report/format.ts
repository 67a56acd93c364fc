// Tested in test/tools/query/report.test.ts.
import { decimalText } from '../../../src/lake/schema'

/** A whole number in groups of three: `26,814`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Money, exact to the cent: `£58,960.79`, `-£12.00`; a currency without a sign of its own goes by its code. */
export function money(cents: number, currency: string): string {
  const [whole = '', fraction = ''] = decimalText(Math.abs(cents), 2).split('.')
  return `${cents < 0 ? '-' : ''}${signOf(currency)}${grouped(Number(whole))}.${fraction}`
}

function signOf(currency: string): string {
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
  const sign = parts.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency
  return sign === currency ? `${currency} ` : sign
}

/** A share in percent with one decimal: `12.3 %`; a dash of nothing. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`
}

/** A length of time in the unit a person would use: `45 s`, `12 min`, `3.5 h`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

/** A date as people say it: `Wednesday 1 December 2010`. */
export function dayText(date: string): string {
  const options = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const
  return new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', options).replace(',', '')
}

// Tested in test/tools/query/report.test.ts.

/** A whole number in groups of three: `26,814`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** So many of something: `1 piece`, `2,310 pieces`. */
export function countOf(number: number, one: string, more = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : more}`
}

/** Minor units as decimal text: 1250 with two digits is `12.50`, with none `1250`. */
export function decimalOf(minor: number, digits: number): string {
  const text = String(Math.abs(minor)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  return `${minor < 0 ? '-' : ''}${whole}${digits === 0 ? '' : `.${text.slice(-digits)}`}`
}

/** A currency and its decimals. */
export interface Currency {
  /** ISO 4217. */
  readonly currency: string
  readonly minorDigits: number
}

/** Money, exact: `£58,960.79`, `-£12.00`, `¥1,200`, `KWD 5.335`; a currency without a sign of its own goes by its code. */
export function money(minor: number, { currency, minorDigits }: Currency): string {
  const [whole = '', fraction] = decimalOf(Math.abs(minor), minorDigits).split('.')
  const decimals = fraction === undefined ? '' : `.${fraction}`
  return `${minor < 0 ? '-' : ''}${signOf(currency)}${grouped(Number(whole))}${decimals}`
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

/**
 * Shares of a whole in percent with one decimal, rounded so that they add up to 100.0: what rounding down leaves goes to
 * the largest remainders, of equals to the first. Where a part is negative they need not add up, each is rounded alone; dashes
 * where there is no whole.
 */
export function percents(parts: readonly number[]): readonly string[] {
  const whole = parts.reduce((sum, part) => sum + part, 0)
  if (whole <= 0 || parts.some((part) => part < 0)) return parts.map((part) => percent(part, Math.max(0, whole)))
  const exact = parts.map((part) => (1000 * part) / whole)
  const tenths = exact.map(Math.floor)
  const left = 1000 - tenths.reduce((sum, each) => sum + each, 0)
  const remainder = (i: number) => (exact[i] ?? 0) - (tenths[i] ?? 0)
  const order = parts.map((_, i) => i).sort((a, b) => remainder(b) - remainder(a) || a - b)
  const raised = new Set(order.slice(0, left))
  return tenths.map((each, i) => `${((each + (raised.has(i) ? 1 : 0)) / 10).toFixed(1)} %`)
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

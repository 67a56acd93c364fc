/** How amounts of an answer are spelled: ISO 4217 code, and how many decimals its minor unit stands for. */
export interface Currency {
  readonly currency: string
  readonly minorDigits: number
}

// The page speaks English, whatever the browser speaks: words and figures in one language.
const language = 'en-GB'

/** What stands where there is no figure. */
export const nothing = '–'

const formats = new Map<string, Intl.NumberFormat>()

/** Making a format costs a hundred times what using it does. */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options)
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options)
  formats.set(key, format)
  return format
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`
  const format = clocks.get(key) ?? new Intl.DateTimeFormat(language, { ...options, timeZone: zone, hourCycle: 'h23' })
  clocks.set(key, format)
  return format
}

/** An amount with its currency, `€1,234.50`: decimals as the installation counts them, which `Intl` has otherwise for some codes. */
export function moneyText(minor: number | null, { currency, minorDigits }: Currency): string {
  if (minor === null) return nothing
  const digits = { minimumFractionDigits: minorDigits, maximumFractionDigits: minorDigits }
  const style = /^[A-Z]{3}$/.test(currency) ? ({ style: 'currency', currency } as const) : {}
  return numberFormat({ ...style, ...digits }).format(minor / 10 ** minorDigits)
}

/** An amount for an axis, `€1.2k`. */
export function shortMoney(minor: number, { currency, minorDigits }: Currency): string {
  const style = /^[A-Z]{3}$/.test(currency) ? ({ style: 'currency', currency } as const) : {}
  const digits = { minimumFractionDigits: 0, maximumFractionDigits: 1 }
  return numberFormat({ ...style, ...digits, notation: 'compact' }).format(minor / 10 ** minorDigits)
}

/** An amount as a decimal number without currency, exact: `-12.05`. */
export function decimalText(minor: number, { minorDigits }: Currency): string {
  const digits = String(Math.abs(minor)).padStart(minorDigits + 1, '0')
  const whole = digits.slice(0, digits.length - minorDigits)
  return `${minor < 0 ? '-' : ''}${whole}${minorDigits > 0 ? `.${digits.slice(-minorDigits)}` : ''}`
}

/** A number with up to so many decimals, `1,234`. */
export function numberText(value: number | null, decimals = 0): string {
  return value === null ? nothing : numberFormat({ maximumFractionDigits: decimals }).format(value)
}

/** Percent as given, `99.5%`. */
export function percentText(percent: number | null, decimals = 1): string {
  return percent === null ? nothing : `${numberText(percent, decimals)}%`
}

/** A time on the clocks of a zone, `14:03`. */
export function timeText(ms: number, zone: string): string {
  return clockFormat(zone, { hour: '2-digit', minute: '2-digit' }).format(ms)
}

/** Date and time on the clocks of a zone to the second, `29 Nov 2026, 14:03:07`. */
export function instantText(ms: number, zone: string): string {
  return clockFormat(zone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(ms)
}

/** A business date in words, `Sunday, 29 November 2026`; it is the date of a shop and has no zone. */
export function dateText(date: string): string {
  return clockFormat('UTC', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(
    Date.parse(`${date}T00:00:00Z`),
  )
}

/** A business date in short, `Sun 22 Nov`. */
export function shortDate(date: string): string {
  return clockFormat('UTC', { weekday: 'short', day: 'numeric', month: 'short' })
    .format(Date.parse(`${date}T00:00:00Z`))
    .replace(',', '')
}

/** How long something took or is ago, in its largest unit: `3 s`, `12 min`, `4 h`, `2 days`; below zero is `0 s`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

import { dayMs } from '../../src/day'

/** What a text says of its time. */
export interface TimeParts {
  /** The local time as if it were UTC, milliseconds. */
  readonly localMs: number
  /** How far it says it is ahead of UTC, where the format has an offset. */
  readonly offsetMs?: number
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const tokens: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  yy: '(?<shortYear>\\d{2})',
  MMM: `(?<name>${months.join('|')})[a-z]*\\.?`,
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<half>\\d{2})',
  h: '(?<half>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<fraction>\\d{1,9})',
  a: '(?<noon>[ap]\\.?m\\.?)',
  x: '(?<offset>z|utc|gmt|[+-]\\d{2}(?::?\\d{2})?)',
}
const part = /yyyy|yy|MMM|MM?|dd?|HH?|hh?|mm|SSS|ss|a|[xX]{1,3}|T|'[^']*'|\s+|[^A-Za-z]|[A-Za-z]+/g

/**
 * A reader of times in a format of tokens (those of CLDR; `x` takes every offset: +0100, +01:00, +01, Z), other letters in
 * quotes, or `excel` for serial dates of its 1900 system. Undefined for text of another shape or a time that does not
 * exist. Time of day may be left out and is midnight then. Throws when the format is none.
 * @example
 * timeFormat('yyyy-MM-dd hh:mm a')('2026-03-05 03:45 PM')?.localMs // Date.UTC(2026, 2, 5, 15, 45)
 */
export function timeFormat(format: string): (text: string) => TimeParts | undefined {
  if (format === 'excel') return excelTime
  const shape = shapeOf(format)
  return (text) => {
    const fields = shape.exec(text.trim())?.groups
    return fields === undefined ? undefined : timeOf(fields)
  }
}

function shapeOf(format: string): RegExp {
  const source = format.replace(part, (piece) => {
    const token = tokens[/^x+$/i.test(piece) ? 'x' : piece]
    if (token !== undefined) return token
    if (/^\s+$/.test(piece)) return '\\s+'
    if (piece === 'T' || /[^A-Za-z]/.test(piece)) return escaped(piece.replaceAll("'", ''))
    throw new Error(`time format "${format}": expected ${Object.keys(tokens).join(', ')} or excel, got "${piece}"`)
  })
  const uses = (names: string) => source.split(new RegExp(`\\?<(?:${names})>`)).length - 1
  for (const [field, names] of [
    ['year', 'year|shortYear'],
    ['month', 'month|name'],
    ['day', 'day'],
  ] as const) {
    if (uses(names) !== 1) throw new Error(`time format "${format}": expected one ${field}, got ${uses(names)}`)
  }
  if (uses('half') !== uses('noon')) throw new Error(`time format "${format}": expected a beside h, or H without it`)
  return new RegExp(`^${source}$`, 'i')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function timeOf(fields: Readonly<Record<string, string | undefined>>): TimeParts | undefined {
  const field = (name: string): number => Number(fields[name] ?? 0)
  const year = fields['shortYear'] === undefined ? field('year') : century(field('shortYear'))
  const month =
    fields['name'] === undefined ? field('month') : months.indexOf(fields['name'].slice(0, 3).toLowerCase()) + 1
  const [day, minute, second, half] = [field('day'), field('minute'), field('second'), field('half')]
  const isHalf = fields['half'] !== undefined
  const hour = isHalf ? (half % 12) + (/^p/i.test(fields['noon'] ?? '') ? 12 : 0) : field('hour')
  const isTime = hour <= 23 && minute <= 59 && second <= 59 && (!isHalf || (half >= 1 && half <= 12))
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month - 1, day)
  const isDate = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day
  if (!isTime || !isDate) return undefined
  const milliseconds = Math.floor(Number(`0.${fields['fraction'] ?? '0'}`) * 1000)
  const localMs = midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
  return fields['offset'] === undefined ? { localMs } : { localMs, offsetMs: offsetOf(fields['offset']) }
}

/** As POSIX: 69 to 99 are of the last century. */
function century(year: number): number {
  return year < 69 ? 2000 + year : 1900 + year
}

function offsetOf(text: string): number {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(text) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** 1 January 1970 in days of Excel's 1900 system, which from March 1900 on has counted a 29 February that never was. */
const excelEpoch = 25_569
/** From March 1900 to the year 9999. */
const excelDays = { from: 61, to: 2_958_466 } as const

/** Excel keeps days and a fraction; files have it to a few digits, so the time is that of the nearest second. */
function excelTime(text: string): TimeParts | undefined {
  const trimmed = text.trim()
  if (!/^\d+(?:[.,]\d+)?$/.test(trimmed)) return undefined
  const days = Number(trimmed.replace(',', '.'))
  if (days < excelDays.from || days >= excelDays.to) return undefined
  return { localMs: Math.round((days - excelEpoch) * (dayMs / 1000)) * 1000 }
}

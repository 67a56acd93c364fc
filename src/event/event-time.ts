const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/**
 * Epoch milliseconds of `yyyy-mm-ddThh:mm[:ss[.fraction]](Z|±hh:mm)`, digits past the millisecond cut off; NaN when
 * the text is not of that shape, names a day or time that does not exist, or lies before 1970. By hand because
 * `Date.parse` takes other shapes too and rolls 31 April over into May. Seconds may be missing, since Java's
 * `OffsetDateTime` leaves them out when they are zero.
 */
export function parseEventTime(text: string): number {
  if (text.length < 17 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':') return NaN
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  if (!isDate(year, month, day) || !(hour < 24) || !(minute < 60)) return NaN
  let at = 16
  let second = 0
  if (text[at] === ':') {
    second = digits(text, 17, 19)
    if (!(second < 60)) return NaN
    at = 19
  }
  let fractionMs = 0
  if (text[at] === '.' && at === 19) {
    const end = digitsEnd(text, 20)
    if (end === 20 || end > 29) return NaN
    fractionMs = digits(text.slice(20, Math.min(end, 23)).padEnd(3, '0'), 0, 3)
    at = end
  }
  const epochMs = Date.UTC(year, month - 1, day, hour, minute, second, fractionMs) - offsetMs(text, at)
  return epochMs >= 0 ? epochMs : NaN
}

function isDate(year: number, month: number, day: number): boolean {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= (daysInMonth[month - 1] ?? 0))) return false
  // Date.UTC reads the years 0 to 99 as 1900 to 1999; with the zone's help 1969 may still be 1970 in UTC.
  if (!(year >= 1969)) return false
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
}

/** The zone that ends the text, as milliseconds east of Greenwich; NaN when there is none or more follows. */
function offsetMs(text: string, at: number): number {
  if (text[at] === 'Z') return text.length === at + 1 ? 0 : NaN
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : NaN
  if (text.length !== at + 6 || text[at + 3] !== ':') return NaN
  const hours = digits(text, at + 1, at + 3)
  const minutes = digits(text, at + 4, at + 6)
  return hours < 24 && minutes < 60 ? sign * (hours * 60 + minutes) * 60_000 : NaN
}

/** The number in `text[from, to)`; NaN unless every character is an ASCII digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return NaN
    value = value * 10 + digit
  }
  return value
}

function digitsEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  return end
}

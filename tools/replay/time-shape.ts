// Tested in test/tools/replay/guess.test.ts.
import { timeFormat } from '../../generator/csv/time-format'

/** Dates as exports write them. Where day and month could be either, both are here: the values have to tell. */
const dates = [
  'yyyy-MM-dd',
  'yyyy/M/d',
  'yyyy.M.d',
  'yyyyMMdd',
  'd.M.yyyy',
  'd.M.yy',
  'd/M/yyyy',
  'M/d/yyyy',
  'd/M/yy',
  'M/d/yy',
  'd-M-yyyy',
  'M-d-yyyy',
  'd MMM yyyy',
  'MMM d, yyyy',
]
const times = [
  '',
  ' H:mm',
  ' H:mm:ss',
  ' H:mm:ss.SSS',
  'THH:mm:ss',
  'THH:mm:ss.SSS',
  'THH:mm',
  ' h:mm a',
  ' h:mm:ss a',
  ', H:mm',
  ', H:mm:ss',
]
const offsets = ['', ' x', 'x']

const candidates = dates.flatMap((date) =>
  times.flatMap((time) => (time === '' ? [date] : offsets.map((offset) => `${date}${time}${offset}`))),
)

/** How times of a column are written: the formats that read all of its values. */
export interface TimeFormats {
  /** The one to take. */
  readonly format: string
  /** The same with day and month the other way round, where the values fit it as well. */
  readonly other?: string
}

/**
 * How these times are written; undefined when no known format reads all of them. `monthFirst` settles what the values
 * leave open.
 */
export function timeFormatOf(
  texts: readonly string[],
  { monthFirst }: { readonly monthFirst: boolean },
): TimeFormats | undefined {
  if (texts.length === 0) return undefined
  if (texts.every(isSerialDate)) return { format: 'excel' }
  const fitting = candidates.filter((format) => readsAll(format, texts))
  const first = (fits: (format: string) => boolean) => fitting.find(fits)
  const byMonth = first((format) => format.startsWith('M'))
  const byDay = first((format) => format.startsWith('d'))
  if (byMonth !== undefined && byDay !== undefined) {
    // Months first are written without zeros in front as a rule, days first with them.
    const isPadded = texts.some((text) => text.startsWith('0'))
    return monthFirst || (byDay.includes('/') && !isPadded)
      ? { format: byMonth, other: byDay }
      : { format: byDay, other: byMonth }
  }
  const [format] = fitting
  return format === undefined ? undefined : { format }
}

function readsAll(format: string, texts: readonly string[]): boolean {
  const read = timeFormat(format)
  return texts.every((text) => read(text) !== undefined)
}

/** A day counted from 1900 as spreadsheets keep it, between 1954 and 2119, with a fraction for the time of day. */
function isSerialDate(text: string): boolean {
  return /^\d{5}(\.\d+)?$/.test(text) && Number(text) >= 20_000 && Number(text) < 80_000
}

const timesOfDay = ['H:mm', 'H:mm:ss', 'h:mm a', 'h:mm:ss a']

/** How times of day without a date are written; undefined when no known format reads all of them. */
export function timeOfDayFormatOf(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined
  return timesOfDay.find((format) =>
    readsAll(
      `yyyy-MM-dd ${format}`,
      texts.map((text) => `2000-01-01 ${text}`),
    ),
  )
}

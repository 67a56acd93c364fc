import { parseEventTime } from './event-time'

/** No control characters and no lone surrogates: PostgreSQL refuses U+0000, and UTF-8 cannot hold half a pair. */
export const textPattern = '^[^\\p{Cc}\\p{Cs}]*$'
export const eventIdPattern =
  '^([0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$'
export const eventTimePattern = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$'
export const currencyPattern = '^[A-Z]{3}$'
export const zonePattern = '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$'

interface Pattern {
  /** What the pattern asks for, in words for a reject detail and for the docs. */
  readonly expected: string
  readonly test: (text: string) => boolean
}

const eventId = new RegExp(eventIdPattern)
const currency = new RegExp(currencyPattern)
const zone = new RegExp(zonePattern)

/** Every pattern of the schema, with a test that costs less than the regular expression where that matters. */
const patterns: ReadonlyMap<string, Pattern> = new Map([
  [textPattern, { expected: 'no control characters', test: isPlainText }],
  [eventIdPattern, { expected: 'ULID or UUID', test: (text: string) => eventId.test(text) }],
  [
    eventTimePattern,
    {
      expected: 'ISO 8601 time with zone from 1970 on, such as 2026-03-01T09:30:00.000Z',
      // Narrower than the pattern, which cannot know that June has 30 days.
      test: (text: string) => !Number.isNaN(parseEventTime(text)),
    },
  ],
  // Of the shape only: which zones there are, each machine's zone data says for itself.
  [zonePattern, { expected: 'name of a time zone, such as Europe/London', test: (text: string) => zone.test(text) }],
  [currencyPattern, { expected: 'ISO 4217 code, such as GBP', test: (text: string) => currency.test(text) }],
])

/** The words and the test behind a pattern of the schema. Throws for a pattern the schema does not use. */
export function patternOf(source: string): Pattern {
  const pattern = patterns.get(source)
  if (pattern === undefined) throw new Error(`event schema: no test for pattern ${source}; add it to patterns.ts`)
  return pattern
}

/** The same strings as `textPattern`; one pass over the code units, an order of magnitude cheaper. */
function isPlainText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return false
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(i + 1)
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false
    i++
  }
  return true
}

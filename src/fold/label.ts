// Tested in test/fold/rollups.test.ts.

/** Dimension value of a field the event does not have. */
export const unknown = 'unknown'

/** The most characters of a label: a key of nine of them has to fit PostgreSQL's index entries of 2704 bytes. */
const labelLength = 64

/** A label as a dimension holds it, `unknown` where there is none. */
export function label(text: string = unknown): string {
  return text.length <= labelLength ? text : Array.from(text).slice(0, labelLength).join('')
}

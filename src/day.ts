// Tested in test/pipeline/daily/run.test.ts.
/** Milliseconds of a UTC day. */
export const dayMs = 86_400_000

/** The UTC day of an instant, YYYY-MM-DD. */
export function dateOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}

/** Whether a text is a real date, YYYY-MM-DD. */
export function isDate(text: string): boolean {
  const startMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  // Date.parse carries 30 February over into March.
  return !Number.isNaN(startMs) && dateOf(startMs) === text
}

/** First instant of a UTC day, epoch milliseconds; throws unless it is a real date. */
export function startOf(date: string): number {
  if (!isDate(date)) throw new Error(`date: expected YYYY-MM-DD, got "${date}"`)
  return Date.parse(`${date}T00:00:00Z`)
}

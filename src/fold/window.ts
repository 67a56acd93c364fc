/* Tested in test/fold/step.test.ts (W1, half open). */

/**
 * Tumbling windows: half open, `start <= t < start + size`, aligned to the epoch, ids computed and never remembered.
 */

/** Start of the window of `sizeMs` that holds `timeMs`, both in epoch milliseconds. */
export function windowStart(timeMs: number, sizeMs: number): number {
  return Math.floor(timeMs / sizeMs) * sizeMs
}

/** True once nothing on time can still fall into the window that begins at `startMs`. */
export function isClosed(startMs: number, sizeMs: number, watermarkMs: number): boolean {
  return startMs + sizeMs <= watermarkMs
}

// Tested in test/sim/eval/watch/silence.test.ts.

/*
 * Forgetting by forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): what happens counts `exp((t - t0) / memory)`, a sum is
 * divided by the weight of now when it is read, and nothing has to be revisited as it grows old.
 */

/** The greatest exponent a weight may have; sums of such weights are far from what a double holds. */
const maxExponent = 500

/** The weight of a moment; one is 1 at `originMs`. Moments before the origin, and centuries after it, count as the nearest that can be told. */
export function weightAt(ms: number, { originMs, memoryMs }: { originMs: number; memoryMs: number }): number {
  return Math.exp(Math.min(Math.max((ms - originMs) / memoryMs, 0), maxExponent))
}

/** How long ago things may have been, so that their weights add up to `spanMs` without forgetting: at most the memory. */
export function remembered(spanMs: number, memoryMs: number): number {
  return memoryMs * (1 - Math.exp(-spanMs / memoryMs))
}

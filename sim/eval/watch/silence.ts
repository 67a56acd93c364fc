/*
 * How improbable it is that nothing of a product was sold while `expected` baskets with it were expected.
 *
 * A share of baskets known from n baskets with the product is Gamma distributed, so that the number sold is negative binomial, and
 * none are sold with probability (1 + E/n)^-n: the hazard n / (n + E), where chance alone would have 1. What life adds to it (families
 * that come on Saturdays, pantries that are full) is learnt from the silences that ended: how many of those that lasted some time
 * ended soon after, against how many should have. The logarithm of the probability is the hazard so corrected, added up.
 */

/** Ends of silences, by length and by how well the share was known: seen, and expected by the hazard above. */
export interface Calibration {
  readonly seen: Float64Array
  readonly expected: Float64Array
}

/**
 * Lengths in expected baskets. Nothing is learnt from what goes on beyond the last: many of the long silences are empty shelves, and
 * a watch that took them for chance would be blind to the next. What is longer goes on as the last span does.
 */
export const edges = [0, 0.5, 1, 2, 3, 4.5] as const
/** Baskets with the product that a share was learnt from. */
const knownFrom = [0, 4, 12, 36] as const
const spans = edges.length - 1
/** Ends of a span that have to be seen to believe the spans before it half. */
const doubt = 30
/** Ends after which half of them are forgotten. */
const most = 4_000
/** Silences that seem to end so much faster than by chance are shares not known yet. */
const mostCorrection = 1.25

/** Nothing seen: silences end as the formula says. */
export function noCalibration(): Calibration {
  const size = spans * knownFrom.length
  return { seen: new Float64Array(size), expected: new Float64Array(size) }
}

/** Learns from a silence that ended with a sale after `expected` baskets, of a share known from `known`. */
export function learnSilence({ seen, expected: should }: Calibration, expected: number, known: number): void {
  // Of a share that is hardly known, what is expected is a guess, and so would be the correction.
  if (known < knownFrom[1]) return
  const first = classOf(known) * spans
  for (let span = 0; span < spans; span++) {
    const from = edges[span] ?? 0
    if (expected < from) return
    const index = first + span
    const to = edges[span + 1] ?? Infinity
    const ended = expected < to
    const seenNow = (seen[index] ?? 0) + (ended ? 1 : 0)
    const shouldNow = (should[index] ?? 0) + hazard(from, Math.min(expected, to), known)
    const keep = seenNow > most ? 0.5 : 1
    seen[index] = seenNow * keep
    should[index] = shouldNow * keep
  }
}

/** Minus the natural logarithm of the probability of such a silence. */
export function surprise(calibration: Calibration, expected: number, known: number): number {
  let sum = 0
  for (let span = 0; span < spans; span++) {
    const from = edges[span] ?? 0
    if (expected <= from) break
    const to = Math.min(expected, span + 1 < spans ? (edges[span + 1] ?? Infinity) : Infinity)
    sum += correction(calibration, span, known) * hazard(from, to, known)
  }
  return sum
}

/** The expected baskets at which a silence is so surprising; Infinity where it never is. */
export function expectedFor(calibration: Calibration, wanted: number, known: number): number {
  let left = wanted
  for (let span = 0; span < spans; span++) {
    const from = edges[span] ?? 0
    const factor = correction(calibration, span, known)
    const next = span + 1 < spans ? edges[span + 1] : undefined
    const all = next === undefined ? Infinity : factor * hazard(from, next, known)
    if (left <= all) return (known + from) * Math.exp(left / factor / known) - known
    left -= all
  }
  return Infinity
}

/** How much of the hazard is real, at this length; what few have seen is believed as far as the shorter ones go. */
function correction({ seen, expected }: Calibration, span: number, known: number): number {
  const first = classOf(known) * spans
  let factor = 1
  for (let each = 0; each <= span; each++) {
    factor = ((seen[first + each] ?? 0) + doubt * factor) / ((expected[first + each] ?? 0) + doubt)
  }
  return Math.min(factor, mostCorrection)
}

function hazard(from: number, to: number, known: number): number {
  return known * Math.log((known + to) / (known + from))
}

function classOf(known: number): number {
  let found = 0
  while (found + 1 < knownFrom.length && known >= (knownFrom[found + 1] ?? Infinity)) found++
  return found
}

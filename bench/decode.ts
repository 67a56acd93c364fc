import { check } from '../src/event/check'
import { decode } from '../src/event/decode'
import { examples } from '../src/event/examples'

const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }
const enqueuedMs = Date.parse('2026-03-01T10:00:00Z')

/** Calls per second of `run` on one core, over about `budgetMs` after a warm-up. */
function perSecond(run: (i: number) => void, { budgetMs = 1000, chunk = 2000 } = {}): number {
  for (let i = 0; i < 20 * chunk; i++) run(i)
  const startMs = performance.now()
  let calls = 0
  while (performance.now() - startMs < budgetMs) {
    for (let i = 0; i < chunk; i++) run(calls + i)
    calls += chunk
  }
  return Math.round((calls * 1000) / (performance.now() - startMs))
}

/**
 * Events per second on one core through the check of the wire contract (parsed JSON in, verdict out) and through
 * `decode` (bytes in, typed event out), over the example of each type in turn. Does not measure the hub, nor arrays,
 * nor rejects, which cost about as much as an accepted event.
 */
export function benchDecode(): { readonly validatePerSecond: number; readonly decodePerSecond: number } {
  const values = Object.values(examples)
  const encoder = new TextEncoder()
  const bodies = values.map((value) => encoder.encode(JSON.stringify(value)))
  return {
    validatePerSecond: perSecond((i) => check(values[i % values.length])),
    decodePerSecond: perSecond((i) => decode(bodies[i % bodies.length] ?? new Uint8Array(), { enqueuedMs, rules })),
  }
}

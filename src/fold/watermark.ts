/* Tested in test/fold/step.test.ts (W2, pulses). */

/**
 * The watermark of one partition: the event time before which everything is taken to have arrived.
 * It is a function of the log alone: event times, and for heartbeats the enqueue times written beside them.
 */
export interface Watermark {
  /** Epoch milliseconds; -Infinity before the first event. Never falls. */
  readonly ms: number
  /** When the hub accepted the last thing that was not a heartbeat; -Infinity before the first. */
  readonly activeAtMs: number
}

export const noWatermark: Watermark = { ms: -Infinity, activeAtMs: -Infinity }

/** The watermark after an event: its time less the lateness, if that is later than what was. */
export function afterEvent(
  watermark: Watermark,
  event: { readonly eventTimeMs: number; readonly enqueuedMs: number },
  latenessMs: number,
): Watermark {
  return {
    ms: Math.max(watermark.ms, event.eventTimeMs - latenessMs),
    activeAtMs: Math.max(watermark.activeAtMs, event.enqueuedMs),
  }
}

/** The watermark after a body that held no event: time stands still, but the partition is not idle. */
export function afterReject(watermark: Watermark, enqueuedMs: number): Watermark {
  return { ms: watermark.ms, activeAtMs: Math.max(watermark.activeAtMs, enqueuedMs) }
}

/**
 * The watermark after a heartbeat. It counts only where the partition has been idle for longer than `idleAfterMs` by the
 * hub's own clock, so that a replayed history or a backlog is not made late by the wall clock; and only after a first
 * event, because a partition nobody sold in has nothing to close.
 */
export function afterPulse(
  watermark: Watermark,
  pulse: { readonly eventTimeMs: number; readonly enqueuedMs: number },
  rules: { readonly latenessMs: number; readonly idleAfterMs: number },
): Watermark {
  const seenNothing = watermark.activeAtMs === -Infinity || watermark.ms === -Infinity
  const idleMs = pulse.enqueuedMs - watermark.activeAtMs
  if (seenNothing || idleMs <= rules.idleAfterMs) return watermark
  return { ...watermark, ms: Math.max(watermark.ms, pulse.eventTimeMs - rules.latenessMs) }
}

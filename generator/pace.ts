// Tested in test/generator/stream.test.ts.
/** How event time and the clock go together. All times are epoch milliseconds. */
export interface Pace {
  /** When, by the clock, what happens at `eventMs` is sent. */
  readonly dueMs: (eventMs: number) => number
  /** Deliveries per second of event time that make `rate` deliveries per second of the clock. */
  readonly ratePerSecond: (eventMs: number) => number
}

export interface PaceOptions {
  /** Event time and clock at the start. */
  readonly startMs: number
  readonly clockMs: number
  /** Event time runs so many times as fast as the clock until it has caught up with it. */
  readonly speed: number
  /** Deliveries per second of the clock. */
  readonly rate: number
}

/** A pace that starts in the past and catches up; at speed 1 event time keeps its distance. */
export function createPace({ startMs, clockMs, speed, rate }: PaceOptions): Pace {
  if (!(speed >= 1)) throw new Error(`pace: expected a speed of 1 or more, got ${speed}`)
  if (!(rate > 0)) throw new Error(`pace: expected a rate of more than 0 events/s, got ${rate}`)
  if (startMs > clockMs) {
    const [start, clock] = [new Date(startMs).toISOString(), new Date(clockMs).toISOString()]
    throw new Error(`pace: expected a start not after the clock (${clock}), got ${start}: the app rejects the future`)
  }
  // Where the lines startMs + speed × t and clockMs + t meet, in event time.
  const metMs = speed === 1 ? Infinity : startMs + (speed * (clockMs - startMs)) / (speed - 1)
  return {
    dueMs: (eventMs) => (eventMs < metMs ? clockMs + (eventMs - startMs) / speed : eventMs),
    ratePerSecond: (eventMs) => (eventMs < metMs ? rate / speed : rate),
  }
}

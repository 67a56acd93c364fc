/** Names of what the app measures; queries and alerts take them from here. Units last in the name where there is one. */
export const metricNames = {
  events: 'tillstream.events',
  rejected: 'tillstream.rejected',
  late: 'tillstream.late',
  duplicates: 'tillstream.duplicates',
  windowsClosed: 'tillstream.windows_closed',
  stockouts: 'tillstream.stockouts',
  foldMs: 'tillstream.fold_ms',
  commitMs: 'tillstream.commit_ms',
  endToEndMs: 'tillstream.end_to_end_ms',
  watermarkMs: 'tillstream.watermark_ms',
  resumeMs: 'tillstream.resume_ms',
  conflicts: 'tillstream.conflicts',
  /** Messages the hub deleted before they were read. */
  gap: 'tillstream.gap',
  /** Batches refused because the hub's numbers have started over. */
  restarts: 'tillstream.restarts',
} as const

export type MetricName = (typeof metricNames)[keyof typeof metricNames]

/** One measurement; `dimensions` have few values each: a reason, a partition, a table, never an id. */
export interface Measurement {
  readonly name: MetricName
  readonly value: number
  readonly dimensions?: Readonly<Record<string, string>>
}

export type Listener = (measurement: Measurement) => void

const listeners = new Set<Listener>()

/** Reports a measurement to whoever listens; nobody does unless telemetry or the local status line was set up. */
export function record(name: MetricName, value: number, dimensions?: Measurement['dimensions']): void {
  for (const listener of listeners) listener(dimensions ? { name, value, dimensions } : { name, value })
}

/** Hands every later measurement to a listener; returns the way to stop. */
export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

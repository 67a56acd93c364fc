// Tested in test/observe/content.test.ts.
/** Names of what the app measures; queries, alerts and the workbook take them from here. Units last where there is one. */
export const metricNames = {
  events: 'tillstream.events',
  pulses: 'tillstream.pulses',
  rejected: 'tillstream.rejected',
  late: 'tillstream.late',
  duplicates: 'tillstream.duplicates',
  conflicting: 'tillstream.conflicting',
  windowsClosed: 'tillstream.windows_closed',
  stockouts: 'tillstream.stockouts',
  foldMs: 'tillstream.fold_ms',
  commitMs: 'tillstream.commit_ms',
  endToEndMs: 'tillstream.end_to_end_ms',
  watermarkMs: 'tillstream.watermark_ms',
  watermarkLagMs: 'tillstream.watermark_lag_ms',
  consumerLag: 'tillstream.consumer_lag',
  resumeMs: 'tillstream.resume_ms',
  foldedAgain: 'tillstream.folded_again',
  conflicts: 'tillstream.conflicts',
  retries: 'tillstream.retries',
  gap: 'tillstream.gap',
  restarts: 'tillstream.restarts',
  scattered: 'tillstream.stores_scattered',
} as const

export type MetricName = (typeof metricNames)[keyof typeof metricNames]

/** What a measurement may be told apart by. Each has few values: never an id of an event, a shop or a product. */
export type Dimension = 'partition' | 'reason' | 'change'

interface Meaning {
  readonly meaning: string
  readonly unit: 'events' | 'messages' | 'windows' | 'alerts' | 'batches' | 'stores' | 'ms' | 'epoch ms'
  readonly dimension?: Dimension
  /** Shown on the terminal only, never sent: an instant cannot be added up or averaged; what a resume does is logged. */
  readonly local?: true
}

/** What each metric means; its rows in the table AppMetrics carry the dimension under Properties. */
export const metrics: Readonly<Record<MetricName, Meaning>> = {
  'tillstream.events': { unit: 'events', meaning: 'events folded; pulses, duplicates and rejects are counted apart' },
  'tillstream.pulses': { unit: 'events', meaning: 'heartbeats that came through the whole pipe' },
  'tillstream.rejected': { unit: 'events', meaning: 'events kept in bronze but not folded', dimension: 'reason' },
  'tillstream.late': { unit: 'events', meaning: 'events whose window had closed; they became corrections' },
  'tillstream.duplicates': { unit: 'events', meaning: 'events with an id their store has sent before' },
  'tillstream.conflicting': {
    unit: 'events',
    meaning: 'duplicates that say something else than the event that counted',
  },
  'tillstream.windows_closed': { unit: 'windows', meaning: 'rows of closed windows' },
  'tillstream.stockouts': { unit: 'alerts', meaning: 'stock-out alerts opened and resolved', dimension: 'change' },
  'tillstream.fold_ms': { unit: 'ms', meaning: 'folding a batch' },
  'tillstream.commit_ms': { unit: 'ms', meaning: 'storing a batch in bronze, commit included' },
  'tillstream.end_to_end_ms': { unit: 'ms', meaning: 'from the hub taking a message to its last sink having it' },
  'tillstream.watermark_ms': { unit: 'epoch ms', meaning: 'the watermark', dimension: 'partition', local: true },
  'tillstream.watermark_lag_ms': {
    unit: 'ms',
    meaning: 'how far the watermark is behind the clock; the lateness at best',
    dimension: 'partition',
  },
  'tillstream.consumer_lag': {
    unit: 'messages',
    meaning: 'messages the hub holds that bronze has not taken, by the minute',
    dimension: 'partition',
  },
  'tillstream.resume_ms': { unit: 'ms', meaning: 'taking over a partition', dimension: 'partition' },
  'tillstream.folded_again': {
    unit: 'events',
    meaning: 'events of bronze folded again while taking over a partition',
    dimension: 'partition',
    local: true,
  },
  'tillstream.conflicts': {
    unit: 'batches',
    meaning: 'batches tried anew because another owner had committed first',
    dimension: 'partition',
  },
  'tillstream.retries': { unit: 'batches', meaning: 'invocations that are a retry of one that failed' },
  'tillstream.gap': {
    unit: 'messages',
    meaning: 'messages the hub deleted before they were read',
    dimension: 'partition',
  },
  'tillstream.restarts': {
    unit: 'batches',
    meaning: "batches refused because the hub's numbers have started over",
    dimension: 'partition',
  },
  'tillstream.stores_scattered': {
    unit: 'stores',
    meaning: 'stores that sent to several partitions within a day, counted by the minute',
  },
}

/** One measurement; its dimension is the one that `metrics` declares. */
export interface Measurement {
  readonly name: MetricName
  readonly value: number
  readonly dimensions?: Readonly<Partial<Record<Dimension, string>>>
}

export type Listener = (measurement: Measurement) => void

const listeners = new Set<Listener>()

/** Reports a measurement to all listeners; without telemetry and the local status line there are none. */
export function record(name: MetricName, value: number, dimensions?: Measurement['dimensions']): void {
  for (const listener of listeners) listener(dimensions ? { name, value, dimensions } : { name, value })
}

/** Hands every later measurement to a listener; returns the way to stop. */
export function listen(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

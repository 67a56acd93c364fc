// Tested in test/observe/content.test.ts.
/** Names of what happens now and then and is worth a row of its own; queries and alerts take them from here. */
export const occurrenceNames = {
  commit: 'tillstream.commit',
  stockoutsOpened: 'tillstream.stockouts_opened',
  gap: 'tillstream.gap_found',
  dailyBatch: 'tillstream.daily_batch',
} as const

export type OccurrenceName = (typeof occurrenceNames)[keyof typeof occurrenceNames]

interface Meaning {
  readonly meaning: string
  /** What `count` counts. */
  readonly counts: string
  /** Keys of Properties beside `summary`; values are positions, dates and words, never ids of events or shops. */
  readonly properties: readonly string[]
  /** Rows of a process in a minute; what comes above is summed up in one row more. */
  readonly perMinute: number
}

/** What each occurrence means; its rows in the table AppEvents carry `count` under Measurements. */
export const occurrences: Readonly<Record<OccurrenceName, Meaning>> = {
  'tillstream.commit': {
    meaning: 'a batch is in bronze: which messages, by which invocation (OperationId), in which version of the table',
    counts: 'events',
    properties: ['partition', 'firstSequence', 'lastSequence', 'version'],
    perMinute: 30,
  },
  'tillstream.stockouts_opened': {
    meaning: 'stock-out alerts opened by a batch; gold_stockout has them by partition and position',
    counts: 'alerts',
    properties: ['partition', 'lastSequence'],
    perMinute: 10,
  },
  'tillstream.gap_found': {
    meaning: 'the hub deleted messages before they were read; bronze_gaps has the row',
    counts: 'messages',
    properties: ['partition', 'firstSequence', 'lastSequence'],
    perMinute: 10,
  },
  'tillstream.daily_batch': {
    meaning: 'a run of the daily batch ended; outcome is finished or failed',
    counts: 'rows',
    properties: ['day', 'outcome'],
    perMinute: 10,
  },
}

/** Something that happened: how many of what the name counts, and where. */
export interface Occurrence {
  readonly name: OccurrenceName
  readonly count: number
  readonly properties: Readonly<Record<string, string | number>>
}

export type OccurrenceListener = (occurrence: Occurrence) => void

const listeners = new Set<OccurrenceListener>()

/** Reports an occurrence to all listeners; without telemetry there are none. */
export function announce(name: OccurrenceName, count: number, properties: Occurrence['properties'] = {}): void {
  for (const listener of listeners) listener({ name, count, properties })
}

/** Hands every later occurrence to a listener, in the async context it was announced in; returns the way to stop. */
export function hear(listener: OccurrenceListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

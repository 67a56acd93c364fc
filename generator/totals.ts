// Tested in test/generator/simulate.test.ts.
import { type Delivery } from './delivery'

/** What has been sent so far. */
export interface StreamTotals {
  readonly events: number
  readonly bytes: number
  readonly late: number
  readonly duplicates: number
  readonly malformed: number
  /** Time of the clock since the start. */
  readonly seconds: number
  /** Event time of the newest delivery, epoch milliseconds. */
  readonly eventTimeMs: number
}

/** Nothing sent yet. */
export function noTotals(startMs: number): StreamTotals {
  return { events: 0, bytes: 0, late: 0, duplicates: 0, malformed: 0, seconds: 0, eventTimeMs: startMs }
}

/** The totals with more deliveries counted in; `seconds` stays. */
export function addDeliveries(totals: StreamTotals, deliveries: readonly Delivery[]): StreamTotals {
  const flaws = { none: 0, late: 0, duplicate: 0, malformed: 0 }
  let bytes = totals.bytes
  for (const { flaw, text } of deliveries) {
    flaws[flaw]++
    bytes += text.length
  }
  return {
    ...totals,
    events: totals.events + deliveries.length,
    bytes,
    late: totals.late + flaws.late,
    duplicates: totals.duplicates + flaws.duplicate,
    malformed: totals.malformed + flaws.malformed,
    eventTimeMs: deliveries.at(-1)?.atMs ?? totals.eventTimeMs,
  }
}

import { type Delivery } from './simulate'

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
  const count = (flaw: Delivery['flaw']): number => deliveries.filter((delivery) => delivery.flaw === flaw).length
  return {
    ...totals,
    events: totals.events + deliveries.length,
    bytes: totals.bytes + deliveries.reduce((sum, { body }) => sum + body.length, 0),
    late: totals.late + count('late'),
    duplicates: totals.duplicates + count('duplicate'),
    malformed: totals.malformed + count('malformed'),
    eventTimeMs: deliveries.at(-1)?.atMs ?? totals.eventTimeMs,
  }
}

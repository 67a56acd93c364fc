import { type Ops } from '../src/live/schema'
import { instant, number, percent, text } from './cells'
import { instantText, numberText, percentText, spanText, timeText } from './format'
import { type Table } from './table'
import { type Tile } from './tile'

/** The tiles of the ops view, in their order. */
export const opsTileNames = [
  'Partitions',
  'Oldest delivery',
  'Received, 24 h',
  'Rejected, 24 h',
  'Duplicates, 24 h',
  'Late, 24 h',
  'Data quality, 24 h',
  'Days due',
] as const

type Name = (typeof opsTileNames)[number]

/** The tiles of an answer; a figure that is not there is a dash. */
export function opsTiles({ partitions, days, quality, pulseAt, business }: Ops): readonly Tile[] {
  const tile = (name: Name, value: string, note: string): Tile => ({ name, value, note })
  const oldest = partitions.map(({ deliveredAt }) => Date.parse(deliveredAt)).sort((a, b) => a - b)[0]
  const behindMs = oldest !== undefined && pulseAt !== null ? Date.parse(pulseAt) - oldest : null
  const received = quality?.received ?? null
  return [
    tile('Partitions', numberText(partitions.length), 'have delivered'),
    tile(
      'Oldest delivery',
      oldest === undefined ? numberText(null) : timeText(oldest, business.zone),
      behindMs === null ? '' : `${spanText(behindMs)} behind the newest`,
    ),
    tile('Received, 24 h', numberText(received), 'of event time'),
    tile('Rejected, 24 h', numberText(quality?.rejected ?? null), 'kept in bronze, with a reason'),
    tile(
      'Duplicates, 24 h',
      numberText(quality?.duplicates ?? null),
      quality ? `${numberText(quality.conflicting)} say something else` : '',
    ),
    tile(
      'Late, 24 h',
      numberText(quality?.late ?? null),
      quality && quality.late > 0 ? `latest by ${numberText(quality.lateSecondsMax)} s` : '',
    ),
    tile('Data quality, 24 h', percentText(quality?.qualityPct ?? null, 2), 'valid of the received'),
    tile(
      'Days due',
      numberText(days.due),
      `${numberText(days.batched)} made, ${numberText(days.stale)} stale${
        days.lookedAt === null ? '; no run yet' : `; looked at ${instantText(Date.parse(days.lookedAt), business.zone)}`
      }`,
    ),
  ]
}

/** How far each partition is. */
export function partitionsTable({ partitions, business: { zone } }: Ops): Table | null {
  if (partitions.length === 0) return null
  return {
    header: ['Stream', 'Partition', 'Sequence', 'Delivered', 'Events until', 'Closed until'],
    rows: partitions.map(({ stream, partition, sequence, deliveredAt, reachedAt, closedUntil }) => [
      text(stream),
      number(partition),
      number(sequence),
      instant(deliveredAt, zone),
      instant(reachedAt, zone),
      instant(closedUntil, zone),
    ]),
  }
}

/** The newest days of the daily batch. */
export function daysTable({ days, business: { zone } }: Ops): Table | null {
  if (days.newest.length === 0) return null
  return {
    header: ['Business date', 'State', 'Run began', 'Events', 'Duplicates'],
    rows: days.newest.map(({ date, state, batchedAt, events, duplicates }) => [
      text(date),
      text(state),
      instant(batchedAt, zone),
      number(events),
      number(duplicates),
    ]),
  }
}

/** Why events were rejected. */
export function rejectsTable({ quality }: Ops): Table | null {
  if (!quality || quality.rejections.length === 0) return null
  return {
    header: ['Reason', 'Events', 'Of the received'],
    rows: quality.rejections.map(({ reason, events }) => [
      text(reason),
      number(events),
      percent(quality.received > 0 ? (100 * events) / quality.received : null),
    ]),
  }
}

/** What came in each of the last 24 hours. */
export function qualityTable({ quality, business: { zone } }: Ops): Table | null {
  if (!quality) return null
  const { received, rejected, duplicates, late } = quality.hours
  return {
    header: ['Hour from', 'Received', 'Rejected', 'Duplicates', 'Late'],
    rows: received.map((count, at) => [
      text(timeText(Date.parse(quality.from) + at * 3_600_000, zone)),
      number(count),
      number(rejected[at] ?? 0),
      number(duplicates[at] ?? 0),
      number(late[at] ?? 0),
    ]),
  }
}

/** Stores whose events came from several partitions. */
export function scatteredTable({ scattered }: Ops): Table | null {
  if (scattered.stores.length === 0) return null
  return {
    header: ['Store', 'Partitions', 'Events'],
    rows: scattered.stores.map(({ storeId, partitions, received }) => [
      text(storeId),
      number(partitions),
      number(received),
    ]),
  }
}

/** The ops view in a sentence. */
export function opsSummary({ partitions, quality, days }: Ops): string {
  const rejected = quality
    ? `${numberText(quality.rejected)} of ${numberText(quality.received)} rejected in 24 hours; `
    : ''
  return `${numberText(partitions.length)} partitions; ${rejected}days due: ${numberText(days.due)}`
}

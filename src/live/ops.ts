import { epochMs, instant } from '../report/calendars'
import { count, ratio, text } from '../report/row'
import { dayMs } from '../day'
import { type Session, type TextRow } from '../warehouse/connection'
import { type Installation } from '../warehouse/installation'
import { countScattered, readScattered } from '../warehouse/scattered'
import { type BatchedDay, type Ops, type PartitionState, type RecentQuality } from './schema'
import { openAnswer } from './standing'

const minuteMs = 60_000
const hourMs = 3_600_000

/** How many of each the lists hold at most. */
const shown = { partitions: 100, days: 31, rejections: 12, scattered: 20, hours: 24 } as const

/**
 * What those who run it look at: how far each partition is, what the daily batch has made and owes, and what came in
 * during the last 24 hours of event time. In a transaction of the caller's, which sees one state of the database.
 */
export async function readOps(session: Session, settings: Installation): Promise<Ops> {
  const { answer, nowMs } = await openAnswer(session, settings)
  return {
    view: 'ops',
    ...answer,
    partitions: await partitionsOf(session, nowMs),
    days: await daysOf(session),
    quality: nowMs === undefined ? null : await qualityUntil(session, nowMs),
    scattered: {
      count: await countScattered(session),
      stores: await readScattered(session, { limit: shown.scattered }),
    },
  }
}

async function partitionsOf(session: Session, nowMs: number | undefined): Promise<readonly PartitionState[]> {
  // Rows of quality are written for every event, whatever it says; a partition's newest is where it has come to.
  const rows = await session.query(
    `SELECT p.stream, p.partition_id, p.sequence, ${epochMs('p.updated_at')} AS delivered,
       ${epochMs('w.reached')} AS reached, ${epochMs('w.closed')} AS closed
     FROM sink_position AS p
     LEFT JOIN (
       SELECT partition_id, max(window_start) AS reached, max(window_start) FILTER (WHERE closed) AS closed
       FROM quality_1m WHERE window_start >= $1::timestamptz GROUP BY 1
     ) AS w ON w.partition_id = p.partition_id
     ORDER BY p.stream, p.partition_id LIMIT ${shown.partitions}`,
    [instant((nowMs ?? 0) - dayMs)],
  )
  const endOf = (start: string | null | undefined) =>
    typeof start === 'string' ? instant(count(start) + minuteMs) : null
  return rows.map((row) => ({
    stream: text(row.stream),
    partition: count(row.partition_id),
    sequence: count(row.sequence),
    deliveredAt: instant(count(row.delivered)),
    reachedAt: endOf(row.reached),
    closedUntil: endOf(row.closed),
  }))
}

/**
 * The state of each day of the batch. Alerts that have changed since make a day due too, which the batch alone can tell:
 * such a day is still shown as batched.
 */
const stateOfDay = `CASE
  WHEN b.stale THEN 'stale'
  WHEN b.batched_at IS NULL OR EXISTS (
    SELECT FROM jsonb_each_text(b.newest) AS n
    WHERE n.value::bigint > coalesce((b.read_up_to ->> n.key)::bigint, -1)
  ) THEN 'due'
  ELSE 'batched' END`

async function daysOf(session: Session): Promise<Ops['days']> {
  const states = await session.query(`SELECT ${stateOfDay} AS state, count(*) AS days FROM daily_batch AS b GROUP BY 1`)
  const [scan] = await session.query(`SELECT ${epochMs('scanned_at')} AS at FROM daily_batch_scan`)
  const newest = await session.query(
    `SELECT to_char(b.date, 'YYYY-MM-DD') AS date, ${stateOfDay} AS state, ${epochMs('b.batched_at')} AS at, b.events,
       b.duplicates
     FROM daily_batch AS b ORDER BY b.date DESC LIMIT ${shown.days}`,
  )
  const of = (state: BatchedDay['state']) => count(states.find((row) => row.state === state)?.days)
  return {
    batched: of('batched'),
    due: of('due'),
    stale: of('stale'),
    lookedAt: instantOf(scan?.at),
    newest: newest.map((row) => ({
      date: text(row.date),
      state: row.state as BatchedDay['state'],
      batchedAt: instantOf(row.at),
      events: countOf(row.events),
      duplicates: countOf(row.duplicates),
    })),
  }
}

const instantOf = (ms: string | null | undefined) => (typeof ms === 'string' ? instant(count(ms)) : null)
const countOf = (value: string | null | undefined) => (typeof value === 'string' ? count(value) : null)

const counted = ['received', 'valid', 'rejected', 'duplicates', 'conflicting', 'repeated_receipts', 'late'] as const

/** What came in during the 24 hours up to the end of an instant's minute, and what became of it; null when nothing came. */
async function qualityUntil(session: Session, nowMs: number): Promise<RecentQuality | null> {
  const untilMs = Math.ceil(nowMs / minuteMs) * minuteMs
  const fromMs = untilMs - shown.hours * hourMs
  const rows = await session.query(
    `SELECT reason, (${epochMs('window_start')} - ${epochMs('$1::timestamptz')}) / ${hourMs} AS hour,
       ${[...counted, 'late_seconds'].map((name) => `sum(${name}) AS ${name}`).join(', ')},
       max(max_late_seconds) AS max_late_seconds
     FROM quality_1m WHERE window_start >= $1::timestamptz AND window_start < $2::timestamptz GROUP BY 1, 2`,
    [instant(fromMs), instant(untilMs)],
  )
  if (rows.length === 0) return null
  const of = (name: (typeof counted)[number] | 'late_seconds') => sum(rows, name)
  const hundredths = ratio(10_000 * of('valid'), of('received'))
  const byHour = (name: (typeof counted)[number]) =>
    Array.from({ length: shown.hours }, (_, hour) =>
      sum(
        rows.filter((row) => count(row.hour) === hour),
        name,
      ),
    )
  return {
    from: instant(fromMs),
    until: instant(untilMs),
    received: of('received'),
    valid: of('valid'),
    rejected: of('rejected'),
    duplicates: of('duplicates'),
    conflicting: of('conflicting'),
    repeatedReceipts: of('repeated_receipts'),
    late: of('late'),
    qualityPct: hundredths === null ? null : hundredths / 100,
    lateSecondsMean: ratio(of('late_seconds'), of('late')),
    lateSecondsMax: Math.max(...rows.map((row) => count(row.max_late_seconds))),
    rejections: rejectionsOf(rows),
    hours: {
      received: byHour('received'),
      rejected: byHour('rejected'),
      duplicates: byHour('duplicates'),
      late: byHour('late'),
    },
  }
}

function sum(rows: readonly TextRow[], name: string): number {
  return rows.reduce((total, row) => total + count(row[name]), 0)
}

function rejectionsOf(rows: readonly TextRow[]): RecentQuality['rejections'] {
  const reasons = [...new Set(rows.map(({ reason }) => text(reason)))]
  return reasons
    .map((reason) => ({
      reason,
      events: sum(
        rows.filter((row) => row.reason === reason),
        'rejected',
      ),
    }))
    .filter(({ events }) => events > 0)
    .sort((a, b) => b.events - a.events || (a.reason < b.reason ? -1 : 1))
    .slice(0, shown.rejections)
}

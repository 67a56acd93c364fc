import { type EditionCounts } from './editions'
import { type Verdict } from './verdict'

/** What a replay ends with; what became of orders told before is known of CSV files alone. */
export interface ReplayReport extends Partial<Verdict>, Partial<Omit<EditionCounts, 'told'>> {
  readonly ok: boolean
  readonly files: number
  readonly rows: number
  readonly events: number
  readonly sendSeconds: number
  /** From the first event sent until PostgreSQL, the last sink, had everything. */
  readonly throughSeconds: number
  readonly eventsPerSecond: number
}

/** The report for people: what was sent, what the pipeline made of it, and of each reason the first example. */
export function show({ ok, files, rows, events, throughSeconds, ...report }: ReplayReport): string {
  const { eventsPerSecond, accepted, rejected = 0, reasons = {} } = report
  const sent = `sent ${count(events)} events of ${count(rows)} rows in ${count(files)} ${files === 1 ? 'file' : 'files'}`
  const through = `through to PostgreSQL in ${throughSeconds.toFixed(1)} s (${count(eventsPerSecond)}/s)`
  if (accepted === undefined) return `${sent}; stopped before it was known what became of them`
  return [
    `${sent}, ${through}`,
    ...editionsText(report),
    `accepted ${count(accepted)}, rejected ${count(rejected)}`,
    ...Object.entries(reasons).flatMap(([reason, refused]) => [
      `  ${reason} ${count(refused.events)} (${count(refused.rows)} rows): ${refused.first.detail}`,
      `    first: ${refused.first.body}`,
    ]),
    ...(ok || rejected === 0 ? [] : [advice]),
  ].join('\n')
}

/** What became of orders that were told before. */
function editionsText({
  edited = 0,
  unchanged = 0,
  repeated = 0,
  withdrawn = 0,
}: Partial<EditionCounts>): readonly string[] {
  const parts = [
    ...(unchanged > 0 ? [`${count(unchanged)} unchanged`] : []),
    ...(edited > 0 ? [`${count(edited)} edited: taken back and told anew`] : []),
    ...(withdrawn > 0 ? [`${count(withdrawn)} no longer there: taken back`] : []),
    ...(repeated > 0 ? [`${count(repeated)} told again in a later file`] : []),
  ]
  return parts.length === 0 ? [] : [`orders told before: ${parts.join(', ')}`]
}

const advice =
  '✗ rejected events stay in bronze and count nowhere: mend the source or its map and replay again, or say --allow-rejects'

const count = (value: number) => value.toLocaleString('en-GB')

// Tested in test/tools/replay/dry-run.test.ts.
import { calendarId, type Calendar } from '../../src/business/calendar'
import { minorDigits } from '../../src/event/currency'
import { type DaySums, type DryRun } from './dry-run'

/** What a dry run ends with. */
export interface DryRunReport extends DryRun {
  /** Nothing would be rejected. */
  readonly ok: boolean
  readonly dryRun: true
  readonly currency: string
  readonly calendar: Calendar
}

const columns: readonly (readonly [name: string, width: number])[] = [
  ['date', 10],
  ['orders', 6],
  ['pieces', 7],
  ['gross', 11],
  ['discounts', 9],
  ['returns', 9],
  ['net sales', 11],
  ['tax', 9],
]

/** Sums by day and the rejects, for people; within 80 columns but for days of millions. */
export function showDryRun({
  events,
  rows,
  accepted,
  rejected,
  days,
  rejects,
  currency,
  calendar,
}: DryRunReport): string {
  const digits = minorDigits(currency)
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const money = (minor: number) => (minor / 10 ** digits).toLocaleString('en-GB', places)
  const dayLine = (name: string, of: readonly DaySums[]) => {
    const sum = (value: (day: DaySums) => number) => of.reduce((total, day) => total + value(day), 0)
    return tableLine([
      name,
      count(sum(({ orders }) => orders)),
      count(sum(({ pieces }) => pieces)),
      money(sum(({ grossMinor }) => grossMinor)),
      money(sum(({ discountsMinor }) => discountsMinor)),
      money(sum(({ returnsMinor }) => returnsMinor)),
      money(sum(({ netMinor }) => netMinor)),
      money(sum(({ taxMinor }) => taxMinor)),
    ])
  }
  return [
    `${count(events)} events of ${count(rows)} rows: ${count(accepted)} would be accepted, ${count(rejected)} rejected`,
    `days of ${calendarId(calendar)}, amounts in ${currency}`,
    '',
    tableLine(columns.map(([name]) => name)),
    ...days.map((day) => dayLine(day.date, [day])),
    ...(days.length > 1 ? [dayLine('all', days)] : []),
    ...(rejects.length === 0 ? [] : ['']),
    ...rejects.flatMap((kind) => [
      `✗ ${kind.reason} ${count(kind.events)} (${count(kind.rows)} rows): ${kind.detail}`,
      `    first: ${kind.first}`,
    ]),
    '',
    'nothing was started or sent',
  ].join('\n')
}

function tableLine(cells: readonly string[]): string {
  return columns
    .map(([, width], at) => (at === 0 ? (cells[at] ?? '').padEnd(width) : (cells[at] ?? '').padStart(width)))
    .join(' ')
}

const count = (value: number) => value.toLocaleString('en-GB')

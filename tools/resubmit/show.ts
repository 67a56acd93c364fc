// Tested in test/tools/resubmit.test.ts.
import { type Resubmitted } from '../../src/pipeline/resubmit/resubmit'
import { cut, printable, wrap } from '../query/printable'

/** What `npm run resubmit` ends with. */
export interface ResubmitReport extends Resubmitted {
  /** Whatever passes is in bronze as accepted; that some do not pass is no failure. */
  readonly ok: boolean
  readonly dryRun: boolean
}

const width = 80
const indent = '  '

/** The report for people, no line wider than 80 columns: what was sent, and of each reason that is left the first example. */
export function show({ looked, passes, dryRun, examples, stillRejected, stopped, ...report }: ResubmitReport): string {
  const { sent, already, repeated, heartbeats, refused } = report
  const told = [
    ...(already > 0 ? [`${count(already)} in bronze as accepted already`] : []),
    ...(repeated > 0 ? [`${count(repeated)} rejected more than once`] : []),
  ]
  const summary =
    looked === 0
      ? ['no such rejects in bronze: nothing to send']
      : [
          `looked at ${plural(looked, 'reject')}: ${plural(passes, 'event')} of them ${passes === 1 ? 'passes' : 'pass'} now`,
          [`${dryRun ? 'would send' : 'sent'} ${count(sent)}`, ...told].join(', '),
          ...(heartbeats > 0 ? [`${plural(heartbeats, 'heartbeat')} left out: each tells its own moment`] : []),
        ]
  const left = Object.entries(stillRejected).flatMap(([reason, events]) => {
    const example = examples[reason]
    return [
      `still rejected as ${reason}: ${count(events)}`,
      ...(example
        ? [
            ...wrap(printable(example.detail), width - indent.length).map((line) => cut(`${indent}${line}`, width)),
            cut(`${indent}first: ${printable(example.body)}`, width),
          ]
        : []),
    ]
  })
  const clock = 'past' in stillRejected || 'future' in stillRejected ? [clockNote] : []
  const outcome = [
    ...(stopped ? ['✗ stopped; run it again, what was sent is not sent twice'] : []),
    ...(refused > 0 ? [`✗ ${count(refused)} of them rejected again: ${advice}`] : []),
    ...(dryRun && looked > 0 ? ['nothing was sent'] : []),
    ...(!dryRun && sent > 0 && refused === 0 ? [next] : []),
  ]
  return [...summary, ...left, ...clock, ...outcome]
    .flatMap((line) => (line.startsWith(indent) ? [line] : wrap(line, width)))
    .join('\n')
}

const clockNote = 'past and future: as if the hub took the event now'
const advice =
  'the app that runs decodes by other rules; restart it with these settings, or deploy this version, and run this again'
const next = 'closed windows got corrections; the daily batch makes the days anew that are due (npm run batch)'

const count = (value: number) => value.toLocaleString('en-GB')
const plural = (value: number, name: string) => `${count(value)} ${name}${value === 1 ? '' : 's'}`

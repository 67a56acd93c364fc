// Tested in test/dashboard/page.test.ts.
import { type Ops } from '../src/live/schema'
import { openBarsChart } from './bars-chart'
import { openColumnsChart } from './columns-chart'
import { numberText, timeText } from './format'
import {
  daysTable,
  opsSummary,
  opsTileNames,
  opsTiles,
  partitionsTable,
  qualityTable,
  rejectsTable,
  scatteredTable,
} from './ops-tables'
import { type ViewPlan } from './view'

/** What those who run it look at. */
export const opsView: ViewPlan<Ops> = {
  title: 'Ops',
  against: ({ position }) => (position === '' ? 'Nothing has been delivered yet' : `Position: ${position}`),
  tileNames: opsTileNames,
  tiles: opsTiles,
  summary: opsSummary,
  cards: [
    {
      id: 'partitions',
      title: 'Partitions',
      isWide: true,
      note: () =>
        'How far PostgreSQL is; "closed until" is the watermark or earlier, of the last 24 hours of event time',
      none: 'No partition has delivered yet',
      table: partitionsTable,
    },
    {
      id: 'received',
      title: 'Events by hour',
      note: () => 'Received in the last 24 hours of event time; line: rejected',
      none: 'Nothing came in the last 24 hours',
      table: qualityTable,
      chart: (body) => {
        const draw = openColumnsChart(body)
        return ({ quality, business: { zone } }) => {
          if (!quality) return
          const columns = quality.hours.received.map((received, at) => ({
            label: timeText(Date.parse(quality.from) + at * 3_600_000, zone),
            value: received,
            before: quality.hours.rejected[at] ?? 0,
            isSoFar: at === quality.hours.received.length - 1,
          }))
          draw(columns, {
            tick: (count) => numberText(count),
            least: 4,
            summary: `Columns of ${columns.length} hours; ${numberText(quality.received)} events received, ${numberText(quality.rejected)} rejected`,
          })
        }
      },
    },
    {
      id: 'rejects',
      title: 'Rejects by reason',
      note: () => 'In the last 24 hours of event time',
      none: 'Nothing was rejected in the last 24 hours',
      table: rejectsTable,
      chart: (body) => {
        const draw = openBarsChart(body)
        return ({ quality }) => {
          const bars = (quality?.rejections ?? []).map(({ reason, events }) => ({
            name: reason,
            words: numberText(events),
            value: events,
          }))
          draw(bars, `Bars: ${bars.map(({ name, words }) => `${name} ${words}`).join(', ')}`)
        }
      },
    },
    {
      id: 'days',
      title: 'Days of the daily batch',
      isWide: true,
      note: () => 'due: the next run makes it, once it is over; stale: made by other days or rules than those in force',
      none: 'No day yet',
      table: daysTable,
    },
    {
      id: 'scattered',
      title: 'Stores in several partitions',
      note: ({ scattered }) =>
        `${numberText(scattered.count)} in the last day; a store's events belong in one partition`,
      none: 'No store: each one’s events are in one partition',
      table: scatteredTable,
    },
  ],
}

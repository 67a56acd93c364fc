import { build, type Histogram } from 'hdr-histogram-js'
import { type Measurement, metricNames } from '../src/observe/metrics'

/** What the stream has done since it was started; counts of events, latency from the hub's acceptance to the last sink. */
export interface Status {
  readonly eventsIn: number
  /** Taken by an earlier run and folded once more while taking over its partitions; not among `eventsIn`. */
  readonly foldedAgain: number
  readonly rejected: number
  readonly late: number
  readonly duplicates: number
  readonly windowsClosed: number
  readonly alertsOpen: number
  /** The least of the partitions', epoch milliseconds; undefined before the first event. */
  readonly watermarkMs: number | undefined
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

/** Adds up measurements into a status. */
export interface StatusBoard {
  readonly take: (measurement: Measurement) => void
  readonly read: () => Status
}

/** A board that begins with the alerts an earlier run left open. */
export function openStatusBoard({ alertsOpen }: { readonly alertsOpen: number }): StatusBoard {
  const latency: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000,
    numberOfSignificantValueDigits: 3,
  })
  const watermarks = new Map<string, number>()
  const sums = new Map<string, number>()
  const sum = (name: string) => sums.get(name) ?? 0
  const add = (name: string, value: number) => sums.set(name, sum(name) + value)
  const { events, rejected, late, duplicates, windowsClosed, stockouts, endToEndMs, watermarkMs, foldedAgain } =
    metricNames
  return {
    take: ({ name, value, dimensions }) => {
      if (name === endToEndMs) latency.recordValue(Math.max(0, Math.round(value)))
      else if (name === watermarkMs) watermarks.set(dimensions?.partition ?? '', value)
      else if (name === stockouts) add(name, dimensions?.change === 'opened' ? value : -value)
      else add(name, value)
    },
    read: () => ({
      eventsIn: sum(events) + sum(rejected) + sum(duplicates),
      foldedAgain: sum(foldedAgain),
      rejected: sum(rejected),
      late: sum(late),
      duplicates: sum(duplicates),
      windowsClosed: sum(windowsClosed),
      alertsOpen: alertsOpen + sum(stockouts),
      watermarkMs: watermarks.size === 0 ? undefined : Math.min(...watermarks.values()),
      latencyMs: { p50: latency.getValueAtPercentile(50), p99: latency.getValueAtPercentile(99) },
    }),
  }
}

/** A status as one line of a terminal. */
export function statusLine(status: Status, { ratePerSecond }: { readonly ratePerSecond: number }): string {
  const count = (value: number) => value.toLocaleString('en-GB')
  const watermark = status.watermarkMs === undefined ? '–' : new Date(status.watermarkMs).toISOString().slice(0, 19)
  return [
    `in ${count(status.eventsIn)} (${count(Math.round(ratePerSecond))}/s)`,
    ...(status.foldedAgain === 0 ? [] : [`folded again ${count(status.foldedAgain)}`]),
    `rejected ${count(status.rejected)}`,
    `late ${count(status.late)}`,
    `watermark ${watermark}`,
    `closed ${count(status.windowsClosed)}`,
    `alerts ${count(status.alertsOpen)}`,
    `latency ${status.latencyMs.p50}/${status.latencyMs.p99} ms`,
  ].join('  ')
}

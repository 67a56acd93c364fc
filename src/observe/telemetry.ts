import { type Client, type ClientSettings, openClient } from './client'
import { openDiary, type Operation } from './diary'
import { listen } from './metrics'
import { hear } from './occurrences'
import { openSeries } from './series'

/** The way to Application Insights, open. */
export interface Telemetry {
  /** Sends what has come together since the last time. Never throws: what cannot be sent is told to `warn` and gone. */
  flush(): Promise<void>
  /** Stops listening and sends the rest, waiting no longer than `patienceMs`. */
  close(): Promise<void>
}

/**
 * Sends what the app measures to Application Insights, added up by the minute: a million events are a few dozen items.
 * Requests, exceptions and log lines are not among them, the Functions host sends those. The library is loaded at the
 * first flush, so that a start does not wait for it. The last minute of a process that is killed is lost.
 */
export function openTelemetry({
  operation = () => undefined,
  warn,
  clock = Date.now,
  everyMs = 60_000,
  patienceMs = 3000,
  ...settings
}: ClientSettings & {
  /** The invocation that the code calling is part of. */
  readonly operation?: () => Operation | undefined
  readonly warn: (line: string) => void
  readonly clock?: () => number
  readonly everyMs?: number
  readonly patienceMs?: number
}): Telemetry {
  const series = openSeries()
  const diary = openDiary({ clock })
  const stops = [listen(series.add), hear((occurrence) => diary.add(occurrence, operation()))]
  let client: Promise<Client> | undefined
  const flush = async () => {
    const aggregates = series.drain()
    const entries = diary.drain()
    if (aggregates.length + entries.length === 0) return
    try {
      client ??= openClient(settings)
      await (await client).send(aggregates, entries)
    } catch (error) {
      client = undefined
      warn(`telemetry: ${aggregates.length + entries.length} items lost: ${String(error)}`)
    }
  }
  const timer = setInterval(() => void flush(), everyMs)
  timer.unref()
  return {
    flush,
    close: async () => {
      clearInterval(timer)
      for (const stop of stops) stop()
      await within(patienceMs, flush())
    },
  }
}

/** Waits for a promise, or until the time is up, whichever is first. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}

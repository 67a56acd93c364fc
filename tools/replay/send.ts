// Tested in test/local/start.test.ts and test/tools/replay/replay.test.ts.
import { SingleBar } from 'cli-progress'
import { type CsvReading, readReceipts } from '../../generator/csv/source'
import { readNdjsonEvents } from '../../generator/ndjson-source'
import { decodeRules, foldRules, hubConnection, openServer, openStore } from '../../src/app/ports'
import { openEventReader } from '../../src/azure/event-reader'
import { type EventSender, openEventSender } from '../../src/azure/event-sender'
import { parseSettings } from '../../src/config/settings'
import { firstNumber, type HubReader, numberedAsLake } from '../../src/pipeline/stream/numbering'
import { type Store } from '../../src/lake/store'
import { waitForPostgres } from '../../local/stack/waiting'
import { type Chosen } from './choose'
import { countTellings, type EditionCounts, lookUp, noCounts, type Telling, tellings } from './editions'
import { type ReplayOptions } from './options'
import { closingMs, settle } from './settle'
import { type ReplayReport } from './show'
import { showReading } from './show-reading'
import { recordSource } from './sources'
import { type Ranges, type Verdict, verdictOf } from './verdict'

const eventsPerSend = 500
/** Stores of a send travel side by side, so what is in one must be near enough in event time to be on time in any order. */
const sendSpanMs = 120_000

/** Sends what was chosen beside a running pipe, waits until all of it is through, and says what became of it. */
export async function send(chosen: Chosen, options: ReplayOptions, stopping: AbortSignal): Promise<ReplayReport> {
  const parsed = parseSettings(chosen.settings.values)
  const connection = await hubConnection(parsed)
  const { name: hub } = parsed.hub
  const sender = openEventSender({ connection, hubName: hub })
  const reader = openEventReader({ connection, hubName: hub })
  const log = numberedAsLake(reader, parsed.stream.generation)
  const warehouse = openServer(parsed)
  const arrive = () => waitForPostgres({ hub: log, warehouse, stream: parsed.stream.name }, { signal: stopping })
  try {
    const store = await openStore(parsed)
    // What was told before is looked up in bronze, so all of it has to be there.
    if (chosen.kind === 'csv') await arrive()
    const outgoing = await planOf(chosen, store)
    const startedMs = Date.now()
    const seconds = () => (Date.now() - startedMs) / 1000
    const before = await endsOf(log)
    const { newestMs, ...sent } = await sendAll(sender, outgoing, stopping)
    const sendSeconds = seconds()
    await arrive()
    const throughSeconds = seconds()
    const verdict: Partial<Verdict> = stopping.aborted
      ? {}
      : await verdictOf({
          store,
          ranges: since(before, { ends: await endsOf(log), first: firstNumber(parsed.stream.generation) }),
          events: () => outgoing.events(),
          sent: sent.events,
          rules: decodeRules(parsed),
        })
    const { files } = chosen
    await recordSource(
      options.data,
      chosen.kind === 'csv' ? { kind: 'csv', files, map: await chosen.mapFile() } : { kind: 'ndjson', files },
    )
    const isEmpty = newestMs === -Infinity
    if (options.settle && !(options.backfill === true && isEmpty)) {
      const pulseMs = options.backfill === true ? closingMs(newestMs, foldRules(parsed)) : undefined
      console.error(`waiting ${parsed.idleAfterMs / 1000} s of quiet, then a pulse, for the last windows to close`)
      await settle({ connection, hubName: hub, idleAfterMs: parsed.idleAfterMs, signal: stopping, pulseMs })
      await arrive()
    }
    const eventsPerSecond = throughSeconds === 0 ? 0 : Math.round(sent.events / throughSeconds)
    const ok = !stopping.aborted && (options.allowRejects === true || !verdict.rejected)
    const { edited, unchanged, repeated, withdrawn } = outgoing.counts
    const editions = chosen.kind === 'csv' && { edited, unchanged, repeated, withdrawn }
    return { ok, files: files.length, ...sent, ...editions, ...verdict, sendSeconds, throughSeconds, eventsPerSecond }
  } finally {
    await Promise.all([sender.close(), reader.close(), warehouse.close()])
  }
}

/** What is to be sent. */
interface Outgoing {
  readonly total: number
  /** The same events each time; what became of the receipts is counted in `counts` where it is given. */
  readonly events: (counts?: EditionCounts) => AsyncIterable<Telling>
  readonly counts: EditionCounts
}

async function planOf(chosen: Chosen, store: Store): Promise<Outgoing> {
  const counts = noCounts()
  if (chosen.kind === 'ndjson') {
    // Read once before: the bar knows its end, and a broken file is found before anything is sent.
    let total = 0
    const all = readNdjsonEvents(chosen)
    while ((await all.next()).done !== true) total++
    return { total, events: () => readNdjsonEvents(chosen), counts }
  }
  const { files, map } = chosen
  const onRead = (reading: CsvReading) => {
    for (const note of showReading(reading)) console.error(note)
  }
  const standings = await lookUp(store, (onLeftOut) => readReceipts({ files, map, onLeftOut, onRead }))
  return {
    total: countTellings(standings),
    events: (counted) => tellings(readReceipts({ files, map }), standings, counted),
    counts,
  }
}

type Ends = ReadonlyMap<number, number>

/** The last number of each partition that has one. */
async function endsOf(hub: Pick<HubReader, 'partitions' | 'held'>): Promise<Ends> {
  const ends = new Map<number, number>()
  for (const partition of await hub.partitions()) {
    const held = await hub.held(partition)
    if (held) ends.set(partition, held.last)
  }
  return ends
}

/** What came after the ends there were before; `first` is the first number a partition gives. */
function since(before: Ends, { ends, first }: { readonly ends: Ends; readonly first: number }): Ranges {
  return new Map(
    [...ends].map(([partition, last]) => [partition, { first: (before.get(partition) ?? first - 1) + 1, last }]),
  )
}

/** Sends all in order, showing how far it is; stops between two sends when told to. */
async function sendAll(
  sender: EventSender,
  { total, events, counts }: Outgoing,
  stopping: AbortSignal,
): Promise<{ rows: number; events: number; newestMs: number }> {
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value}/{total} events | {rows} rows | {eta_formatted} left',
  })
  bar.start(total, 0, { rows: 0 })
  // A time ahead of the clock is for the decoder to reject.
  const clockMs = Date.now()
  const sent = { rows: 0, events: 0, newestMs: -Infinity }
  let batch: Telling[] = []
  let firstMs = 0
  const flush = async () => {
    await sender.send(batch)
    sent.events += batch.length
    sent.rows += batch.reduce((sum, { rows }) => sum + rows, 0)
    bar.update(sent.events, { rows: sent.rows })
    batch = []
  }
  try {
    for await (const event of events(counts)) {
      if (stopping.aborted) break
      const timeMs = eventTimeOf(event)
      if (timeMs <= clockMs) sent.newestMs = Math.max(sent.newestMs, timeMs)
      if (batch.length === eventsPerSend || timeMs - firstMs > sendSpanMs || event.waits === true) await flush()
      if (batch.length === 0) firstMs = timeMs
      batch.push(event)
    }
    await flush()
    return sent
  } finally {
    bar.stop()
  }
}

/** When the first event of a body says it happened; NaN, which cuts no send, where that cannot be told. */
function eventTimeOf({ body }: Telling): number {
  const time = /"eventTime"\s*:\s*"([^"]+)"/.exec(Buffer.from(body).toString('latin1'))?.[1]
  return time === undefined ? NaN : Date.parse(time)
}

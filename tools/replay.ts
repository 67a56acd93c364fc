// Tested in test/local/start.test.ts.
import { resolve } from 'node:path'
import { SingleBar } from 'cli-progress'
import { type ReplayEvent } from '../generator/replay-event'
import { readCsvEvents, readCsvMap } from '../generator/csv/source'
import { expandFiles } from '../generator/files'
import { readNdjsonEvents } from '../generator/ndjson-source'
import { decodeRules, foldRules, hubConnection, openServer, openStore } from '../src/app/ports'
import { openEventReader } from '../src/azure/event-reader'
import { type EventSender, openEventSender } from '../src/azure/event-sender'
import { parseSettings } from '../src/config/settings'
import { firstNumber, type HubReader, numberedAsLake } from '../src/pipeline/stream/numbering'
import { command, type CommonOptions } from '../local/cli/options'
import { runCommand, stopSignal } from '../local/cli/run'
import { checkNoPulse, closingMs, settle } from './replay/settle'
import { type ReplayReport, show } from './replay/show'
import { recordSource, type Source } from './replay/sources'
import { type Ranges, type Verdict, verdictOf } from './replay/verdict'
import { startApp } from '../local/stack/app'
import { type LocalSettings, readLocalSettings, withoutPulse } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'
import { waitForPostgres } from '../local/stack/waiting'

interface ReplayOptions extends CommonOptions {
  readonly csv?: readonly string[]
  readonly map?: string
  readonly ndjson?: readonly string[]
  readonly settle: boolean
  readonly allowRejects?: true
  readonly backfill?: true
}

const program = command('replay', 'Sends recorded sales to the hub, beside a running stack or one started for it.')
  .option('--csv <files...>', 'CSV files of order lines; * in a quoted name stands for any characters')
  .option('--map <file>', 'what the columns of the CSV mean')
  .option('--ndjson <files...>', 'files of one event per line, as `npm run generate -- --mode file` writes them')
  .option('--allow-rejects', 'exit 0 though the pipeline rejected events; they are counted all the same')
  .option('--backfill', 'leave event time at the end of these files, so that later days can follow on time')
  .option('--no-settle', 'do not wait for the last windows to close')
  .parse()

const options = program.opts<ReplayOptions>()
const stopping = stopSignal()
const eventsPerSend = 500
/** Stores of a send travel side by side, so what is in one must be near enough in event time to be on time in any order. */
const sendSpanMs = 120_000

async function readSource(): Promise<Source> {
  const { csv, map, ndjson } = options
  if (csv && map && !ndjson) {
    return { kind: 'csv', files: (await expandFiles(csv)).map((file) => resolve(file)), map: resolve(map) }
  }
  if (ndjson && !csv && !map) return { kind: 'ndjson', files: (await expandFiles(ndjson)).map((file) => resolve(file)) }
  throw new Error('replay: expected --csv FILES with --map FILE, or --ndjson FILES; see --help')
}

async function* eventsOf(source: Source): AsyncGenerator<ReplayEvent> {
  if (source.kind === 'ndjson') yield* readNdjsonEvents(source)
  else yield* readCsvEvents({ files: source.files, map: await readCsvMap(source.map) })
}

async function replay(): Promise<ReplayReport> {
  const source = await readSource()
  const settings = readLocalSettings(options.settings, options.portBase)
  return withServices({ settings, dataDir: options.data }, async (running) => {
    if (running === 'found') {
      if (options.backfill) await checkNoPulse(settings)
      return send(settings, source)
    }
    console.error('no hub is running; starting the stack for this replay')
    const app = await startApp(options.backfill ? withoutPulse(settings) : settings, {
      dataDir: options.data,
      say: (line) => console.error(line),
    })
    try {
      return await send(settings, source)
    } finally {
      await app.close()
    }
  })
}

async function send(settings: LocalSettings, source: Source): Promise<ReplayReport> {
  const parsed = parseSettings(settings.values)
  const connection = await hubConnection(parsed)
  const { name: hub } = parsed.hub
  const sender = openEventSender({ connection, hubName: hub })
  const reader = openEventReader({ connection, hubName: hub })
  const log = numberedAsLake(reader, parsed.stream.generation)
  const warehouse = openServer(parsed)
  const startedMs = Date.now()
  const seconds = () => (Date.now() - startedMs) / 1000
  try {
    const before = await endsOf(log)
    const { newestMs, ...sent } = await sendAll(sender, source)
    const sendSeconds = seconds()
    const arrive = () => waitForPostgres({ hub: log, warehouse, stream: parsed.stream.name }, { signal: stopping })
    await arrive()
    const throughSeconds = seconds()
    const verdict: Partial<Verdict> = stopping.aborted
      ? {}
      : await verdictOf({
          store: await openStore(parsed),
          ranges: since(before, { ends: await endsOf(log), first: firstNumber(parsed.stream.generation) }),
          events: () => eventsOf(source),
          sent: sent.events,
          rules: decodeRules(parsed),
        })
    await recordSource(options.data, source)
    const isEmpty = newestMs === -Infinity
    if (options.settle && !(options.backfill && isEmpty)) {
      const pulseMs = options.backfill ? closingMs(newestMs, foldRules(parsed)) : undefined
      console.error(`waiting ${parsed.idleAfterMs / 1000} s of quiet, then a pulse, for the last windows to close`)
      await settle({ connection, hubName: hub, idleAfterMs: parsed.idleAfterMs, signal: stopping, pulseMs })
      await arrive()
    }
    const eventsPerSecond = Math.round(sent.events / throughSeconds)
    const ok = !stopping.aborted && (options.allowRejects === true || !verdict.rejected)
    return { ok, files: source.files.length, ...sent, ...verdict, sendSeconds, throughSeconds, eventsPerSecond }
  } finally {
    await Promise.all([sender.close(), reader.close(), warehouse.close()])
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

/** Sends the source in order, showing how far it is; stops between two sends when told to. */
async function sendAll(
  sender: EventSender,
  source: Source,
): Promise<{ rows: number; events: number; newestMs: number }> {
  const total = await countEvents(source)
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value}/{total} events | {rows} rows | {eta_formatted} left',
  })
  bar.start(total, 0, { rows: 0 })
  // A time ahead of the clock is for the decoder to reject.
  const clockMs = Date.now()
  const sent = { rows: 0, events: 0, newestMs: -Infinity }
  let batch: ReplayEvent[] = []
  let firstMs = 0
  const flush = async () => {
    await sender.send(batch)
    sent.events += batch.length
    sent.rows += batch.reduce((sum, { rows }) => sum + rows, 0)
    bar.update(sent.events, { rows: sent.rows })
    batch = []
  }
  try {
    for await (const event of eventsOf(source)) {
      if (stopping.aborted) break
      const timeMs = eventTimeOf(event)
      if (timeMs <= clockMs) sent.newestMs = Math.max(sent.newestMs, timeMs)
      if (batch.length === eventsPerSend || timeMs - firstMs > sendSpanMs) await flush()
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
function eventTimeOf({ body }: ReplayEvent): number {
  const time = /"eventTime"\s*:\s*"([^"]+)"/.exec(Buffer.from(body).toString('latin1'))?.[1]
  return time === undefined ? NaN : Date.parse(time)
}

/** Reads the source once without sending, so that the bar knows its end and a broken file is found before anything is sent. */
async function countEvents(source: Source): Promise<number> {
  let events = 0
  const all = eventsOf(source)
  while ((await all.next()).done !== true) events++
  return events
}

void runCommand({ json: options.json === true, print: (report: ReplayReport) => console.log(show(report)) }, replay)

import { getHeapStatistics } from 'node:v8'
import { dayMs } from '../src/day'
import { worldOption } from '../generator/option'
import { type Preset } from '../generator/places'
import { streamWorld } from '../generator/stream'
import { openEventSender } from '../src/azure/event-sender'
import { openEventReader } from '../src/azure/event-reader'
import { sendPulse } from '../src/azure/pulse'
import { hubConnection, openServer, openStore } from '../src/app/ports'
import { parseSettings, type Settings } from '../src/config/settings'
import { listen } from '../src/observe/metrics'
import { numberedAsLake } from '../src/pipeline/stream/numbering'
import { type Warehouse } from '../src/warehouse/connection'
import { countOpenStockouts } from '../src/warehouse/stockout'
import { command, type CommonOptions, duration, number, wholeNumber } from './cli/options'
import { mebibytes, startWithHeap, stopWithParent, wantsOtherHeap } from './cli/heap'
import { runCommand, stopSignal } from './cli/run'
import { startApp } from './stack/app'
import { untilCaughtUp } from './stack/caught-up'
import { newestEventMs } from './stack/event-time'
import { startServices } from './stack/services'
import { readLocalSettings, withoutPulse } from './stack/settings-file'
import { chooseWorld, writeWorld } from './stack/world'
import { openStatusBoard, type StatusBoard, statusLine } from './status'
import { openStatusLine, type StatusLine } from './status-line'

interface StartOptions extends CommonOptions {
  readonly rate: number
  readonly speed: number
  readonly seed?: number
  readonly world?: Preset
  readonly for?: number
  readonly generator: boolean
  readonly heap?: number
  readonly pulse: boolean
}

/** What `npm start -- --json` ends with. */
interface StartReport {
  readonly ok: boolean
  readonly eventsIn: number
  readonly foldedAgain: number
  readonly rejected: number
  readonly late: number
  readonly duplicates: number
  readonly windowsClosed: number
  readonly alertsOpen: number
  readonly eventsPerSecond: number
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

const program = command('start', 'Runs the whole pipe on this machine: services, functions, and a generator of sales.')
  .option('--rate <n>', 'events per second', number({ from: 0.001 }), 50)
  .option(
    '--speed <n>',
    'event time goes on where it stopped, or a day ago, n times as fast as the clock until it has caught up',
    number({ from: 1 }),
    1,
  )
  .option('--seed <n>', "same seed, same shops (default: the data folder's, else 1)", wholeNumber({ from: 0 }))
  .addOption(worldOption())
  .option('--for <duration>', 'stop by itself after so long, as in 60s', duration)
  .option('--no-generator', 'leave the hub to others')
  .option('--heap <size>', 'JavaScript heap of the stack, functions included, at most: as in 1g', mebibytes)
  .option('--no-pulse', 'no heartbeats, so that event time stands still between replays with --backfill')
  .parse()

const options = program.opts<StartOptions>()
const stopping = stopSignal()
/** Undone in reverse, each within what is left of the five seconds a person waits after Ctrl-C. */
async function start(): Promise<StartReport> {
  const settings = readLocalSettings(options.settings, options.portBase)
  const parsed = parseSettings(settings.values)
  const undo: (() => unknown)[] = []
  const ending = new AbortController()
  const signal = AbortSignal.any([stopping, ending.signal])
  try {
    // What services say of being ended is in the host's log; a person who ends them knows.
    const quietly = (take: (line: string) => void) => (line: string) => signal.aborted || take(line)
    let say = quietly((line) => console.error(line))
    const services = await startServices(settings, options.data, { say: (line) => say(line) })
    undo.push(() => services.close())
    const shops = options.generator ? await openShops(parsed) : undefined
    const warehouse = openServer(parsed)
    undo.push(() => warehouse.close())
    const board = openStatusBoard({ alertsOpen: await countOpenStockouts(warehouse) })
    undo.push(listen(board.take))
    const pulsed = options.pulse && shops?.isBehind !== true ? settings : withoutPulse(settings)
    const app = await startApp(pulsed, { dataDir: options.data, say: (line) => say(line) })
    undo.push(app.close)
    greet({
      page: app.pageUrl,
      ...services.addresses,
      health: app.healthUrl,
      data: options.data,
      log: app.logFile,
      heap: `at most ${heapMb()} MB`,
    })
    if (shops) console.error(`${'world'.padEnd(9)} ${shops.text}`)
    const line = openStatusLine()
    undo.push(line.stop)
    say = quietly(line.say)

    const startedMs = Date.now()
    undo.push(follow(board, line, startedMs))
    const failed = services.failed.then((reason) => {
      throw new Error(`${reason}; start again to resume where it stopped`)
    })
    undo.push(() => ending.abort())
    await Promise.race([failed, shops ? generate(parsed, shops, signal) : pastTime(signal)])
    if (!stopping.aborted) await Promise.race([failed, drain(parsed, { warehouse, signal })])
    const seconds = (Date.now() - startedMs) / 1000
    const { watermarkMs: _, ...counts } = board.read()
    return { ok: true, ...counts, eventsPerSecond: Math.round((counts.eventsIn / seconds) * 10) / 10 }
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

/** The simulated shops of the data folder, and where their time begins. */
interface Shops {
  readonly world: Preset
  readonly seed: number
  readonly startMs: number
  /** Their time is to catch up with the clock; a heartbeat of the clock's time would make all of it late. */
  readonly isBehind: boolean
  /** What they are, for people. */
  readonly text: string
}

/** Shops that go on where they stopped: never before what the lake has seen, or all would be late. */
async function openShops(parsed: Settings): Promise<Shops> {
  const { world, seed, sentMs } = chooseWorld(options.data, options)
  const nowMs = Date.now()
  const name = `--world ${world} --seed ${seed}`
  if (options.speed === 1) return { world, seed, startMs: nowMs, isBehind: false, text: `${name}, by the clock` }
  const seenMs = Math.max(sentMs, await newestEventMs(await openStore(parsed)))
  // Faster than the clock means there must be a past to catch up with.
  const startMs = Math.min(seenMs === -Infinity ? nowMs - dayMs : seenMs, nowMs)
  const text = `${name}, from ${new Date(startMs).toISOString()} on`
  return { world, seed, startMs, isBehind: startMs < nowMs, text }
}

const minuteMs = 60_000

/** Streams the simulated shops to the hub until the time is up or somebody stops it, noting how far they are. */
async function generate(
  parsed: Settings,
  { world, seed, startMs, isBehind }: Shops,
  signal: AbortSignal,
): Promise<void> {
  const { rate, speed, for: forMs } = options
  const connection = await hubConnection(parsed)
  const sender = openEventSender({ connection, hubName: parsed.hub.name })
  let [sentMs, notedMs] = [startMs, -Infinity]
  const note = () => writeWorld(options.data, { world, seed, eventTime: new Date(sentMs).toISOString() })
  // In place of the app's: as often by the clock, but of the time of the shops. One that is lost is made up by the next.
  const pulse = () => void sendPulse({ connection, hubName: parsed.hub.name, nowMs: sentMs }).catch(() => undefined)
  const pulsing = isBehind && options.pulse ? setInterval(pulse, minuteMs) : undefined
  try {
    await streamWorld({
      simulation: { seed, startMs, world },
      rate,
      speed,
      send: (events) => sender.send(events),
      onProgress: ({ eventTimeMs }) => {
        sentMs = eventTimeMs
        if (Date.now() - notedMs < 1000) return
        notedMs = Date.now()
        note()
      },
      signal,
      ...(forMs === undefined ? {} : { forMs }),
    })
  } finally {
    clearInterval(pulsing)
    note()
    await sender.close()
  }
}

/** Without a generator: until the time is up or somebody stops it. */
function pastTime(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve())
    if (options.for !== undefined) setTimeout(resolve, options.for)
  })
}

/** Lets what was sent arrive, so that the report counts it. */
async function drain(
  parsed: Settings,
  { warehouse, signal }: { readonly warehouse: Warehouse; readonly signal: AbortSignal },
): Promise<void> {
  const { name: hub } = parsed.hub
  const reader = openEventReader({ connection: await hubConnection(parsed), hubName: hub })
  try {
    const log = numberedAsLake(reader, parsed.stream.generation)
    await untilCaughtUp({ hub: log, warehouse, stream: parsed.stream.name }, { signal })
  } finally {
    await reader.close()
  }
}

function greet(addresses: Readonly<Record<string, string>>): void {
  for (const [name, address] of Object.entries(addresses)) console.error(`${name.padEnd(9)} ${address}`)
}

/** What V8 takes for JavaScript values; buffers come on top. */
function heapMb(): number {
  return Math.round(getHeapStatistics().heap_size_limit / 2 ** 20)
}

/** Shows the board every second; returns the way to stop. */
function follow(board: StatusBoard, line: StatusLine, startedMs: number): () => void {
  let [lastIn, lastMs] = [0, startedMs]
  const timer = setInterval(() => {
    const status = board.read()
    const nowMs = Date.now()
    const ratePerSecond = ((status.eventsIn - lastIn) * 1000) / (nowMs - lastMs)
    ;[lastIn, lastMs] = [status.eventsIn, nowMs]
    line.show(statusLine(status, { ratePerSecond }))
  }, 1000)
  return () => clearInterval(timer)
}

if (wantsOtherHeap(options.heap)) void startWithHeap(options.heap, stopping)
else {
  stopWithParent()
  void runCommand({ json: options.json === true }, async () => {
    const report = await start()
    console.error('stopped; the next start goes on')
    return report
  })
}

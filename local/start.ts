import { dayMs } from '../src/day'
import { worldOption } from '../generator/option'
import { type Preset } from '../generator/places'
import { streamWorld } from '../generator/stream'
import { openEventSender } from '../src/azure/event-sender'
import { openEventReader } from '../src/azure/event-reader'
import { hubConnection, openServer } from '../src/app/ports'
import { parseSettings, type Settings } from '../src/config/settings'
import { listen } from '../src/observe/metrics'
import { numberedAsLake } from '../src/pipeline/stream/numbering'
import { type Warehouse } from '../src/warehouse/connection'
import { countOpenStockouts } from '../src/warehouse/stockout'
import { command, type CommonOptions, duration, number, wholeNumber } from './cli/options'
import { runCommand, stopSignal } from './cli/run'
import { startApp } from './stack/app'
import { untilCaughtUp } from './stack/caught-up'
import { startServices } from './stack/services'
import { readLocalSettings } from './stack/settings-file'
import { openStatusBoard, type StatusBoard, statusLine } from './status'
import { openStatusLine, type StatusLine } from './status-line'

interface StartOptions extends CommonOptions {
  readonly rate: number
  readonly speed: number
  readonly seed: number
  readonly world: Preset
  readonly for?: number
  readonly generator: boolean
}

/** What `npm start -- --json` ends with. */
interface StartReport {
  readonly ok: boolean
  readonly eventsIn: number
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
  .option('--speed <n>', 'event time runs n times as fast as the clock until it has caught up', number({ from: 1 }), 1)
  .option('--seed <n>', 'same seed, same shops', wholeNumber({ from: 0 }), 1)
  .addOption(worldOption())
  .option('--for <duration>', 'stop by itself after so long, as in 60s', duration)
  .option('--no-generator', 'leave the hub to others')
  .parse()

const options = program.opts<StartOptions>()
const stopping = stopSignal()
/** Undone in reverse, each within what is left of the five seconds a person waits after Ctrl-C. */
async function start(): Promise<StartReport> {
  const settings = readLocalSettings(options.settings, options.portBase)
  const parsed = parseSettings(settings.values)
  const undo: (() => unknown)[] = []
  try {
    let say = (line: string): void => console.error(line)
    const services = await startServices(settings, options.data, { say: (line) => say(line) })
    undo.push(() => services.close())
    const warehouse = openServer(parsed)
    undo.push(() => warehouse.close())
    const board = openStatusBoard({ alertsOpen: await countOpenStockouts(warehouse) })
    undo.push(listen(board.take))
    const app = await startApp(settings, { dataDir: options.data, say: (line) => say(line) })
    undo.push(app.close)
    greet({ ...services.addresses, health: app.healthUrl, data: options.data, log: app.logFile })
    const line = openStatusLine()
    undo.push(line.stop)
    say = line.say

    const startedMs = Date.now()
    undo.push(follow(board, line, startedMs))
    const failed = services.failed.then((reason) => {
      throw new Error(`${reason}; start again to resume where it stopped`)
    })
    const ending = new AbortController()
    undo.push(() => ending.abort())
    const signal = AbortSignal.any([stopping, ending.signal])
    await Promise.race([failed, options.generator ? generate(parsed, signal) : pastTime(signal)])
    if (!stopping.aborted) await Promise.race([failed, drain(parsed, { warehouse, signal })])
    const seconds = (Date.now() - startedMs) / 1000
    const { watermarkMs: _, ...counts } = board.read()
    return { ok: true, ...counts, eventsPerSecond: Math.round((counts.eventsIn / seconds) * 10) / 10 }
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

/** Streams the simulated shops to the hub until the time is up or somebody stops it. */
async function generate(parsed: Settings, signal: AbortSignal): Promise<void> {
  const sender = openEventSender({ connection: await hubConnection(parsed), hubName: parsed.hub.name })
  const { rate, speed, seed, world, for: forMs } = options
  // Faster than the clock means there must be a past to catch up with.
  const startMs = speed > 1 ? Date.now() - dayMs : Date.now()
  try {
    await streamWorld({
      simulation: { seed, startMs, world },
      rate,
      speed,
      send: (events) => sender.send(events),
      signal,
      ...(forMs === undefined ? {} : { forMs }),
    })
  } finally {
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

void runCommand({ json: options.json === true }, start)

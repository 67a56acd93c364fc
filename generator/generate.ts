// Tested by hand: npm run generate.
import { SingleBar } from 'cli-progress'
import { Command, Option } from 'commander'
import { dayMs } from '../src/day'
import { tokenCredential } from '../src/azure/credential'
import { type HubConnection, openEventSender } from '../src/azure/event-sender'
import { settings } from '../src/config/settings'
import { type Pattern } from './calendar'
import { writeNdjson } from './ndjson-file'
import { duration, instant, number, portBase, wholeNumber, worldOption } from './option'
import { type Preset } from './places'
import { type SimulationOptions } from './simulate'
import { streamWorld } from './stream'
import { type StreamTotals } from './totals'
import { type TruthLog } from './truth'
import { openTruthFile } from './truth-file'

interface Options {
  readonly mode: 'stream' | 'file'
  readonly rate: number
  readonly speed: number
  readonly start?: number
  readonly for?: number
  readonly events?: number
  readonly seed: number
  readonly out?: string
  readonly world: Preset
  readonly stores?: number
  readonly products?: number
  readonly late: number
  readonly duplicates: number
  readonly malformed: number
  readonly outages: number
  readonly pattern?: Pattern
  readonly truth?: string
  readonly currency?: string
  readonly hub: string
  readonly connection?: string
  readonly portBase?: number
  readonly json?: true
}

/** What everyone's Event Hubs emulator answers to, the embedded one included. */
const emulatorConnection = (host: string) =>
  `Endpoint=sb://${host};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`

const share = number({ from: 0, to: 1 })
const program = new Command('generate')
  .description('Sends the events of a simulated retail world to the hub, or writes them to a file, one per line.')
  .addOption(new Option('--mode <mode>', 'where events go').choices(['stream', 'file']).default('stream'))
  .option(
    '--rate <n>',
    'events per second on the way to the hub; in a file, per second of event time',
    number({ from: 0.001 }),
    50,
  )
  .option('--speed <n>', 'event time runs n times as fast as the clock until it has caught up', number({ from: 1 }), 1)
  .option('--start <iso>', 'first event time (default: now, or a day ago with --speed above 1)', instant)
  .option('--for <duration>', 'stop after so long by the clock; in a file, after so much event time', duration)
  .option('--events <n>', 'stop after so many events', wholeNumber({ from: 1 }))
  .option('--seed <n>', 'same seed and start, same events', wholeNumber({ from: 0 }), 1)
  .option('--out <file>', 'file to write (mode file)')
  .addOption(worldOption().default('small'))
  .option('--stores <n>', 'stores, where not as many as the world has', wholeNumber({ from: 1, to: 10_000 }))
  .option('--products <n>', 'products, where not as many as the world has', wholeNumber({ from: 1, to: 100_000 }))
  .option('--late <share>', 'share of events told minutes to hours late', share, 0.01)
  .option('--duplicates <share>', 'share of events sent twice', share, 0.005)
  .option('--malformed <share>', 'share of events the app must reject', share, 0.002)
  .option('--outages <n>', 'outages per store and week', number({ from: 0 }), 1)
  .addOption(
    new Option(
      '--pattern <pattern>',
      'an even load, or opening hours, weekdays and seasons (default: flat to the hub, calendar in a file)',
    ).choices(['flat', 'calendar']),
  )
  .option('--truth <file>', 'file for what was really missing: stock-outs, phantom stock, outages, one per line')
  .option('--currency <code>', 'currency stated on sales and payments (default: none stated)')
  .option('--hub <name>', 'event hub', process.env['EVENT_HUB_NAME'] ?? settings.EVENT_HUB_NAME.fallback)
  .option('--connection <string>', 'connection string (default: EventHubConnection*, else the local emulator)')
  .option('--port-base <n>', 'the hub of a stack started with the same --port-base', portBase)
  .option('--json', 'print the totals as one JSON object')

type Simulation = Omit<SimulationOptions, 'ratePerSecond'>

function simulationOf(options: Options, startMs: number, truth: TruthLog | undefined): Simulation {
  const { mode, seed, world, stores, products, late, duplicates, malformed, outages, currency } = options
  const pattern = options.pattern ?? (mode === 'file' ? 'calendar' : 'flat')
  const stated = currency === undefined ? {} : { currency }
  return { seed, startMs, world, stores, products, late, duplicates, malformed, outages, pattern, truth, ...stated }
}

async function writeFile(options: Options, simulation: Simulation, progress: Progress): Promise<StreamTotals> {
  const { out, rate, events, for: forMs } = options
  if (out === undefined) throw new Error('generate: --mode file expected --out FILE, got none')
  if (events === undefined && forMs === undefined) {
    throw new Error('generate: --mode file expected --events or --for to end it, got neither')
  }
  return writeNdjson({
    file: out,
    simulation: { ...simulation, ratePerSecond: rate },
    signal: progress.signal,
    onProgress: progress.update,
    ...(events === undefined ? {} : { maxEvents: events }),
    ...(forMs === undefined ? {} : { forMs }),
  })
}

async function stream(options: Options, simulation: Simulation, progress: Progress): Promise<StreamTotals> {
  const { rate, speed, events, for: forMs, hub } = options
  const sender = openEventSender({ connection: await hubConnection(options), hubName: hub })
  try {
    return await streamWorld({
      simulation,
      rate,
      speed,
      send: (batch) => sender.send(batch),
      signal: progress.signal,
      onProgress: progress.update,
      ...(events === undefined ? {} : { maxEvents: events }),
      ...(forMs === undefined ? {} : { forMs }),
    })
  } finally {
    await sender.close()
  }
}

async function hubConnection({ connection, portBase }: Options): Promise<HubConnection> {
  if (portBase !== undefined) return { connectionString: emulatorConnection(`127.0.0.1:${portBase}`) }
  const connectionString = connection ?? process.env['EventHubConnection']
  if (connectionString !== undefined) return { connectionString }
  const fullyQualifiedNamespace = process.env['EventHubConnection__fullyQualifiedNamespace']
  if (fullyQualifiedNamespace === undefined) return { connectionString: emulatorConnection('localhost') }
  const credential = await tokenCredential({ clientId: process.env['AZURE_CLIENT_ID'] })
  return { fullyQualifiedNamespace, credential }
}

interface Progress {
  readonly signal: AbortSignal
  readonly update: (totals: StreamTotals) => void
}

/** A line on stderr that follows the totals, where there is a terminal to show it. */
function openLine(): { readonly show: (totals: StreamTotals) => void; readonly close: () => void } {
  const format = '{events} events, {rate}/s, {mb} MB, event time {time}'
  const line = new SingleBar({ format, stream: process.stderr, hideCursor: true })
  line.start(1, 0, { events: 0, rate: 0, mb: '0.0', time: '' })
  return {
    show: ({ events, bytes, seconds, eventTimeMs }) =>
      line.update({
        events,
        rate: Math.round(events / Math.max(seconds, 0.001)),
        mb: (bytes / 1e6).toFixed(1),
        time: new Date(eventTimeMs).toISOString(),
      }),
    close: () => line.stop(),
  }
}

async function run(options: Options): Promise<StreamTotals> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const startMs = options.start ?? (options.mode === 'stream' && options.speed > 1 ? Date.now() - dayMs : Date.now())
  const line = openLine()
  const truth = options.truth === undefined ? undefined : openTruthFile(options.truth)
  try {
    const progress = { signal: stop.signal, update: line.show }
    const simulation = simulationOf(options, startMs, truth?.log)
    return options.mode === 'file'
      ? await writeFile(options, simulation, progress)
      : await stream(options, simulation, progress)
  } finally {
    line.close()
    await truth?.close()
  }
}

/** A refused connection comes as an error without a message around one per address tried. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ')
  return reasonOf(error)
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>()
  try {
    const { seconds, eventTimeMs, ...totals } = await run(options)
    const eventsPerSecond = Math.round(totals.events / Math.max(seconds, 0.001))
    if (options.json) {
      const eventTime = new Date(eventTimeMs).toISOString()
      console.log(
        JSON.stringify({ ok: true, ...totals, seconds: Number(seconds.toFixed(3)), eventsPerSecond, eventTime }),
      )
    } else {
      const to = options.mode === 'file' ? options.out : `hub ${options.hub}`
      console.log(`${totals.events} events to ${to} in ${seconds.toFixed(1)} s (${eventsPerSecond}/s)`)
    }
  } catch (error) {
    const message = reasonOf(error)
    if (options.json) console.log(JSON.stringify({ ok: false, error: message }))
    else console.error(message)
    process.exitCode = 1
  }
}

void main()

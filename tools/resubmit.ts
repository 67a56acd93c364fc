import { Option } from 'commander'
import { command, type CommonOptions, date } from '../local/cli/options'
import { runCommand, stopSignal } from '../local/cli/run'
import { startApp } from '../local/stack/app'
import { readLocalSettings } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'
import { waitForPostgres } from '../local/stack/waiting'
import { decodeRules, hubConnection, openHubReader, openServer, openStore } from '../src/app/ports'
import { openEventSender } from '../src/azure/event-sender'
import { parseSettings, type Settings } from '../src/config/settings'
import { type RejectReason } from '../src/event/decode'
import { resubmit } from '../src/pipeline/resubmit/resubmit'
import { type ResubmitReport, show } from './resubmit/show'

interface Options extends CommonOptions {
  readonly reason?: RejectReason
  readonly from?: string
  readonly to?: string
  readonly store?: string
  readonly dryRun?: true
  readonly env?: true
}

/** All of them, or the compiler says which is missing. */
const reasons: Readonly<Record<RejectReason, true>> = {
  'not-json': true,
  schema: true,
  future: true,
  past: true,
  currency: true,
  'too-large': true,
}

const program = command(
  'resubmit',
  'Decodes rejects of bronze again by the rules of today, and sends what passes now, once.',
)
  .addOption(
    new Option('--reason <reason>', 'rejects of this reason (default: of every reason)').choices(Object.keys(reasons)),
  )
  .option('--from <date>', 'YYYY-MM-DD: the first UTC day on which the hub took them (default: any)', date)
  .option('--to <date>', 'YYYY-MM-DD: the last one, included (default: any)', date)
  .option('--store <id>', 'events of this store alone, as far as a body says whose it is')
  .option('--dry-run', 'say what would be sent, and send nothing')
  .option('--env', 'settings from the environment, as in Azure, instead of a file')
  .parse()
const options = program.opts<Options>()
const stopping = stopSignal()

async function run(settings: Settings): Promise<ResubmitReport> {
  const { reason, from, to, store: storeId, dryRun } = options
  const choice = { reason, from, to, storeId, signal: stopping }
  const ports = { store: await openStore(settings), rules: decodeRules(settings), clock: Date.now }
  if (dryRun) return reportOf(await resubmit(ports, choice))
  const connection = await hubConnection(settings)
  const sender = openEventSender({ connection, hubName: settings.hub.name })
  const hub = openHubReader(settings, connection)
  const warehouse = openServer(settings)
  const pipe = { hub, warehouse, stream: settings.stream.name }
  const arrive = () => waitForPostgres(pipe, { signal: stopping })
  try {
    return reportOf(await resubmit({ ...ports, hub: { arrive, send: (events) => sender.send(events) } }, choice))
  } finally {
    await Promise.all([sender.close(), hub.close(), warehouse.close()])
  }
}

function reportOf(outcome: Awaited<ReturnType<typeof resubmit>>): ResubmitReport {
  return { ok: !outcome.stopped && outcome.refused === 0, ...outcome, dryRun: options.dryRun === true }
}

async function runHere(): Promise<ResubmitReport> {
  if (options.env) return run(parseSettings(process.env))
  const settings = readLocalSettings(options.settings, options.portBase)
  const parsed = parseSettings(settings.values)
  return withServices({ settings, dataDir: options.data }, async (running) => {
    if (running === 'found' || options.dryRun) return run(parsed)
    console.error('no hub is running; starting the stack for this')
    const app = await startApp(settings, { dataDir: options.data, say: (line) => console.error(line) })
    try {
      return await run(parsed)
    } finally {
      await app.close()
    }
  })
}

const print = (report: ResubmitReport) => {
  console.log(show(report))
}

void runCommand({ json: options.json === true, print }, runHere)

// Tested in test/local/start.test.ts and test/tools/replay/replay.test.ts.
import { type CsvReading, readCsvEvents } from '../generator/csv/source'
import { readNdjsonEvents } from '../generator/ndjson-source'
import { decodeRules } from '../src/app/ports'
import { parseSettings } from '../src/config/settings'
import { command } from '../local/cli/options'
import { runCommand, stopSignal } from '../local/cli/run'
import { startApp } from '../local/stack/app'
import { withoutPulse } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'
import { type Chosen, choose } from './replay/choose'
import { dryRun } from './replay/dry-run'
import { type ReplayOptions } from './replay/options'
import { send } from './replay/send'
import { checkNoPulse } from './replay/settle'
import { type ReplayReport, show } from './replay/show'
import { type DryRunReport, showDryRun } from './replay/show-dry-run'
import { showReading } from './replay/show-reading'

const program = command('replay', 'Sends recorded sales to the hub, beside a running stack or one started for it.')
  .option('--csv <files...>', 'CSV files of order lines; * in a quoted name stands for any characters')
  .option('--map <file>', 'what the columns of the CSV mean; without it a map is proposed')
  .option('--yes', 'take the proposed map without asking')
  .option('--save-map <file>', 'write the proposed map there, to correct it and give it with --map')
  .option('--zone <name>', 'of a proposed map: the zone of times that name none (default: BUSINESS_ZONE)')
  .option('--time-format <format>', 'of a proposed map: how times are written, such as d/M/yyyy H:mm')
  .option('--dry-run', 'say what the files come to by day, and what would be rejected; start and send nothing')
  .option('--ndjson <files...>', 'files of one event per line, as `npm run generate -- --mode file` writes them')
  .option('--allow-rejects', 'exit 0 though the pipeline rejected events; they are counted all the same')
  .option('--backfill', 'leave event time at the end of these files, so that later days can follow on time')
  .option('--no-settle', 'do not wait for the last windows to close')
  .parse()

const options = program.opts<ReplayOptions>()
const stopping = stopSignal()

async function replay(): Promise<ReplayReport | DryRunReport> {
  const chosen = await choose(options, stopping)
  if (options.dryRun) return tryOut(chosen)
  const { settings } = chosen
  return withServices({ settings, dataDir: options.data }, async (running) => {
    if (running === 'found') {
      if (options.backfill) await checkNoPulse(settings)
      return send(chosen, options, stopping)
    }
    console.error('no hub is running; starting the stack for this replay')
    const app = await startApp(options.backfill ? withoutPulse(settings) : settings, {
      dataDir: options.data,
      say: (line) => console.error(line),
    })
    try {
      return await send(chosen, options, stopping)
    } finally {
      await app.close()
    }
  })
}

async function tryOut(chosen: Chosen): Promise<DryRunReport> {
  const parsed = parseSettings(chosen.settings.values)
  const onRead = (reading: CsvReading) => {
    for (const note of showReading(reading)) console.error(note)
  }
  const events = chosen.kind === 'csv' ? readCsvEvents({ ...chosen, onRead }) : readNdjsonEvents(chosen)
  const { calendar } = parsed.business
  const found = await dryRun(events, { rules: decodeRules(parsed), calendar, nowMs: Date.now() })
  const ok = options.allowRejects === true || found.rejected === 0
  return { ok, dryRun: true, currency: parsed.currency, calendar, ...found }
}

const print = (report: ReplayReport | DryRunReport) => {
  console.log('dryRun' in report ? showDryRun(report) : show(report))
}

void runCommand({ json: options.json === true, print }, replay)

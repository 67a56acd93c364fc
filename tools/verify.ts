// Tested in test/local/start.test.ts.
// What it runs is tested in test/tools/verify/verify.test.ts.
import { access } from 'node:fs/promises'
import { reasonOf } from '../src/reason'
import { readCsvMap } from '../generator/csv/source'
import { decodeRules, foldRules, hubConnection, openServer, openStore } from '../src/app/ports'
import { openEventReader } from '../src/azure/event-reader'
import { parseSettings } from '../src/config/settings'
import { command, type CommonOptions } from '../local/cli/options'
import { runCommand } from '../local/cli/run'
import { readSources } from './replay/sources'
import { readLocalSettings } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'
import { waitForPostgres } from '../local/stack/waiting'
import { firstOf, numberedAsLake } from './verify/hub-log'
import { type Report, show } from './verify/report'
import { type Subject, verify } from './verify/run'

const program = command(
  'verify',
  'Recomputes everything from the hub and the replayed files in DuckDB, and compares.',
).parse()
const options = program.opts<CommonOptions>()
/** For a pipeline that runs beside this; one that does not move for so long is not running. */
const patienceMs = 5000

/** Recorded CSV replays, each with its map, or why it cannot be read. */
async function readCsvSources(): Promise<Subject['sources']> {
  const recorded = (await readSources(options.data)).filter((source) => source.kind === 'csv')
  return Promise.all(
    recorded.map(async ({ files, map }) => {
      try {
        await Promise.all(files.map((file) => access(file)))
        return { files, map: await readCsvMap(map) }
      } catch (error) {
        const reason = reasonOf(error)
        return { unreadable: `${reason}; put it back, or take its line out of ${options.data}/replays.ndjson` }
      }
    }),
  )
}

async function verifyStack(): Promise<Report> {
  const settings = readLocalSettings(options.settings, options.portBase)
  const parsed = parseSettings(settings.values)
  return withServices({ settings, dataDir: options.data }, async (running) => {
    const { name: hubName } = parsed.hub
    const { name: stream, generation } = parsed.stream
    const reader = openEventReader({ connection: await hubConnection(parsed), hubName })
    const hub = { ...numberedAsLake(reader, generation), close: () => reader.close() }
    const warehouse = openServer(parsed)
    const settle = async () => {
      // Started for this, the services have no pipeline beside them; and how far one got is among the checks.
      if (running === 'found') await waitForPostgres({ hub, warehouse, stream }, { patienceMs }).catch(() => {})
    }
    try {
      return await verify({
        hub,
        firstSequence: firstOf(generation),
        stream,
        store: await openStore(parsed),
        warehouse,
        rules: foldRules(parsed),
        limits: decodeRules(parsed),
        thresholds: parsed.thresholds,
        sources: await readCsvSources(),
        settle,
        say: (line) => console.error(line),
      })
    } finally {
      await Promise.all([reader.close(), warehouse.close()])
    }
  })
}

void runCommand({ json: options.json === true, print: (report: Report) => console.log(show(report)) }, verifyStack)

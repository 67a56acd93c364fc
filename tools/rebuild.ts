// Tested by hand: npm run rebuild.

// What it runs is tested in test/pipeline/rebuild.
import { openRebuildPorts } from '../src/app/ports'
import { parseSettings } from '../src/config/settings'
import { rebuild, type RebuildReport } from '../src/pipeline/rebuild/rebuild'
import { command, type CommonOptions, date } from '../local/cli/options'
import { runCommand } from '../local/cli/run'
import { readLocalSettings } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'

interface RebuildOptions extends CommonOptions {
  readonly from?: string
  readonly tables?: readonly string[]
  readonly env?: true
}

type Outcome = RebuildReport & { readonly ok: boolean; readonly seconds: number }

const names = (text: string) => text.split(',').map((name) => name.trim())

const program = command(
  'rebuild',
  'Folds bronze anew by the rules of this version; tables and PostgreSQL swap to that.',
)
  .option('--from <date>', 'YYYY-MM-DD: rows of earlier dates stay (default: everything is replaced)', date)
  .option('--tables <names>', 'by commas, with postgres (default: what other rules folded, else all)', names)
  .option('--env', 'settings from the environment, as in Azure, instead of a file')
  .parse()
const options = program.opts<RebuildOptions>()

async function run(values: Readonly<Record<string, string | undefined>>): Promise<Outcome> {
  const startedMs = Date.now()
  const ports = await openRebuildPorts(parseSettings(values), (level, line) => console.error(`${level}  ${line}`))
  try {
    const report = await rebuild(ports, { from: options.from, tables: options.tables })
    return { ok: true, ...report, seconds: (Date.now() - startedMs) / 1000 }
  } finally {
    await ports.close()
  }
}

async function runHere(): Promise<Outcome> {
  if (options.env) return run(process.env)
  const settings = readLocalSettings(options.settings, options.portBase)
  return withServices({ settings, dataDir: options.data }, () => run(settings.values))
}

function print({ events, tables, postgres, seconds }: Outcome): void {
  if (tables.length === 0 && postgres === 'kept')
    console.log(`rebuild: nothing had to be replaced (${events} events folded)`)
  else console.log(`rebuild: ${events} events folded in ${seconds.toFixed(1)} s, ${tables.length} tables swapped`)
  for (const { table, rows, filesAdded, filesRemoved, version } of tables) {
    console.log(`${table}  ${rows} rows in ${filesAdded} files for ${filesRemoved}, version ${version}`)
  }
  console.log(`postgres  ${postgres}`)
}

void runCommand({ json: options.json === true, print }, runHere)

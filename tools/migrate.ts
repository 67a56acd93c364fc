// Tested by hand: npm run migrate.

// What it runs is tested in test/warehouse/migrate.test.ts.
import { installationOf } from '../src/app/installation'
import { parseSettings } from '../src/config/settings'
import { migrate } from '../src/warehouse/migrate'
import { command, type CommonOptions } from '../local/cli/options'
import { runCommand } from '../local/cli/run'
import { readLocalSettings } from '../local/stack/settings-file'

const program = command('migrate', "Brings the tables of the settings' PostgreSQL up to date.")
  .option('--env', 'settings from the environment, as in Azure, instead of a file')
  .parse()
const options = program.opts<CommonOptions & { readonly env?: true }>()

async function run(): Promise<{ ok: boolean; migrations: readonly string[] }> {
  const values = options.env ? process.env : readLocalSettings(options.settings, options.portBase).values
  const settings = parseSettings(values)
  const { host, port, database, user, password = '', tls } = settings.postgres
  const place = { host, port, database, user, password, ssl: tls }
  // In the environment of a deployment only the place is said; the app has the settings, and its first batch puts them in.
  const installation = options.env ? {} : { installation: installationOf(settings) }
  const migrations = await migrate({ ...place, ...installation })
  return { ok: true, migrations }
}

function print({ migrations }: Awaited<ReturnType<typeof run>>): void {
  if (migrations.length === 0) console.log('migrate: nothing to do, the tables are up to date')
  else console.log(`migrate: ${migrations.length} run: ${migrations.join(', ')}`)
}

void runCommand({ json: options.json === true, print }, run)

import { readFile } from 'node:fs/promises'
import { installationOf } from '../src/app/installation'
import { parseSettings, type Settings } from '../src/config/settings'
import { openWarehouse, type Warehouse } from '../src/warehouse/connection'
import { readInstallation } from '../src/warehouse/installation'
import { readStores, type Store, writeStores } from '../src/warehouse/stores'
import { command, type CommonOptions } from '../local/cli/options'
import { runCommand } from '../local/cli/run'
import { readLocalSettings } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'
import { parseStores } from './stores/csv'

interface StoresOptions extends CommonOptions {
  readonly csv?: string
  readonly env?: true
}

const program = command('stores', 'The list of stores: names, time zones, and when their days begin.')
  .option(
    '--csv <file>',
    'puts stores in, or changes them: columns store, name, zone, day_start, region, city, currency',
  )
  .option('--env', 'settings from the environment, as in Azure, instead of a file')
  .parse()
const options = program.opts<StoresOptions>()

interface Outcome {
  readonly ok: boolean
  /** Stores of the file; absent without one. */
  readonly written?: number
  /** Those whose days are others now. */
  readonly changed?: readonly string[]
  readonly stores: readonly Store[]
}

async function run(): Promise<Outcome> {
  if (options.env) return withWarehouse(parseSettings(process.env))
  const local = readLocalSettings(options.settings, options.portBase)
  return withServices({ settings: local, dataDir: options.data }, () => withWarehouse(parseSettings(local.values)))
}

async function withWarehouse(settings: Settings): Promise<Outcome> {
  const { host, port, database, user, password = '', tls } = settings.postgres
  const warehouse = openWarehouse({ host, port, database, user, password, ssl: tls })
  try {
    if (options.csv === undefined) return { ok: true, stores: await readStores(warehouse) }
    return await write(warehouse, options.csv, settings)
  } finally {
    await warehouse.close()
  }
}

async function write(warehouse: Warehouse, file: string, settings: Settings): Promise<Outcome> {
  const { currency } = (await readInstallation(warehouse)) ?? installationOf(settings)
  const records = parseStores(await readFile(file, 'utf8'), { file, currency })
  const changed = await warehouse.transaction((session) => writeStores(session, records))
  return { ok: true, written: records.length, changed, stores: await readStores(warehouse) }
}

function print({ written, changed = [], stores }: Outcome): void {
  for (const { storeId, name, zone, dayStart, region, city, source } of stores) {
    const place = [city, region].filter((part) => part !== null).join(', ')
    const days = `${zone ?? "the installation's zone"}${dayStart === null ? '' : ` from ${dayStart}`}`
    console.log([storeId, name, place, days, source].filter((part) => part !== null && part !== '').join('  '))
  }
  if (stores.length === 0) console.log("stores: none is listed, all go by the installation's days")
  if (written === undefined) return
  console.log(`stores: ${written} written, ${changed.length} with other days than before`)
  if (changed.length > 0) console.log('days made by the daily batch with these stores are made again by its next run')
}

void runCommand({ json: options.json === true, print }, run)

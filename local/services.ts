// Tested by hand: npm run services.
import { command, type CommonOptions } from './cli/options'
import { runCommand, stopSignal } from './cli/run'
import { startServices } from './stack/services'
import { readLocalSettings } from './stack/settings-file'

const program = command('services', 'Runs Event Hub, storage and PostgreSQL alone, for `func start`.').parse()
const options = program.opts<CommonOptions>()
const stopping = stopSignal()

async function serve(): Promise<{ ok: boolean }> {
  const settings = readLocalSettings(options.settings, options.portBase)
  const services = await startServices(settings, options.data)
  for (const [name, address] of Object.entries(services.addresses)) console.error(`${name.padEnd(9)} ${address}`)
  console.error(`settings  ${settings.file}`)
  try {
    const stopped = new Promise<undefined>((resolve) => stopping.addEventListener('abort', () => resolve(undefined)))
    const reason = await Promise.race([stopped, services.failed])
    if (reason !== undefined) throw new Error(`${reason}; start again to resume where it stopped`)
    return { ok: true }
  } finally {
    await services.close()
  }
}

void runCommand({ json: options.json === true }, serve)

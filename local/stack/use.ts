// Tested in test/tools/query.test.ts.
import { isListening } from './listening'
import { type Services, startServices } from './services'
import { type LocalSettings, portsOf } from './settings-file'

/**
 * Runs `work` beside the local services: those that run already (`npm start` in another terminal), else started for its
 * length and stopped after it.
 */
export async function withServices<T>(
  { settings, dataDir }: { readonly settings: LocalSettings; readonly dataDir: string },
  work: (running: 'found' | 'started') => Promise<T>,
): Promise<T> {
  if (await isListening(portsOf(settings).hub)) return work('found')
  const services: Services = await startServices(settings, dataDir)
  try {
    return await work('started')
  } finally {
    await services.close()
  }
}

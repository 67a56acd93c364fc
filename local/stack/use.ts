// Tested in test/tools/query.test.ts.
import { connect } from 'node:net'
import { once } from 'node:events'
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

/** Whether something on this machine takes connections at a port. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

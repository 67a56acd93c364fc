// Tested in test/tools/query.test.ts.
import { join } from 'node:path'
import { azureCredential } from '../../src/azure/credential'
import { openLakeStore } from '../../src/azure/lake-store'
import { type Store } from '../../src/lake/store'
import { startStorage } from '../../local/storage/storage'
import { type LocalSettings, portsOf } from '../../local/stack/settings-file'
import { isListening } from '../../local/stack/listening'

/**
 * Runs work on the lake the settings name. One on this machine is served by the services that run (`npm start` in another
 * terminal), else by storage started for the length of the work; one in Azure is reached by the identity the
 * environment has (`az login`).
 */
export async function withLake<T>(
  { settings, dataDir }: { readonly settings: LocalSettings; readonly dataDir: string },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { LAKE_URL: url, AZURE_CLIENT_ID: clientId } = settings.values
  if (url === undefined) throw new Error(`settings ${settings.file}: expected LAKE_URL, the lake to ask, got none`)
  const store = openLakeStore({ url, credential: await azureCredential({ url, clientId }) })
  if (!isOnThisMachine(url)) return work(store)
  const ports = portsOf(settings)
  if (await isListening(ports.lake)) return work(store)
  const storage = await startStorage({ dataDir: join(dataDir, 'storage'), ports })
  try {
    return await work(store)
  } finally {
    await storage.close()
  }
}

function isOnThisMachine(url: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname)
}

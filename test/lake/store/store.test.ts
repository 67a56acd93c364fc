import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { azureCredential } from '../../../src/azure/credential'
import { openLakeStore } from '../../../src/azure/lake-store'
import { faulty } from './faulty-store'
import { folderStore } from '../../../local/storage/folder-store'
import { openLocalAccount } from '../../local/storage/local-account'
import { memoryStore } from './memory-store'
import { storeContract } from './store.contract'

storeContract('memory', () =>
  Promise.resolve({ store: memoryStore(), root: 'bronze/contract', close: () => Promise.resolve() }),
)

storeContract('memory behind a wrapper without faults', () =>
  Promise.resolve({ store: faulty(memoryStore()), root: 'bronze/contract', close: () => Promise.resolve() }),
)

storeContract('folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-folder-'))
  const close = () => rm(folder, { recursive: true, force: true })
  return { store: folderStore(folder), root: 'bronze/contract', close }
})

storeContract('DataLake SDK, gateway and Azurite', async () => {
  const account = await openLocalAccount('contract')
  return { store: openLakeStore(account), root: 'contract/run', close: () => account.close() }
})

storeContract('DataLake SDK, gateway and Azurite, pages of two', async () => {
  const account = await openLocalAccount('contract')
  return { store: openLakeStore(account, { pageSize: 2 }), root: 'contract/run', close: () => account.close() }
})

/** `https://account.dfs.core.windows.net/container`, a container the signed-in identity may write to. */
const lakeUrl = process.env['TILLSTREAM_TEST_LAKE_URL']

if (lakeUrl === undefined) {
  test.skip('store contract: real account (set TILLSTREAM_TEST_LAKE_URL to https://account.dfs.core.windows.net/container)', () => {})
} else {
  storeContract('real account', async () => {
    const { origin, pathname } = new URL(lakeUrl)
    const root = `${pathname.split('/')[1] ?? ''}/contract-${randomUUID()}`
    const store = openLakeStore({ url: origin, credential: await azureCredential({ url: origin }) })
    const close = async () => {
      for (const { path } of await store.list(root)) await store.remove(path)
    }
    return { store, root, close }
  })
}

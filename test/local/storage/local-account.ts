import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAzurite, type Azurite } from '../../../local/storage/azurite'
import { startGateway, type Gateway } from '../../../local/storage/gateway'
import { azureCredential } from '../../../src/azure/credential'
import { createContainers, type LakeAccount } from '../../../src/azure/lake-store'

/** An empty storage account on this machine, for one test file. */
export interface LocalAccount extends LakeAccount {
  readonly azurite: Azurite
  readonly gateway: Gateway
  close(): Promise<void>
}

/** Azurite on a directory of its own and a gateway before it, on free ports, with one container. */
export async function openLocalAccount(container: string): Promise<LocalAccount> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tillstream-azurite-'))
  const azurite = await startAzurite({ dataDir, services: 'blob', blobPort: 0 })
  const gateway = await startGateway({ port: 0, blobUrl: azurite.blobUrl })
  const account = { url: gateway.url, credential: await azureCredential(gateway) }
  await createContainers(account, [container])
  return {
    ...account,
    azurite,
    gateway,
    async close() {
      await gateway.close()
      await azurite.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

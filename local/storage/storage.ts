// Tested in test/local/storage/azurite.test.ts.
import { azureCredential } from '../../src/azure/credential'
import { createContainers } from '../../src/azure/lake-store'
import { startAzurite, type Azurite } from './azurite'
import { type Gateway, type GatewayOptions, startGateway } from './gateway'

/** The containers of the lake; in Azure the stack makes them. */
export const lakeContainers = ['bronze', 'silver', 'gold', 'checkpoints'] as const

/** Local storage that runs. */
export interface Storage {
  /** Account URL for the lake (DFS and blob calls): `http://host:port/devstoreaccount1`. */
  readonly url: string
  readonly ports: Required<StoragePorts>
  /** Settles when storage stops: undefined after `close`, else why it stopped by itself. */
  readonly exited: Promise<Error | undefined>
  close(): Promise<void>
}

/** Ports to listen on; 0 takes a free one. Azurite's are the ones `UseDevelopmentStorage=true` means. */
export interface StoragePorts {
  readonly lake?: number
  readonly blob?: number
  readonly queue?: number
  readonly table?: number
}

/**
 * Starts a storage account on this machine: Azurite keeping its data in `dataDir`, the DFS gateway before it, and the
 * lake's containers. Throws naming what is wrong (a port taken, a directory unusable) and leaves nothing running
 * then. When `exited` settles with an error, stop and start anew: the last seconds of writes may be gone (see
 * `startAzurite`).
 */
export async function startStorage({
  dataDir,
  ports: { lake = 10_010, blob = 10_000, queue = 10_001, table = 10_002 } = {},
  host = '127.0.0.1',
}: {
  readonly dataDir: string
  readonly ports?: StoragePorts
  readonly host?: string
}): Promise<Storage> {
  const azurite = await startAzurite({ dataDir, host, blobPort: blob, queuePort: queue, tablePort: table })
  try {
    const gateway = await startLake({ port: lake, blobUrl: azurite.blobUrl, host })
    const close = async () => {
      await gateway.close()
      await azurite.close()
    }
    return { url: gateway.url, ports: boundPorts(gateway.port, azurite), exited: azurite.exited, close }
  } catch (error) {
    await azurite.close()
    throw error
  }
}

/** Starts the gateway before a blob emulator that runs, and makes the lake's containers unless they are there. */
export async function startLake(options: GatewayOptions): Promise<Gateway> {
  const gateway = await startGateway(options)
  try {
    await createContainers({ url: gateway.url, credential: await azureCredential(gateway) }, lakeContainers)
    return gateway
  } catch (error) {
    await gateway.close()
    throw error
  }
}

function boundPorts(lake: number, { blobPort, queuePort = 0, tablePort = 0 }: Azurite): Required<StoragePorts> {
  return { lake, blob: blobPort, queue: queuePort, table: tablePort }
}

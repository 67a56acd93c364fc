// Tested in test/local/storage/azurite.test.ts.
import {
  BlobServiceClient,
  StorageSharedKeyCredential,
  type BlockBlobClient,
  type ContainerClient,
} from '@azure/storage-blob'
import { emulatorAccount } from '../../src/azure/credential'
import { type DfsPath } from './dfs-call'
import { keyedQueue, type KeyedQueue } from './keyed-queue'

/** The blob emulator behind the gateway, and what the gateway remembers between calls. */
export interface Emulator {
  readonly service: BlobServiceClient
  readonly inTurn: KeyedQueue
  /** ETags of files made here and not written to since, by `keyOf`: such a file may be filled by one Put Blob. */
  readonly fresh: Map<string, string>
}

/** A client of the emulator at `blobUrl` (`http://host:port`, no account), signing with its well-known key. */
export function openEmulator(blobUrl: string): Emulator {
  const credential = new StorageSharedKeyCredential(emulatorAccount.name, emulatorAccount.key)
  // The gateway's own client decides about retries; repeated here, a copy would meet its own result.
  const service = new BlobServiceClient(`${blobUrl}/${emulatorAccount.name}`, credential, {
    retryOptions: { maxTries: 1 },
  })
  return { service, inTurn: keyedQueue(), fresh: new Map() }
}

/** The blob that holds a file. */
export function blobAt({ service }: Emulator, { container, path }: DfsPath): BlockBlobClient {
  return service.getContainerClient(container).getBlockBlobClient(path)
}

/** One text per path. */
export function keyOf({ container, path }: DfsPath): string {
  return `${container}/${path}`
}

/** The folder a path lies in, '' at the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

/** What is below a folder: nothing at all (no such folder), only the folder itself, or entries. */
export async function folderState(container: ContainerClient, folder: string): Promise<'missing' | 'empty' | 'filled'> {
  const prefix = folder === '' ? '' : `${folder}/`
  const first = await container.listBlobsFlat({ prefix }).byPage({ maxPageSize: 2 }).next()
  const names = first.done ? [] : first.value.segment.blobItems.map(({ name }) => name)
  if (names.length === 0) return folder === '' ? 'empty' : 'missing'
  return names.some((name) => name !== prefix) ? 'filled' : 'empty'
}

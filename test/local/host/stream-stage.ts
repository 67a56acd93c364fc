import { EventHubProducerClient, type EventData } from '@azure/event-hubs'
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HostStart } from '../../../local/host/host'
import { startHub, type Hub } from '../../../local/hub/hub'
import { startAzurite, type Azurite } from '../../../local/storage/azurite'
import { buildDriver, cleanUp, fixture, forkHost, type HostProcess, type Message } from './host-process'
import { storageSetting } from './storage-setting'

const group = 'readers'

/** A broker and a storage account, and hosts of the fixture app `stream` on them. */
export interface Stage {
  /** A hub no other test uses, with `partitions` 1 or 4. */
  freshHub(partitions: 1 | 4): string
  /** Sends events to one partition, in order. */
  send(hub: string, partitionId: string, events: readonly EventData[]): Promise<void>
  fork(hub: string, options?: StageHost): Promise<HostProcess>
  /** The sequence number checkpointed for a partition, or undefined. */
  checkpoint(hub: string, partitionId?: string): Promise<number | undefined>
  /** Resolves when that checkpoint has reached `sequence`. */
  checkpointed(hub: string, sequence: number, partitionId?: string): Promise<void>
  readonly checkpoints: ContainerClient
  readonly connectionString: string
  /** The namespace that names the checkpoint blobs: the host of the connection string. */
  readonly namespace: string
  /** Takes the broker away, for the length of `meanwhile`, and brings it back on the same port with what it held. */
  restartHub(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface StageHost {
  readonly settings?: Readonly<Record<string, string>>
  readonly eventHubs?: Readonly<Record<string, unknown>>
  readonly loadBalancing?: HostStart['loadBalancing']
}

/** The emulator's configuration takes ten hubs. */
const hubCounts = { 1: 7, 4: 3 }

export async function openStage(): Promise<Stage> {
  buildDriver()
  const folder = mkdtempSync(join(tmpdir(), 'host-stream-'))
  const azurite = await startAzurite({ dataDir: join(folder, 'azurite'), services: 'blob', blobPort: 0 })
  const hubPlace = { config: hubConfig(), dataDir: join(folder, 'hub') }
  let hub = await startHub({ ...hubPlace, port: 0 })
  const storage = storageSetting(azurite.blobPort)
  const checkpoints = BlobServiceClient.fromConnectionString(storage).getContainerClient('azure-webjobs-eventhub')
  const namespace = new URL(/sb:[^;]*/.exec(hub.connectionString)?.[0] ?? '').hostname
  const unused = { 1: hubNames(1), 4: hubNames(4) }
  const producers = new Map<string, EventHubProducerClient>()
  const checkpoint: Stage['checkpoint'] = async (name, partitionId = '0') => {
    const blob = checkpoints.getBlobClient(`${namespace}/${name}/${group}/checkpoint/${partitionId}`)
    const { metadata } = await blob.getProperties().catch(missing)
    return metadata?.['sequencenumber'] === undefined ? undefined : Number(metadata['sequencenumber'])
  }
  return {
    freshHub: (partitions) => {
      const name = unused[partitions].pop()
      if (name === undefined) throw new Error('no hub left; raise hubCounts')
      return name
    },
    send: async (name, partitionId, events) => {
      const producer = producers.get(name) ?? new EventHubProducerClient(hub.connectionString, name)
      producers.set(name, producer)
      await producer.sendBatch([...events], { partitionId })
    },
    fork: (name, { settings = {}, eventHubs = {}, loadBalancing } = {}) =>
      forkHost({
        entry: fixture('stream'),
        settings: {
          AzureWebJobsStorage: storage,
          EventHubConnection: hub.connectionString,
          HUB: name,
          GROUP: group,
          ...settings,
        },
        hostJson: { extensions: { eventHubs } },
        ...(loadBalancing ? { loadBalancing } : {}),
      }),
    checkpoint,
    checkpointed: async (name, sequence, partitionId) => {
      const deadline = AbortSignal.timeout(30_000)
      for (;;) {
        const reached = await checkpoint(name, partitionId)
        if (reached !== undefined && reached >= sequence) return
        if (deadline.aborted) throw new Error(`checkpoint of ${name}: expected ${sequence}, got ${reached}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    checkpoints,
    connectionString: hub.connectionString,
    namespace,
    restartHub: async (meanwhile) => {
      // It is the host that should find the broker again; a sender caught reconnecting would fail the test instead.
      await Promise.all([...producers.values()].map((producer) => producer.close()))
      producers.clear()
      await hub.close()
      await meanwhile?.()
      hub = await startHub({ ...hubPlace, port: hub.port })
    },
    close: async () => {
      await cleanUp()
      await closeAll([...producers.values()], { hub, azurite })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function closeAll(
  producers: readonly EventHubProducerClient[],
  { hub, azurite }: { hub: Hub; azurite: Azurite },
): Promise<void> {
  await Promise.all(producers.map((producer) => producer.close()))
  await hub.close()
  await azurite.close()
}

const hubNames = (partitions: 1 | 4): string[] =>
  Array.from({ length: hubCounts[partitions] }, (_, at) => `hub-${partitions}-${at}`)

function hubConfig(): unknown {
  const entities = ([1, 4] as const).flatMap((partitions) =>
    hubNames(partitions).map((name) => ({ Name: name, PartitionCount: partitions, ConsumerGroups: [{ Name: group }] })),
  )
  return { UserConfig: { NamespaceConfig: [{ Type: 'EventHub', Name: 'emulatorNs1', Entities: entities }] } }
}

function missing(error: Error & { readonly statusCode?: number }): { metadata?: undefined } {
  if (error.statusCode !== 404) throw error
  return {}
}

export interface Batch {
  readonly phase: 'begin' | 'end'
  readonly partitionId: string
  readonly sequences: readonly number[]
  readonly bodies: readonly unknown[]
  readonly retryCount: number
}

const isBatch = (message: Message): boolean => message.kind === 'batch'

/** Batches a host has begun or ended, in order. */
export function batches(host: HostProcess, phase: Batch['phase'] = 'begin'): readonly Batch[] {
  return host.messages
    .filter((message) => isBatch(message) && message['phase'] === phase)
    .map((message) => message as unknown as Batch)
}

/** Resolves when the host has been handed that event of that partition. */
export async function handed(host: HostProcess, sequence: number, partitionId = '0'): Promise<void> {
  await host.find(
    (message) =>
      isBatch(message) &&
      message['partitionId'] === partitionId &&
      (message['sequences'] as number[]).includes(sequence),
  )
}

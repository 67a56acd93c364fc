import { type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type Broker, createBroker } from './broker'
import { parseHubConfig } from './config'
import { type HubNodes, closeHubs, openHubs } from './entity'
import { bounds } from './log'
import { lockFolder } from './lock'

/** How `startHub` is called. Times are epoch ms, sizes bytes. */
export interface HubOptions {
  /** A parsed `Config.json` of the official Event Hubs emulator. */
  readonly config: unknown
  /** Where events are kept; made if it is missing, used by one hub at a time. */
  readonly dataDir: string
  /** 0 takes any free port. */
  readonly port?: number
  readonly host?: string
  /** Stamps enqueued times. */
  readonly clock?: () => number
  /** A connection silent for twice as long is closed. */
  readonly idleTimeoutMs?: number
  readonly segmentBytes?: number
  /** Memory for recently appended events, shared by all partitions. */
  readonly cacheBytes?: number
  /** Events older than this are dropped, a segment at a time; kept for ever by default. */
  readonly retentionMs?: number
  /** The oldest events of a partition beyond this size are dropped, a segment at a time. */
  readonly retentionBytes?: number
}

/** What one partition holds: sequence numbers from `firstSequence` up to but excluding `nextSequence`. */
export interface PartitionHealth {
  readonly partition: string
  readonly firstSequence: number
  readonly nextSequence: number
  readonly lastEnqueuedMs: number
  readonly sizeBytes: number
  readonly receivers: number
}

/** The state of a running hub. `lastFault` is the last thing that went wrong on a connection or with stored data. */
export interface HubHealth {
  readonly connections: number
  /** Bytes written to connections that their clients have not taken yet. */
  readonly unsentBytes: number
  /** Bytes of half-written records, never acknowledged, that were cut off at the start. */
  readonly truncatedBytes: number
  readonly lastFault: string | undefined
  readonly hubs: readonly { readonly name: string; readonly partitions: readonly PartitionHealth[] }[]
}

/** A running hub. */
export interface Hub {
  readonly port: number
  /** For any Event Hubs SDK; the key is not checked. */
  readonly connectionString: string
  readonly health: () => HubHealth
  /** Stops listening, tells the clients, and closes connections and files. */
  readonly close: () => Promise<void>
}

const goodbyeMs = 500

/**
 * Starts an Event Hubs namespace that speaks AMQP 1.0 over plain TCP and keeps its events in `dataDir`.
 *
 * A send that was accepted survives the death of this process, by any signal, and is delivered with the same sequence
 * number after a restart; it is handed to the operating system but not synced, so a power loss may take the last
 * seconds. Rejects with a clear error when the configuration is wrong, the port is taken, or the folder is in use,
 * cannot be written or holds damaged events.
 */
export async function startHub({
  config,
  dataDir,
  port = 5672,
  host = '127.0.0.1',
  clock = Date.now,
  idleTimeoutMs = 60_000,
  segmentBytes = 64 * 1024 * 1024,
  cacheBytes = 64 * 1024 * 1024,
  retentionMs,
  retentionBytes,
}: HubOptions): Promise<Hub> {
  const entities = parseHubConfig(config)
  const partitionCount = entities.reduce((total, entity) => total + entity.partitionCount, 0)
  const unlock = lockFolder(dataDir)
  let hubs: HubNodes = new Map()
  try {
    const log = { segmentBytes, cacheBytes: Math.floor(cacheBytes / partitionCount), retentionMs, retentionBytes }
    hubs = openHubs(entities, join(dataDir, 'hubs'), log)
    const broker = createBroker({ hubs, clock, idleTimeoutMs })
    const server = await listen(broker, { port, host })
    return runningHub({ hubs, broker, server, host, unlock })
  } catch (error) {
    closeHubs(hubs)
    unlock()
    throw error
  }
}

interface ListeningServer {
  readonly server: Server
  readonly sockets: ReadonlySet<Socket>
}

async function listen(broker: Broker, address: { port: number; host: string }): Promise<ListeningServer> {
  const sockets = new Set<Socket>()
  const server = broker.listen(address)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, address)))
  })
  return { server, sockets }
}

function listenError(cause: NodeJS.ErrnoException, { port, host }: { port: number; host: string }): Error {
  const reason = cause.code === 'EADDRINUSE' ? `port ${port} is taken` : `cannot listen there (${cause.message})`
  const advice = 'stop what listens there (another hub or the Event Hubs emulator?) or choose another port'
  return new Error(`hub ${host}:${port}: ${reason}; ${advice}`, { cause })
}

function runningHub(parts: {
  hubs: HubNodes
  broker: Broker
  server: ListeningServer
  host: string
  unlock: () => void
}): Hub {
  const { hubs, broker, server, unlock } = parts
  const { port } = server.server.address() as AddressInfo
  const host = parts.host === '0.0.0.0' || parts.host === '::' ? '127.0.0.1' : parts.host
  let closing: Promise<void> | undefined
  return {
    port,
    connectionString:
      `Endpoint=sb://${host}:${port};SharedAccessKeyName=RootManageSharedAccessKey;` +
      `SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
    health: () => healthOf(hubs, broker),
    close: () => {
      closing ??= disconnect(broker, server).finally(() => {
        closeHubs(hubs)
        unlock()
      })
      return closing
    },
  }
}

/** Tells every client, waits a moment for them to hang up, then hangs up. */
async function disconnect(broker: Broker, { server, sockets }: ListeningServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const peer of broker.peers) {
    peer.close({ condition: 'amqp:connection:forced', description: 'The hub is shutting down.' })
  }
  const hangUp = setTimeout(() => sockets.forEach((socket) => socket.destroy()), goodbyeMs)
  await closed
  clearTimeout(hangUp)
}

function healthOf(hubs: HubNodes, broker: Broker): HubHealth {
  const nodes = [...hubs.values()]
  const logs = nodes.flatMap((hub) => hub.partitions.map((partition) => partition.log))
  return {
    connections: broker.peers.size,
    unsentBytes: [...broker.peers].reduce((total, peer) => total + peer.socket.writableLength, 0),
    truncatedBytes: logs.reduce((total, log) => total + log.truncatedBytes, 0),
    lastFault: broker.lastFault(),
    hubs: nodes.map((hub) => ({
      name: hub.entity.name,
      partitions: hub.partitions.map(({ id, log, subscriptions }) => {
        const { firstSequence, nextSequence, lastEnqueuedMs, sizeBytes } = bounds(log)
        return { partition: id, firstSequence, nextSequence, lastEnqueuedMs, sizeBytes, receivers: subscriptions.size }
      }),
    })),
  }
}

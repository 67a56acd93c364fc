// Tested in test/local/hub/hub.test.ts.
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Address } from './address'
import { type AmqpFault, type Reader } from './admission'
import { type HubEntity } from './config'
import { type LogOptions, type PartitionLog, closeLog, openLog } from './log'
import { type Outlet } from './outlet'
import { partitionOfKey } from './partition-key'

/** A receiver of a partition, connected now. */
export type Subscription = Reader & { readonly group: string; readonly outlet: Outlet }

/** One partition of a running hub. */
export interface Partition {
  readonly id: string
  readonly log: PartitionLog
  readonly subscriptions: Set<Subscription>
}

/** One hub of a running broker. */
export interface HubNode {
  readonly entity: HubEntity
  readonly createdMs: number
  readonly partitions: readonly Partition[]
  roundRobin: number
}

/** Hubs by their name in lower case: entity names are not case-sensitive in Event Hubs. */
export type HubNodes = ReadonlyMap<string, HubNode>

/** Opens the logs of all partitions below `dataDir`, made if missing. Throws when one is damaged or left over. */
export function openHubs(entities: readonly HubEntity[], dataDir: string, options: LogOptions): HubNodes {
  const hubs = new Map<string, HubNode>()
  try {
    for (const entity of entities) hubs.set(entity.name.toLowerCase(), openHub(entity, dataDir, options))
    return hubs
  } catch (error) {
    closeHubs(hubs)
    throw error
  }
}

function openHub(entity: HubEntity, dataDir: string, options: LogOptions): HubNode {
  const dir = join(dataDir, entity.name.toLowerCase())
  mkdirSync(dir, { recursive: true })
  const ids = Array.from({ length: entity.partitionCount }, (_, index) => String(index))
  refuseLeftovers(dir, ids)
  const partitions: Partition[] = []
  const hub = { entity, createdMs: Math.trunc(statSync(dir).birthtimeMs), partitions, roundRobin: 0 }
  try {
    for (const id of ids) partitions.push({ id, log: openLog(join(dir, id), options), subscriptions: new Set() })
    return hub
  } catch (error) {
    closeHub(hub)
    throw error
  }
}

function refuseLeftovers(dir: string, ids: readonly string[]): void {
  const extra = readdirSync(dir).filter((name) => !ids.includes(name))
  if (extra.length === 0) return
  throw new Error(
    `hub data ${dir}: expected partitions 0 to ${ids.length - 1}, found ${extra.join(', ')}; ` +
      `configure the hub with its former partition count, or delete the folder to start empty`,
  )
}

/** Closes the files of all partitions. */
export function closeHubs(hubs: HubNodes): void {
  for (const hub of hubs.values()) closeHub(hub)
}

function closeHub(hub: HubNode): void {
  hub.partitions.forEach((partition) => closeLog(partition.log))
}

/** What an address leads to, or the fault a link to it is refused with. */
export type Resolved<T> =
  { readonly kind: 'found'; readonly value: T } | { readonly kind: 'missing'; readonly fault: AmqpFault }

/** A hub by name, in any case. */
export function findHub(hubs: HubNodes, name: string): HubNode | undefined {
  return hubs.get(name.toLowerCase())
}

/** The hub, and for a partition address the partition, that a producer's link sends to. */
export function resolveTarget(hubs: HubNodes, address: Address): Resolved<{ hub: HubNode; partition?: Partition }> {
  if (address.kind !== 'hub' && address.kind !== 'partition') return missing(nameOf(address))
  const hub = findHub(hubs, address.hub)
  if (!hub) return missing(address.hub)
  if (address.kind === 'hub') return { kind: 'found', value: { hub } }
  const partition = findPartition(hub, address.partition)
  return partition ? { kind: 'found', value: { hub, partition } } : missing(nameOf(address))
}

/** The partition and consumer group that a consumer's link reads from. */
export function resolveSource(hubs: HubNodes, address: Address): Resolved<{ partition: Partition; group: string }> {
  if (address.kind !== 'group') return missing(nameOf(address))
  const hub = findHub(hubs, address.hub)
  if (!hub) return missing(address.hub)
  const group = address.group.toLowerCase()
  if (!hub.entity.consumerGroups.some((name) => name.toLowerCase() === group)) {
    return missing(`${address.hub}/ConsumerGroups/${address.group}`)
  }
  const partition = findPartition(hub, address.partition)
  return partition ? { kind: 'found', value: { partition, group } } : missing(nameOf(address))
}

/** A partition by its id. */
export function findPartition(hub: HubNode, id: string): Partition | undefined {
  return hub.partitions.find((partition) => partition.id === id)
}

/** The partition for events sent to the hub itself: by key, or in turn without one. */
export function choosePartition(hub: HubNode, partitionKey: string | undefined): Partition {
  const count = hub.partitions.length
  const index = partitionKey === undefined ? hub.roundRobin++ % count : partitionOfKey(partitionKey, count)
  const partition = hub.partitions[index]
  if (!partition) throw new Error(`hub ${hub.entity.name}: no partition ${index}`)
  return partition
}

function missing(entity: string): { kind: 'missing'; fault: AmqpFault } {
  return { kind: 'missing', fault: entityNotFound(entity) }
}

/** The fault for an entity that is not configured, worded so that the SDKs report `MessagingEntityNotFoundError`. */
export function entityNotFound(entity: string): AmqpFault {
  const description = `The messaging entity '${entity}' could not be found. Add it to the hub's Config.json.`
  return { condition: 'amqp:not-found', description }
}

function nameOf(address: Address): string {
  switch (address.kind) {
    case 'hub':
      return address.hub
    case 'partition':
      return `${address.hub}/Partitions/${address.partition}`
    case 'group':
      return `${address.hub}/ConsumerGroups/${address.group}/Partitions/${address.partition}`
    case 'cbs':
    case 'management':
      return `$${address.kind}`
    case 'unknown':
      return address.text
  }
}

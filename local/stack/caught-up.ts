import { setTimeout as sleep } from 'node:timers/promises'
import { type EventReader } from '../../src/azure/event-reader'
import { appId } from '../../src/pipeline/ports'
import { readPosition } from '../../src/warehouse/live'
import { type Warehouse } from '../../src/warehouse/connection'

/** How far the last sink of each partition is behind the hub. */
export interface Behind {
  readonly partition: number
  /** Messages the hub holds and PostgreSQL, which comes last, has not taken. */
  readonly messages: number
}

/** Where each partition stands, right now. */
export async function measureLag(reader: EventReader, warehouse: Warehouse, hub: string): Promise<readonly Behind[]> {
  const partitions = await reader.partitions()
  return Promise.all(
    partitions.map(async (partition) => {
      const held = await reader.held(partition)
      const taken = await readPosition(warehouse, { stream: hub, partition })
      return { partition, messages: held ? held.last - Math.max(taken ?? -1, held.first - 1) : 0 }
    }),
  )
}

const pollMs = 100

/**
 * Waits until everything the hub holds has reached its last sink. Throws when nothing has moved for `patienceMs`,
 * naming the partitions that are behind.
 */
export async function untilCaughtUp(
  { reader, warehouse, hub }: { readonly reader: EventReader; readonly warehouse: Warehouse; readonly hub: string },
  {
    patienceMs = 60_000,
    signal,
    onLag,
  }: { patienceMs?: number; signal?: AbortSignal; onLag?: (left: number) => void } = {},
): Promise<void> {
  let least = Infinity
  let movedAtMs = Date.now()
  while (signal?.aborted !== true) {
    const behind = (await measureLag(reader, warehouse, hub)).filter(({ messages }) => messages > 0)
    const left = behind.reduce((sum, { messages }) => sum + messages, 0)
    onLag?.(left)
    if (left === 0) return
    if (left < least) [least, movedAtMs] = [left, Date.now()]
    if (Date.now() - movedAtMs > patienceMs) {
      const where = behind.map(({ partition, messages }) => `${appId(hub, partition)} by ${messages}`)
      throw new Error(`stream: behind for ${patienceMs / 1000} s: ${where.join(', ')}; see the host's log`)
    }
    await sleep(pollMs)
  }
}

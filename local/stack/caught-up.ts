// Tested in test/local/start.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { type EventReader } from '../../src/azure/event-reader'
import { appId } from '../../src/pipeline/position'
import { readPosition } from '../../src/warehouse/live'
import { type Warehouse } from '../../src/warehouse/connection'

/** How far the last sink of each partition is behind the hub. */
export interface Behind {
  readonly partition: number
  /** Messages the hub holds and PostgreSQL has not taken. */
  readonly messages: number
}

/** A stream from its hub, under the numbers messages have in the lake, to the database. */
export interface Pipe {
  readonly hub: Pick<EventReader, 'partitions' | 'held'>
  readonly warehouse: Warehouse
  readonly stream: string
}

/** Where each partition stands, right now. */
export async function measureLag({ hub, warehouse, stream }: Pipe): Promise<readonly Behind[]> {
  const partitions = await hub.partitions()
  return Promise.all(
    partitions.map(async (partition) => {
      const held = await hub.held(partition)
      const taken = await readPosition(warehouse, { stream, partition })
      return { partition, messages: held ? held.last - Math.max(taken ?? -1, held.first - 1) : 0 }
    }),
  )
}

const pollMs = 100

/**
 * Waits until everything the hub holds has reached PostgreSQL, which takes a batch beside silver and gold: these may be
 * one commit behind. Throws when nothing has moved for `patienceMs`, naming the partitions that are behind.
 */
export async function untilCaughtUp(
  pipe: Pipe,
  {
    patienceMs = 60_000,
    signal,
    onLag,
  }: { patienceMs?: number; signal?: AbortSignal; onLag?: (left: number) => void } = {},
): Promise<void> {
  let least = Infinity
  let movedAtMs = Date.now()
  while (signal?.aborted !== true) {
    const behind = (await measureLag(pipe)).filter(({ messages }) => messages > 0)
    const left = behind.reduce((sum, { messages }) => sum + messages, 0)
    onLag?.(left)
    if (left === 0) return
    if (left < least) [least, movedAtMs] = [left, Date.now()]
    if (Date.now() - movedAtMs > patienceMs) {
      const where = behind.map(({ partition, messages }) => `${appId(pipe.stream, partition)} by ${messages}`)
      throw new Error(`stream: behind for ${patienceMs / 1000} s: ${where.join(', ')}; see the host's log`)
    }
    await sleep(pollMs)
  }
}

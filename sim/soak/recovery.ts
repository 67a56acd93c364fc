// Tested in test/sim/soak/soak.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { type EventReader } from '../../src/azure/event-reader'
import { type Warehouse } from '../../src/warehouse/connection'
import { readPosition } from '../../src/warehouse/live'

/** Both ends of the stream. A hub that was killed takes connections to it along, so each look has a reader of its own. */
export interface Ends {
  readonly openReader: () => EventReader
  readonly warehouse: Warehouse
  readonly stream: string
}

const pollMs = 100

/**
 * Milliseconds from a kill until the stream moves again from end to end: something sent after the kill is in the hub
 * (`hasMoved` says so), and all the hub holds by then has reached PostgreSQL, the last sink, in every partition. Rejects
 * when the signal comes first.
 */
export async function untilMoving(
  killedMs: number,
  { hasMoved, ends, signal }: { readonly hasMoved: () => boolean; readonly ends: Ends; readonly signal: AbortSignal },
): Promise<number> {
  await until(() => Promise.resolve(hasMoved()), signal)
  let goal: ReadonlyMap<number, number> = new Map()
  await until(async () => {
    goal = await heldBy(ends)
    return true
  }, signal)
  await until(() => hasReached(ends, goal), signal)
  return Date.now() - killedMs
}

/** Asks until the answer is yes; what is down answers with an error, which is no. */
async function until(ask: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await ask().catch(() => false))) await sleep(pollMs, undefined, { signal })
}

/** The last sequence number of every partition that has any. */
async function heldBy({ openReader }: Ends): Promise<ReadonlyMap<number, number>> {
  const reader = openReader()
  try {
    const partitions = await reader.partitions()
    const held = await Promise.all(
      partitions.map(async (partition) => [partition, await reader.held(partition)] as const),
    )
    return new Map(held.flatMap(([partition, range]) => (range ? [[partition, range.last]] : [])))
  } finally {
    await reader.close()
  }
}

async function hasReached({ warehouse, stream }: Ends, goal: ReadonlyMap<number, number>): Promise<boolean> {
  const reached = await Promise.all(
    [...goal].map(async ([partition, last]) => ((await readPosition(warehouse, { stream, partition })) ?? -1) >= last),
  )
  return reached.every(Boolean)
}

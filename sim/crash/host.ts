// Tested in test/sim/crash/simulation.test.ts.
import { type Random, whole } from '../../generator/random'
import { openIngest } from '../../src/pipeline/stream/ingest'
import { type Ports } from '../../src/pipeline/ports'
import { type Workload } from './workload'

/** Where the host's own checkpoints stand, by partition: how many messages of the log it will not bring again. */
export type Checkpoints = number[]

/** What a host brings to the process beside it, and how. */
export interface Deliveries {
  readonly workload: Workload
  /** Index of the first message it brings, by partition. */
  readonly from: readonly number[]
  /** How many messages the next batch has. */
  readonly batchSize: (partition: number) => number
  /** Shared between processes, as in the host's storage. */
  readonly checkpoints: Checkpoints
  /** Whether the batch that fails now is brought again or passed over. */
  readonly afterFailure: () => 'again' | 'next'
  readonly onTaken: (partition: number, messages: number) => void
}

/** Tries of one batch before the run is given up; each failure but the struck ones is a loss to another owner. */
const patience = 40

/**
 * Brings every partition to a process at once, batch after batch, as the Functions host does: it waits for each batch,
 * brings a failed one again, and puts its checkpoint past what was taken (or passed over).
 */
export async function deliverAll(open: () => Promise<Ports>, deliveries: Deliveries): Promise<void> {
  const ports = await persist('opening', open)
  const ingest = openIngest(ports)
  await Promise.all(
    deliveries.workload.map(async (log, partition) => {
      let from = deliveries.from[partition] ?? 0
      while (from < log.length) {
        const to = Math.min(log.length, from + deliveries.batchSize(partition))
        const batch = log.slice(from, to)
        // The last batch is never passed over: nothing would come after it to reveal the gap.
        const mayPass = () => to < log.length && deliveries.afterFailure() === 'next'
        await persist(`partition ${partition} batch ${from} to ${to - 1}`, () => ingest.take(partition, batch), mayPass)
        deliveries.checkpoints[partition] = to
        deliveries.onTaken(partition, to)
        from = to
      }
    }),
  )
}

/** Tries until it works; throws when it does not, or when a failure may be passed over returns nothing. */
async function persist<T>(what: string, work: () => Promise<T>): Promise<T>
async function persist<T>(what: string, work: () => Promise<T>, mayPass: () => boolean): Promise<T | undefined>
async function persist<T>(what: string, work: () => Promise<T>, mayPass = () => false): Promise<T | undefined> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (cause) {
      if (mayPass()) return undefined
      if (tried < patience) continue
      throw new Error(`stuck: ${what} failed ${patience} times: ${(cause as Error).message}`, { cause })
    }
  }
}

/**
 * Where a process that takes over begins: at the host's checkpoint, before it, at the start because it was lost, or
 * past what the former owner was about to take. Never past the last message: the next one is what starts a process.
 */
export function restartAt(random: Random, workload: Workload, checkpoints: Checkpoints): readonly number[] {
  return workload.map((log, partition) => {
    const checkpoint = checkpoints[partition] ?? 0
    const places = [checkpoint, whole(random, 0, checkpoint), 0, checkpoint + whole(random, 1, 4)]
    return Math.min(places[whole(random, 0, places.length - 1)] ?? 0, log.length - 1)
  })
}

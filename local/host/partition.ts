// Tested in test/local/host/event-hub-owners.test.ts.
import { type PartitionContext, type ReceivedEventData } from '@azure/event-hubs'
import { describeError, type LogLevel } from './core'
import { type EventHubOptions } from './host-json'
import { type Outcome } from './retry'

/** What a partition needs of the function behind it. */
export interface PartitionPorts {
  readonly options: EventHubOptions
  readonly nowMs: () => number
  /** Runs the function over one batch, retry policy included, until it ends or the signal aborts. */
  run(events: readonly ReceivedEventData[], context: PartitionContext, signal: AbortSignal): Promise<Outcome<unknown>>
  readonly log: (level: LogLevel, message: string) => void
}

/** One partition while this host owns it. */
export interface PartitionRun {
  /** Takes what the client received, maybe nothing, and resolves when the batch it led to is dealt with. */
  take(events: readonly ReceivedEventData[], context: PartitionContext): Promise<void>
  /** Ends ownership: a running batch is not checkpointed. Resolves when nothing of it is running any more. */
  stop(): Promise<void>
  phase(): 'owned' | 'ended'
}

/**
 * Delivers one partition by the rules of the service (azure-sdk-for-net `EventHubListener.PartitionProcessor.cs`):
 * - one batch at a time, in order, and not before `previous`, what was still running here from an earlier ownership;
 * - the checkpoint moves once the run of the batch has ended, whether the function succeeded or failed; only a retry
 *   policy that does not end keeps it from moving past a failure;
 * - it does not move when the host stopped or lost the partition meanwhile: the next owner gets the batch again;
 * - fewer events than `minEventBatchSize` wait for more, at most `maxWaitTimeMs`.
 */
export function createPartitionRun(ports: PartitionPorts, previous: Promise<void> = Promise.resolve()): PartitionRun {
  const { options, nowMs } = ports
  const stopped = new AbortController()
  let held: readonly ReceivedEventData[] = []
  let heldSinceMs = 0
  let batchesDone = 0
  let settled = previous

  const process = async (batch: readonly ReceivedEventData[], context: PartitionContext): Promise<void> => {
    await previous
    if (stopped.signal.aborted) return
    const outcome = await ports.run(batch, context, stopped.signal)
    if (stopped.signal.aborted) {
      ports.log('warning', `partition ${context.partitionId}: not checkpointed, ownership ended during the batch`)
      return
    }
    if (outcome.kind === 'failed') {
      ports.log(
        'error',
        `partition ${context.partitionId}: batch failed for good, its ${batch.length} events are passed over`,
      )
    }
    batchesDone++
    if (options.checkpointing === 'enabled' && batchesDone % options.batchCheckpointFrequency === 0) {
      await checkpoint(batch, context, ports)
    }
  }

  const ready = (): boolean =>
    held.length >= options.minEventBatchSize || (held.length > 0 && nowMs() - heldSinceMs >= options.maxWaitTimeMs)

  return {
    take: async (events, context) => {
      if (held.length === 0) heldSinceMs = nowMs()
      held = [...held, ...events]
      while (ready() && !stopped.signal.aborted) {
        const batch = held.slice(0, options.maxEventBatchSize)
        held = held.slice(batch.length)
        settled = process(batch, context)
        await settled
      }
      // The client would go on reading, and take the partition back from its new owner by doing so.
      if (stopped.signal.aborted) throw new Error(`partition ${context.partitionId}: ownership has ended`)
    },
    stop: () => {
      stopped.abort()
      return settled
    },
    phase: () => (stopped.signal.aborted ? 'ended' : 'owned'),
  }
}

/** A checkpoint that cannot be written is caught up by the next one; until then the events count as undelivered. */
async function checkpoint(
  batch: readonly ReceivedEventData[],
  context: PartitionContext,
  { log }: PartitionPorts,
): Promise<void> {
  const last = batch.at(-1)
  if (!last) return
  try {
    await context.updateCheckpoint(last)
  } catch (error) {
    log(
      'error',
      `partition ${context.partitionId}: checkpoint at ${last.sequenceNumber} not written: ${describeError(error).message}`,
    )
  }
}

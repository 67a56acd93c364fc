// Tested in test/pipeline/rebuild/rebuild.test.ts.
import { emptyState, type State } from '../../fold/state'
import { type Snapshot } from '../../lake/log/snapshot'
import { refresh } from '../../lake/table'
import { positionsOf } from '../position'
import { type Effects, foldBronze, type FoldPorts } from '../stream/fold-bronze'

/** A partition as far as it has been folded anew. */
export interface Refolded {
  /** Sequence number of the last message folded; undefined before the first. */
  position: number | undefined
  readonly state: State
  /** The watermark at the place asked for, epoch milliseconds; undefined while it has not come there. */
  pausedMs: number | undefined
}

/** A fold of all of bronze from its first event on, which can be taken up again when bronze has grown. */
export interface Refold {
  readonly partitions: ReadonlyMap<number, Refolded>
  /** Folds up to where bronze ends now. */
  advance(): Promise<void>
  /** How many events have been folded. */
  events(): number
  /** How far each partition has come. */
  positions(): ReadonlyMap<number, number>
}

/**
 * Opens a fold of every partition of a stream, whose output goes to `take` in the order of each partition's log.
 * `pauses` are sequence numbers at which the watermark is noted. Nothing is read before the first `advance`.
 */
export function openRefold(
  ports: FoldPorts & { readonly stream: string },
  {
    take,
    pauses,
  }: { readonly take: (effects: Effects) => Promise<void>; readonly pauses: ReadonlyMap<number, number> },
): Refold {
  const partitions = new Map<number, Refolded>()
  let total = 0
  const advanceOne = async (partition: number, bronze: Snapshot) => {
    const refolded = partitions.get(partition) ?? {
      position: undefined,
      state: emptyState(ports.rules),
      pausedMs: undefined,
    }
    partitions.set(partition, refolded)
    const pauseAt = pauses.get(partition) ?? -1
    const stretch = { state: refolded.state, partition, after: refolded.position ?? -1, bronze, pauseAt }
    await foldBronze(ports, stretch, async (effects, events) => {
      total += events
      if (effects.sequence <= pauseAt) refolded.pausedMs = refolded.state.watermark.ms
      await take(effects)
    })
    return refolded
  }
  return {
    partitions,
    events: () => total,
    positions: () =>
      new Map(Array.from(partitions, ([partition, { position = -1 }]) => [partition, position] as const)),
    advance: async () => {
      const bronze = await refresh(ports.tables.bronze)
      for (const [partition, position] of positionsOf(bronze, ports.stream)) {
        if (partitions.get(partition)?.position === position) continue
        const refolded = await advanceOne(partition, bronze)
        refolded.position = position
      }
    },
  }
}

import { type Rules, rulesId } from '../../fold/rules'
import { type Emit } from '../../fold/step'
import { type LiveBatch } from '../../warehouse/live'
import { type Staging } from '../../warehouse/staging'
import { type Effects } from '../stream/fold-bronze'
import { type Refold } from './refold'
import { liveChanges } from '../rows/derived'

/** A new content for the live tables of PostgreSQL. */
export interface FreshLive {
  /** Takes a stretch of a partition's log, in order. */
  take(effects: Effects): Promise<void>
  /** Puts the new content in the place of the old, once the fold has come as far as that. */
  swap(refold: Refold): Promise<void>
}

/**
 * Begins a new content. With `fromMs`, windows that begin earlier stay; what they have not got when writers are held is
 * added to them, because the writer that owed it will be refused.
 */
export async function beginLive(
  { stream, rules }: { readonly stream: string; readonly rules: Rules },
  staging: Staging,
  { fromMs }: { readonly fromMs: number | undefined },
): Promise<FreshLive> {
  const before = await staging.positions()
  const owed = new Map<number, Emit[]>()
  const batchOf = ({ partition, sequence, out, live }: Effects): LiveBatch => {
    return { stream, partition, sequence, rules: rulesId(rules), ...liveChanges(rules.rollups, { out, live }) }
  }
  return {
    take: async (effects) => {
      await staging.take(batchOf(effects))
      if (fromMs === undefined || before.size === 0) return
      const floor = before.get(effects.partition) ?? -1
      const kept = owed.get(effects.partition) ?? []
      owed.set(effects.partition, kept)
      for (const emit of effects.out) {
        if (emit.kind !== 'stockout' && emit.startMs < fromMs && emit.at.sequence > floor) kept.push(emit)
      }
    },
    swap: async (refold) => {
      const held = await staging.hold()
      if (behind(refold, held) !== undefined) await refold.advance()
      const ahead = behind(refold, held)
      if (ahead !== undefined) {
        throw new Error(`postgres has partition ${ahead} beyond the end of bronze; it belongs to another lake`)
      }
      const late = Array.from(refold.positions(), ([partition, sequence]) => {
        const out = (owed.get(partition) ?? []).filter(({ at }) => at.sequence > (held.get(partition) ?? -1))
        return { partition, sequence, out, live: [] }
      })
      await staging.swap(late.filter(({ out }) => out.length > 0).map(batchOf))
    },
  }
}

/** A partition that has been folded less far than it is held at. */
function behind(refold: Refold, held: ReadonlyMap<number, number>): number | undefined {
  const folded = refold.positions()
  return [...held].find(([partition, position]) => position > (folded.get(partition) ?? -1))?.[0]
}

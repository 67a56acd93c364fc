// Tested in test/pipeline/rebuild/rebuild-races.test.ts.
import { type Rules, rulesId } from '../../fold/rules'
import { type Emit } from '../../fold/step'
import { type LiveBatch } from '../../warehouse/live'
import { type Staging } from '../../warehouse/staging'
import { type Effects } from '../stream/fold-bronze'
import { mayLack, type Owed, type SinkPositions, stillOwed } from './owed'
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
  const owed: Owed<Emit>[] = []
  const batchOf = ({ partition, sequence, out, live, zones }: Effects): LiveBatch => {
    return { stream, partition, sequence, rules: rulesId(rules), ...liveChanges(rules, { out, live }), zones }
  }
  return {
    take: async (effects) => {
      await staging.take(batchOf(effects))
      if (fromMs === undefined) return
      for (const emit of effects.out) {
        const one = { partition: effects.partition, sequence: emit.at.sequence, row: emit }
        if (emit.kind !== 'stockout' && emit.startMs < fromMs && mayLack(before, one)) owed.push(one)
      }
    },
    swap: async (refold) => {
      const writtenUpTo = await staging.hold()
      if (behind(refold, writtenUpTo) !== undefined) await refold.advance()
      const ahead = behind(refold, writtenUpTo)
      if (ahead !== undefined) {
        throw new Error(`postgres has partition ${ahead} beyond the end of bronze; it belongs to another lake`)
      }
      const lacking = stillOwed(owed, writtenUpTo)
      const late = Array.from(refold.positions(), ([partition, sequence]) => {
        const out = lacking.filter((one) => one.partition === partition).map(({ row }) => row)
        return { partition, sequence, out, live: [], zones: [] }
      })
      await staging.swap(late.filter(({ out }) => out.length > 0).map(batchOf))
    },
  }
}

/** A partition that has been folded less far than PostgreSQL has it. */
function behind(refold: Refold, writtenUpTo: SinkPositions): number | undefined {
  const folded = refold.positions()
  return [...writtenUpTo].find(([partition, position]) => position > (folded.get(partition) ?? -1))?.[0]
}

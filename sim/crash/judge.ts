// Tested in test/sim/crash/simulation.test.ts.
import { type Case, caseId, planOf } from './cases'
import { type Difference, differenceOf, type Rows } from './rows'
import { runPlan, type World } from './run'

/** What became of one case. */
export interface Verdict extends Difference {
  readonly id: string
  /** Runs that never came to an end: a batch that fails for ever, or a process that waits for nothing. */
  readonly stuck: 0 | 1
}

/** Runs a case and holds what it left against the rows of the undisturbed run; never throws. */
export async function judge(
  world: World,
  one: Case,
  { seed, expected }: { readonly seed: string; readonly expected: Rows },
): Promise<Verdict> {
  const id = caseId(one)
  try {
    const { rows } = await runPlan(world, planOf(seed, one))
    return { id, stuck: 0, ...differenceOf(expected, rows) }
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { id, stuck: 1, lost: 0, duplicated: 0, wrong: 0, examples: [reason] }
  }
}

export function isFault({ lost, duplicated, wrong, stuck }: Verdict): boolean {
  return lost + duplicated + wrong + stuck > 0
}

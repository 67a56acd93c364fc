// Tested in test/sim/crash/simulation.test.ts.
/**
 * What strikes a step:
 * - 'refused': it throws, nothing has happened, and the host brings the same batch again;
 * - 'skipped': the same, but the host puts its checkpoint past the batch and goes on with the next;
 * - 'lost': it has happened, yet throws;
 * - 'died-before', 'died-after': the process dies just before or after it happens;
 * - 'torn': a file is half written when the process dies;
 * - 'slow': it happens only once another process has taken over and is through, while the rest of its own goes on;
 * - 'frozen': the whole process stands still for as long.
 */
export const effects = ['refused', 'skipped', 'lost', 'died-before', 'died-after', 'torn', 'slow', 'frozen'] as const

export type Effect = (typeof effects)[number]

/** Whether an effect on such a step differs from another one of the list: a read leaves nothing behind. */
export function applicable(
  effect: Effect,
  step: { readonly text: string; readonly writes: boolean; readonly by: 'stream' | 'beside' },
): boolean {
  switch (effect) {
    case 'torn':
      return step.text.startsWith('put ')
    case 'lost':
    case 'died-after':
    case 'slow':
      return step.writes
    case 'skipped':
      // Only the stream has batches that could be passed over.
      return step.writes && step.by === 'stream'
    case 'refused':
    case 'died-before':
    case 'frozen':
      return true
  }
}

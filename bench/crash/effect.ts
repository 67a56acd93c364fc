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

/** Whether an effect differs, on such a step, from another one of the list. */
export function applicable(effect: Effect, step: { readonly text: string; readonly writes: boolean }): boolean {
  switch (effect) {
    case 'torn':
      return step.text.startsWith('put ')
    // A read that is answered too late, or not at all, is a read that was refused.
    case 'lost':
    case 'died-after':
      return step.writes
    case 'refused':
    case 'skipped':
    case 'died-before':
    case 'slow':
    case 'frozen':
      return true
  }
}

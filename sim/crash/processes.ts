// Tested in test/sim/crash/simulation.test.ts.
/** The processes of a run: who still has work, and what follows when one has gone. */
export interface Processes {
  /** Starts a process; `onGone` is asked for what comes after it dies, or takes its place while it sleeps. */
  start(work: (process: number) => Promise<unknown>, onGone: () => void): void
  /** To be called when a process has died, or was put to sleep. */
  gone(process: number, how: 'dead' | 'asleep'): void
  readonly isWorking: () => boolean
  /** How many there have been. */
  count(): number
  /** Throws the first error a process ended with. */
  check(): void
}

export function openProcesses(): Processes {
  const working = new Map<number, () => void>()
  const failures: unknown[] = []
  let started = 0
  return {
    start: (work, onGone) => {
      const process = started++
      working.set(process, onGone)
      void work(process)
        .catch((error: unknown) => failures.push(error))
        .finally(() => working.delete(process))
    },
    gone: (process, how) => {
      const follow = working.get(process)
      if (how === 'dead') working.delete(process)
      follow?.()
    },
    isWorking: () => working.size > 0,
    count: () => started,
    check: () => {
      if (failures.length > 0) throw failures[0]
    },
  }
}

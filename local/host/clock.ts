// Tested in test/local/host/timer-trigger.test.ts.
/** Time as the triggers see it, so that tests can turn it by hand. */
export interface Clock {
  nowMs(): number
  /** Resolves after the delay, or at once when the signal aborts; never rejects. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  wait: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delayMs)
      signal.addEventListener('abort', done)
    }),
}

/** Waits for `work` to end, at most `limitMs`; its result and its error are the caller's. */
export async function within(work: Promise<unknown>, limitMs: number, clock: Clock): Promise<void> {
  const limit = new AbortController()
  const release = (): void => limit.abort()
  work.then(release, release)
  await clock.wait(limitMs, limit.signal)
}

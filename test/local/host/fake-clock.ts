import { type Clock } from '../../../local/host/clock'

export interface FakeClock extends Clock {
  /** Moves time on, waking waiters in the order they fall due, and lets what they lead to run. */
  advance(ms: number): Promise<void>
}

export function fakeClock(startMs: number): FakeClock {
  let nowMs = startMs
  const waiters = new Set<{ readonly atMs: number; readonly wake: () => void }>()
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    nowMs: () => nowMs,
    wait: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted || delayMs <= 0) return resolve()
        const wake = (): void => {
          waiters.delete(waiter)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const waiter = { atMs: nowMs + delayMs, wake }
        waiters.add(waiter)
        signal.addEventListener('abort', wake)
      }),
    advance: async (ms) => {
      const untilMs = nowMs + ms
      await settle()
      for (;;) {
        const [next] = [...waiters].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)
        if (!next) break
        nowMs = next.atMs
        next.wake()
        await settle()
      }
      nowMs = untilMs
    },
  }
}

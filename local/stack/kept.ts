// Tested in test/local/start.test.ts.
import { type Part } from './parts'

/** Restarts within a minute before a part counts as broken: one that is killed comes back, one that cannot run does not loop. */
const mostPerMinute = 5

/**
 * Starts a part and starts it again whenever it ends without having been told to, as a service's supervisor does, telling
 * each time. `ended` settles, with the reason, when it cannot be started again or has ended six times within a minute.
 */
export async function keepRunning(
  start: () => Promise<Part>,
  { name, say }: { readonly name: string; readonly say: (line: string) => void },
): Promise<Part> {
  let part = await start()
  let isClosing = false
  let starting: Promise<unknown> = Promise.resolve()
  const restartsMs: number[] = []
  const ended = new Promise<string>((resolve) => {
    const watch = async (): Promise<void> => {
      const reason = await part.ended
      if (isClosing) return
      const nowMs = Date.now()
      restartsMs.push(nowMs)
      if (restartsMs.filter((ms) => ms > nowMs - 60_000).length > mostPerMinute) {
        resolve(`${reason}\n${name} has ended ${mostPerMinute + 1} times within a minute`)
        return
      }
      say(`${reason.split('\n')[0] ?? ''}; starting ${name} again`)
      const again = start()
      starting = again.catch(() => undefined)
      try {
        part = await again
      } catch (error) {
        resolve(`${reason}\n${name} could not be started again: ${(error as Error).message}`)
        return
      }
      if (isClosing) return
      say(`${name} is back at ${part.address}`)
      await watch()
    }
    void watch()
  })
  return {
    address: part.address,
    ended,
    close: async () => {
      isClosing = true
      await starting
      await part.close()
    },
  }
}

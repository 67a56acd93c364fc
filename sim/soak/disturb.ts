// Tested in test/sim/soak/soak.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kill, type Victim } from './plan'
import { type SoakStack } from './stack'

/**
 * Carries out a plan of kills: each at its time, or as soon as its victim is up after an earlier one; resolves when all
 * that was killed is up again. Rejects when a part does not come up, or the signal comes.
 */
export async function disturb(
  { processes }: Pick<SoakStack, 'processes'>,
  plan: readonly Kill[],
  {
    onKill,
    say,
    signal,
  }: {
    readonly onKill: (victim: Victim) => void
    readonly say: (line: string) => void
    readonly signal: AbortSignal
  },
): Promise<void> {
  const startMs = Date.now()
  const restarts: Promise<void>[] = []
  const killed = new Map<Victim, number>()
  for (const [index, { atMs, victim, downMs }] of plan.entries()) {
    await sleep(Math.max(0, startMs + atMs - Date.now()), undefined, { signal })
    const before = killed.get(victim) ?? 0
    killed.set(victim, before + 1)
    // Of two hosts, each in its turn.
    const process = processes[victim][before % processes[victim].length]
    if (!process) throw new Error(`soak: expected a process of ${victim}, found none`)
    await process.ready()
    say(`kill ${index + 1} of ${plan.length}: ${victim}, down for ${downMs} ms`)
    onKill(victim)
    await process.kill()
    const restart = sleep(downMs, undefined, { signal }).then(() => process.restart())
    restart.catch(() => undefined)
    restarts.push(restart)
  }
  await Promise.all(restarts)
}

import { createRandom, type Random, whole } from '../../generator/random'

/** What gets killed. */
export const victims = ['host', 'hub', 'gateway', 'postgres'] as const
export type Victim = (typeof victims)[number]

/** One kill: when, counted from the start, what, and how long it stays down before it is started again. */
export interface Kill {
  readonly atMs: number
  readonly victim: Victim
  readonly downMs: number
}

const down = { fromMs: 50, toMs: 3_000 } as const

/**
 * The kills of a run, by time: as many as asked for, each victim about as often as another, at random moments of the
 * run's middle. The same seed gives the same plan; how long a restart takes is not part of it.
 */
export function planKills({
  seed,
  kills,
  forMs,
}: {
  readonly seed: number
  readonly kills: number
  readonly forMs: number
}): readonly Kill[] {
  const random = createRandom(`kills ${seed}`)
  const drawn = shuffledInTurns(random, kills)
  const [fromMs, toMs] = [0.05 * forMs, 0.95 * forMs]
  const times = drawn.map(() => whole(random, fromMs, toMs)).sort((a, b) => a - b)
  return drawn.map((victim, index) => ({
    atMs: times[index] ?? fromMs,
    victim,
    downMs: whole(random, down.fromMs, down.toMs),
  }))
}

/** Victims in a random order in which each comes once before any comes again. */
function shuffledInTurns(random: Random, count: number): readonly Victim[] {
  const drawn: Victim[] = []
  while (drawn.length < count) {
    const keyed = victims.map((victim) => ({ victim, key: random() })).sort((a, b) => a.key - b.key)
    drawn.push(...keyed.map(({ victim }) => victim))
  }
  return drawn.slice(0, count)
}

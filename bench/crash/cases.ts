import { createRandom, oneOf } from '../../generator/random'
import { applicable, type Effect, effects } from './effect'
import { type Plan, type Ran } from './run'

/** One run of the campaign. Its id is all it takes to run it again, with the seed of the workload. */
export type Case =
  | { readonly kind: 'strike'; readonly effect: Effect; readonly step: number }
  /** A process dies every few dozen steps; each that follows cuts the log elsewhere and begins elsewhere. */
  | { readonly kind: 'restarts'; readonly nth: number }
  /** Two processes own everything from the start, their steps interleaved at random. */
  | { readonly kind: 'owners'; readonly nth: number }
  /** Both, and effects of every kind at random steps. */
  | { readonly kind: 'chaos'; readonly nth: number }

const seededKinds = ['restarts', 'owners', 'chaos'] as const

/** Messages of a batch of the undisturbed run. */
const batchSize = 3

/** The id of a case: `died-before@217`, `owners#3`. */
export function caseId(one: Case): string {
  return one.kind === 'strike' ? `${one.effect}@${one.step}` : `${one.kind}#${one.nth}`
}

/** The case of an id; throws, naming what it expected, when there is none. */
export function caseOf(id: string): Case {
  const [, name = '', sign, number] = /^([a-z-]+)([@#])(\d+)$/.exec(id) ?? []
  const effect = effects.find((each) => each === name)
  if (sign === '@' && effect) return { kind: 'strike', effect, step: Number(number) }
  const kind = seededKinds.find((each) => each === name)
  if (sign === '#' && kind) return { kind, nth: Number(number) }
  throw new Error(`case: expected such as died-before@217 or owners#3, got "${id}"`)
}

/** Every effect on every step of the undisturbed run, and so many runs of each seeded kind, in an order of the seed. */
export function allCases(seed: string, undisturbed: Ran, { perKind = 200 } = {}): readonly Case[] {
  const strikes = undisturbed.calls.flatMap((call, index) =>
    effects
      .filter((effect) => applicable(effect, call))
      .map((effect): Case => ({ kind: 'strike', effect, step: index + 1 })),
  )
  const seeded = seededKinds.flatMap((kind) => Array.from({ length: perKind }, (_, nth): Case => ({ kind, nth })))
  return shuffled([...strikes, ...seeded], seed)
}

/** A run without faults, one process, batches of three. */
export const undisturbed: Plan = {
  name: 'undisturbed',
  owners: 1,
  strike: () => undefined,
  pick: () => 0,
  batchSize: () => batchSize,
}

/** What a case does to a run. */
export function planOf(seed: string, one: Case): Plan {
  const name = `${seed}/${caseId(one)}`
  const random = createRandom(name)
  const anyBatch = () => 1 + Math.floor(random() * 5)
  const anyCall = (calls: readonly unknown[]) => Math.floor(random() * calls.length)
  const sometimes = (every: number, most: number, effect: () => Effect) => {
    let struck = 0
    return () => (struck < most && random() < 1 / every ? (struck++, effect()) : undefined)
  }
  switch (one.kind) {
    case 'strike':
      return { ...undisturbed, name, strike: (step) => (step === one.step ? one.effect : undefined) }
    case 'restarts':
      return { ...undisturbed, name, strike: sometimes(40, 12, () => 'died-before'), batchSize: anyBatch }
    case 'owners':
      return { ...undisturbed, name, owners: 2, pick: anyCall, batchSize: anyBatch }
    case 'chaos': {
      const strike = sometimes(60, 6, () => oneOf(random, effects))
      return { name, owners: 2, strike, pick: anyCall, batchSize: anyBatch }
    }
  }
}

function shuffled<T>(items: readonly T[], seed: string): readonly T[] {
  const random = createRandom(`${seed}/order`)
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

// Tested in test/sim/crash/simulation.test.ts.
import { createRandom, oneOf } from '../../generator/random'
import { upkeepBeside } from './beside'
import { applicable, type Effect, effects } from './effect'
import { type Done, type Plan, type Ran } from './run'

/** What runs beside the stream: nothing, or upkeep of the lake. */
export type Company = 'alone' | 'upkeep'

/** One run of the campaign. Its id is all it takes to run it again, with the seed of the workload. */
export type Case = { readonly company: Company } & (
  | { readonly kind: 'strike'; readonly effect: Effect; readonly step: number }
  /** A process dies every few dozen steps; each that follows cuts the log elsewhere and begins elsewhere. */
  | { readonly kind: 'restarts'; readonly nth: number }
  /** Two processes own everything from the start, their steps interleaved at random. */
  | { readonly kind: 'owners'; readonly nth: number }
  /** Both, and effects of every kind at random steps. */
  | { readonly kind: 'chaos'; readonly nth: number }
)

const seededKinds = ['restarts', 'owners', 'chaos'] as const

/** What `--fault` calls a case. */
export function faultOf(one: Case): string {
  return one.kind === 'strike' ? one.effect : one.kind
}

/** Everything `--fault` may be. */
export const faultNames: readonly string[] = [...effects, ...seededKinds]

/** The id of a case: `died-before@217`, `owners#3`, `upkeep/refused@240`. */
export function caseId(one: Case): string {
  const place = one.kind === 'strike' ? `@${one.step}` : `#${one.nth}`
  return `${one.company === 'alone' ? '' : `${one.company}/`}${faultOf(one)}${place}`
}

/** The case of an id; throws, naming what it expected, when there is none. */
export function caseOf(id: string): Case {
  const [, beside, name = '', sign, number] = /^(upkeep\/)?([a-z-]+)([@#])(\d+)$/.exec(id) ?? []
  const company = beside === undefined ? 'alone' : 'upkeep'
  const effect = effects.find((each) => each === name)
  if (sign === '@' && effect) return { kind: 'strike', company, effect, step: Number(number) }
  const kind = seededKinds.find((each) => each === name)
  if (sign === '#' && kind) return { kind, company, nth: Number(number) }
  throw new Error(`case: expected such as died-before@217, owners#3 or upkeep/lost@240, got "${id}"`)
}

/** The runs without faults that strikes are counted along. */
export type Undisturbed = Readonly<Record<Company, Ran>>

/**
 * Every effect on every step of the stream alone; every effect on every step of upkeep, and of the stream's commits while
 * that is at work; and so many runs of each kind that is drawn at random. In an order of the seed.
 */
export function allCases(seed: string, { alone, upkeep }: Undisturbed, { perKind = 150 } = {}): readonly Case[] {
  const from = upkeep.steps.findIndex(({ by }) => by === 'beside')
  const to = upkeep.steps.findLastIndex(({ by }) => by === 'beside')
  const meets = ({ by, text }: Done, index: number) =>
    by === 'beside' || (index > from && index < to && text.startsWith('rename '))
  const seeded = seededKinds.flatMap((kind) =>
    // Upkeep makes a run several times as long.
    Array.from({ length: perKind }, (_, nth): Case => ({ kind, company: nth % 5 === 4 ? 'upkeep' : 'alone', nth })),
  )
  return shuffled([...strikes('alone', alone), ...strikes('upkeep', upkeep, meets), ...seeded], seed)
}

function strikes(
  company: Company,
  { steps }: Ran,
  wanted: (step: Done, index: number) => boolean = () => true,
): Case[] {
  return steps.flatMap((step, index) =>
    effects
      .filter((effect) => wanted(step, index) && applicable(effect, step))
      .map((effect): Case => ({ kind: 'strike', company, effect, step: index + 1 })),
  )
}

/** Messages of a batch of the undisturbed run. */
const batchSize = 4

/** A run without faults: one process, batches of four. */
export function undisturbed(company: Company): Plan {
  return {
    name: 'undisturbed',
    owners: 1,
    beside: company === 'upkeep' ? upkeepBeside : [],
    strike: () => undefined,
    pick: () => 0,
    batchSize: () => batchSize,
  }
}

/** What a case does to a run. */
export function planOf(seed: string, one: Case): Plan {
  const name = `${seed}/${caseId(one)}`
  const plain = { ...undisturbed(one.company), name }
  const random = createRandom(name)
  const anyBatch = () => 1 + Math.floor(random() * 5)
  const anyCall = (calls: readonly unknown[]) => Math.floor(random() * calls.length)
  const sometimes = (every: number, most: number, effect: () => Effect) => {
    let struck = 0
    return () => (struck < most && random() < 1 / every ? (struck++, effect()) : undefined)
  }
  switch (one.kind) {
    case 'strike':
      return { ...plain, strike: (step) => (step === one.step ? one.effect : undefined) }
    case 'restarts':
      return { ...plain, strike: sometimes(40, 12, () => 'died-before'), batchSize: anyBatch }
    case 'owners':
      return { ...plain, owners: 2, pick: anyCall, batchSize: anyBatch }
    case 'chaos': {
      const strike = sometimes(60, 6, () => oneOf(random, effects))
      return { ...plain, owners: 2, strike, pick: anyCall, batchSize: anyBatch }
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

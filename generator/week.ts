import { dateOf, dayMs } from '../src/day'
import { categories, type Product } from './assortment'
import { amountText, type ByteText, quoted } from './event-text'
import { createRandom, oneOf, type Random, weighted } from './random'
import { type Pattern } from './calendar'
import { type World } from './world'

/** What a product costs, as a number and as the rest of a line after the quantity. */
export interface Price {
  readonly cents: number
  readonly text: ByteText
}

/** What is on offer from one Monday to the next (UTC), and what people want of it. */
export interface Week {
  readonly endMs: number
  readonly prices: readonly Price[]
  /** Index of a product, popular ones more often, wherever it is sold. */
  readonly pickProduct: (random: Random) => number
}

const weekMs = 7 * dayMs
/** The first Monday of the epoch. */
const firstMondayMs = 4 * dayMs

const promotions = {
  share: 0.05,
  percents: [10, 20, 30, 40],
  /** How much more is sold per percent off: 20 % off sells 2.2 times as much. */
  demandPerPercent: 0.06,
} as const

/** The week of a moment: the same for the same world and week. */
export function weekAt({ seed, products }: World, timeMs: number, pattern: Pattern): Week {
  const number = Math.floor((timeMs - firstMondayMs) / weekMs)
  const startMs = firstMondayMs + number * weekMs
  const random = createRandom(`week ${seed} ${number}`)
  const monday = dateOf(startMs)
  const percents = products.map(() => (random() < promotions.share ? oneOf(random, promotions.percents) : 0))
  const month = new Date(startMs + weekMs / 2).getUTCMonth()
  const demand = ({ category, share }: Product, percentOff: number): number => {
    const season = pattern === 'flat' ? 1 : (categories[category]?.season[month] ?? 1)
    return share * season * (1 + percentOff * promotions.demandPerPercent)
  }
  return {
    endMs: startMs + weekMs,
    prices: products.map((product, i) => priceOf(product, percents[i] ?? 0, monday)),
    pickProduct: weighted(products.map((product, i) => demand(product, percents[i] ?? 0))),
  }
}

function priceOf({ priceCents }: Product, percentOff: number, monday: string): Price {
  const cents = Math.max(1, Math.round((priceCents * (100 - percentOff)) / 100))
  const promotion = percentOff === 0 ? '' : `,"promotionId":${quoted(`${monday}-${percentOff}-percent`)}`
  return { cents, text: `,"unitPrice":${amountText(cents)}${promotion}}` }
}

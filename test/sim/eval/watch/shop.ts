import { createRandom } from '../../../../generator/random'
import { defaultWatchRules, type WatchRules } from '../../../../sim/eval/watch/rules'
import { type Alert } from '../../../../sim/eval/watch/alert'
import { type Basket, type Count } from '../../../../sim/eval/watch/basket'
import { newWatch, type Watch } from '../../../../sim/eval/watch/state'
import { watchTime } from '../../../../sim/eval/watch/store-silence'
import { watchBasket, watchCount } from '../../../../sim/eval/watch/watch'

export const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]
/** A Monday. */
export const mondayMs = Date.parse('2026-03-02T00:00:00Z')

export interface Shop {
  readonly seed: number
  readonly days: number
  readonly stores?: number
  readonly basketsPerHour?: number
  /** Chance that a basket has a product, by product; what is asked for is in every store. */
  readonly shares: Readonly<Record<string, number>>
  /** Whether a product can be had. */
  readonly has?: (at: { readonly storeId: string; readonly productId: string; readonly timeMs: number }) => boolean
  /** Whether a store is open; 8 to 20 o'clock but on Sundays when absent. */
  readonly isOpen?: (timeMs: number, storeId: string) => boolean
  readonly promotionOf?: (productId: string, timeMs: number) => string | undefined
  /** How many times as much a product sells. */
  readonly demand?: (productId: string, timeMs: number) => number
}

/** From 8 to 20 o'clock, closed on Sundays. */
export function usualHours(timeMs: number): boolean {
  const hour = Math.floor(timeMs / hourMs) % 24
  return hour >= 8 && hour < 20 && new Date(timeMs).getUTCDay() !== 0
}

/** Baskets of some stores in order of time; the same for the same seed. */
export function baskets(shop: Shop): readonly Basket[] {
  const { seed, days, stores = 1, basketsPerHour = 40, shares, has, isOpen = usualHours, promotionOf, demand } = shop
  const random = createRandom(`shop ${seed}`)
  const made: Basket[] = []
  const stepMs = hourMs / basketsPerHour / stores
  for (let timeMs = mondayMs; timeMs < mondayMs + days * dayMs; timeMs += -Math.log(1 - random()) * stepMs) {
    const storeId = `s${Math.floor(random() * stores)}`
    const eventTimeMs = Math.floor(timeMs)
    const lines = Object.entries(shares).flatMap(([productId, share]) => {
      const wanted = random() < share * (demand?.(productId, eventTimeMs) ?? 1)
      if (!wanted || has?.({ storeId, productId, timeMs: eventTimeMs }) === false) return []
      const promotionId = promotionOf?.(productId, eventTimeMs)
      const line = { productId, kind: 'goods', category: 'c', pieces: 1, amountMinor: 250 }
      return [promotionId === undefined ? line : { ...line, promotionId }]
    })
    if (isOpen(eventTimeMs, storeId)) made.push({ storeId, eventTimeMs, lines: [...lines, paper] })
  }
  return made
}

/** In every basket. */
const paper = { productId: 'bag', kind: 'goods', category: 'c', pieces: 1, amountMinor: 5 }

/** Something for the watch, as an event of a log. */
export type Happening = { readonly basket: Basket } | { readonly count: Count } | { readonly watermarkMs: number }

/** Lets a watch take things in order; after each basket time moves to it. */
export function follow(
  happenings: readonly Happening[],
  { rules = {}, watch = newWatch() }: { readonly rules?: Partial<WatchRules>; readonly watch?: Watch } = {},
): { readonly watch: Watch; readonly alerts: readonly Alert[] } {
  const all = { ...defaultWatchRules, ...rules }
  const alerts = happenings.flatMap((happening) => {
    if ('count' in happening) return watchCount(watch, happening.count, all)
    if ('watermarkMs' in happening) return watchTime(watch, happening.watermarkMs, all)
    return [
      ...watchBasket(watch, happening.basket, all),
      ...watchTime(watch, happening.basket.eventTimeMs - 10 * minuteMs, all),
    ]
  })
  return { watch, alerts }
}

/** The baskets of a shop, followed. */
export function followShop(
  shop: Shop,
  rules: Partial<WatchRules> = {},
): { readonly watch: Watch; readonly alerts: readonly Alert[] } {
  return follow(
    baskets(shop).map((basket) => ({ basket })),
    { rules },
  )
}

import { dayMs } from '../../src/day'
import { type Raised, type Sales } from './detect'
import { type Missing, type Tape } from './tape'

export interface Spread {
  readonly median: number | null
  readonly p90: number | null
}

/** How a rule did. Shares are null where there is nothing to share. */
export interface Score {
  readonly alerts: number
  readonly precision: number | null
  /** Of all spells in which a basket was missed; of those worth ten; of those of an hour or more. */
  readonly recall: number | null
  readonly recallLong: number | null
  readonly recallHour: number | null
  readonly spells: number
  readonly spellsLong: number
  /** From the beginning of the spell, of those found. */
  readonly delayBaskets: Spread
  readonly delayMinutes: Spread
  readonly falsePerStoreWeek: number
  /** Of the baskets lost in all spells, those lost after the alert. */
  readonly lostShare: number | null
}

/** A spell, with what it is worth. */
export interface Spell extends Missing {
  /** Baskets with the product that did not come. */
  readonly worth: number
  readonly perMs?: number
}

const weekMs = 7 * dayMs

/**
 * The spells of a tape that begin while it is scored, with what they are worth: the store's baskets meanwhile, times the share the
 * product had in the four weeks around while it was there.
 */
export function spellsOf(tape: Tape, { byShelf, byStore }: Sales): readonly Spell[] {
  const shelves = new Map<string, Missing[]>()
  for (const missing of tape.truth) {
    const key = `${missing.storeId}\n${missing.productId}`
    const list = shelves.get(key)
    if (list) list.push(missing)
    else shelves.set(key, [missing])
  }
  const spells: Spell[] = []
  for (const [key, list] of shelves) {
    const sales = byShelf.get(key) ?? []
    const baskets = byStore.get(key.split('\n')[0] ?? '') ?? []
    for (const missing of list) {
      if (missing.fromMs < tape.fromMs || missing.fromMs >= tape.toMs) continue
      const [fromMs, toMs] = [missing.fromMs - 2 * weekMs, missing.fromMs + 2 * weekMs]
      const others = list.filter((each) => each.toMs > fromMs && each.fromMs < toMs)
      const absent = others.reduce(
        (sum, each) => sum + between(baskets, Math.max(each.fromMs, fromMs), Math.min(each.toMs, toMs)),
        0,
      )
      const present = Math.max(between(baskets, fromMs, toMs) - absent, 1)
      const share = between(sales, fromMs, toMs) / present
      spells.push({ ...missing, worth: share * between(baskets, missing.fromMs, Math.min(missing.toMs, tape.toMs)) })
    }
  }
  return spells
}

/** How alerts fit the spells: true is one that opens during a spell of its shelf. */
export function score(
  tape: Tape,
  raised: readonly Raised[],
  {
    spells,
    sales,
    only,
  }: { readonly spells: readonly Spell[]; readonly sales: Sales; readonly only?: (shelf: string) => boolean },
): Score {
  const shelfOf = ({ storeId, productId }: { storeId: string; productId: string }) => `${storeId}\n${productId}`
  const counted = (each: { storeId: string; productId: string }) => only === undefined || only(shelfOf(each))
  const scored = raised.filter((alert) => alert.openedMs >= tape.fromMs && alert.openedMs < tape.toMs && counted(alert))
  const byShelf = new Map<string, Missing[]>()
  for (const spell of tape.truth) byShelf.set(shelfOf(spell), [...(byShelf.get(shelfOf(spell)) ?? []), spell])
  const found = new Map<string, Raised>()
  let right = 0
  for (const alert of scored) {
    const spell = byShelf
      .get(shelfOf(alert))
      ?.find(({ fromMs, toMs }) => fromMs <= alert.openedMs && alert.openedMs < toMs)
    if (!spell) continue
    right += 1
    const key = `${shelfOf(alert)}\n${spell.fromMs}`
    const before = found.get(key)
    if (!before || before.openedMs > alert.openedMs) found.set(key, alert)
  }
  const missed = spells.filter((spell) => counted(spell) && spell.worth > 0)
  const alertOf = (spell: Spell) => found.get(`${shelfOf(spell)}\n${spell.fromMs}`)
  const share = (of: readonly Spell[]) => (of.length === 0 ? null : of.filter(alertOf).length / of.length)
  const long = missed.filter(({ worth }) => worth >= 10)
  const delays = missed.flatMap((spell) => {
    const alert = alertOf(spell)
    if (!alert) return []
    const baskets = sales.byStore.get(spell.storeId) ?? []
    const all = Math.max(between(baskets, spell.fromMs, Math.min(spell.toMs, tape.toMs)), 1)
    const gone = between(baskets, spell.fromMs, alert.openedMs) / all
    return [
      {
        spell,
        baskets: gone * spell.worth,
        minutes: (alert.openedMs - spell.fromMs) / 60_000,
        caught: (1 - gone) * spell.worth,
      },
    ]
  })
  const stores = new Set([...sales.byStore.keys()]).size
  const lost = missed.reduce((sum, { worth }) => sum + worth, 0)
  return {
    alerts: scored.length,
    precision: scored.length === 0 ? null : right / scored.length,
    recall: share(missed),
    recallLong: share(long),
    recallHour: share(missed.filter(({ fromMs, toMs }) => toMs - fromMs >= 3_600_000)),
    spells: missed.length,
    spellsLong: long.length,
    delayBaskets: spread(delays.map(({ baskets }) => baskets)),
    delayMinutes: spread(delays.map(({ minutes }) => minutes)),
    falsePerStoreWeek: ((scored.length - right) / stores) * (weekMs / (tape.toMs - tape.fromMs)),
    lostShare: lost === 0 ? null : delays.reduce((sum, { caught }) => sum + caught, 0) / lost,
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? null
  return { median: at(0.5), p90: at(0.9) }
}

/** How many of sorted times lie in [from, to). */
export function between(times: readonly number[], fromMs: number, toMs: number): number {
  return Math.max(firstAt(times, toMs) - firstAt(times, fromMs), 0)
}

function firstAt(times: readonly number[], ms: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) < ms) low = middle + 1
    else high = middle
  }
  return low
}

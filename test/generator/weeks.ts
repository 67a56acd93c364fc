import { dayMs } from '../../src/day'
import { type Delivery } from '../../generator/delivery'
import { bytesOf } from '../../generator/event-text'
import { simulate, type SimulationOptions } from '../../generator/simulate'
import { createTruthLog } from '../../generator/truth'
import { decode } from '../../src/event/decode'
import { type RetailEvent } from '../../src/event/event'

export const hourMs = 3_600_000
/** A Monday. */
export const mondayMs = Date.parse('2026-03-02T00:00:00Z')

/** A line of the truth file. */
export interface Trouble {
  readonly storeId: string
  readonly productId: string | null
  readonly kind: 'stockout' | 'phantom' | 'outage'
  readonly fromMs: number
  /** Infinity when it is not over. */
  readonly toMs: number
  readonly units: number
}

export interface Told {
  readonly event: RetailEvent
  readonly atMs: number
  readonly flaw: Delivery['flaw']
}

export interface Span {
  readonly told: readonly Told[]
  readonly truth: readonly Trouble[]
}

const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }

/** What a world tells from a Monday on: decoded, each event once; and the truth behind it. */
export function tellDays(days: number, options: Omit<SimulationOptions, 'startMs' | 'seed'>): Span {
  const truth: Trouble[] = []
  const log = createTruthLog((line) => truth.push(troubleOf(line)))
  const told: Told[] = []
  for (const { text, atMs, flaw } of simulate({ seed: 1, startMs: mondayMs, truth: log, ...options })) {
    if (atMs >= mondayMs + days * dayMs) break
    if (flaw === 'malformed' || flaw === 'duplicate') continue
    const [item] = decode(bytesOf(text), { enqueuedMs: atMs, rules })
    if (item?.kind !== 'event') throw new Error(`expected an event, got ${text}`)
    told.push({ event: item.event, atMs, flaw })
  }
  log.close()
  return { told, truth }
}

function troubleOf(line: string): Trouble {
  const { from, to, ...others } = JSON.parse(line) as Trouble & { readonly from: string; readonly to: string | null }
  return { ...others, fromMs: Date.parse(from), toMs: to === null ? Infinity : Date.parse(to) }
}

/** Events of one type. */
export function ofType<T extends RetailEvent['type']>(
  told: readonly Told[],
  type: T,
): readonly Extract<RetailEvent, { type: T }>[] {
  return told.flatMap(({ event }) => (event.type === type ? [event as Extract<RetailEvent, { type: T }>] : []))
}

/** How many items fall to each key. */
export function countBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

/** The items of each key, in order. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

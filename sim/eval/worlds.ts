// Tested by npm run eval.
import { dayMs } from '../../src/day'
import { decode, type DecodeRules } from '../../src/event/decode'
import { bytesOf } from '../../generator/event-text'
import { type Preset } from '../../generator/places'
import { simulate } from '../../generator/simulate'
import { createTruthLog } from '../../generator/truth'
import { type Missing, type Tape, type TapeEvent } from './tape'

export interface WorldSource {
  readonly world: Preset
  readonly seed: number
  readonly startMs: number
  readonly days: number
  /** Of them, those before scoring begins. */
  readonly learnDays: number
  readonly ratePerSecond: number
  readonly stores?: number
  readonly products?: number
}

const decodeRules: DecodeRules = { currency: 'GBP', maxAheadMs: 600_000, maxBehindMs: Infinity, maxEventBytes: 1 << 18 }

/** A simulated world with opening hours, read through the contract as the pipeline reads it. Duplicates are left out, as by the fold. */
export function readWorld({
  world,
  seed,
  startMs,
  days,
  learnDays,
  ratePerSecond,
  stores,
  products,
}: WorldSource): Tape {
  const truth: Missing[] = []
  const log = createTruthLog((line) => {
    const { from, to, productId, ...rest } = JSON.parse(line) as TruthLine
    if (productId === null) return
    truth.push({ ...rest, productId, fromMs: Date.parse(from), toMs: to === null ? Infinity : Date.parse(to) })
  })
  const toMs = startMs + days * dayMs
  const events: TapeEvent[] = []
  const options = {
    seed,
    startMs,
    ratePerSecond,
    world,
    stores,
    products,
    currency: 'GBP',
    pattern: 'calendar',
    truth: log,
  } as const
  for (const { text, atMs, flaw } of simulate(options)) {
    if (atMs >= toMs) break
    if (flaw === 'duplicate' || !(text.includes('"type":"sale"') || text.includes('"type":"stock"'))) continue
    for (const item of decode(bytesOf(text), { enqueuedMs: atMs, rules: decodeRules })) {
      if (item.kind === 'event') take(item.event, events)
    }
  }
  log.close()
  const name = `world ${world} seed ${seed} rate ${ratePerSecond} days ${days}`
  return { name, events, truth, fromMs: startMs + learnDays * dayMs, toMs, partitions: 4 }
}

interface TruthLine {
  readonly storeId: string
  readonly productId: string | null
  readonly kind: string
  readonly from: string
  readonly to: string | null
  readonly units: number
}

type Read = Extract<ReturnType<typeof decode>[number], { kind: 'event' }>['event']

/** Only what the watch reads is kept: weeks of events have to fit into memory. */
function take(event: Read, events: TapeEvent[]): void {
  if (event.type === 'sale') {
    const { storeId, eventTimeMs, voids, lines } = event
    const kept = lines.map(({ productId, kind, category, promotionId, pieces, amountMinor }) => ({
      productId,
      kind,
      pieces,
      amountMinor,
      ...(category === undefined ? {} : { category }),
      ...(promotionId === undefined ? {} : { promotionId }),
    }))
    events.push({
      kind: 'sale',
      basket: { storeId, eventTimeMs, lines: kept, ...(voids === undefined ? {} : { voids }) },
    })
  } else if (event.type === 'stock') {
    const { storeId, productId, eventTimeMs, onHand, reason } = event
    events.push({ kind: 'stock', count: { storeId, productId, eventTimeMs, onHand, reason } })
  }
}

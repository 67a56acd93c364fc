// Tested by npm run eval.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { decode, type DecodeRules } from '../../src/event/decode'
import { readCsvEvents, readCsvMap } from '../../generator/csv/source'
import { createRandom, whole } from '../../generator/random'
import { salesOf } from './detect'
import { type Missing, type Tape, type TapeEvent } from './tape'

/*
 * Real sales, from which all sales of a product are taken out for a while: injected stock-outs, and the only ones that are known. Those
 * the shop really had are among the false alarms.
 */

const decodeRules: DecodeRules = { currency: 'GBP', maxAheadMs: 1e15, maxBehindMs: Infinity, maxEventBytes: 1 << 20 }
const [hourMs, dayMs] = [3_600_000, 86_400_000]
const injected = { count: 60, leastSales: 40, fromMs: 8 * hourMs, toMs: 72 * hourMs } as const

/** The sales of CSV files, with injected stock-outs; the first days are for learning. */
export async function readSales({
  folder,
  map,
  seed,
  learnDays,
}: {
  folder: string
  map: string
  seed: number
  learnDays: number
}): Promise<Tape> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.csv')).sort()
  const events: TapeEvent[] = []
  for await (const { body } of readCsvEvents({
    files: files.map((name) => join(folder, name)),
    map: await readCsvMap(map),
  })) {
    for (const item of decode(body, { enqueuedMs: Date.now(), rules: decodeRules })) {
      if (item.kind === 'event' && item.event.type === 'sale') events.push({ kind: 'sale', basket: item.event })
    }
  }
  const times = events.map((event) => (event.kind === 'sale' ? event.basket.eventTimeMs : 0))
  const [startMs, endMs] = [
    times.reduce((a, b) => Math.min(a, b), Infinity),
    times.reduce((a, b) => Math.max(a, b), -Infinity),
  ]
  const fromMs = startMs + learnDays * dayMs
  const bare: Tape = {
    name: `sales ${folder.split('/').at(-1)} injected seed ${seed}`,
    events,
    truth: [],
    fromMs,
    toMs: endMs,
    partitions: 1,
  }
  const truth = inject(bare, seed)
  const isGone = (storeId: string, productId: string, ms: number) =>
    truth.some(
      (spell) => spell.storeId === storeId && spell.productId === productId && spell.fromMs <= ms && ms < spell.toMs,
    )
  const left = events.flatMap((event): TapeEvent[] => {
    if (event.kind !== 'sale') return []
    const { storeId, eventTimeMs, lines } = event.basket
    const kept = lines.filter(({ productId }) => !isGone(storeId, productId, eventTimeMs))
    return kept.length === 0 ? [] : [{ kind: 'sale', basket: { ...event.basket, lines: kept } }]
  })
  return { ...bare, events: left, truth }
}

function inject(tape: Tape, seed: number): readonly Missing[] {
  const random = createRandom(`inject ${seed}`)
  const shelves = [...salesOf(tape).byShelf]
    .filter(([, times]) => times.length >= injected.leastSales)
    .map(([shelf]) => shelf)
    .sort()
  const chosen = shelves
    .map((shelf) => ({ shelf, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, injected.count)
  return chosen.map(({ shelf }) => {
    const [storeId = '', productId = ''] = shelf.split('\n')
    const fromMs = whole(random, tape.fromMs, tape.toMs - injected.fromMs)
    return {
      storeId,
      productId,
      kind: 'injected',
      fromMs,
      toMs: Math.min(fromMs + whole(random, injected.fromMs, injected.toMs), tape.toMs),
    }
  })
}

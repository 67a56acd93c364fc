import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CsvReading, readCsvEvents, readCsvMap } from '../../generator/csv/source'
import { readNdjsonEvents } from '../../generator/ndjson-source'
import { type ReplayEvent } from '../../generator/replay-event'
import { decode, type DecodeRules } from '../../src/event/decode'
import { minorDigits } from '../../src/event/currency'
import { parseProductKinds } from '../../src/event/product-kinds'
import { type SaleEvent } from '../../src/event/event'

const folder = join(__dirname, 'cases')

const euro: DecodeRules = {
  currency: 'EUR',
  maxAheadMs: 300_000,
  maxBehindMs: Infinity,
  maxEventBytes: 262_144,
  productKinds: parseProductKinds('GIFTCARD=gift_card,ORDER-DISCOUNT=discount'),
}

interface Outcome {
  readonly sales: readonly SaleEvent[]
  readonly rejects: readonly string[]
  readonly readings: readonly CsvReading[]
}

async function outcomeOf(events: AsyncIterable<ReplayEvent>, rules = euro): Promise<Omit<Outcome, 'readings'>> {
  const sales: SaleEvent[] = []
  const rejects: string[] = []
  for await (const { body } of events) {
    for (const item of decode(body, { enqueuedMs: Date.parse('2026-12-01T00:00:00Z'), rules })) {
      if (item.kind === 'reject') rejects.push(item.detail)
      else if (item.event.type === 'sale') sales.push(item.event)
    }
  }
  return { sales, rejects }
}

/** What becomes of a case by its map. */
async function caseOf(file: string, map: string, rules = euro): Promise<Outcome> {
  const readings: CsvReading[] = []
  const input = {
    files: [join(folder, file)],
    map: await readCsvMap(join(folder, map)),
    onRead: (reading: CsvReading) => readings.push(reading),
  }
  return { ...(await outcomeOf(readCsvEvents(input), rules)), readings }
}

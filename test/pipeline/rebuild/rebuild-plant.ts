import { type Rules } from '../../../src/fold/rules'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { type Message } from '../../../src/event/message'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { rebuild, type RebuildOptions, type RebuildReport } from '../../../src/pipeline/rebuild/rebuild'
import { bronzeEvents } from '../../../src/pipeline/rows/tables'
import { type Warehouse } from '../../../src/warehouse/connection'
import { memoryStore } from '../../lake/store/memory-store'
import { dayStartMs, decodeRules, emptyWarehouse, everything, id, openPlant, rules, sale } from '../plant'

export const minuteMs = 60_000
const day = 1440

/** A partition's log: the hub takes each body a second after the newest event so far. */
function logOf(...bodies: readonly ReturnType<typeof sale>[]): readonly Message[] {
  let newestMs = dayStartMs
  return bodies.map((body, sequence) => {
    newestMs = Math.max(newestMs, Date.parse(body.eventTime)) + 1000
    return { sequence, enqueuedMs: newestMs, body: Buffer.from(JSON.stringify(body)) }
  })
}

/** Four days of two partitions: on time, late by minutes and by days, twice, returns, silences. */
export const logs: readonly (readonly Message[])[] = [
  logOf(
    ...[0, 0.5, 3, 4, 12, 13, 47].map((minute) => sale(minute, { product: minute % 2 === 0 ? 'p1' : 'p2' })),
    sale(12, { product: 'p1' }),
    sale(0.7, { eventId: id(1), quantity: -1 }),
    sale(36, { eventId: id(2) }),
    ...[0, 3, 4.5, 70].map((minute) => sale(day + minute)),
    sale(6, { eventId: id(3), quantity: 7 }),
    ...[0, 2, 2.5, 31].map((minute) => sale(2 * day + minute, { price: 2.005 })),
    sale(day + 5, { eventId: id(4), quantity: 5 }),
    ...[0, 1, 8, 9.5, 12, 50].map((minute) => sale(3 * day + minute)),
    ...[51, 52].map((minute) => sale(3 * day + minute, { product: 'p2' })),
  ),
  logOf(
    ...[1, 2, 3, 21].map((minute) => sale(minute, { eventId: id(5000 + minute), store: 's2' })),
    sale(day + 3, { eventId: id(5100), store: 's2' }),
    ...[3, 4, 33].map((minute) => sale(2 * day + minute, { eventId: id(5200 + minute), store: 's2' })),
    ...[3, 90, 91].map((minute) => sale(3 * day + minute, { eventId: id(5300 + minute), store: 's2' })),
  ),
]

export const fiveMinutes: Rules = {
  ...rules,
  rollups: rules.rollups.map((rollup) => ({ ...rollup, windowMs: 5 * minuteMs })),
}
export const shorterLateness: Rules = { ...rules, latenessMs: 2 * minuteMs }
export const earlierAlerts: Rules = { ...rules, stockoutAfterMs: 20 * minuteMs }

/** The first event of the second, third and fourth day in both partitions is at or after midnight of these. */
export const from = '2026-03-03'

/** What a test does to a lake and the database that belongs to it. */
export interface Trial {
  /** Takes messages of every partition up to a share of its log, in small batches; returns what was logged. */
  ingest: (store: Store, under: Rules, options?: { upTo?: number; size?: number }) => Promise<readonly string[]>
  rebuild: (store: Store, under: Rules, options?: RebuildOptions, warehouse?: Warehouse) => Promise<RebuildReport>
  /** Every row there is. */
  found: (store: Store, under?: Rules) => Promise<Record<string, string[]>>
  /** What a lake that never knew other rules has of the same logs; leaves the database empty. */
  fresh: (under: Rules, options?: { upTo?: number }) => Promise<Record<string, string[]>>
}

/** Trials on a database. */
export function trialOn(database: () => Warehouse): Trial {
  let names = 0
  const ingest: Trial['ingest'] = async (store, under, { upTo = 1, size = 3 } = {}) => {
    const ports = await openPlant(store, { warehouse: database(), rules: under })
    const stream = openIngest(ports)
    for (const [partition, log] of logs.entries()) {
      const end = Math.ceil(log.length * upTo)
      for (let first = 0; first < end; first += size) {
        await stream.take(partition, log.slice(first, Math.min(first + size, end)))
      }
    }
    return ports.lines
  }
  const found: Trial['found'] = (store, under = rules) => everything(store, database(), under)
  return {
    ingest,
    found,
    rebuild: async (store, under, options = {}, warehouse = database()) => {
      const surroundings = { random: () => 0, sleep: () => Promise.resolve() }
      const bronze = await openTable({ store, root: bronzeEvents.root, ...surroundings })
      const named = {
        stream: 'test',
        decodeRules,
        maxBatchBytes: 16 << 20,
        unique: () => String(names++),
        log: () => undefined,
      }
      return rebuild({ ...named, store, warehouse, tables: { bronze }, rules: under, surroundings }, options)
    },
    fresh: async (under, options = {}) => {
      const store = memoryStore()
      await emptyWarehouse(database())
      await ingest(store, under, options)
      const rows = await found(store, under)
      await emptyWarehouse(database())
      return rows
    },
  }
}

import { dateOf, dayMs } from '../../src/day'
import { createRandom, whole } from '../../generator/random'
import { append } from '../../src/lake/write/append'
import { type Row } from '../../src/lake/schema'
import { type LakeTables } from '../../src/pipeline/ports'
import { appId } from '../../src/pipeline/position'
import { goldStockout } from '../../src/pipeline/rows/tables'

/** The day that is made. */
export const date = '2026-03-02'
export const stream = 'batch'

/** How much happens in it. */
export interface DaySize {
  readonly events: number
  /** Events of a bronze file, as a batch of the stream leaves them. */
  readonly eventsPerFile: number
  readonly stores: number
  readonly products: number
  readonly customers: number
  readonly alerts: number
}

const startMs = Date.parse(`${date}T00:00:00Z`)
const partitions = 4
/** One event in so many comes twice. */
const duplicateEvery = 200

/** Writes a day into bronze as the stream would have, and stock-out alerts of it; returns the size of bronze. */
export async function writeDay(tables: Pick<LakeTables, 'bronze' | 'derived'>, size: DaySize): Promise<number> {
  const random = createRandom('batch')
  const after: (number | undefined)[] = []
  for (let made = 0; made < size.events; made += size.eventsPerFile) {
    const count = Math.min(size.eventsPerFile, size.events - made)
    const partition = (made / size.eventsPerFile) % partitions
    const first = (after[partition] ?? -1) + 1
    const rows = Array.from({ length: count }, (_, index) =>
      bronzeRow(made + index, { random, size, partition, sequence: first + index }),
    )
    const version = first + count - 1
    const moves = [{ appId: appId(stream, partition), after: after[partition], version }]
    await append(tables.bronze, { rows, moves, operation: 'STREAMING UPDATE' })
    after[partition] = version
  }
  const stockouts = tables.derived.get(goldStockout.name)
  if (stockouts) await append(stockouts, { rows: alerts(size, random), operation: 'WRITE' })
  return [...tables.bronze.seen.snapshot.files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

interface Making {
  readonly random: () => number
  readonly size: DaySize
  readonly partition: number
  readonly sequence: number
}

function bronzeRow(number: number, { random, size, partition, sequence }: Making): Row {
  const known = number % duplicateEvery === duplicateEvery - 1 ? number - 1 : number
  const atMs = startMs + Math.floor((known * dayMs) / size.events)
  const event = eventAt(known, { random, size, atMs })
  return {
    ingest_date: date,
    partition_id: partition,
    sequence,
    item: 0,
    enqueued_at: atMs,
    event_id: event.eventId,
    type: event.type,
    event_time: atMs,
    store_id: event.storeId,
    reject_reason: null,
    reject_detail: null,
    body: Buffer.from(JSON.stringify(event)),
  }
}

function eventAt(
  number: number,
  { random, size, atMs }: { readonly random: () => number; readonly size: DaySize; readonly atMs: number },
) {
  const store = whole(random, 1, size.stores)
  const common = {
    // The digits in front are what of a ULID is alike in events of one day.
    eventId: `01KJ${hashed(number)}`,
    eventTime: new Date(atMs).toISOString(),
    storeId: `store-${String(store).padStart(4, '0')}`,
    region: `region-${store % 12}`,
    city: `city-${store % 60}`,
    country: 'United Kingdom',
    channel: ['store', 'store', 'web', 'app'][number % 4],
    sessionId: `session-${whole(random, 1, size.events / 8)}`,
    customerId: `customer-${whole(random, 1, size.customers)}`,
    customerSegment: number % 9 === 0 ? 'B2B' : 'B2C',
  }
  const kind = random()
  if (kind < 0.6) {
    const lines = Array.from({ length: whole(random, 1, 4) }, () => line(random, size))
    return { ...common, type: 'sale', paymentMethod: number % 3 === 0 ? 'cash' : 'card', lines }
  }
  if (kind < 0.75) {
    const status = random() < 0.05 ? { status: 'failed', failureReason: 'declined' } : { status: 'succeeded' }
    return {
      ...common,
      type: 'payment',
      orderId: `o${number}`,
      amount: whole(random, 100, 9000) / 100,
      method: 'card',
      ...status,
    }
  }
  if (kind < 0.95) {
    const action = ['view', 'view', 'add_to_cart', 'checkout'][whole(random, 0, 3)]
    return { ...common, type: 'activity', action, category: `category-${whole(random, 1, 25)}` }
  }
  const shelf = { productId: line(random, size).productId, onHand: whole(random, 0, 40) }
  return { ...common, type: 'stock', ...shelf, reason: 'count' }
}

function line(random: () => number, { products }: DaySize) {
  const product = Math.floor(products * random() ** 2)
  return {
    productId: `product-${String(product).padStart(5, '0')}`,
    category: `category-${product % 25}`,
    brand: `brand-${product % 80}`,
    quantity: random() < 0.03 ? -1 : whole(random, 1, 3),
    unitPrice: whole(random, 50, 2000) / 100,
  }
}

/** 22 characters that say nothing of their order, as the random end of a ULID. */
function hashed(number: number): string {
  const a = Math.imul(number + 1, 0x9e3779b1) >>> 0
  const b = Math.imul(a ^ (a >>> 15), 0x85ebca6b) >>> 0
  return `${String(number).padStart(8, '0')}${(a * 0x200000 + (b >>> 11)).toString(32).toUpperCase().padStart(14, '0')}`
}

function alerts({ alerts: count, stores, products }: DaySize, random: () => number): readonly Row[] {
  return Array.from({ length: count }, (_, sequence) => {
    const openedMs = startMs + whole(random, -dayMs, dayMs - 1)
    return {
      date: dateOf(openedMs),
      store_id: `store-${String(1 + (sequence % stores)).padStart(4, '0')}`,
      product_id: `product-${String(Math.floor(sequence / stores) % products).padStart(5, '0')}`,
      change: 'opened',
      last_sale_at: openedMs - 3_600_000,
      opened_at: openedMs,
      resolved_at: null,
      partition_id: sequence % partitions,
      sequence,
      item: 0,
    }
  })
}

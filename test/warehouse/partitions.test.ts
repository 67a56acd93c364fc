import fc from 'fast-check'
import { type RetailEvent } from '../../src/event/event'
import { rollups } from '../../src/fold/rollups'
import { rulesId } from '../../src/fold/rules'
import { emptyState } from '../../src/fold/state'
import { step } from '../../src/fold/step'
import { liveChanges } from '../../src/pipeline/rows/derived'
import { applyBatch } from '../../src/warehouse/live'
import { countScattered, readScattered } from '../../src/warehouse/scattered'
import { line, log, rules, sale } from '../fold/entries'
import { startTestWarehouse, type TestWarehouse } from './postgres'

/*
 * A till that sends without a key, Event Grid in front of the hub, a hub that has grown: the events of one store come from
 * several partitions. Every figure that adds up, every extreme, every sketch is then what it is from one partition.
 */

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

/** Folds each partition's events apart, as the stream does, into an empty database. */
async function fill(partitions: readonly (readonly RetailEvent[])[]): Promise<void> {
  await server.warehouse.query(`TRUNCATE ${rollups.map(({ name }) => name).join(', ')}, gold_stockout, sink_position`)
  for (const [partition, events] of partitions.entries()) {
    if (events.length === 0) continue
    const { out, live } = step(emptyState(rules), log(...events), rules)
    const place = { stream: 'test', partition, sequence: events.length - 1, rules: rulesId(rules) }
    await applyBatch(server.warehouse, { ...place, ...liveChanges(rules, { out, live }) })
  }
}

/** What people see: every merged table and every view that is made of windows, as text, whatever order. */
async function seen(): Promise<Record<string, readonly string[]>> {
  const views = [
    ...rollups.map(({ name }) => `${name}_merged`),
    ...['v_sales_by_minute', 'v_sales_by_hour', 'v_sales_by_day', 'v_store_by_hour', 'v_top_products'],
    ...['v_top_categories', 'v_regions', 'v_funnel', 'v_payments', 'v_data_quality', 'v_stock_on_hand'],
  ]
  const found: Record<string, readonly string[]> = {}
  for (const view of views) {
    const rows = await server.warehouse.query(`SELECT (to_jsonb(v) - 'partitions')::text AS text FROM ${view} AS v`)
    found[view] = rows.map(({ text }) => text ?? '').sort()
  }
  return found
}

const stores = ['s1', 's2']
const base = (n: number, timeMs: number, store: number) => ({
  eventId: `e${n}`,
  schemaVersion: 1,
  storeId: stores[store] ?? 's1',
  // No two at one instant: which of them is the last is known within a partition only.
  eventTimeMs: timeMs * 100 + n,
})

const event = fc.record({
  kind: fc.constantFrom('sale', 'stock', 'activity', 'payment' as const),
  time: fc.nat({ max: 5000 }),
  store: fc.nat({ max: 1 }),
  product: fc.constantFrom('p1', 'p2'),
  number: fc.integer({ min: 1, max: 9 }),
  person: fc.constantFrom('ann', 'bob', 'cid'),
  failed: fc.boolean(),
})

function eventOf(
  { kind, time, store, product, number, person, failed }: typeof event extends fc.Arbitrary<infer T> ? T : never,
  n: number,
): RetailEvent {
  const head = base(n, time, store)
  switch (kind) {
    case 'sale': {
      const quantity = failed ? -1 : number
      const lines = [line({ productId: product, quantity, amountMinor: quantity * 125 })]
      const rest = { tipMinor: number, taxIncluded: false, paymentMethod: 'card', customerId: person }
      return { ...head, type: 'sale', ...rest, lines }
    }
    case 'stock':
      return { ...head, type: 'stock', productId: product, onHand: number, reason: 'count' }
    case 'activity':
      return { ...head, type: 'activity', channel: 'web', sessionId: person, action: 'view', category: 'dairy' }
    case 'payment': {
      const outcome = failed
        ? ({ status: 'failed', failureReason: 'expired' } as const)
        : { status: 'succeeded' as const }
      return { ...head, type: 'payment', orderId: 'o', amountMinor: number * 100, method: 'card', ...outcome }
    }
  }
}

test('a store in several partitions counts whole: what people see is what one partition would give', async () => {
  const scattered = fc.array(fc.tuple(event, fc.nat({ max: 3 })), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(scattered, async (drawn) => {
      const events = drawn.map(([fields], n) => eventOf(fields, n))
      await fill([events])
      const whole = await seen()
      await fill([0, 1, 2, 3].map((partition) => events.filter((_, n) => drawn[n]?.[1] === partition)))
      expect(await seen()).toEqual(whole)
    }),
    { numRuns: 25 },
  )
})

test('20 sales of 10.00 without a partition key are 200.00, and the store is counted and named', async () => {
  const sales = Array.from({ length: 20 }, (_, n) => ({
    ...sale(1, { id: `n${n}`, store: 'shop-nokey', cents: 1000 }),
  }))
  await fill([0, 1, 2, 3].map((partition) => sales.filter((_, n) => n % 4 === partition)))
  const sums = ['sales_1m', 'sales_1m_merged', 'v_sales_by_hour', 'v_store_by_hour', 'store_1m_merged']
  for (const table of sums) {
    const [row] = await server.warehouse.query(`SELECT sum(total_revenue) AS sum FROM ${table}`)
    expect({ table, ...row }).toEqual({ table, sum: '200.00' })
  }
  expect(await countScattered(server.warehouse)).toBe(1)
  expect(await readScattered(server.warehouse)).toEqual([{ storeId: 'shop-nokey', partitions: 4, received: 20 }])
})

test('stores that keep to a partition are not counted, nor those that were moved more than a day ago', async () => {
  const at = (minute: number, store: string) => sale(minute, { store })
  await fill([[at(1, 's1'), at(3000, 's2')], [at(2999, 's1')]])
  expect(await countScattered(server.warehouse)).toBe(0)
  await fill([[at(1, 's1'), at(3000, 's2')], [at(3000 - 24 * 60 + 2, 's2')]])
  expect(await readScattered(server.warehouse)).toEqual([{ storeId: 's2', partitions: 2, received: 2 }])
})

test('an alert of one partition is not closed by a sale that came through another', async () => {
  const quiet = [sale(0), sale(200, { product: 'p2' })]
  await fill([quiet, [sale(100)]])
  const [row] = await server.warehouse.query(`SELECT count(*) AS open FROM gold_stockout WHERE status = 'open'`)
  expect(row).toEqual({ open: '1' })
})

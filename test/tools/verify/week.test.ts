import { dayMs } from '../../../src/day'
import { bytesOf } from '../../../generator/event-text'
import { createRandom, whole } from '../../../generator/random'
import { simulate } from '../../../generator/simulate'
import { partitionOfKey } from '../../../local/hub/partition-key'
import { type Message } from '../../../src/event/message'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { emptyWarehouse, openPlant, thresholds } from '../../pipeline/plant'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { failures, hubOf, verifyPlant } from './stage'

/*
 * G6 on a generated week: opening hours, web sessions, failed payments, stock counts, late and doubled and broken events.
 * The stream, cut at random and restarted, the daily batch, and the recomputation from the hub's log agree.
 */

const startMs = Date.UTC(2026, 2, 2)
const days = Array.from({ length: 8 }, (_, day) => new Date(startMs + (day - 1) * dayMs).toISOString().slice(0, 10))
const partitionCount = 4
const seed = 5

/** About nine thousand events of a week, by partition. */
function aWeek(): readonly (readonly Message[])[] {
  const partitions: Message[][] = Array.from({ length: partitionCount }, () => [])
  const simulation = { seed, startMs, ratePerSecond: 0.015, stores: 7, products: 60, pattern: 'calendar' } as const
  for (const { storeId, text, atMs } of simulate({ ...simulation, late: 0.03, duplicates: 0.02, malformed: 0.02 })) {
    if (atMs >= startMs + 7 * dayMs) return partitions
    const messages = partitions[partitionOfKey(storeId, partitionCount)] ?? []
    messages.push({ sequence: messages.length, enqueuedMs: atMs, body: bytesOf(text) })
  }
  return partitions
}

let server: TestWarehouse
const partitions = aWeek()
const store = memoryStore()

beforeAll(async () => {
  server = await startTestWarehouse()
  await emptyWarehouse(server.warehouse)
  const random = createRandom(`cuts ${seed}`)
  const open = () => openPlant(store, { warehouse: server.warehouse, snapshotEveryEvents: 700 })
  let ports = await open()
  let ingest = openIngest(ports)
  const take = (share: number) =>
    Promise.all(
      partitions.map(async (messages, partition) => {
        const end = Math.floor(messages.length * share)
        for (let from = Math.floor(messages.length * (share - 0.5)); from < end;) {
          const size = whole(random, 1, 400)
          await ingest.take(partition, messages.slice(from, Math.min(end, from + size)))
          from += size
        }
      }),
    )
  await take(0.5)
  ports = await open()
  ingest = openIngest(ports)
  await take(1)
  await runDays(dailyPorts(ports, thresholds), days)
})
afterAll(() => server.close())

test('the week holds everything the rollups count', async () => {
  const report = await verifyPlant({ store, warehouse: server.warehouse, hub: hubOf(...partitions) })
  expect(failures(report)).toEqual([])
  const { silver, gold, bronze } = report
  const checked = Object.entries({ ...silver.checks, ...gold.checks }).map(
    ([name, check]) => [name, check.checked] as const,
  )
  expect(checked.filter(([, rows]) => rows < 20)).toEqual([])
  expect(bronze.figures.rejected).toBeGreaterThan(50)
  expect(silver.figures.lateSales).toBeGreaterThan(20)
  expect(silver.figures.duplicates).toBeGreaterThan(20)
})

const date = `(window_start AT TIME ZONE 'UTC')::date`
const sums = (names: string) =>
  names
    .split(' ')
    .map((name) => `sum(${name}) AS ${name}`)
    .join(', ')

/** The batch's table, its key and figures, and the same of the stream's windows. */
const pairs = [
  ['gold_daily_sales', 'store_id, product_id', 'total_qty total_revenue transactions', 'sales_1m', ''],
  ['gold_daily_store', 'store_id', 'total_transactions total_revenue', 'store_1m', 'unique_customers'],
  [
    'gold_daily_mix',
    'store_id, region, city, country, channel, payment_method, category, brand, customer_segment',
    'total_qty total_revenue transactions orders',
    'mix_1m',
    '',
  ],
  [
    'gold_daily_funnel',
    'store_id, channel, category',
    'views add_to_carts checkouts purchases',
    'funnel_1m',
    'sessions',
  ],
  ['gold_daily_payments', 'store_id, method, status, failure_reason', 'payments amount', 'payments_1m', ''],
] as const

test.each(pairs)('G6: %s is what the windows of its day add up to', async (gold, key, figures, live, distinct) => {
  const merged = distinct === '' ? '' : `, sketch_estimate(sketch_merge(${distinct}_sketch)) AS ${distinct}`
  const text = (relation: string) => `SELECT to_jsonb(r)::text AS text FROM (${relation}) AS r ORDER BY 1`
  const columns = [...figures.split(' '), ...(distinct === '' ? [] : [distinct])].join(', ')
  const batch = await server.warehouse.query(text(`SELECT date, ${key}, ${columns} FROM ${gold}`))
  const stream = await server.warehouse.query(
    text(`SELECT ${date} AS date, ${key}, ${sums(figures)}${merged} FROM ${live} GROUP BY ${date}, ${key}`),
  )
  expect(batch.length).toBeGreaterThan(20)
  expect(stream).toEqual(batch)
})

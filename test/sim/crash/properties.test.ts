import * as fc from 'fast-check'
import { type Store } from '../../../src/lake/store'
import { readRows } from '../../../src/lake/scan'
import { openTable } from '../../../src/lake/open-table'
import { refresh } from '../../../src/lake/table'
import { type Message } from '../../../src/event/message'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { goldDailySales } from '../../../src/pipeline/daily/tables'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, everything, openPlant, thresholds } from '../../pipeline/plant'
import { messagesOf, written } from './log'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

const plant = (store: Store) => openPlant(store, { warehouse: server.warehouse, snapshotEveryEvents: 4 })

/** Which partition's turn it is, how many messages come, and whether a fresh process takes them. */
const turn = fc.record({
  partition: fc.nat({ max: 1 }),
  size: fc.integer({ min: 1, max: 5 }),
  process: fc.constantFrom('the same', 'the same', 'a fresh one'),
})

const logs = fc.tuple(written, written)

/** The run under way: one that the time limit cuts off goes on, and must end before others use the database. */
let running: Promise<unknown> = Promise.resolve()
const run = (property: () => Promise<void>): Promise<void> => {
  const done = property()
  running = done.catch(() => undefined)
  return done
}
afterEach(() => running)

test('G3: any split into batches, any interleaving of partitions and any restart give the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.array(turn, { maxLength: 30 }), (both, turns) =>
      run(async () => {
        const partitions = both.map(messagesOf)
        await emptyWarehouse(server.warehouse)
        const whole = memoryStore()
        const one = openIngest(await plant(whole))
        for (const [partition, log] of partitions.entries()) await one.take(partition, log)
        const expected = await everything(whole, server.warehouse)

        await emptyWarehouse(server.warehouse)
        const cut = memoryStore()
        const taken = partitions.map(() => 0)
        let ingest = openIngest(await plant(cut))
        const take = (partition: number, size: number): Promise<void> => {
          const from = taken[partition] ?? 0
          taken[partition] = from + size
          const batch: readonly Message[] = partitions[partition]?.slice(from, from + size) ?? []
          return ingest.take(partition, batch)
        }
        for (const { partition, size, process } of turns) {
          if (process === 'a fresh one') ingest = openIngest(await plant(cut))
          await take(partition, size)
        }
        await Promise.all(partitions.map((log, partition) => take(partition, log.length)))
        expect(await everything(cut, server.warehouse)).toEqual(expected)
      }),
    ),
    { numRuns: 30, interruptAfterTimeLimit: 8_000 },
  )
})

test('G6: the daily batch agrees to the cent with silver and the windows still open', async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.integer({ min: 1, max: 5 }), (both, size) =>
      run(async () => {
        const partitions = both.map(messagesOf)
        await emptyWarehouse(server.warehouse)
        const store = memoryStore()
        const ports = await plant(store)
        const ingest = openIngest(ports)
        for (const [partition, log] of partitions.entries()) {
          for (let from = 0; from < log.length; from += size) await ingest.take(partition, log.slice(from, from + size))
        }
        await runDays(dailyPorts(ports, thresholds), ['2026-03-01'])
        expect(await batchTotals(store)).toEqual(await streamTotals(store))
      }),
    ),
    { numRuns: 12, interruptAfterTimeLimit: 8_000 },
  )
})

type Totals = Record<string, readonly [quantity: number, cents: number, transactions: number]>

/** What the batch made of the day, by store and product. */
async function batchTotals(store: Store): Promise<Totals> {
  const totals: Totals = {}
  const { root } = goldDailySales
  for await (const rows of readRows({ store, root }, await refresh(await openTable({ store, root })))) {
    for (const row of rows) add(totals, row)
  }
  return totals
}

/** What the stream made of it: closed windows and corrections from silver, open windows from PostgreSQL. */
async function streamTotals(store: Store): Promise<Totals> {
  const totals: Totals = {}
  const root = 'silver/sales_1m'
  for await (const rows of readRows({ store, root }, await refresh(await openTable({ store, root })))) {
    for (const row of rows) add(totals, row)
  }
  const open = await server.warehouse.query(
    'SELECT store_id, product_id, total_qty, (total_revenue * 100)::bigint AS total_revenue, transactions FROM sales_1m WHERE NOT closed',
  )
  for (const row of open) add(totals, row)
  return totals
}

function add(totals: Totals, row: Readonly<Record<string, unknown>>): void {
  const shelf = `${String(row.store_id)} ${String(row.product_id)}`
  const [quantity, cents, transactions] = totals[shelf] ?? [0, 0, 0]
  totals[shelf] = [
    quantity + Number(row.total_qty),
    cents + Number(row.total_revenue),
    transactions + Number(row.transactions),
  ]
}

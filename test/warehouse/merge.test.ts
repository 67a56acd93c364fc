import { rollups } from '../../src/fold/rollups'
import { addText, estimate, type Sketch, sketchBytes, sketchSize } from '../../src/fold/sketch'
import { liveTable } from '../../src/pipeline/rows/derived'
import { applyBatch, type LiveBatch, type LiveRow } from '../../src/warehouse/live'
import { startTestWarehouse, type TestWarehouse } from './postgres'
import { batch, noonMs } from './tables'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
beforeEach(() => server.warehouse.query('TRUNCATE store_1m, quality_1m, stock_5m, sink_position'))
afterAll(() => server.close())

const tableOf = (name: string) => {
  const rollup = rollups.find((each) => each.name === name)
  if (!rollup) throw new Error(`no rollup ${name}`)
  return liveTable(rollup, { minorDigits: 2 })
}

/** Adds rows to a table, all in one batch up to the last row's sequence. */
async function add(name: string, rows: readonly LiveRow[], more: Partial<LiveBatch> = {}): Promise<void> {
  const additions = [{ table: tableOf(name), rows }]
  await applyBatch(server.warehouse, batch(Math.max(...rows.map(({ sequence }) => sequence)), { additions, ...more }))
}

const read = async (columns: string, table: string) =>
  (await server.warehouse.query(`SELECT ${columns} FROM ${table} ORDER BY 1`)).map((row) =>
    Object.values(row).join(' '),
  )

const seen = (sequence: number, onHand: number | null, minute: number): LiveRow => ({
  store_id: 's1',
  window_start: noonMs,
  product_id: 'p1',
  on_hand: onHand,
  on_hand_at: onHand === null ? null : noonMs + minute * 60_000,
  min_on_hand: onHand,
  closed: true,
  sequence,
})

test('the last count is the newest by event time, of equals the one that came last, in one batch or in many', async () => {
  const minute = `on_hand, extract(minute FROM on_hand_at)::integer, min_on_hand`
  await add('stock_5m', [seen(1, 5, 2), seen(1, 7, 3), seen(1, 8, 3), seen(1, 9, 1)])
  expect(await read(minute, 'stock_5m')).toEqual(['8 3 5'])
  await add('stock_5m', [seen(2, 4, 2)])
  expect(await read(minute, 'stock_5m')).toEqual(['8 3 4'])
  await add('stock_5m', [seen(3, 6, 3)])
  expect(await read(minute, 'stock_5m')).toEqual(['6 3 4'])
  await add('stock_5m', [seen(4, null, 0)])
  expect(await read(minute, 'stock_5m')).toEqual(['6 3 4'])
})

const event = (sequence: number, late: number): LiveRow => ({
  store_id: 'unknown',
  window_start: noonMs,
  reason: 'schema',
  received: 3,
  valid: 1,
  rejected: 2,
  duplicates: 0,
  conflicting: 0,
  repeated_receipts: 0,
  late: 1,
  late_seconds: late,
  max_late_seconds: late,
  closed: true,
  sequence,
})

test('rejects of two partitions are two rows of one key, and each keeps its own figures', async () => {
  await add('quality_1m', [event(1, 30), event(2, 10)])
  await add('quality_1m', [event(1, 50)], { partition: 1 })
  const columns = 'partition_id, received, late_seconds, max_late_seconds, quality_pct'
  expect(await read(columns, 'quality_1m')).toEqual(['0 6 40 30 33.33', '1 3 50 50 33.33'])
})

const customers = (from: number, to: number) => {
  const sketch: Sketch = new Set()
  for (let i = from; i < to; i++) addText(sketch, `customer ${i}`)
  return sketch
}
const takings = (sequence: number, sketch: Sketch): LiveRow => ({
  store_id: 's1',
  window_start: noonMs,
  ...Object.fromEntries(tableOf('store_1m').values.map(({ name }) => [name, 0])),
  total_transactions: 1,
  total_revenue: 100,
  unique_customers_sketch: sketchBytes(sketch),
  closed: true,
  sequence,
})

test('customers of late sales are counted once, whoever had come before', async () => {
  await add('store_1m', [takings(1, customers(0, 3)), takings(1, customers(2, 5))])
  expect(await read('unique_customers', 'store_1m')).toEqual(['5'])
  await add('store_1m', [takings(2, customers(4, 6))])
  await add('store_1m', [takings(3, customers(0, 0))])
  expect(await read('unique_customers', 'store_1m')).toEqual(['6'])
  const [row] = await read('unique_customers_sketch', 'store_1m')
  expect(row).toBe(`\\x${Buffer.from(sketchBytes(customers(0, 6))).toString('hex')}`)
})

test('the functions of the database make the sketches and estimates of the fold, beyond their size too', async () => {
  const [a, b] = [customers(0, sketchSize), customers(sketchSize / 2, 3 * sketchSize)]
  const hex = (sketch: Sketch) => `\\x${Buffer.from(sketchBytes(sketch)).toString('hex')}`
  const [row] = await server.warehouse.query(
    `SELECT sketch_merge(s)::text AS merged, sketch_estimate(sketch_merge(s)) AS estimate FROM unnest($1::bytea[]) AS s`,
    [[hex(a), hex(b)]],
  )
  const union = customers(0, 3 * sketchSize)
  expect(row?.merged === hex(union)).toBe(true)
  expect(Number(row?.estimate)).toBe(estimate(union))
})

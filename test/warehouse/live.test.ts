import fc from 'fast-check'
import { applyBatch, readPosition, type LiveBatch } from '../../src/warehouse/live'
import { columnsOf, type LiveTable, type Row } from '../../src/warehouse/table'
import { readTable } from './read-table'
import { startTestWarehouse, type TestWarehouse } from './postgres'
import { batch, noonMs, sale, sales, stores, takings } from './tables'

let server: TestWarehouse

beforeAll(async () => {
  server = await startTestWarehouse()
})

beforeEach(() => server.warehouse.query('TRUNCATE sales_1m, store_1m, gold_stockout, sink_position'))

afterAll(() => server.close())

const apply = (given: LiveBatch) => applyBatch(server.warehouse, given)

function rowsOf(table: LiveTable): Promise<readonly Row[]> {
  return readTable(server.warehouse, { name: table.name, columns: columnsOf(table), orderBy: table.key })
}

const upserted = (table: LiveTable, rows: LiveBatch['upserts'][number]['rows']) => ({ upserts: [{ table, rows }] })
const added = (table: LiveTable, rows: LiveBatch['upserts'][number]['rows']) => ({ additions: [{ table, rows }] })

test('rows come back as they were written, and the position is remembered', async () => {
  expect(await readPosition(server.warehouse, batch(0))).toBeUndefined()
  expect(await apply(batch(7, upserted(sales, [sale(7, { total_revenue: -12_345 })])))).toEqual({ position: 7 })
  expect(await readPosition(server.warehouse, batch(0))).toBe(7)
  expect(await rowsOf(sales)).toEqual([{ ...sale(7, { total_revenue: -12_345 }), partition_id: 0 }])
})

test('a row replaces one of a lower sequence, and no other', async () => {
  await apply(batch(5, upserted(sales, [sale(5, { total_qty: 5 })])))
  await apply(batch(6, upserted(sales, [sale(5, { total_qty: 500 }), sale(4, { total_qty: 400 })])))
  expect(await rowsOf(sales)).toMatchObject([{ total_qty: 5, sequence: 5 }])
  await apply(batch(9, upserted(sales, [sale(8, { total_qty: 8 }), sale(9, { total_qty: 9 })])))
  expect(await rowsOf(sales)).toMatchObject([{ total_qty: 9, sequence: 9 }])
})

test('a replayed batch changes nothing, and the position never falls', async () => {
  const first = batch(5, { ...upserted(sales, [sale(3)]), ...added(stores, [takings(4), takings(5)]) })
  await apply(first)
  const before = [await rowsOf(sales), await rowsOf(stores)]
  await apply(batch(20))
  expect(await apply(first)).toEqual({ position: 20 })
  expect([await rowsOf(sales), await rowsOf(stores)]).toEqual(before)
  expect(await readPosition(server.warehouse, batch(0))).toBe(20)
})

test('corrections to one row are summed, on top of what is there or as a new row', async () => {
  await apply(batch(1, upserted(sales, [sale(1, { total_qty: 10, total_revenue: 1000, closed: true })])))
  const late = [
    sale(3, { total_qty: 2, total_revenue: 250, closed: true }),
    sale(2, { total_qty: -1, total_revenue: -50, closed: true }),
    sale(3, { product_id: 'P2', closed: true }),
  ]
  await apply(batch(3, added(sales, late)))
  expect(await rowsOf(sales)).toEqual([
    {
      ...sale(3, { total_qty: 11, total_revenue: 1200, transactions: 3, closed: true }),
      partition_id: 0,
    },
    { ...sale(3, { product_id: 'P2', closed: true }), partition_id: 0 },
  ])
})

test('an average is computed from the sums, by upserts and by corrections', async () => {
  const average = async () => (await rowsOf(stores))[0]?.avg_transaction_value
  await apply(batch(1, upserted(stores, [takings(1, { total_revenue: 1000, total_transactions: 3 })])))
  expect(await average()).toBe(333)
  await apply(batch(2, added(stores, [takings(2, { total_revenue: 1 })])))
  expect(await average()).toBe(250)
  // 2.005 and -2.005: ties go away from zero.
  await apply(batch(3, upserted(stores, [takings(3, { total_revenue: 401, total_transactions: 2 })])))
  expect(await average()).toBe(201)
  await apply(batch(4, upserted(stores, [takings(4, { total_revenue: -401, total_transactions: 2 })])))
  expect(await average()).toBe(-201)
  await apply(batch(5, added(stores, [takings(5, { total_revenue: 401, total_transactions: -2 })])))
  expect(await average()).toBeNull()
})

test('G2: corrections count once under redelivery in overlapping batches by two owners', async () => {
  const slices = fc.array(fc.record({ from: fc.nat(29), length: fc.integer({ min: 1, max: 30 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(slices, fc.uuid(), async (deliveries, stream) => {
      const slice = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, at) => sale(from + at, { store_id: stream, total_qty: from + at }))
      const deliver = (from: number, to: number) => apply(batch(to - 1, { stream, ...added(sales, slice(from, to)) }))
      // As a partition is delivered: a batch starts at or below the position of the one before.
      let next = 0
      for (const { from, length } of deliveries) {
        const start = Math.min(from, next)
        const end = Math.min(start + length, 30)
        await Promise.all([deliver(start, end), deliver(start, end)])
        next = Math.max(next, end)
      }
      await deliver(0, 30)
      const [row] = (await rowsOf(sales)).filter((found) => found.store_id === stream)
      expect(row).toMatchObject({ total_qty: 435, transactions: 30, sequence: 29 })
    }),
    { numRuns: 15 },
  )
})

test('many owners of one partition and of others end with the sums of one', async () => {
  const work = Array.from({ length: 10 }, (_, sequence) => sequence).flatMap((sequence) =>
    [0, 1, 2].flatMap((partition) => {
      const rows = ['B', 'A'].map((product) => sale(sequence, { store_id: `S${partition}`, product_id: product }))
      const given = batch(sequence, { partition, ...added(sales, rows) })
      return [given, given]
    }),
  )
  // In order within a partition, as each owner goes; the two owners of a partition and all partitions at once.
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (owner) => {
      for (const [at, given] of work.entries()) if (at % 6 === owner) await apply(given)
    }),
  )
  const rows = await rowsOf(sales)
  expect(rows).toHaveLength(6)
  for (const row of rows) expect(row).toMatchObject({ total_qty: 10, sequence: 9 })
})

test('a batch that fails half way leaves nothing, and says which it was', async () => {
  const beyond = takings(3, { total_transactions: 10n ** 19n })
  const bad = batch(3, { ...upserted(sales, [sale(3)]), ...added(stores, [beyond]) })
  await expect(apply(bad)).rejects.toThrow(/batch of stream live partition 0 up to sequence 3 not taken.*out of range/)
  expect(await rowsOf(sales)).toEqual([])
  expect(await readPosition(server.warehouse, bad)).toBeUndefined()
})

test.each([
  ['a missing cell', sale(1, { product_id: undefined as never }), 'sales_1m.product_id expected a string, got nothing'],
  [
    'a fraction of a cent',
    sale(1, { total_revenue: 0.5 }),
    'sales_1m.total_revenue expected a whole number of units of its last digit',
  ],
  ['a time as text', sale(1, { window_start: '2026-01-01' }), 'sales_1m.window_start expected epoch milliseconds'],
  ['a flag as a number', sale(1, { closed: 1 }), 'sales_1m.closed expected true or false'],
])('%s is refused by name', async (_, row, message) => {
  await expect(apply(batch(1, upserted(sales, [row])))).rejects.toThrow(message)
})

test('names that are no plain identifiers are refused', async () => {
  const table = { ...sales, name: 'sales_1m"; DROP TABLE sales_1m; --' }
  await expect(apply(batch(1, upserted(table, [sale(1)])))).rejects.toThrow('expected a name of lower case letters')
})

test('any text survives, except that U+0000 becomes U+FFFD', async () => {
  const strings = fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 50 })
  const weird = [
    `'; DROP TABLE sales_1m; --`,
    '{"a","b"}',
    'NULL',
    'null',
    '',
    '\\',
    '"',
    ' a\t\n',
    'Zürich 店 🛒',
    'a\0b',
  ]
  await fc.assert(
    fc.asyncProperty(strings, async (given) => {
      await server.warehouse.query('TRUNCATE sales_1m, sink_position')
      const names = [...new Set([...weird, ...given].map((text) => text.replaceAll('\0', '\uFFFD')))]
      const rows = [...weird, ...given].map((text) => sale(1, { product_id: text }))
      await apply(batch(1, upserted(sales, rows)))
      expect((await rowsOf(sales)).map((row) => row.product_id).toSorted()).toEqual(names.toSorted())
    }),
    { numRuns: 20 },
  )
})

test('a batch of 5,000 rows goes in at once', async () => {
  const rows = Array.from({ length: 5000 }, (_, at) =>
    sale(at, { product_id: `P${at}`, window_start: noonMs + at * 60_000 }),
  )
  await apply(batch(5000, upserted(sales, rows)))
  expect(await rowsOf(sales)).toHaveLength(5000)
})

test('whole numbers beyond 2^53 keep every digit', async () => {
  const qty = 2n ** 62n + 1n
  await apply(batch(1, upserted(sales, [sale(1, { total_qty: qty })])))
  expect(await rowsOf(sales)).toMatchObject([{ total_qty: qty }])
})

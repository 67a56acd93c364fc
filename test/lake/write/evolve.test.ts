import { append } from '../../../src/lake/write/append'
import { entryPath } from '../../../src/lake/log/log-name'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { type Column, type TableSchema } from '../../../src/lake/schema'
import { type Store } from '../../../src/lake/store'
import { refresh } from '../../../src/lake/table'
import { appendShared } from '../../../src/lake/write/shared-append'
import { type Fault, faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, column, openSales, sale, salesSchema } from '../tables'

const root = 'lake/sales'
const day = '2010-12-01'
const operation = 'WRITE'
const [date, store, revenue] = salesSchema.columns as [Column, Column, Column]
const [note, qty] = [{ ...column('note', 'string'), comment: 'why' }, column('qty', 'long')]

const schemaOf = (...columns: readonly Column[]): TableSchema => ({ columns, partitionBy: ['date'] })
const names = ({ schema }: Snapshot) => schema.columns.map(({ name }) => name)

test.each([
  ['at the end', [date, store, revenue, note, qty]],
  ['anywhere', [note, date, store, qty, revenue]],
])('nullable columns %s are added by one commit, in their place', async (_, columns) => {
  const bare = memoryStore()
  await append(await openSales(bare), { rows: [sale(day, 'old', 1)], operation })
  const before = await readSnapshot(bare, root)
  const table = await openSales(bare, { schema: schemaOf(...columns) })
  expect(table.seen.snapshot.version).toBe(2)
  expect(table.seen.snapshot.schema.columns).toEqual(columns)
  expect({ ...table.seen.snapshot.metadata, schemaString: '' }).toEqual({ ...before?.metadata, schemaString: '' })

  await append(table, { rows: [{ ...sale(day, 'new', 2), note: 'n', qty: 3 }], operation })
  const row = { note: null, qty: null, ...sale(day, 'old', 1) }
  expect(await allRows(table, await refresh(table), 'store')).toEqual([
    { ...sale(day, 'new', 2), note: 'n', qty: 3 },
    row,
  ])
  const again = await openSales(bare, { schema: schemaOf(...columns) })
  expect(again.seen.snapshot.version).toBe(3)
})

test.each<[string, TableSchema, string]>([
  [
    'a column that must have a value',
    schemaOf(date, store, revenue, column('n', 'long', 'not null')),
    'column n expected long not null, got no such column',
  ],
  [
    'another type',
    schemaOf(date, { ...store, type: 'binary' }, revenue),
    'column store expected binary not null, got string not null',
  ],
  [
    'another nullability',
    schemaOf(date, store, { ...revenue, nullable: true }),
    'column revenue expected decimal(18,2), got decimal(18,2) not null',
  ],
  [
    'a column left out that must have a value',
    schemaOf(date, store),
    'column revenue expected nowhere, got decimal(18,2) not null',
  ],
  [
    'another order',
    schemaOf(date, revenue, store),
    'columns expected in the order (date, revenue, store), got (date, store, revenue)',
  ],
  ['another partition', { ...salesSchema, partitionBy: [] }, 'partition columns expected (), got (date)'],
  [
    'a name that differs in case only',
    schemaOf(date, store, revenue, column('Store', 'string')),
    'schema column "Store": expected once, got twice',
  ],
])('%s stays an error, and nothing is committed', async (_, schema, message) => {
  const bare = memoryStore()
  await openSales(bare)
  await expect(openSales(bare, { schema })).rejects.toThrow(message)
  expect((await readSnapshot(bare, root))?.version).toBe(0)
})

test('a process of before that opens the table later leaves the columns to the others', async () => {
  const bare = memoryStore()
  await openSales(bare)
  await openSales(bare, { schema: schemaOf(date, store, note, revenue) })
  const old = await openSales(bare)
  await append(old, { rows: [sale(day, 'a', 1)], operation })
  expect(names(await refresh(old))).toEqual(['date', 'store', 'note', 'revenue'])
  expect(await allRows(old, await refresh(old), 'store')).toEqual([{ ...sale(day, 'a', 1), note: null }])
})

test.each([
  ['alone', append],
  ['shared', appendShared],
] as const)('a writer that has the table open goes on, %s', async (_, take) => {
  const bare = memoryStore()
  const open = await openSales(bare)
  const newer = await openSales(bare, { schema: schemaOf(date, store, revenue, note) })
  await take(open, { rows: [sale(day, 'a', 1)], operation })
  await take(newer, { rows: [{ ...sale(day, 'b', 1), note: 'n' }], operation })
  await take(open, { rows: [sale(day, 'c', 1)], operation })
  const rows = await allRows(open, await refresh(open), 'store')
  expect(rows.map((row) => row['note'])).toEqual([null, 'n', null])
})

test('those who race to add columns add each once, whatever each of them adds', async () => {
  const bare = memoryStore()
  await openSales(bare)
  const schemas = [
    schemaOf(date, store, revenue, note),
    schemaOf(date, qty, store, revenue),
    schemaOf(date, qty, store, revenue, note),
  ]
  const writers = Array.from({ length: 3 }, () => openSales(bare))
  const racing = Array.from({ length: 9 }, (_, i) => openSales(bare, { schema: schemas[i % 3] ?? salesSchema }))
  await Promise.all([
    ...racing,
    ...writers.map(async (writer, n) => append(await writer, { rows: [sale(day, `${n}`, 1)], operation })),
  ])
  const snapshot = (await readSnapshot(bare, root)) as Snapshot
  expect(names(snapshot).sort()).toEqual(['date', 'note', 'qty', 'revenue', 'store'])
  expect(snapshot.version).toBeLessThanOrEqual(3 + 2)
  expect(await allRows({ store: bare, root }, snapshot, 'store')).toHaveLength(3)
})

test.each(['refused', 'applied, answer lost'] as const)(
  'a rename %s: the columns are there all the same',
  async (effect) => {
    const bare: Store = memoryStore()
    await openSales(bare)
    const fault: Fault = { call: 'rename', nth: 1, effect, path: '_delta_log' }
    const table = await openSales(faulty(bare, fault), { schema: schemaOf(date, store, revenue, note) })
    expect(names(table.seen.snapshot)).toEqual(['date', 'store', 'revenue', 'note'])
    expect(table.seen.snapshot.version).toBe(1)
  },
)

test('what others wrote about the columns there are stays to the letter', async () => {
  const bare = memoryStore()
  const { metadata } = (await openSales(bare)).seen.snapshot
  const schemaString = metadata.schemaString.replace('"metadata":{}', '"metadata":{"other":[1,{"x":null}]}')
  await bare.put(entryPath(root, 1), Buffer.from(JSON.stringify({ metaData: { ...metadata, schemaString } })))
  const table = await openSales(bare, { schema: schemaOf(date, store, revenue, note) })
  expect(table.seen.snapshot.metadata.schemaString).toContain('"metadata":{"other":[1,{"x":null}]}')
})

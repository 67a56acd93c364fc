import { append, prepareAppend } from '../../../src/lake/write/append'
import { configure } from '../../../src/lake/write/configure'
import { type Txn } from '../../../src/lake/log/action'
import { swap, type Swap } from '../../../src/lake/write/swap'
import { openTable } from '../../../src/lake/open-table'
import { refresh, type Table } from '../../../src/lake/table'
import { faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, column, openSales, replaceRows, sale, salesSchema } from '../tables'

const appId = 'hub/0'

/** A table with two days, at position 7. */
async function twoDays(): Promise<Table> {
  const table = await openSales(memoryStore())
  const rows = [sale('2010-12-01', 'a', 100), sale('2010-12-02', 'a', 200)]
  await append(table, { rows, moves: [{ appId, after: undefined, version: 7 }], operation: 'WRITE' })
  return table
}

/** A swap of the second day, up to position 9. */
async function secondDay(table: Table, changes: Partial<Swap> = {}): Promise<Swap> {
  const { adds } = await prepareAppend({ ...table, schema: changes.schema ?? table.schema }, [
    { ...sale('2010-12-02', 'b', 900), tax: 1 },
  ])
  return {
    adds,
    replaces: ({ partitionValues }) => partitionValues.date === '2010-12-02',
    positions: [{ appId, version: 9 }],
    covers: (found: Txn) => found.appId === appId && found.version <= 9,
    schema: table.schema,
    configure: (found) => ({ ...found, rules: 'new' }),
    operation: 'REBUILD',
    ...changes,
  }
}

const revenues = async (table: Table) =>
  (await allRows(table, await refresh(table), 'date')).map(({ revenue }) => revenue)

test('content, positions and properties change in one commit; other files stay', async () => {
  const table = await twoDays()
  const result = await swap(table, await secondDay(table))
  const snapshot = await refresh(table)
  expect(result).toEqual({ kind: 'committed', version: snapshot.version, removed: 1 })
  expect(await revenues(table)).toEqual([100, 900])
  expect(snapshot.txns.get(appId)).toBe(9)
  expect(snapshot.metadata.configuration).toEqual({ rules: 'new' })
})

test('what was appended meanwhile is replaced when it is covered, and else supersedes the swap', async () => {
  const table = await twoDays()
  const prepared = await secondDay(table)
  const other = await openTable({ store: table.store, root: table.root })
  const move = (after: number, version: number) =>
    append(other, { rows: [sale('2010-12-02', 'c', 5)], moves: [{ appId, after, version }], operation: 'WRITE' })
  await move(7, 8)
  await move(8, 10)
  expect(await swap(table, prepared)).toMatchObject({ kind: 'superseded', appId })
  expect((await revenues(table)).sort()).toEqual([100, 200, 5, 5])
  const wider = { ...prepared, positions: [{ appId, version: 10 }], covers: () => true }
  expect(await swap(table, wider)).toMatchObject({ kind: 'committed', removed: 3 })
  expect(await revenues(table)).toEqual([100, 900])
})

test('another schema is taken when no file stays that lacks it, and refused when one does', async () => {
  const table = await twoDays()
  const schema = { ...salesSchema, columns: [...salesSchema.columns, column('tax', 'long', 'not null')] }
  const prepared = await secondDay(table, { schema })
  await expect(swap(table, prepared)).rejects.toThrow(/column .*tax.* and 1 files stay; replace them all/)
  expect(await swap(table, { ...prepared, replaces: () => true })).toMatchObject({ kind: 'committed' })
  expect(await allRows(table, await refresh(table), 'date')).toEqual([{ ...sale('2010-12-02', 'b', 900), tax: 1 }])
})

test('a writer that has pinned a property commits nothing once it is another', async () => {
  const table = await twoDays()
  const pinned = await openTable({ store: table.store, root: table.root, pinned: { rules: 'old' } })
  await configure(pinned, { rules: 'old' })
  expect(await configure(table, { rules: 'old' })).toMatchObject({ kind: 'unchanged' })
  const move = { appId, after: 7, version: 8 }
  const rows = [sale('2010-12-02', 'c', 5)]
  await configure(table, { rules: 'new' })
  await expect(append(pinned, { rows, moves: [move], operation: 'WRITE' })).rejects.toThrow(
    'expected rules to be "old", got "new"; open it again',
  )
  expect(await revenues(table)).toEqual([100, 200])
})

test('swaps and appends racing leave whole swaps: of one partition exactly one', async () => {
  const store = memoryStore()
  const [first, second] = ['2010-12-01', '2010-12-02']
  const batch = async (name: string) =>
    replaceRows(await openSales(store), { date: first }, [sale(first, `${name} 1`, 1), sale(first, `${name} 2`, 2)])
  const appendLate = async (n: number) =>
    append(await openSales(store), { rows: [sale(second, `append ${n}`, n)], operation: 'WRITE' })
  await openSales(store)
  await Promise.all([...['x', 'y', 'z'].map(batch), ...[1, 2, 3, 4].map(appendLate)])
  const table = await openSales(store)
  const found = await allRows(table, await refresh(table), 'store')
  expect(found.filter(({ date }) => date === second)).toHaveLength(4)
  const left = found.filter(({ date }) => date === first).map((row) => String(row['store']).split(' ')[0])
  expect(left).toHaveLength(2)
  expect(new Set(left).size).toBe(1)
})

test.each(['applied, answer lost', 'refused'] as const)(
  'a rename %s leaves the new content in once',
  async (effect) => {
    const table = await openSales(faulty(memoryStore(), { call: 'rename', nth: 2, effect, path: '_delta_log' }))
    const result = await replaceRows(table, { date: '2010-12-01' }, [sale('2010-12-01', 'a', 1)])
    expect(result).toEqual({ kind: 'committed', version: 1, removed: 0 })
    expect(await revenues(table)).toEqual([1])
  },
)

test('an append-only table is added to, and nothing is taken out of it', async () => {
  const table = await openSales(memoryStore(), { configuration: { 'delta.appendOnly': 'true' } })
  const rows = [sale('2010-12-01', 'a', 1)]
  expect(await replaceRows(table, { date: '2010-12-01' }, rows)).toMatchObject({ kind: 'committed', removed: 0 })
  await expect(replaceRows(table, { date: '2010-12-01' }, rows)).rejects.toThrow(
    'delta table lake/sales: expected no removes, it is append-only (delta.appendOnly)',
  )
  expect(await revenues(table)).toEqual([1])
})

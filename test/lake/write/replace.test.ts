import { append } from '../../../src/lake/write/append'
import { replacePartition } from '../../../src/lake/write/replace'
import { type Row } from '../../../src/lake/schema'
import { type Store } from '../../../src/lake/store'
import { refresh, type Table } from '../../../src/lake/table'
import { faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, openSales, sale } from '../tables'

const [first, second] = ['2010-12-01', '2010-12-02']
const operation = 'WRITE'

async function content(table: Table): Promise<string[]> {
  const rows = await allRows(table, await refresh(table), 'store')
  return rows.map((row) => `${String(row['date'])} ${String(row['store'])} ${String(row['revenue'])}`)
}

async function* chunks(...parts: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  for (const part of parts) yield await Promise.resolve(part)
}

test('a partition is replaced in one commit and the others stay', async () => {
  const table = await openSales(memoryStore())
  await append(table, { rows: [sale(first, 'a', 1), sale(first, 'b', 2), sale(second, 'c', 3)], operation })
  const rows = chunks([sale(first, 'd', 4)], [], [sale(first, 'e', 5)])
  const result = await replacePartition(table, { partition: { date: first }, rows, operation })
  expect(result).toEqual({ kind: 'committed', version: 2 })
  expect(await content(table)).toEqual([`${second} c 3`, `${first} d 4`, `${first} e 5`])
})

test('the same batch again leaves the same content', async () => {
  const table = await openSales(memoryStore())
  const batch = { partition: { date: first }, rows: [sale(first, 'a', 1)], operation }
  await replacePartition(table, batch)
  const once = await content(table)
  await replacePartition(table, batch)
  expect(await content(table)).toEqual(once)
})

test('no rows empty the partition, and an empty partition is left alone', async () => {
  const table = await openSales(memoryStore())
  await append(table, { rows: [sale(first, 'a', 1)], operation })
  const empty = { partition: { date: first }, rows: [], operation }
  expect(await replacePartition(table, empty)).toEqual({ kind: 'committed', version: 2 })
  expect(await replacePartition(table, empty)).toEqual({ kind: 'unchanged', version: 2 })
  expect(await content(table)).toEqual([])
})

test('rows need not name their partition but may not name another', async () => {
  const table = await openSales(memoryStore())
  const partition = { date: first }
  await replacePartition(table, { partition, rows: [{ store: 'a', revenue: 1 }], operation })
  expect(await content(table)).toEqual([`${first} a 1`])
  await expect(replacePartition(table, { partition, rows: [sale(second, 'b', 1)], operation })).rejects.toThrow(
    'replace partition date=2010-12-01: got a row with date=2010-12-02',
  )
  await expect(replacePartition(table, { partition: { store: 'a' }, rows: [], operation })).rejects.toThrow(
    'expected one of (date), got "store"',
  )
})

test('rows appended while the batch ran are replaced too: the plan is made anew on the state it lands on', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  const other = await openSales(store)
  await append(other, { rows: [sale(first, 'late', 1), sale(second, 'kept', 1)], operation })
  await replacePartition(table, { partition: { date: first }, rows: [sale(first, 'new', 2)], operation })
  expect(await content(table)).toEqual([`${second} kept 1`, `${first} new 2`])
})

test('batches and appends racing leave whole batches: of one partition exactly one', async () => {
  const store = memoryStore()
  const batch = async (name: string) => {
    const rows = [sale(first, `${name} 1`, 1), sale(first, `${name} 2`, 2)]
    await replacePartition(await openSales(store), { partition: { date: first }, rows, operation })
  }
  const appendLate = async (n: number) => {
    await append(await openSales(store), { rows: [sale(second, `append ${n}`, n)], operation })
  }
  await openSales(store)
  await Promise.all([...['x', 'y', 'z'].map(batch), ...[1, 2, 3, 4].map(appendLate)])
  const found = await content(await openSales(store))
  expect(found.filter((row) => row.startsWith(second))).toHaveLength(4)
  const left = found.filter((row) => row.startsWith(first)).map((row) => row.split(' ')[1])
  expect(left).toHaveLength(2)
  expect(new Set(left).size).toBe(1)
})

test.each(['applied, answer lost', 'refused'] as const)('a rename %s leaves the batch in once', async (effect) => {
  const store: Store = memoryStore()
  const table = await openSales(faulty(store, { call: 'rename', nth: 2, effect, path: '_delta_log' }))
  const rows = [sale(first, 'a', 1)]
  const result = await replacePartition(table, { partition: { date: first }, rows, operation })
  expect(result).toEqual({ kind: 'committed', version: 1 })
  expect(await content(table)).toEqual([`${first} a 1`])
})

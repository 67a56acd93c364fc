import { dayMs } from '../../../src/day'
import { append, prepareAppend } from '../../../src/lake/write/append'
import { writeCheckpoint } from '../../../src/lake/upkeep/checkpoint'
import { encodeActions } from '../../../src/lake/log/action'
import { entryPath } from '../../../src/lake/log/log-name'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { type Store } from '../../../src/lake/store'
import { type Table } from '../../../src/lake/table'
import { planVacuum, vacuum } from '../../../src/lake/upkeep/vacuum'
import { memoryStore } from '../store/memory-store'
import { allRows, openSales, replaceRows, sale } from '../tables'

const root = 'lake/sales'
const first = '2010-12-01'
const operation = 'WRITE'
const startMs = Date.UTC(2010, 11, 1)

async function opened() {
  const time = { ms: startMs }
  const store = memoryStore({ nowMs: () => time.ms })
  return { store, table: await openSales(store, { clock: () => time.ms }), time }
}

const replace = (table: Table, name: string) => replaceRows(table, { date: first }, [sale(first, name, 1)])

async function dataFiles(store: Store): Promise<number> {
  return (await store.list(root)).filter(({ path }) => path.endsWith('.parquet')).length
}

async function storesAt(store: Store, version: number): Promise<unknown[]> {
  const snapshot = (await readSnapshot(store, root, { version })) as Snapshot
  return (await allRows({ store, root }, snapshot, 'store')).map((row) => row['store'])
}

test('a file goes when it has been out of the table for the retention, not before', async () => {
  const { store, table, time } = await opened()
  await replace(table, 'a')
  time.ms += 100 * dayMs
  await replace(table, 'b')
  time.ms += 7 * dayMs - 1
  expect(await vacuum(table, { nowMs: time.ms })).toEqual([])
  expect(await storesAt(store, 1)).toEqual(['a'])
  time.ms += 1
  expect((await planVacuum(table, { nowMs: time.ms })).map(({ path }) => path)).toEqual([
    expect.stringMatching(/^lake\/sales\/date=2010-12-01\/part-/),
  ])
  expect(await dataFiles(store)).toBe(2)
  expect(await vacuum(table, { nowMs: time.ms })).toHaveLength(1)
  expect(await dataFiles(store)).toBe(1)
  expect(await storesAt(store, 2)).toEqual(['b'])
})

test('tombstones are known from a checkpoint too', async () => {
  const { store, table, time } = await opened()
  await replace(table, 'a')
  time.ms += 100 * dayMs
  await replace(table, 'b')
  await writeCheckpoint(table)
  for (let version = 0; version <= 2; version++) await store.remove(entryPath(root, version))
  const cold = await openSales(store)
  expect(await vacuum(cold, { nowMs: time.ms + dayMs })).toEqual([])
  expect(await vacuum(cold, { nowMs: time.ms + 7 * dayMs })).toHaveLength(1)
})

test('files of writers at work stay, what a writer left behind goes', async () => {
  const { store, table, time } = await opened()
  await prepareAppend(table, [sale(first, 'left behind', 1)])
  await store.put(`${root}/_staged/left.json`, Buffer.from('{}'))
  time.ms += 8 * dayMs
  await prepareAppend(table, [sale(first, 'at work', 1)])
  await store.put(`${root}/_staged/work.json`, Buffer.from('{}'))
  expect(await vacuum(table, { nowMs: time.ms })).toHaveLength(2)
  expect(await dataFiles(store)).toBe(1)
  expect(await store.read(`${root}/_staged/work.json`)).toBeDefined()
})

test('a file that is old when its commit lands, between the listing and the state, stays', async () => {
  const { store, table, time } = await opened()
  const other = await openSales(store, { clock: () => time.ms })
  const { adds } = await prepareAppend(other, [sale(first, 'slow', 1)])
  time.ms += 8 * dayMs
  const committing: Store = {
    ...store,
    list: async (prefix, options) => {
      const files = await store.list(prefix, options)
      if (prefix === root) {
        const entry = encodeActions(adds.map((file) => ({ kind: 'add', file }) as const))
        await store.put(entryPath(root, 1), entry)
      }
      return files
    },
  }
  expect(await vacuum({ ...table, store: committing }, { nowMs: time.ms })).toEqual([])
  expect(await storesAt(store, 1)).toEqual(['slow'])
})

test('folders and files that begin with _ or . are left alone, partitions that do are not', async () => {
  const { store, table, time } = await opened()
  const kept = ['_delta_log/_sidecars/x.parquet', '_change_data/x.parquet', '.hidden/x.parquet', 'date=1/_SUCCESS']
  const swept = ['x.parquet', '_day=1/x.parquet', 'date=2010-12-01/x.txt']
  for (const name of [...kept, ...swept]) await store.put(`${root}/${name}`, Buffer.from('?'))
  const removed = await vacuum(table, { nowMs: time.ms + 8 * dayMs })
  expect(removed.map(({ path }) => path.slice(root.length + 1)).sort()).toEqual([...swept].sort())
})

test('a table whose files are elsewhere is refused', async () => {
  const { store, table, time } = await opened()
  const file = { path: 's3://other/x.parquet', partitionValues: {}, sizeBytes: 1, modifiedMs: 0, dataChange: true }
  await store.put(entryPath(root, 1), encodeActions([{ kind: 'add', file }]))
  await expect(vacuum(table, { nowMs: time.ms })).rejects.toThrow('expected files below the table')
})

test('an hour is the least, whatever the table asks for: a writer needs it to come to its commit', async () => {
  const time = { ms: startMs }
  const store = memoryStore({ nowMs: () => time.ms })
  const configuration = { 'delta.deletedFileRetentionDuration': 'interval 0 seconds' }
  const table = await openSales(store, { clock: () => time.ms, configuration })
  const { adds } = await prepareAppend(table, [sale(first, 'a', 1)])
  expect(await vacuum(table, { nowMs: startMs + 3_599_999 })).toEqual([])
  expect(adds).toHaveLength(1)
  expect(await vacuum(table, { nowMs: startMs + 3_600_000 })).toHaveLength(1)
})

test('it takes what stays in use from the newest state, whoever wrote it', async () => {
  const { store, table, time } = await opened()
  await append(await openSales(store, { clock: () => time.ms }), { rows: [sale(first, 'a', 1)], operation })
  time.ms += 100 * dayMs
  expect(await vacuum(table, { nowMs: time.ms })).toEqual([])
  expect(await storesAt(store, 1)).toEqual(['a'])
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withDuckDb } from '../../../src/lake/duckdb'
import { append, prepareAppend } from '../../../src/lake/write/append'
import {
  type CompactionSizes,
  compactable,
  compactPartition,
  defaultSizes,
  planCompaction,
} from '../../../src/lake/upkeep/compact'
import { parseEntry } from '../../../src/lake/log/action'
import { entryPath } from '../../../src/lake/log/log-name'
import { selectFiles } from '../../../src/lake/scan'
import { type Row } from '../../../src/lake/schema'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { parseStats } from '../../../src/lake/parquet/stats'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { refresh, type Table } from '../../../src/lake/table'
import { faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, column, counting, openSales, replaceRows, sale, salesSchema, storeOfFolder } from '../tables'

const root = 'lake/sales'
const operation = 'WRITE'
const [first, second] = ['2010-12-01', '2010-12-02']
const partition = { date: first }
const orderBy = ['store', 'revenue']

async function written(store: Store, commits: number): Promise<Table> {
  const table = await openSales(store)
  for (let n = 0; n < commits; n++) {
    const rows = [sale(first, `store ${(n * 7) % 10}`, n), sale(first, 'b', -n), sale(second, `kept ${n}`, n)]
    await append(table, { rows, operation })
  }
  return table
}

const texts = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort()
const content = async (table: Table) => texts(await allRows(table, await refresh(table), 'store'))

test('the small files of a partition become one, with the same rows in order, and the others stay', async () => {
  const store = memoryStore()
  const table = await written(store, 12)
  const before = await content(table)
  const result = await compactPartition(table, { partition, orderBy })
  expect(result).toEqual({ kind: 'committed', version: 13, removed: 12, added: 1 })
  expect(await content(table)).toEqual(before)
  const snapshot = await refresh(table)
  expect([selectFiles(snapshot, { partition }).length, snapshot.files.size]).toEqual([1, 13])
  const found: Row[] = []
  for (const row of await allRows(table, snapshot, 'none')) if (row['date'] === first) found.push(row)
  const key = (row: Row) => `${String(row['store'])} ${String(Number(row['revenue']) + 1000).padStart(5, '0')}`
  expect(found.map(key)).toEqual(found.map(key).sort())
  expect(await compactPartition(table, { partition, orderBy })).toEqual({ kind: 'nothing' })
})

test('the entry says that no data changed, and moves no position', async () => {
  const store = memoryStore()
  await compactPartition(await written(store, 3), { partition, orderBy })
  const { actions } = parseEntry(4, (await store.read(entryPath(root, 4))) ?? new Uint8Array())
  expect(actions.map(({ kind }) => kind)).toEqual(['commit-info', 'remove', 'remove', 'remove', 'add'])
  expect(actions[0]).toMatchObject({ info: { operation: 'OPTIMIZE', isBlindAppend: false } })
  for (const action of actions) if ('file' in action) expect(action.file.dataChange).toBe(false)
})

test('older versions read as before', async () => {
  const store = memoryStore()
  const table = await written(store, 4)
  const at = async (version: number) =>
    texts(await allRows(table, (await readSnapshot(store, root, { version })) as Snapshot, 'store'))
  const before = await at(3)
  await compactPartition(table, { partition, orderBy })
  expect(await at(3)).toEqual(before)
})

test('statistics are those of the rows, in every type', async () => {
  const columns = [
    column('id', 'string', 'not null'),
    column('body', 'binary'),
    column('ok', 'boolean'),
    column('count', 'integer', 'not null'),
    column('sequence', 'long'),
    column('ratio', 'double'),
    column('nan', 'double'),
    column('day', 'date'),
    column('at', 'timestamp'),
    column('price', 'decimal(18,2)'),
    column('rate', 'decimal(18,4)'),
    column('yen', 'decimal(18,0)'),
    column('kilos', 'decimal(18,3)'),
    column('never', 'string'),
  ]
  const table = await openTable({ store: memoryStore(), root, schema: { columns, partitionBy: [] } })
  const at = Date.UTC(1960, 0, 1, 1, 2, 3, 4)
  const low = {
    id: 'a',
    body: Buffer.from('x'),
    ok: true,
    count: -7,
    sequence: -5,
    ratio: -0.5,
    nan: 1,
    day: '1950-02-03',
    at,
    price: -105,
    rate: -1,
    yen: -(10n ** 17n),
    kilos: -485,
    never: null,
  }
  const high = {
    id: 'ü'.repeat(40),
    body: null,
    ok: false,
    count: 2 ** 31 - 1,
    sequence: 2n ** 62n,
    ratio: 1e300,
    nan: NaN,
    day: '9999-12-31',
    at: Date.UTC(2200, 1, 1, 0, 0, 0, 999),
    price: 10n ** 18n - 1n,
    rate: 123456,
    yen: 7,
    kilos: 10n ** 17n,
    never: null,
  }
  await append(table, { rows: [high], operation })
  await append(table, { rows: [low], operation })
  const wanted = await prepareAppend(table, [low, high])
  await compactPartition(table, { partition: {}, orderBy: ['count'] })
  const snapshot = await refresh(table)
  const [file] = [...snapshot.files.values()]
  expect(file?.stats).toBe(wanted.adds[0]?.stats)
  expect(parseStats(columns, file?.stats).min).toMatchObject({ sequence: -5, day: '1950-02-03', at, price: -105 })
  expect(await allRows(table, snapshot, 'count')).toEqual(
    [low, high].map((row) => ({ ...row, body: row.body && new Uint8Array(row.body) })),
  )
})

test('several new files when one would be too large, each a range of the order', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  const rows = Array.from({ length: 400 }, (_, i) => sale(first, `store ${String((i * 37) % 400).padStart(3, '0')}`, i))
  for (let n = 0; n < 400; n += 20) await append(table, { rows: rows.slice(n, n + 20), operation })
  const files = selectFiles(await refresh(table), { partition })
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const sizes = { targetBytes: totalBytes / 4, mostBytes: Infinity }
  expect(await compactPartition(table, { partition, orderBy, sizes })).toMatchObject({ removed: 20, added: 4 })
  const bounds = selectFiles(await refresh(table), { partition })
    .map(({ stats }) => parseStats(salesSchema.columns, stats))
    .map(({ numRecords, min, max }) => [numRecords, String(min['store']), String(max['store'])] as const)
    .sort((a, b) => (a[1] < b[1] ? -1 : 1))
  expect(bounds.map(([count]) => count)).toEqual([100, 100, 100, 100])
  for (const [i, [, low]] of bounds.entries()) if (i > 0) expect(low > (bounds[i - 1]?.[2] ?? '')).toBe(true)
})

describe('a plan', () => {
  const sizes: CompactionSizes = { targetBytes: 1000, mostBytes: 1200 }
  const planned = async (...sizesBytes: readonly number[]) => {
    const { seen } = await openSales(memoryStore())
    const file = (sizeBytes: number, i: number) => {
      const path = `${i}.parquet`
      return [path, { path, partitionValues: partition, sizeBytes, modifiedMs: 100 - i, dataChange: true }] as const
    }
    const files = seen.snapshot.files.with(new Map(sizesBytes.map(file)))
    const plan = planCompaction({ ...seen.snapshot, files }, partition, sizes)
    return plan && { files: plan.files.map(({ path }) => path), parts: plan.parts }
  }

  test('leaves large files, and small ones that would stay as many', async () => {
    expect(await planned(400, 500, 900)).toBeUndefined()
    expect(await planned(499)).toBeUndefined()
    expect(await planned(499, 500, 10)).toEqual({ files: ['2.parquet', '0.parquet'], parts: 1 })
    expect(await planned()).toBeUndefined()
  })

  test('takes the oldest first, no more than fits on disk', async () => {
    expect(await planned(400, 400, 400, 400)).toEqual({ files: ['3.parquet', '2.parquet', '1.parquet'], parts: 2 })
  })

  test('leaves files of large rows, which no reader could take many at a time of', async () => {
    const { seen } = await openSales(memoryStore())
    const file = (name: string, rows: number) => {
      const of = { path: name, partitionValues: partition, sizeBytes: 9_000_000, modifiedMs: 1, dataChange: true }
      return [name, { ...of, stats: `{"numRecords":${rows}}` }] as const
    }
    const plan = (rows: number) => {
      const files = seen.snapshot.files.with(new Map([file('a.parquet', rows), file('b.parquet', rows)]))
      return planCompaction({ ...seen.snapshot, files }, partition)?.files.length
    }
    expect(plan(10)).toBeUndefined()
    expect(plan(100_000)).toBe(2)
  })

  test('is about one partition', async () => {
    const { seen } = await openSales(memoryStore())
    expect(() => planCompaction(seen.snapshot, {})).toThrow('expected one partition, got none of its date')
  })

  test('names the partitions it would change, and when the newest file of each came', async () => {
    const store = memoryStore()
    const table = await written(store, 3)
    await append(table, { rows: [sale('2010-12-03', 'alone', 1)], operation })
    const newestMs = Math.max(...Array.from(table.seen.snapshot.files.values(), ({ modifiedMs }) => modifiedMs))
    expect(compactable(table.seen.snapshot)).toEqual([
      { partition: { date: first }, smallFiles: 3, newestMs: expect.any(Number) as number },
      { partition: { date: second }, smallFiles: 3, newestMs: expect.any(Number) as number },
    ])
    for (const one of compactable(table.seen.snapshot)) expect(one.newestMs).toBeLessThan(newestMs)
    expect(compactable(table.seen.snapshot, { ...defaultSizes, targetBytes: 1 })).toEqual([])
  })
})

/** A store that runs something when the first of the new files is put. */
function during(store: Store, run: () => Promise<unknown>): Store {
  let done = false
  return {
    ...store,
    put: async (path, bytes) => {
      if (!done && path.endsWith('.parquet')) {
        done = true
        await run()
      }
      await store.put(path, bytes)
    },
  }
}

test('K3: what is appended meanwhile is in the table, and the compaction too', async () => {
  const store = memoryStore()
  const writer = await written(store, 5)
  const before = await content(writer)
  const late = sale(first, 'late', 1)
  const table = await openSales(during(store, () => append(writer, { rows: [late], operation })))
  expect(await compactPartition(table, { partition, orderBy })).toMatchObject({
    kind: 'committed',
    version: 7,
    removed: 5,
  })
  expect(await content(writer)).toEqual([...before, ...texts([late])].sort())
})

test('K2: it gives up when a file was replaced meanwhile, and what replaced it stays', async () => {
  const store = memoryStore()
  const writer = await written(store, 5)
  const replace = () => replaceRows(writer, partition, [sale(first, 'new', 1)])
  const table = await openSales(during(store, replace))
  expect(await compactPartition(table, { partition, orderBy })).toEqual({ kind: 'conflict', version: 6 })
  const rows = await allRows(writer, await refresh(writer), 'store')
  expect(rows.filter((row) => row['date'] === first)).toEqual([sale(first, 'new', 1)])
})

test('K2: of two compactions at once one gets in, and no row is lost or doubled', async () => {
  const store = memoryStore()
  const before = await content(await written(store, 6))
  const tables = [await openSales(store), await openSales(store)]
  const results = await Promise.all(tables.map((table) => compactPartition(table, { partition, orderBy })))
  expect(results.map(({ kind }) => kind).sort()).toEqual(['committed', 'conflict'])
  expect(await content(await openSales(store))).toEqual(before)
})

test.each([
  ['read', 'refused'],
  ['put', 'refused'],
  ['put', 'torn'],
  ['put', 'applied, answer lost'],
  ['rename', 'refused'],
  ['rename', 'applied, answer lost'],
] as const)('K1: a %s that is %s, at any step, leaves the rows as they were', async (call, effect) => {
  for (let nth = 1; ; nth++) {
    const store = memoryStore()
    const before = await content(await written(store, 3))
    const { store: counted, count } = counting(faulty(store, { call, nth, effect: effect as 'refused' }))
    const opened = await openSales(counted).catch(() => undefined)
    if (opened) await compactPartition(opened, { partition, orderBy }).catch(() => undefined)
    expect({ nth, rows: await content(await openSales(store)) }).toEqual({ nth, rows: before })
    if (count(call, '') < nth) break
    expect((await compactPartition(await openSales(store), { partition, orderBy })).kind).toMatch(/committed|nothing/)
    expect(await content(await openSales(store))).toEqual(before)
  }
})

test('K1: a source that does not read stops it before anything is committed', async () => {
  const store = memoryStore()
  const table = await written(store, 3)
  const [file] = selectFiles(await refresh(table), { partition })
  await store.put(`${root}/${file?.path ?? ''}`, Buffer.from('PAR1 no more'))
  await expect(compactPartition(table, { partition, orderBy })).rejects.toThrow()
  expect((await refresh(table)).version).toBe(3)
})

test('files of before a column was added go together with those of after', async () => {
  const store = memoryStore()
  const old = await written(store, 2)
  const columns = [...salesSchema.columns, column('note', 'string'), column('never', 'long')]
  const table = await openSales(store, { schema: { ...salesSchema, columns } })
  for (const note of ['x', null]) await append(table, { rows: [{ ...sale(first, 'n', 1), note }], operation })
  await append(old, { rows: [sale(first, 'old writer', 1)], operation })
  const before = await content(table)
  expect(await compactPartition(table, { partition, orderBy: ['note', 'never', 'store'] })).toMatchObject({
    removed: 5,
  })
  expect(await content(table)).toEqual(before)
  expect(before.filter((row) => row.includes('"note":"x"'))).toHaveLength(1)
})

test('a table of delta-rs: awkward partitions, other codecs', async () => {
  const store = await storeOfFolder(`${__dirname}/../golden/delta-rs/table`, root)
  const table = await openTable({ store, root })
  const text = (rows: readonly Row[]) =>
    rows
      .map((row) =>
        Object.values(row)
          .map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell)))
          .join(),
      )
      .sort()
  const before = text(await allRows(table, await refresh(table), 'at'))
  for (const store of ['a/b', 'United Kingdom', null]) {
    expect(await compactPartition(table, { partition: { store }, orderBy: ['at'] })).toMatchObject({
      kind: 'committed',
      added: 1,
    })
  }
  expect(text(await allRows(table, await refresh(table), 'at'))).toEqual(before)
  expect(table.seen.snapshot.files.size).toBe(3)
})

describe('K4: columns of types this code has not', () => {
  /** Spark's table of foreign types, its only file three times, and a column more when one is given. */
  async function foreign(more: readonly object[] = []): Promise<{ store: Store; table: Table }> {
    const store = await storeOfFolder(`${__dirname}/../golden/spark-foreign-types/table`, root)
    const { files, metadata } = (await openTable({ store, root })).seen.snapshot
    const [file] = [...files.values()]
    const bytes = (await store.read(`${root}/${file?.path ?? ''}`)) ?? new Uint8Array()
    const actions: object[] = ['twin', 'triplet'].map((name) => ({
      add: {
        path: `${name}.parquet`,
        partitionValues: {},
        size: bytes.byteLength,
        modificationTime: 0,
        dataChange: true,
      },
    }))
    for (const name of ['twin', 'triplet']) await store.put(`${root}/${name}.parquet`, bytes)
    if (more.length > 0) {
      const { fields } = JSON.parse(metadata.schemaString) as { fields: readonly object[] }
      const schemaString = JSON.stringify({ type: 'struct', fields: [...fields, ...more] })
      const format = { provider: 'parquet', options: {} }
      actions.push({ metaData: { id: metadata.id, format, schemaString, partitionColumns: [], configuration: {} } })
    }
    await store.put(entryPath(root, 2), Buffer.from(actions.map((action) => JSON.stringify(action)).join('\n')))
    return { store, table: await openTable({ store, root }) }
  }

  /** All columns with their types and values, in an order of names, as DuckDB reads the files. */
  async function everything(store: Store, table: Table): Promise<readonly string[]> {
    const { files } = await refresh(table)
    return withDuckDb(async ({ connection, folder }) => {
      const texts: string[] = []
      for (const { path } of files.values()) {
        const local = join(folder, path)
        await writeFile(local, (await store.read(`${root}/${path}`)) ?? new Uint8Array())
        const found = await connection.runAndReadAll(`FROM '${local}' ORDER BY id`)
        const types = found.columnNames().map((name, i) => `${name} ${String(found.columnType(i))}`)
        texts.push(
          ...found.getRowsJson().map((row) =>
            row
              .map((cell, i) => `${types[i]} ${JSON.stringify(cell)}`)
              .sort()
              .join('\n'),
          ),
        )
      }
      return texts.sort()
    }, {})
  }

  test('go over with the rest, in their types', async () => {
    const { store, table } = await foreign()
    const before = await everything(store, table)
    expect(before).toHaveLength(6)
    expect(before[0]).toContain('small DECIMAL(10,2) "12.34"')
    expect(await compactPartition(table, { partition: {}, orderBy: ['id'] })).toMatchObject({ removed: 3, added: 1 })
    expect(await everything(store, table)).toEqual(before)
  })

  test('one DuckDB might alter, an instant inside of another value, leaves the table as it is', async () => {
    const fields = [{ name: 'at', type: 'timestamp', nullable: true, metadata: {} }]
    const { table } = await foreign([{ name: 'seen', type: { type: 'struct', fields }, nullable: true, metadata: {} }])
    expect(compactable(await refresh(table))).toEqual([])
    expect(await compactPartition(table, { partition: {}, orderBy: ['id'] })).toEqual({ kind: 'nothing' })
    expect((await refresh(table)).files.size).toBe(3)
  })
})

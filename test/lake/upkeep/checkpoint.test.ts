import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { dayMs } from '../../../src/day'
import { append } from '../../../src/lake/write/append'
import { writeCheckpoint } from '../../../src/lake/upkeep/checkpoint'
import { checkpointPath, entryPath, lastCheckpointPath } from '../../../src/lake/log/log-name'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { refresh, type Table } from '../../../src/lake/table'
import { faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, column, counting, openSales, replaceRows, sale, storeOfFolder } from '../tables'

const root = 'lake/sales'
const operation = 'WRITE'
const [first, second] = ['2010-12-01', '2010-12-02']
const startMs = Date.UTC(2010, 11, 1)

/** Versions 1 to `commits` append a row each and move a position. */
async function appended(table: Table, commits: number): Promise<void> {
  for (let n = 0; n < commits; n++) {
    const moves = [{ appId: 'app', after: table.seen.snapshot.txns.get('app'), version: table.seen.snapshot.version }]
    await append(table, { rows: [sale(n % 2 === 0 ? first : second, `store ${n}`, n)], moves, operation })
  }
}

/** A state in an order of its own; that files are a change of data is said by the log, not by a checkpoint. */
function plain({ files, tombstones, ...rest }: Snapshot): object {
  const sorted = (all: Iterable<{ readonly path: string }>) =>
    Array.from(all, (file) => ({ ...file, dataChange: false })).sort((a, b) => (a.path < b.path ? -1 : 1))
  return { ...rest, files: sorted(files.values()), tombstones: sorted(tombstones.values()) }
}

async function textOf(store: Store, path: string): Promise<string> {
  return Buffer.from((await store.read(path)) ?? []).toString()
}

/** Takes away what came before a version, so that only its checkpoint can tell. */
async function forget(store: Store, before: number): Promise<void> {
  for (let version = 0; version < before; version++) await store.remove(entryPath(root, version))
}

test('a checkpoint and the log before it are the same state', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  await appended(table, 5)
  await replaceRows(table, { date: first }, [sale(first, 'again', 9)])
  const replayed = await readSnapshot(store, root)
  const written = await writeCheckpoint(table)
  expect(written).toMatchObject({ kind: 'written', version: 6 })

  await forget(store, 7)
  const read = (await readSnapshot(store, root)) as Snapshot
  expect(plain(read)).toEqual(plain(replayed as Snapshot))
  expect(read.tombstones.size).toBe(3)
  expect((await allRows({ store, root }, read, 'store')).map((row) => row['store'])).toEqual([
    'again',
    'store 1',
    'store 3',
  ])
})

test('a cold start reads the newest checkpoint and what came after, not the history', async () => {
  const bare = memoryStore()
  const table = await openSales(bare)
  await appended(table, 40)
  await writeCheckpoint(table)
  await appended(table, 3)
  const { store, count } = counting(bare)
  expect((await readSnapshot(store, root))?.version).toBe(43)
  expect(count('read', '.json')).toBe(3)
  expect(count('read', '.checkpoint.parquet')).toBe(1)
  expect(count('read', '')).toBe(5)
  expect(count('list', '')).toBe(1)
})

test('the hint says what it names, and the newest stays named', async () => {
  const store = memoryStore()
  const [table, behind] = [await openSales(store), await openSales(store)]
  await appended(table, 4)
  await writeCheckpoint(table)
  const sizeInBytes = (await store.read(checkpointPath(root, 4)))?.byteLength
  expect(JSON.parse(await textOf(store, lastCheckpointPath(root)))).toEqual({
    version: 4,
    size: 7,
    sizeInBytes,
    numOfAddFiles: 4,
  })
  expect(await writeCheckpoint(behind)).toMatchObject({ kind: 'written', version: 0 })
  expect(JSON.parse(await textOf(store, lastCheckpointPath(root)))).toMatchObject({ version: 4 })
  expect(await writeCheckpoint(table)).toEqual({ kind: 'exists', version: 4 })
})

test('many at once leave one checkpoint that reads', async () => {
  const store = memoryStore()
  const tables = await Promise.all([1, 2, 3].map(() => openSales(store)))
  const results = await Promise.all(tables.map((table) => writeCheckpoint(table)))
  expect(results.map(({ kind }) => kind).sort()).toEqual(['exists', 'exists', 'written'])
  await forget(store, 1)
  expect((await readSnapshot(store, root))?.version).toBe(0)
})

test('a tombstone past its retention is left out, here and in memory', async () => {
  const store = memoryStore()
  let ms = startMs
  const table = await openSales(store, { clock: () => ms })
  const replace = (date: string, store: string) => replaceRows(table, { date }, [sale(date, store, 1)])
  await replace(first, 'a')
  await replace(first, 'b')
  ms += 6 * dayMs
  await replace(first, 'c')
  expect(table.seen.snapshot.tombstones.size).toBe(2)
  ms += 2 * dayMs
  await writeCheckpoint(table)
  expect(table.seen.snapshot.tombstones.size).toBe(1)
  await forget(store, 4)
  const read = await readSnapshot(store, root)
  expect(Array.from(read?.tombstones.values() ?? [], ({ deletedMs }) => deletedMs)).toEqual([startMs + 6 * dayMs])
})

test('the retention is the one the table asks for', async () => {
  let ms = startMs
  const open = async (interval: string) => {
    const table = await openSales(memoryStore(), {
      clock: () => ms,
      configuration: { 'delta.deletedFileRetentionDuration': interval },
    })
    for (const name of ['a', 'b']) {
      await replaceRows(table, { date: first }, [sale(first, name, 1)])
    }
    ms += 8 * dayMs
    return table
  }
  const [month, hours, nonsense] = [
    await open('interval 4 weeks 2 days'),
    await open('2 hours'),
    await open('interval 1 month'),
  ]
  await writeCheckpoint(month)
  await writeCheckpoint(hours)
  expect([month, hours].map(({ seen }) => seen.snapshot.tombstones.size)).toEqual([1, 0])
  await expect(writeCheckpoint(nonsense)).rejects.toThrow(
    'delta.deletedFileRetentionDuration: expected an interval such as "interval 7 days", got "interval 1 month"',
  )
})

test.each([
  ['put', 'refused'],
  ['put', 'torn'],
  ['put', 'applied, answer lost'],
  ['rename', 'refused'],
  ['rename', 'applied, answer lost'],
] as const)('a %s that is %s leaves a table that reads', async (call, effect) => {
  for (const nth of call === 'put' ? [1, 2] : [1]) {
    const store = memoryStore()
    await appended(await openSales(store), 3)
    const fault = { call, nth, effect: effect as 'refused' }
    const table = await openSales(faulty(store, fault))
    await expect(writeCheckpoint(table)).rejects.toThrow('faulty store')
    const read = (await readSnapshot(store, root)) as Snapshot
    expect(await allRows({ store, root }, read, 'store')).toHaveLength(3)
    await appended(table, 1)
    await writeCheckpoint(await openSales(store))
    await forget(store, 5)
    expect((await readSnapshot(store, root))?.files.size).toBe(4)
  }
})

test('what other writers noted is carried over, awkward names and 64-bit positions too', async () => {
  const store = await storeOfFolder(`${__dirname}/../golden/delta-rs/table`, root)
  const table = await openTable({ store, root })
  await append(table, {
    rows: [{ store: `it's "q" 100% ü😀/x`, sequence: 1, at: 0 }],
    moves: [{ appId: 'app "version":7', after: undefined, version: 9223372036854775807n }],
    operation,
  })
  const before = await readSnapshot(store, root)
  await writeCheckpoint(table)
  for (let version = 0; version <= 5; version++) await store.remove(entryPath(root, version))
  const after = await readSnapshot(store, root)
  expect(after?.metadata).toEqual(before?.metadata)
  expect(after?.txns).toEqual(before?.txns)
  const rows = async (snapshot: Snapshot | undefined) => allRows({ store, root }, snapshot as Snapshot, 'at')
  expect(await rows(after)).toEqual(await rows(before))
})

test('the date of each position is kept, and of one that has none there is none', async () => {
  const store = memoryStore()
  const table = await openSales(store)
  await appended(table, 2)
  const undated = Buffer.from(`{"txn":{"appId":"delta-rs","version":7}}`)
  await store.put(entryPath(root, 3), undated)
  const before = await refresh(table)
  expect([...before.txnDates]).toEqual([['app', expect.any(Number)]])
  await writeCheckpoint(table)
  await forget(store, 4)
  const after = (await readSnapshot(store, root)) as Snapshot
  expect(after.txns).toEqual(
    new Map([
      ['app', 1],
      ['delta-rs', 7],
    ]),
  )
  expect(after.txnDates).toEqual(before.txnDates)
})

test('its columns have the types of the protocol, for another engine', async () => {
  const store = memoryStore()
  const table = await openTable({
    store,
    root,
    schema: { columns: [column('store', 'string'), column('n', 'long')], partitionBy: ['store'] },
    configuration: { 'delta.logRetentionDuration': 'interval 60 days' },
  })
  await append(table, {
    rows: [
      { store: null, n: 1 },
      { store: 'a', n: 2 },
    ],
    operation,
  })
  await replaceRows(table, { store: 'a' }, [])
  await writeCheckpoint(table)
  const folder = mkdtempSync(join(tmpdir(), 'lake-checkpoint-'))
  const path = join(folder, 'checkpoint.parquet')
  writeFileSync(path, (await store.read(checkpointPath(root, 2))) ?? new Uint8Array())
  const db = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  const ask = async (sql: string) => (await db.runAndReadAll(sql)).getRowObjects()
  try {
    const described = await ask(`describe select * from '${path}'`)
    expect(
      Object.fromEntries(described.map((row) => [row['column_name'], String(row['column_type']).replaceAll('"', '')])),
    ).toEqual({
      txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
      add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags MAP(VARCHAR, VARCHAR))',
      remove:
        'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)',
      metaData:
        'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)',
      protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)',
    })
    // One action a row: where the others are absent the struct itself is null, not a struct of nulls.
    const shapes = await ask(
      `select (txn is not null)::int + (add is not null)::int + (remove is not null)::int + (metaData is not null)::int
         + (protocol is not null)::int as actions, count(*)::int as n from '${path}' group by 1`,
    )
    expect(shapes).toEqual([{ actions: 1, n: 4 }])
    const values = await ask(
      `select add.partitionValues['store'] is null as nothing, remove.partitionValues['store'] as removed,
         metaData.configuration['delta.logRetentionDuration'] as kept from '${path}'
       where add is not null or remove is not null or metaData is not null order by all`,
    )
    expect(values).toContainEqual({ nothing: true, removed: 'a', kept: null })
    expect(values).toContainEqual({ nothing: true, removed: null, kept: 'interval 60 days' })
  } finally {
    db.closeSync()
    rmSync(folder, { recursive: true })
  }
})

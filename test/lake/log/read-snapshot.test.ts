import { append } from '../../../src/lake/write/append'
import { LayeredMap } from '../../../src/lake/log/layered-map'
import { checkpointPath, entryPath, lastCheckpointPath } from '../../../src/lake/log/log-name'
import { readRows, selectFiles } from '../../../src/lake/scan'
import { type Row } from '../../../src/lake/schema'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { readVersions } from '../../../src/lake/log/versions'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { memoryStore } from '../store/memory-store'
import { allRows, column, counting, openSales, replaceRows, sale, storeOfFolder } from '../tables'

const root = 'lake/sales'
const operation = 'WRITE'
const days = ['2010-12-01', '2010-12-02', '2010-12-03'] as const
const minuteMs = 60_000

/** Version 0 creates; versions 1 to 3 append one row each, a minute apart; version 4 replaces the first day. */
async function history(): Promise<Store> {
  let ms = 0
  const store = memoryStore({ nowMs: () => ms })
  const table = await openSales(store)
  for (const [i, day] of days.entries()) {
    ms = (i + 1) * minuteMs
    const moves = [{ appId: 'app', after: i === 0 ? undefined : i - 1, version: i }]
    await append(table, { rows: [sale(day, `store ${i}`, i)], moves, operation })
  }
  ms = 4 * minuteMs
  await replaceRows(table, { date: days[0] }, [sale(days[0], 'again', 9)])
  return store
}

async function stores(store: Store, snapshot: Snapshot | undefined): Promise<unknown[]> {
  return snapshot ? (await allRows({ store, root }, snapshot, 'store')).map((row) => row['store']) : []
}

describe('time travel', () => {
  test('by version', async () => {
    const store = await history()
    const at = async (version: number) => stores(store, await readSnapshot(store, root, { version }))
    expect(await at(0)).toEqual([])
    expect(await at(2)).toEqual(['store 0', 'store 1'])
    expect(await at(4)).toEqual(['again', 'store 1', 'store 2'])
    await expect(at(5)).rejects.toThrow('delta table lake/sales: expected version 5, the newest is 4')
  })

  test('from a snapshot later than the version asked for', async () => {
    const store = await history()
    const from = await readSnapshot(store, root)
    const earlier = await readSnapshot(store, root, { version: 1, ...(from && { from }) })
    expect(await stores(store, earlier)).toEqual(['store 0'])
  })
})

test('the position of an application is the one of the version read', async () => {
  const store = await history()
  const at = async (version: number) => (await readSnapshot(store, root, { version }))?.txns.get('app')
  expect([await at(0), await at(1), await at(4)]).toEqual([undefined, 0, 2])
})

test('from an earlier snapshot only later entries are read, and the result is the same', async () => {
  const { store, count } = counting(await history())
  const from = await readSnapshot(store, root, { version: 2 })
  const before = count('read', '_delta_log')
  const newest = await readSnapshot(store, root, { ...(from && { from }) })
  expect(count('read', '_delta_log')).toBe(before + 2)
  expect(newest).toEqual(await readSnapshot(store, root))
})

test('no table is undefined, not an error', async () => {
  expect(await readSnapshot(memoryStore(), root)).toBeUndefined()
})

test('an entry missing from the log is an error that names it', async () => {
  const store = await history()
  await store.remove(entryPath(root, 2))
  await expect(readSnapshot(store, root)).rejects.toThrow(
    'delta log lake/sales: expected version 2 after no checkpoint, the next entry is 3; the log has lost entries',
  )
  await store.remove(entryPath(root, 0))
  await expect(readSnapshot(store, root)).rejects.toThrow('expected version 0 after no checkpoint')
})

test('foreign files in the log folder do not disturb', async () => {
  const store = await history()
  for (const name of ['_commit_x.json.tmp', '00000000000000000004.crc', 'readme.txt', '_staged/x.json']) {
    await store.put(`${root}/_delta_log/${name}`, Buffer.from('?'))
  }
  expect((await readSnapshot(store, root))?.version).toBe(4)
})

test.each([
  [
    { minReaderVersion: 2, minWriterVersion: 5 },
    'needs reader version 2 (columnMapping), this one is version 1; run ALTER TABLE … DROP FEATURE columnMapping, or',
  ],
  [
    { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['deletionVectors', 'v2Checkpoint'] },
    'run ALTER TABLE … DROP FEATURE deletionVectors; ALTER TABLE … DROP FEATURE v2Checkpoint, or read it with another',
  ],
  [
    { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['deletionVectors', 'timestampNtz'] },
    'needs reader version 3 (deletionVectors, timestampNtz), this one is version 1; timestampNtz cannot be dropped: read',
  ],
])('a table of a later reader protocol is refused by feature, with the way out', async (protocol, message) => {
  const store = await history()
  await store.put(entryPath(root, 5), Buffer.from(JSON.stringify({ protocol })))
  await expect(readSnapshot(store, root)).rejects.toThrow(message)
})

test('a table of a later writer protocol is read but not written', async () => {
  const store = await history()
  const table = await openSales(store)
  const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['changeDataFeed'] }
  await store.put(entryPath(root, 5), Buffer.from(JSON.stringify({ protocol })))
  expect((await readSnapshot(store, root))?.version).toBe(5)
  const message = 'needs writer version 7 (changeDataFeed), this one is version 2'
  await expect(openSales(store)).rejects.toThrow(message)
  await expect(append(table, { rows: [sale(days[0], 'x', 1)], operation })).rejects.toThrow(message)
})

test.each([
  ['checkConstraints', { minWriterVersion: 3 }, { 'delta.constraints.positive': 'revenue > 0' }],
  ['checkConstraints', { minWriterVersion: 7, writerFeatures: ['appendOnly', 'invariants', 'checkConstraints'] }, {}],
])(
  'what a writer version stands for is named, and how to drop it: %s, %j',
  async (feature, protocol, configuration) => {
    const store = await history()
    const { metadata } = (await readSnapshot(store, root)) as Snapshot
    const { createdMs: createdTime, ...rest } = metadata
    const metaData = { ...rest, createdTime, configuration }
    const entry = [{ protocol: { minReaderVersion: 1, ...protocol } }, { metaData }]
    await store.put(entryPath(root, 5), Buffer.from(entry.map((action) => JSON.stringify(action)).join('\n')))
    await expect(openSales(store)).rejects.toThrow(
      `(${feature}), this one is version 2; run ALTER TABLE … DROP FEATURE ${feature}, or write it with another engine`,
    )
  },
)

describe('reading rows', () => {
  test('columns asked for, in that order, of the partitions asked for', async () => {
    const store = await history()
    const snapshot = (await readSnapshot(store, root)) as Snapshot
    const read = async (options: Parameters<typeof readRows>[2]) => {
      const rows: Row[] = []
      for await (const chunk of readRows({ store, root }, snapshot, options)) rows.push(...chunk)
      return rows
    }
    const columns = ['store', 'date']
    expect(await read({ columns, partition: { date: days[1] } })).toEqual([{ store: 'store 1', date: days[1] }])
    expect(await read({ columns: ['date'], partition: { date: days[2] } })).toEqual([{ date: days[2] }])
    await expect(read({ columns: ['nope'] })).rejects.toThrow('expected one of date, store, revenue, got "nope"')
    await expect(read({ partition: { store: 'x' } })).rejects.toThrow('expected one of (date), got "store"')
  })

  test('files whose statistics rule them out are not fetched', async () => {
    const { store, count } = counting(await history())
    const snapshot = (await readSnapshot(store, root)) as Snapshot
    const rows: Row[] = []
    const where = ({ max }: { max: Partial<Row> }) => Number(max['revenue'] ?? Infinity) >= 9
    for await (const chunk of readRows({ store, root }, snapshot, { where })) rows.push(...chunk)
    expect(rows).toEqual([sale(days[0], 'again', 9)])
    expect(count('read', '.parquet')).toBe(1)
  })

  test('partition values that need escaping come back as they went in', async () => {
    const schema = { columns: [column('store', 'string'), column('n', 'long', 'not null')], partitionBy: ['store'] }
    const store = memoryStore()
    const table = await openTable({ store, root, schema })
    const values = ['United Kingdom', 'a/b', 'x=y', 'Ünï ✓', '100%', '%2F', 'q?#', `it's "q"`, 'c:d', '😀+&', null]
    await append(table, { rows: values.map((value, n) => ({ store: value, n })), operation })
    const snapshot = (await readSnapshot(store, root)) as Snapshot
    const rows = (await allRows(table, snapshot, 'n')).map((row) => [row['n'], row['store']] as const)
    expect(new Map(rows)).toEqual(new Map(values.map((value, n) => [n, value])))
    expect(selectFiles(snapshot, { partition: { store: null } })).toHaveLength(1)
    expect(selectFiles(snapshot, { partition: { store: 'a/b' } })[0]?.path).toMatch(/^store=a%2Fb\/part-00001-/)
    await expect(append(table, { rows: [{ store: '', n: 1 }], operation })).rejects.toThrow(
      'partition column "store" string: expected a string that is not empty',
    )
  })
})

describe('checkpoints this reader has not made', () => {
  const golden = (name: string) => storeOfFolder(`${__dirname}/../golden/${name}/table`, root)

  test('in parts are read whole, and a part that is missing is named, not called a lost entry', async () => {
    const store = await golden('spark-checkpoint-parts')
    const { store: counted, count } = counting(store)
    expect(await readSnapshot(counted, root)).toMatchObject({ version: 6 })
    expect([count('read', '.checkpoint.'), count('read', '.json')]).toEqual([2, 1])
    expect((await readVersions(store, root)).map(({ version }) => version)).toEqual([5, 6])
    await store.remove(`${root}/_delta_log/00000000000000000005.checkpoint.0000000002.0000000002.parquet`)
    await expect(readSnapshot(store, root)).rejects.toThrow(
      'delta log lake/sales: expected 2 parts of checkpoint 5, got 1; restore the others',
    )
  })

  test('of version 2 are named by their feature, also when no entry is left, and never taken for no table', async () => {
    const store = await golden('spark-checkpoint-v2')
    const message =
      'its checkpoint of version 5 needs a reader of v2Checkpoint, which this one is not, and the entries before it are gone; ' +
      'run ALTER TABLE … DROP FEATURE v2Checkpoint, or read it with another engine'
    await expect(readSnapshot(store, root)).rejects.toThrow(message)
    for (const version of [5, 6]) await store.remove(entryPath(root, version))
    await expect(openSales(store)).rejects.toThrow(message)
  })

  test('of version 2 or in too few parts do no harm where the entries are all there', async () => {
    const store = await history()
    const whole = await readSnapshot(store, root)
    for (const name of ['0f3b2c1d-0000-4000-8000-000000000000.parquet', '0000000001.0000000002.parquet']) {
      await store.put(`${root}/_delta_log/00000000000000000003.checkpoint.${name}`, Buffer.from('?'))
    }
    expect(await readSnapshot(store, root)).toEqual(whole)
  })
})

// test/interop/golden.py made the table, golden.test.ts compares its rows: history before version 3 is in the checkpoint only.
describe('a table of delta-rs', () => {
  const folder = `${__dirname}/../golden/delta-rs`

  test('is read from its checkpoint and the one entry after it', async () => {
    const { store, count } = counting(await storeOfFolder(`${folder}/table`, root))
    expect(await readSnapshot(store, root)).toMatchObject({ version: 4 })
    expect(count('read', '.json')).toBe(1)
  })

  test('is appended to and replaced in by this writer', async () => {
    const store = await storeOfFolder(`${folder}/table`, root)
    const table = await openTable({ store, root })
    const row = { store: 'a/b', qty: 100, revenue: 1, at: 0 }
    const before = (await allRows(table, table.seen.snapshot, 'at')).filter((old) => old['store'] !== 'a/b').length
    await replaceRows(table, { store: 'a/b' }, [row])
    const after = await allRows(table, (await readSnapshot(store, root)) as Snapshot, 'at')
    expect(after).toHaveLength(before + 1)
  })

  test('is read whole when the hint is torn or names a checkpoint that is gone', async () => {
    const store = await storeOfFolder(`${folder}/table`, root)
    const whole = await readSnapshot(store, root)
    for (const hint of ['{"vers', '{"version":99}', '{}']) {
      await store.put(lastCheckpointPath(root), Buffer.from(hint))
      expect(await readSnapshot(store, root)).toEqual(whole)
    }
  })

  test('without its checkpoint lacks history, and says so', async () => {
    const store = await storeOfFolder(`${folder}/table`, root)
    await expect(readSnapshot(store, root, { version: 2 })).rejects.toThrow('expected version 0')
    await store.remove(checkpointPath(root, 3))
    await expect(readSnapshot(store, root)).rejects.toThrow(
      'expected version 0 after no checkpoint, the next entry is 3',
    )
  })

  test('cleaned up past a remembered snapshot is read from the checkpoint', async () => {
    const store = await storeOfFolder(`${folder}/table`, root)
    const whole = (await readSnapshot(store, root)) as Snapshot
    const from = { ...whole, version: 1, files: LayeredMap.empty<never>(), txns: new Map() }
    expect(await readSnapshot(store, root, { from })).toEqual(whole)
  })
})

import { dayMs } from '../../../src/day'
import { reasonOf } from '../../../src/reason'
import { append } from '../../../src/lake/write/append'
import { writeCheckpoint } from '../../../src/lake/upkeep/checkpoint'
import { cleanLog, planLogCleaning } from '../../../src/lake/upkeep/clean-log'
import { checkpointPath, entryPath, lastCheckpointPath, logFolder } from '../../../src/lake/log/log-name'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { readVersions } from '../../../src/lake/log/versions'
import { type Store } from '../../../src/lake/store'
import { type Table } from '../../../src/lake/table'
import { vacuum } from '../../../src/lake/upkeep/vacuum'
import { memoryStore } from '../store/memory-store'
import { openSales, sale } from '../tables'

const root = 'lake/sales'
const startMs = Date.UTC(2010, 11, 1)

/** A table with a commit a day, which holds as many rows as its version says, and checkpoints at the versions given. */
async function daily(days: number, checkpoints: readonly number[]) {
  let ms = startMs
  const store = memoryStore({ nowMs: () => ms })
  const table = await openSales(store, { clock: () => ms })
  for (let day = 1; day <= days; day++) {
    ms = startMs + day * dayMs
    await append(table, { rows: [sale('2010-12-01', `day ${day}`, day)], operation: 'WRITE' })
    if (checkpoints.includes(day)) await writeCheckpoint(table)
  }
  return { store, table, nowMs: ms }
}

async function logOf(store: Store): Promise<string[]> {
  return (await store.list(logFolder(root))).map(({ path }) => path.slice(logFolder(root).length + 1))
}

async function rowsAt(store: Store, version: number): Promise<number | string> {
  return readSnapshot(store, root, { version }).then(
    (snapshot) => snapshot?.files.size ?? 0,
    (error: unknown) => reasonOf(error),
  )
}

test('L1: what could be read within the retention still can, and nothing older is left', async () => {
  const { store, table, nowMs } = await daily(60, [10, 20, 29, 31, 50])
  const removed = await cleanLog(table, { nowMs })
  // Thirty days before day 60 is day 30; the newest checkpoint not after it is that of day 29.
  expect(removed).toHaveLength(29 + 2)
  expect((await logOf(store))[0]).toBe('00000000000000000029.checkpoint.parquet')
  for (let version = 29; version <= 60; version++) expect(await rowsAt(store, version)).toBe(version)
  expect(await rowsAt(store, 28)).toMatch('expected version 0 after no checkpoint')
  const versions = await readVersions(store, root)
  expect(versions[0]?.version).toBe(29)
  expect(versions.filter(({ committedMs }) => committedMs <= nowMs - 30 * dayMs).at(-1)?.version).toBe(30)
})

test.each([
  ['there is no checkpoint', []],
  ['all checkpoints are within the retention', [40, 50]],
])('nothing goes while %s', async (_, checkpoints) => {
  const { store, table, nowMs } = await daily(60, checkpoints)
  const before = await logOf(store)
  expect(await cleanLog(table, { nowMs })).toEqual([])
  expect(await logOf(store)).toEqual(before)
})

test('L2: a checkpoint that the hint does not reach is no base, so that the one it names stays', async () => {
  const { store, table, nowMs } = await daily(60, [10, 20])
  await store.put(lastCheckpointPath(root), Buffer.from('{"version":10,"size":1}'))
  await cleanLog(table, { nowMs })
  expect((await logOf(store))[0]).toBe('00000000000000000010.checkpoint.parquet')
  await store.put(lastCheckpointPath(root), Buffer.from('{"vers'))
  expect(await planLogCleaning(table, { nowMs })).toEqual([])
})

test('the retention is the one the table asks for, and a plan removes nothing', async () => {
  let ms = startMs
  const store = memoryStore({ nowMs: () => ms })
  const configuration = { 'delta.logRetentionDuration': 'interval 2 days' }
  const table = await openSales(store, { clock: () => ms, configuration })
  await append(table, { rows: [], operation: 'WRITE' })
  await writeCheckpoint(table)
  ms += 2 * dayMs - 1
  expect(await planLogCleaning(table, { nowMs: ms })).toEqual([])
  ms += 1
  expect((await planLogCleaning(table, { nowMs: ms })).map(({ path }) => path)).toEqual([entryPath(root, 0)])
  expect(await logOf(store)).toContain('00000000000000000000.json')
})

test('files of other writers go with the versions they are of, and strangers stay', async () => {
  const { store, table, nowMs } = await daily(60, [20])
  const names = [
    '00000000000000000019.crc',
    '00000000000000000021.crc',
    '00000000000000000003.00000000000000000009.compacted.json',
    '00000000000000000018.00000000000000000022.compacted.json',
    '00000000000000000012.checkpoint.0000000001.0000000002.parquet',
    '_commit_x.json.tmp',
    'readme.txt',
  ]
  const old = memoryStore({ nowMs: () => startMs })
  for (const { path } of await store.list(root)) await old.put(path, (await store.read(path)) ?? new Uint8Array())
  for (const name of names) await old.put(`${logFolder(root)}/${name}`, Buffer.from('?'))
  await cleanLog({ ...table, store: old }, { nowMs })
  const left = await logOf(old)
  expect(names.filter((name) => left.includes(name))).toEqual([
    '00000000000000000021.crc',
    '00000000000000000018.00000000000000000022.compacted.json',
    'readme.txt',
  ])
})

test('cleaners and writers at once do not harm each other', async () => {
  const { store, table, nowMs } = await daily(60, [29])
  const writers: Table[] = await Promise.all([1, 2, 3].map(() => openSales(store, { clock: () => nowMs })))
  await Promise.all([
    ...writers.map((writer) => append(writer, { rows: [sale('2010-12-01', 'x', 1)], operation: 'WRITE' })),
    cleanLog(table, { nowMs }),
    cleanLog(writers[0] ?? table, { nowMs }),
  ])
  expect(await store.read(checkpointPath(root, 29))).toBeDefined()
  expect(await rowsAt(store, 63)).toBe(63)
})

test("another engine's compacted entries go with the versions they cover, and disturb nothing", async () => {
  const { store, table, nowMs } = await daily(60, [10, 29, 50])
  const name = (from: number, to: number) =>
    `${logFolder(root)}/${String(from).padStart(20, '0')}.${String(to).padStart(20, '0')}.compacted.json`
  const reach = { past: name(1, 20), across: name(25, 35), within: name(40, 45) }
  const old = { ...store, list: withOld(store, Object.values(reach)) }
  for (const path of Object.values(reach)) await store.put(path, Buffer.from('{"torn'))
  const removed = await cleanLog({ ...table, store: old }, { nowMs })
  expect(removed.map(({ path }) => path).filter((path) => path.includes('compacted'))).toEqual([reach.past])
  expect(await vacuum({ ...table, store: old }, { nowMs })).toEqual([])
  for (let version = 29; version <= 60; version++) expect(await rowsAt(store, version)).toBe(version)
})

/** Listings in which some files are as old as the table. */
function withOld(store: Store, paths: readonly string[]): Store['list'] {
  return async (prefix, options) =>
    (await store.list(prefix, options)).map((file) =>
      paths.includes(file.path) ? { ...file, modifiedMs: startMs } : file,
    )
}

test('a checkpoint in parts is a base when all of them are there', async () => {
  const { store, table, nowMs } = await daily(60, [10, 29])
  const part = (n: number) => checkpointPath(root, 29).replace('.parquet', `.000000000${n}.0000000002.parquet`)
  await store.rename(checkpointPath(root, 29), part(1))
  const old = { ...store, list: withOld(store, [part(1), part(2)]) }
  expect((await planLogCleaning({ ...table, store: old }, { nowMs })).at(-1)?.path).toBe(entryPath(root, 9))
  // An empty second part will do here: the state itself is not read.
  await store.put(part(2), Buffer.alloc(0))
  expect((await planLogCleaning({ ...table, store: old }, { nowMs })).at(-1)?.path).toBe(entryPath(root, 28))
})

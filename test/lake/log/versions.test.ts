import { checkpointPath, entryPath } from '../../../src/lake/log/log-name'
import { readVersions } from '../../../src/lake/log/versions'
import { memoryStore } from '../store/memory-store'

const root = 'lake/sales'

/** A store with a log whose files were stored at these times, in this order. */
async function logWith(...files: readonly (readonly [path: string, modifiedMs: number])[]) {
  let ms = 0
  const store = memoryStore({ nowMs: () => ms })
  for (const [path, modifiedMs] of files) {
    ms = modifiedMs
    await store.put(path, Buffer.from('?'))
  }
  return store
}

const entry = (version: number, modifiedMs: number) => [entryPath(root, version), modifiedMs] as const
const checkpoint = (version: number) => [checkpointPath(root, version), 0] as const

test('a version counts from the time its entry was stored', async () => {
  const store = await logWith(entry(0, 10), entry(1, 20), entry(2, 40))
  expect(await readVersions(store, root)).toEqual([
    { version: 0, committedMs: 10 },
    { version: 1, committedMs: 20 },
    { version: 2, committedMs: 40 },
  ])
})

test('times rise with the versions whatever the clock of the store did', async () => {
  const store = await logWith(entry(0, 10), entry(1, 10), entry(2, 3), entry(3, 50))
  const times = (await readVersions(store, root)).map(({ committedMs }) => committedMs)
  expect(times).toEqual([10, 11, 12, 50])
})

test('a log that was cleaned up begins with its first checkpoint', async () => {
  const store = await logWith(entry(3, 10), entry(4, 10), checkpoint(4), entry(5, 10), checkpoint(6), entry(6, 90))
  expect(await readVersions(store, root)).toEqual([
    { version: 4, committedMs: 11 },
    { version: 5, committedMs: 12 },
    { version: 6, committedMs: 90 },
  ])
})

test('without its first entries or a checkpoint nothing can be read, and without a table there is nothing', async () => {
  expect(await readVersions(await logWith(entry(3, 10)), root)).toEqual([])
  expect(await readVersions(memoryStore(), root)).toEqual([])
})

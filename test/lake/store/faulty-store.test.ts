import { faulty } from './faulty-store'
import { memoryStore } from './memory-store'

const bytes = new TextEncoder().encode('0123456789')

test('a refused call throws and leaves nothing, and the next one goes through', async () => {
  const inner = memoryStore()
  const store = faulty(inner, { call: 'put', nth: 2, effect: 'refused' })
  await store.put('c/1', bytes)
  await expect(store.put('c/2', bytes)).rejects.toThrow('faulty store: put 2: refused')
  await store.put('c/3', bytes)
  expect((await inner.list('c')).map(({ path }) => path)).toEqual(['c/1', 'c/3'])
})

test('a lost answer throws although the rename happened', async () => {
  const inner = memoryStore()
  const store = faulty(inner, { call: 'rename', nth: 1, effect: 'applied, answer lost' })
  await store.put('c/tmp', bytes)
  await expect(store.rename('c/tmp', 'c/log')).rejects.toThrow('answer lost')
  expect((await inner.list('c')).map(({ path }) => path)).toEqual(['c/log'])
})

test('a torn put leaves the first half', async () => {
  const inner = memoryStore()
  await expect(faulty(inner, { call: 'put', nth: 1, effect: 'torn' }).put('c/1', bytes)).rejects.toThrow('torn')
  expect(await inner.read('c/1')).toEqual(bytes.slice(0, 5))
})

test('a stale list misses the greatest path, once', async () => {
  const store = faulty(memoryStore(), { call: 'list', nth: 1, effect: 'stale' })
  await store.put('c/1', bytes)
  await store.put('c/2', bytes)
  expect((await store.list('c')).map(({ path }) => path)).toEqual(['c/1'])
  expect((await store.list('c')).map(({ path }) => path)).toEqual(['c/1', 'c/2'])
})

test('a slow call happens when it is let go', async () => {
  const inner = memoryStore()
  let letGo: () => void = () => undefined
  const until = new Promise<void>((resolve) => (letGo = resolve))
  const put = faulty(inner, { call: 'put', nth: 1, effect: 'slow', until }).put('c/1', bytes)
  expect(await inner.read('c/1')).toBeUndefined()
  letGo()
  await put
  expect(await inner.read('c/1')).toEqual(bytes)
})

test('a fault on a path counts only calls about it, and faults count apart from each other', async () => {
  const store = faulty(
    memoryStore(),
    { call: 'put', nth: 2, path: '_delta_log', effect: 'refused' },
    { call: 'put', nth: 4, effect: 'refused' },
  )
  await store.put('c/_delta_log/1', bytes)
  await store.put('c/data', bytes)
  await expect(store.put('c/_delta_log/2', bytes)).rejects.toThrow('put 2')
  await expect(store.put('c/data2', bytes)).rejects.toThrow('put 4')
  await store.put('c/_delta_log/2', bytes)
})

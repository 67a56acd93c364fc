import { decodeWatch, encodeWatch } from '../../../../sim/eval/watch/snapshot'
import { newWatch } from '../../../../sim/eval/watch/state'
import { addShelf } from '../../../../sim/eval/watch/shelves'
import { followShop } from './shop'

test('what is read back is what was written', () => {
  const { watch } = followShop({
    seed: 1,
    days: 9,
    stores: 2,
    shares: { p1: 0.2, p2: 0.1 },
    has: ({ productId, timeMs }) => productId === 'p1' || timeMs % 1e9 > 3e8,
  })
  expect(watch.open.size + watch.storeChecks.length).toBeGreaterThan(0)
  expect(encodeWatch(decodeWatch(encodeWatch(watch)))).toBe(encodeWatch(watch))
  expect(encodeWatch(decodeWatch(encodeWatch(newWatch())))).toBe(encodeWatch(newWatch()))
})

test('at 250,000 shelves one takes at most 150 bytes of text', () => {
  const { watch } = followShop({ seed: 1, days: 2, stores: 25, basketsPerHour: 2, shares: { p1: 0.2 } })
  for (let store = 0; store < 25; store++)
    for (let product = watch.products.length; product < 10_000; product++) {
      const row = addShelf(watch.shelves, store, product)
      watch.stores[store]?.heap.push(row)
    }
  expect(watch.shelves.count).toBeGreaterThan(249_000)
  expect(encodeWatch(watch).length / watch.shelves.count).toBeLessThanOrEqual(150)
})

import { observables, unobservable } from '../../../../sim/eval/watch/observable'
import { followShop } from './shop'

test('what sells once in three weeks is unobservable, and counts little of the revenue', () => {
  const shares = { often: 0.3, sometimes: 0.1, seldom: 0.0006 }
  const { watch } = followShop({ seed: 2, days: 28, shares }, { falseAlarmsPerWeek: 0.5 })
  const [store] = observables(watch)
  expect(store).toMatchObject({ storeId: 's0', shelves: 4, observableShelves: 3, open: 0, heldBack: 0 })
  expect(store?.observableRevenue).toBeGreaterThan(0.98)
  expect(store?.observableRevenue).toBeLessThan(1)
  expect(unobservable(watch, 0)).toEqual(['seldom'])
  expect(unobservable(watch, 1)).toEqual([])
})

test('with more time it can be observed', () => {
  const { watch } = followShop(
    { seed: 2, days: 28, shares: { seldom: 0.003 } },
    { falseAlarmsPerWeek: 0.5, observableMs: 365 * 86_400_000 },
  )
  expect(unobservable(watch, 0)).toEqual([])
})

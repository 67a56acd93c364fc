import { stepsOf } from '../../dashboard/funnel'

const funnel = { sessions: 50, views: 200, addToCarts: 50, checkouts: 50, purchases: 9, orders: 10 }

test('each step says what it lost of the one before', () => {
  expect(stepsOf(funnel)).toEqual([
    { name: 'Views', count: 200, dropPercent: null },
    { name: 'Added to cart', count: 50, dropPercent: 75 },
    { name: 'Checkouts', count: 50, dropPercent: 0 },
    { name: 'Online orders', count: 10, dropPercent: 80 },
  ])
})

test('where more came than had been before nothing is lost', () => {
  const drops = stepsOf({ ...funnel, addToCarts: 0, checkouts: 5, orders: 6 }).map(({ dropPercent }) => dropPercent)
  expect(drops).toEqual([null, 100, null, null])
})

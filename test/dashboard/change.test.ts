import fc from 'fast-check'
import { changeOf, pointsOf } from '../../dashboard/change'

test.each([
  [112, 100, 'up', 'up 12%'],
  [100, 112, 'down', 'down 11%'],
  [1_004, 1_000, 'up', 'up 0.4%'],
  [100_001, 100_000, 'up', 'up less than 0.1%'],
  [100, 100, 'same', 'same'],
  [0, 100, 'down', 'down 100%'],
  [-50, 100, 'down', 'down 150%'],
  [1_200, 100, 'up', '12 times'],
  // Nothing to divide by.
  [5, 0, 'new', 'new'],
  [5, null, 'new', 'new'],
  [0, 0, 'same', 'same'],
  [0, null, 'same', 'same'],
  // A share of a loss would read the wrong way round.
  [5, -10, 'up', 'up'],
  [-20, -10, 'down', 'down'],
  [null, 10, 'unknown', ''],
])('%p after %p is %s: %p', (now, before, direction, words) => {
  expect(changeOf(now, before)).toEqual({ direction, words })
})

test('no comparison is infinite or not a number', () => {
  const figure = fc.option(fc.integer())
  fc.assert(
    fc.property(figure, figure, (now, before) => {
      expect(changeOf(now, before).words).not.toMatch(/NaN|∞|Infinity/)
    }),
  )
})

test('percent are compared in points', () => {
  expect(pointsOf(99.5, 99.2).words).toBe('up 0.3 points')
  expect(pointsOf(98, 99.21).words).toBe('down 1.2 points')
  expect(pointsOf(99.51, 99.5).words).toBe('same')
  expect(pointsOf(99.5, null).words).toBe('new')
  expect(pointsOf(null, 99).words).toBe('')
})

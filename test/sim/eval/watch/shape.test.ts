import { addToShape, noShape, shapeAt } from '../../../../sim/eval/watch/shape'

const hourMs = 3_600_000

test('a category bought in the morning has a shape above 1 then and below 1 later, of what is sold at all', () => {
  const [bread, all] = [noShape(), noShape()]
  for (let day = 0; day < 28; day++) {
    for (let hour = 8; hour < 20; hour++) {
      for (let basket = 0; basket < 30; basket++) {
        const timeMs = (day * 24 + hour) * hourMs
        addToShape(all, timeMs, 1)
        if (basket < (hour < 10 ? 12 : 3)) addToShape(bread, timeMs, 1)
      }
    }
  }
  const at = (hour: number) => shapeAt(bread, all, { timeMs: (28 * 24 + hour) * hourMs, weight: 1 })
  // 12 of 30 against 4.5 of 30 on average, drawn a little to the middle.
  expect(at(8)).toBeGreaterThan(2)
  expect(at(8)).toBeLessThan(12 / 4.5)
  expect(at(12)).toBeLessThan(0.8)
  expect(at(12)).toBeGreaterThan(3 / 4.5)
  // An hour in which nobody was ever there is like any other.
  expect(at(3)).toBeCloseTo(1, 5)
})

test('few lines say little', () => {
  const [rare, all] = [noShape(), noShape()]
  for (let i = 0; i < 1_000; i++) addToShape(all, i * hourMs, 1)
  addToShape(rare, 8 * hourMs, 1)
  expect(shapeAt(rare, all, { timeMs: 8 * hourMs, weight: 1 })).toBeLessThan(1.1)
  expect(shapeAt(noShape(), noShape(), { timeMs: 0, weight: 1 })).toBe(1)
})

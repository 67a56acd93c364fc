import { expectedFor, learnSilence, noCalibration, surprise } from '../../../../sim/eval/watch/silence'
import { remembered, weightAt } from '../../../../sim/eval/watch/weight'

test('a share that is known for sure makes silence exponential, a guessed one makes it long', () => {
  const nothing = noCalibration()
  expect(surprise(nothing, 10, 1e9)).toBeCloseTo(10, 5)
  // (1 + E/n)^-n
  expect(surprise(nothing, 10, 5)).toBeCloseTo(5 * Math.log(3), 9)
  expect(surprise(nothing, 0, 5)).toBe(0)
})

test.each([0.5, 3, 40, 1e6])('the length for a surprise gives that surprise, known from %p', (known) => {
  const calibration = noCalibration()
  for (let i = 0; i < 500; i++) learnSilence(calibration, (i % 50) / 8, known)
  for (const wanted of [0.1, 1, 2.5, 6, 9]) {
    expect(surprise(calibration, expectedFor(calibration, wanted, known), known)).toBeCloseTo(wanted, 6)
  }
})

test('silences that end half as often as they should need twice the length', () => {
  const calibration = noCalibration()
  // Exponential with mean 2, by its quantiles.
  for (let i = 0; i < 3_000; i++) learnSilence(calibration, -2 * Math.log((i + 0.5) / 3_000), 1e6)
  expect(expectedFor(calibration, 8, 1e6)).toBeGreaterThan(14)
  expect(expectedFor(calibration, 8, 1e6)).toBeLessThan(17)
})

test('silences beyond the last edge, which may be empty shelves, teach nothing', () => {
  const learn = (longest: number) => {
    const calibration = noCalibration()
    for (let i = 0; i < 1_000; i++) learnSilence(calibration, i % 10 === 0 ? longest : (i % 40) / 9, 100)
    return surprise(calibration, 12, 100)
  }
  expect(learn(5)).toBe(learn(500))
})

test('weights double in the time they should, and stay finite for ever', () => {
  const memory = { originMs: 1_000, memoryMs: 100 / Math.LN2 }
  expect(weightAt(1_100, memory) / weightAt(1_000, memory)).toBeCloseTo(2, 9)
  expect(weightAt(0, memory)).toBe(1)
  expect(Number.isFinite(weightAt(1e15, memory) * 1e9)).toBe(true)
  expect(remembered(1e9, 100)).toBeCloseTo(100, 9)
})

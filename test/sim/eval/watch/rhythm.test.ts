import { basketsBetween, beat, isKnown, noRhythm, usualHour, whenExpected } from '../../../../sim/eval/watch/rhythm'
import { hourMs, mondayMs, usualHours, dayMs } from './shop'

function weeks(count: number) {
  const rhythm = noRhythm()
  for (let ms = mondayMs; ms < mondayMs + count * 7 * dayMs; ms += hourMs / 10) if (usualHours(ms)) beat(rhythm, ms)
  return rhythm
}

test('after two weeks the hours of trade are known, and nothing is expected at night', () => {
  const rhythm = weeks(2)
  expect(isKnown(rhythm)).toBe(true)
  const noon = mondayMs + 14 * dayMs + 12 * hourMs
  expect(basketsBetween(rhythm, noon, noon + hourMs / 2)).toBeCloseTo(5, 5)
  expect(basketsBetween(rhythm, noon + 8 * hourMs, noon + 20 * hourMs)).toBe(0)
  expect(usualHour(rhythm)).toBeCloseTo(10, 5)
})

test('so many baskets from closing time on are due the next morning, and on Monday after Saturday', () => {
  const rhythm = weeks(2)
  const eight = mondayMs + 14 * dayMs + 20 * hourMs
  expect(whenExpected(rhythm, eight, 5)).toBeCloseTo(eight + 12.5 * hourMs, -3)
  expect(whenExpected(rhythm, eight + 5 * dayMs, 5)).toBeCloseTo(eight + 5 * dayMs + 36.5 * hourMs, -3)
  expect(whenExpected(noRhythm(), eight, 5)).toBeUndefined()
})

test('a shop that closes for good is forgotten, however far away the next basket is', () => {
  const rhythm = weeks(2)
  beat(rhythm, mondayMs + 900 * 7 * dayMs)
  const noon = mondayMs + 900 * 7 * dayMs + 36 * hourMs
  expect(basketsBetween(rhythm, noon, noon + hourMs)).toBeLessThan(5)
})

import { clockOf, newStore, notePast, ticksAt, turnHour } from '../../../../sim/eval/watch/store'

const tenMinutesMs = 600_000

test('a clock ticks with baskets, more at hours when the category is bought', () => {
  const store = newStore('s')
  turnHour(store, { hour: 1, weight: 1, shapes: [1, 2] })
  store.ticks += 10
  expect([clockOf(store, 0).ticks, clockOf(store, 1).ticks]).toEqual([10, 20])
  turnHour(store, { hour: 2, weight: 4, shapes: [0.5, 2] })
  store.ticks += 10
  expect(clockOf(store, 0)).toEqual({ ticks: 15, weighted: 10 + 20 })
  expect(clockOf(store, 1)).toEqual({ ticks: 40, weighted: 20 + 80 })
})

test('what the counter showed is known for twelve hours, and what is older is as old as that', () => {
  const store = newStore('s')
  for (let slot = 0; slot < 200; slot++) {
    notePast(store, slot * tenMinutesMs)
    store.ticks += 1
  }
  // Ticks at the beginning of the next ten minutes: a silence is rather too short than too long.
  expect(ticksAt(store, 150 * tenMinutesMs + 1)).toBe(151)
  expect(ticksAt(store, 199 * tenMinutesMs)).toBe(200)
  expect(ticksAt(store, 5 * tenMinutesMs)).toBe(128)
})

test('hours without a basket are remembered too', () => {
  const store = newStore('s')
  notePast(store, 0)
  store.ticks = 7
  notePast(store, 20 * tenMinutesMs)
  store.ticks = 9
  expect(ticksAt(store, 10 * tenMinutesMs)).toBe(7)
})

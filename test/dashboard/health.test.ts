import { healthOf, minutesWithoutOrder } from '../../dashboard/health'

const nowMs = Date.parse('2026-11-29T14:03:00Z')
const ago = (seconds: number) => nowMs - seconds * 1000

test.each([
  ['a pulse and orders', ago(30), 0, 'live', 'Live'],
  ['a pulse, and a view that knows no orders', ago(30), null, 'live', 'Live'],
  ['a pulse, four minutes without an order', ago(30), 4, 'live', 'Live'],
  ['a pulse, five minutes without an order', ago(30), 5, 'quiet', 'Quiet: no order in 5 min, the pipe is healthy'],
  ['two pulses missed', ago(180), 0, 'live', 'Live'],
  ['three pulses missed', ago(181), 0, 'stuck', 'Stuck: no pulse for 3 min, the figures stand still'],
  ['neither pulse nor order', ago(7_200), 60, 'stuck', 'Stuck: no pulse for 2 h, the figures stand still'],
  ['a clock behind the pulse', ago(-20), 0, 'live', 'Live'],
  ['nothing ever', null, null, 'waiting', 'Waiting: nothing has been delivered yet'],
])('%s', (_, pulseMs, minutes, state, words) => {
  expect(healthOf({ pulseMs, minutesWithoutOrder: minutes }, nowMs)).toEqual({ state, words })
})

test('minutes without an order are counted from the end', () => {
  expect([[1, 2, 0, 0], [0, 0, 3], [0, 0, 0], []].map(minutesWithoutOrder)).toEqual([2, 0, 3, 0])
})

import { isSubMinute, missedRunMs, parseSchedule } from '../../../local/host/schedule'

const ms = (iso: string): number => Date.parse(iso)
const next = (expression: string, after: string): string =>
  new Date(parseSchedule(expression, 'timer').nextMs(ms(after))).toISOString()

test.each([
  ['0 20 0 * * *', '2026-03-01T00:20:00Z', '2026-03-02T00:20:00.000Z'],
  ['*/15 * * * * *', '2026-03-01T00:00:00Z', '2026-03-01T00:00:15.000Z'],
  ['0 */5 * * * *', '2026-03-01T00:04:59.999Z', '2026-03-01T00:05:00.000Z'],
  ['0 0 9 * * MON-FRI', '2026-03-06T10:00:00Z', '2026-03-09T09:00:00.000Z'],
  ['20 0 * * *', '2026-03-01T00:20:00Z', '2026-03-02T00:20:00.000Z'],
])('%s after %s fires at %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected)
})

test('day of month and day of week must both match', () => {
  // The 13th that is also a Friday.
  expect(next('0 0 0 13 * 5', '2026-01-01T00:00:00Z')).toBe('2026-02-13T00:00:00.000Z')
})

test.each(['', '* * *', '00:05:00', '61 * * * * *', '0 0 0 L * *', '0 0 12 ? * *', '@hourly', '0 0 0 * * 1#2'])(
  'the schedule "%s" is refused by name',
  (expression) => {
    expect(() => parseSchedule(expression, 'function "pulse"')).toThrow(`got "${expression}"`)
  },
)

test('an impossible date never fires', () => {
  expect(parseSchedule('0 0 0 31 2 *', 'timer').nextMs(0)).toBe(Infinity)
})

test('a schedule is below a minute when two of its occurrences are', () => {
  expect(isSubMinute(parseSchedule('*/30 * * * * *', 'timer'), 0)).toBe(true)
  expect(isSubMinute(parseSchedule('0,59 0 * * * *', 'timer'), 0)).toBe(true)
  expect(isSubMinute(parseSchedule('0 * * * * *', 'timer'), 0)).toBe(false)
})

test('a run is missed when its occurrence passed after the last run', () => {
  const schedule = parseSchedule('0 20 0 * * *', 'timer')
  const status = { lastMs: ms('2026-03-01T00:20:00Z'), nextMs: ms('2026-03-02T00:20:00Z'), lastUpdatedMs: 0 }
  expect(missedRunMs(schedule, status, ms('2026-03-02T00:20:00Z'))).toBeUndefined()
  expect(missedRunMs(schedule, status, ms('2026-03-02T07:00:00Z'))).toBe(ms('2026-03-02T00:20:00Z'))
})

test('a timer that has never run is judged from when it was first seen', () => {
  const schedule = parseSchedule('0 20 0 * * *', 'timer')
  const status = { lastMs: 0, nextMs: 0, lastUpdatedMs: ms('2026-03-01T12:00:00Z') }
  expect(missedRunMs(schedule, status, ms('2026-03-02T00:10:00Z'))).toBeUndefined()
  expect(missedRunMs(schedule, status, ms('2026-03-02T00:30:00Z'))).toBe(ms('2026-03-02T00:20:00Z'))
})

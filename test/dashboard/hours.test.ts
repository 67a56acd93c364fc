import { hourPairs } from '../../dashboard/hours'

const hours = (...times: readonly string[]) =>
  times.map((time) => ({ time: time.slice(0, 5), isAgain: time.endsWith('again'), revenueMinor: 100, orders: 1 }))

const shown = (...lists: Parameters<typeof hourPairs>) =>
  hourPairs(...lists).map(({ label, now, before }) => `${label}${now ? ' now' : ''}${before ? ' before' : ''}`)

test('hours of two days stand beside each other, without holes', () => {
  expect(shown(hours('09:00', '11:00'), hours('08:00', '09:00', '12:00'))).toEqual([
    '08:00 before',
    '09:00 now before',
    '10:00',
    '11:00 now',
    '12:00 before',
  ])
})

test('a day that begins at 04:00 ends after midnight', () => {
  expect(shown(hours('22:00', '23:00', '00:00'), hours('21:00', '23:00', '01:00'))).toEqual([
    '21:00 before',
    '22:00 now',
    '23:00 now before',
    '00:00 now',
    '01:00 before',
  ])
})

test('the hour that comes twice is two hours', () => {
  expect(shown(hours('01:00', '02:00', '02:00 again', '03:00'), hours('02:00'))).toEqual([
    '01:00 now',
    '02:00 now before',
    '02:00 again now',
    '03:00 now',
  ])
})

test('zones half an hour off have hours of their own', () => {
  expect(shown(hours('09:30', '11:30'), [])).toEqual(['09:30 now', '10:30', '11:30 now'])
})

test('days without sales have no hours', () => {
  expect(hourPairs([], [])).toEqual([])
})

import { clockText, type Day, type Offset, weekBefore } from '../../src/report/clock'

const hourMs = 3_600_000
const ms = (instant: string) => Date.parse(instant)

/* London: clocks forward on 29 March 2026 at 01:00Z, back on 25 October at 01:00Z. */
const london: readonly Offset[] = [
  { fromMs: ms('2026-01-01T00:00Z'), toMs: ms('2026-03-29T01:00Z'), offsetMs: 0 },
  { fromMs: ms('2026-03-29T01:00Z'), toMs: ms('2026-10-25T01:00Z'), offsetMs: hourMs },
  { fromMs: ms('2026-10-25T01:00Z'), toMs: ms('2027-01-01T00:00Z'), offsetMs: 0 },
]

/** A week before `now`, which day that is, and what should come out. */
function before(now: string, start: string, end: string): string {
  const day: Day = { calendar: 'Europe/London 00:00', zone: 'Europe/London', startMs: ms(start), endMs: ms(end) }
  return new Date(weekBefore(ms(now), { day, offsets: london })).toISOString().slice(0, 16)
}

const shortDay = ['2026-03-29T00:00Z', '2026-03-29T23:00Z'] as const
const longDay = ['2026-10-24T23:00Z', '2026-10-26T00:00Z'] as const

test.each([
  ['a day like any other', '2026-06-10T14:03Z', '2026-06-02T23:00Z', '2026-06-03T23:00Z', '2026-06-03T14:03'],
  ['after the short day of the week before, its afternoon', '2026-04-05T14:00Z', ...shortDay, '2026-03-29T14:00'],
  [
    'on the short day, the afternoon of a whole one',
    '2026-03-29T14:00Z',
    '2026-03-22T00:00Z',
    '2026-03-23T00:00Z',
    '2026-03-22T15:00',
  ],
  ['01:30, which the short day left out', '2026-04-05T00:30Z', ...shortDay, '2026-03-29T01:00'],
  ['01:30, which the long day had twice', '2026-11-01T01:30Z', ...longDay, '2026-10-25T00:30'],
  ['02:30, after both of them', '2026-11-01T02:30Z', ...longDay, '2026-10-25T02:30'],
  [
    'the second 01:30 of the long day',
    '2026-10-25T01:30Z',
    '2026-10-17T23:00Z',
    '2026-10-18T23:00Z',
    '2026-10-18T00:30',
  ],
  [
    'midnight, nothing of the day yet',
    '2026-06-09T23:00Z',
    '2026-06-02T23:00Z',
    '2026-06-03T23:00Z',
    '2026-06-02T23:00',
  ],
])('the same minute a week before: %s', (_, now, start, end, wanted) => {
  expect(before(now, start, end)).toBe(wanted)
})

test('an answer stays in its day', () => {
  expect(before('2026-06-11T14:00Z', '2026-06-02T23:00Z', '2026-06-03T23:00Z')).toBe('2026-06-03T23:00')
  expect(before('2026-06-09T14:00Z', '2026-06-02T23:00Z', '2026-06-03T23:00Z')).toBe('2026-06-02T23:00')
})

test('clocks show what their zone says, and nothing beyond its offsets', () => {
  expect(clockText(london, ms('2026-07-01T23:59:07Z'))).toBe('2026-07-02 00:59:07')
  expect(() => clockText(london, ms('2027-01-01T00:00Z'))).toThrow('expected an offset of the zone at 2027-01-01')
})

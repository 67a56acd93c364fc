import { localTimeReader } from '../../../generator/csv/local-time'

const london = localTimeReader('yyyy-MM-dd HH:mm:ss', 'Europe/London')
const iso = (ms: number | undefined): string => (ms === undefined ? 'none' : new Date(ms).toISOString())

test.each([
  ['2010-12-01 08:26:00', '2010-12-01T08:26:00.000Z'],
  ['2011-07-01 08:26:00', '2011-07-01T07:26:00.000Z'],
  // The clocks go from 01:00 to 02:00: what they skip counts as an hour later.
  ['2011-03-27 00:59:59', '2011-03-27T00:59:59.000Z'],
  ['2011-03-27 01:30:00', '2011-03-27T01:30:00.000Z'],
  ['2011-03-27 02:00:00', '2011-03-27T01:00:00.000Z'],
  ['2011-03-27 12:00:00', '2011-03-27T11:00:00.000Z'],
  // The clocks go from 02:00 back to 01:00: the first of the two hours is taken.
  ['2011-10-30 00:59:59', '2011-10-29T23:59:59.000Z'],
  ['2011-10-30 01:30:00', '2011-10-30T00:30:00.000Z'],
  ['2011-10-30 02:00:00', '2011-10-30T02:00:00.000Z'],
  ['2011-02-29 08:00:00', 'none'],
  ['2011-02-28 24:00:00', 'none'],
  ['2011-02-28 8:00:00', 'none'],
  ['28.02.2011', 'none'],
  ['', 'none'],
])('%s in London is %s', (text, expected) => {
  expect(iso(london(text))).toBe(expected)
})

test('other formats and zones are read as written', () => {
  expect(iso(localTimeReader('M/d/yyyy H:mm', 'America/New_York')('12/1/2010 8:26'))).toBe('2010-12-01T13:26:00.000Z')
  expect(iso(localTimeReader('yyyyMMddTHHmmss', 'Asia/Kolkata')('20101201T083000'))).toBe('2010-12-01T03:00:00.000Z')
  expect(iso(localTimeReader('dd.MM.yyyy', 'UTC')('01.12.2010'))).toBe('2010-12-01T00:00:00.000Z')
})

test('a format without a day or with one part twice is refused', () => {
  expect(() => localTimeReader('yyyy-MM HH:mm', 'UTC')).toThrow('expected one day, got 0')
  expect(() => localTimeReader('yyyy-MM-dd d', 'UTC')).toThrow('expected one day, got 2')
})

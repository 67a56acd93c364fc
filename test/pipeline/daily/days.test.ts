import { calendarsOf, dateFinder, lastDateOver, lastEnd, rangeOf, spansOf } from '../../../src/pipeline/daily/days'

const utc = (text: string) => Date.parse(`${text}:00Z`)
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16)

const shops = calendarsOf({
  usual: 'Europe/London 00:00',
  stores: new Map([
    ['tokyo', 'Asia/Tokyo 00:00'],
    ['bar', 'Europe/London 04:00'],
    ['london', 'Europe/London 00:00'],
  ]),
})

test('a store that has the usual calendar is one of the usual ones', () => {
  expect([...shops.own.keys()]).toEqual(['bar', 'tokyo'])
  expect(shops.all).toHaveLength(3)
  const others = calendarsOf({ usual: 'Europe/London 00:00', stores: new Map([['x', 'Europe/London 00:00']]) })
  expect(others.id).toBe(calendarsOf({ usual: 'Europe/London 00:00', stores: new Map() }).id)
  expect(others.id).not.toBe(shops.id)
})

test('a date reaches from the first start of it to the last end', () => {
  expect(spansOf(shops, '2026-07-05').map(({ startMs, endMs }) => [iso(startMs), iso(endMs)])).toEqual([
    ['2026-07-04T23:00', '2026-07-05T23:00'],
    ['2026-07-05T03:00', '2026-07-06T03:00'],
    ['2026-07-04T15:00', '2026-07-05T15:00'],
  ])
  const { startMs, endMs } = rangeOf(shops, '2026-07-05')
  expect([iso(startMs), iso(endMs)]).toEqual(['2026-07-04T15:00', '2026-07-06T03:00'])
})

test('a date is over when it is over everywhere', () => {
  expect(lastDateOver(shops, utc('2026-07-06T02:59'))).toBe('2026-07-04')
  expect(lastDateOver(shops, utc('2026-07-06T03:00'))).toBe('2026-07-05')
  expect(iso(lastEnd(shops, utc('2026-07-06T02:59')))).toBe('2026-07-05T23:00')
  expect(iso(lastEnd(shops, utc('2026-07-06T03:20')))).toBe('2026-07-06T03:00')
})

test('by UTC days a day is over at midnight', () => {
  const utcDays = calendarsOf({ usual: 'UTC 00:00', stores: new Map() })
  expect(lastDateOver(utcDays, utc('2026-03-01T00:20'))).toBe('2026-02-28')
  expect(utcDays.id).toBe(JSON.stringify(['UTC 00:00']))
})

test('an instant has the date of its store, in whatever order they are asked for', () => {
  const dateOf = dateFinder(shops)
  const asked = [
    ['london', '2026-07-05T23:30'],
    ['bar', '2026-07-05T23:30'],
    ['tokyo', '2026-07-05T16:00'],
    ['london', '2026-07-05T22:30'],
    ['new', '2026-07-05T23:30'],
  ] as const
  expect(asked.map(([store, at]) => dateOf(store, utc(at)))).toEqual([
    '2026-07-06',
    '2026-07-05',
    '2026-07-06',
    '2026-07-05',
    '2026-07-06',
  ])
})

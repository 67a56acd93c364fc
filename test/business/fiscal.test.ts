import { fiscalWeekOf, isoWeekOf, retailWeekOf, weekdayOf } from '../../src/business/fiscal'
import { dateOf, dayMs, startOf } from '../../src/day'

const after = (date: string, days: number) => dateOf(startOf(date) + days * dayMs)
const days2000to2037 = Array.from({ length: 13_880 }, (_, day) => after('2000-01-01', day))

test('ISO weeks at the turn of the year', () => {
  expect(isoWeekOf('2020-12-31')).toEqual({ year: 2020, period: 12, week: 53 })
  expect(isoWeekOf('2021-01-03')).toEqual({ year: 2020, period: 12, week: 53 })
  expect(isoWeekOf('2021-01-04')).toEqual({ year: 2021, period: 1, week: 1 })
  expect(isoWeekOf('2024-12-30')).toEqual({ year: 2025, period: 1, week: 1 })
  expect([weekdayOf('2026-03-05'), weekdayOf('2026-03-08')]).toEqual([4, 7])
})

// As the National Retail Federation publishes them.
test.each([
  ['2006-01-29', 2006],
  ['2007-02-04', 2007],
  ['2012-01-29', 2012],
  ['2013-02-03', 2013],
  ['2017-01-29', 2017],
  ['2018-02-04', 2018],
  ['2022-01-30', 2022],
  ['2023-01-29', 2023],
  ['2024-02-04', 2024],
  ['2025-02-02', 2025],
])('the 4-5-4 year that begins on %s is %d', (date, year) => {
  expect(retailWeekOf(date)).toEqual({ year, period: 1, week: 1 })
  expect(retailWeekOf(after(date, -1))).toMatchObject({ year: year - 1, period: 12 })
})

test('years of 53 weeks are those of the federation, and months have 4, 5 and 4 weeks', () => {
  const long = days2000to2037.filter((date) => retailWeekOf(date).week === 53).map((date) => retailWeekOf(date).year)
  expect([...new Set(long)].filter((year) => year <= 2023)).toEqual([2000, 2006, 2012, 2017, 2023])
  const weeks = new Map<number, Set<number>>()
  for (const date of days2000to2037) {
    const { year, period, week } = retailWeekOf(date)
    if (year === 2026) weeks.set(period, (weeks.get(period) ?? new Set()).add(week))
  }
  expect([...weeks.values()].map(({ size }) => size)).toEqual([4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4])
  // August 2023's first week, and Black Friday.
  expect(retailWeekOf('2023-07-30')).toEqual({ year: 2023, period: 7, week: 27 })
  expect(retailWeekOf('2024-11-29')).toEqual({ year: 2024, period: 10, week: 43 })
})

test.each(['iso', '4-5-4'] as const)('weeks of %s are of seven days, one after the other', (calendar) => {
  const first = calendar === 'iso' ? 1 : 7
  let before = fiscalWeekOf(calendar, after('2000-01-01', -1))
  for (const date of days2000to2037) {
    const now = fiscalWeekOf(calendar, date)
    if (weekdayOf(date) !== first) expect(now).toEqual(before)
    else if (now.week === 1) expect([now.year, now.period]).toEqual([before.year + 1, 1])
    else expect([now.year, now.week]).toEqual([before.year, before.week + 1])
    before = now
  }
})

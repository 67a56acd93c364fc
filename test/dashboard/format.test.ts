import {
  dateText,
  decimalText,
  instantText,
  moneyText,
  numberText,
  percentText,
  shortDate,
  shortMoney,
  spanText,
  timeText,
} from '../../dashboard/format'

test.each([
  [123_450, 'EUR', 2, '€1,234.50'],
  [-1_205, 'GBP', 2, '-£12.05'],
  [1_235, 'JPY', 0, 'JP¥1,235'],
  [1_234_567, 'KWD', 3, 'KWD\u00A01,234.567'],
  // Intl prints the forint without decimals; the installation counts two.
  [123_450, 'HUF', 2, 'HUF\u00A01,234.50'],
  [500, '', 2, '5.00'],
  [null, 'EUR', 2, '–'],
])('%p minor units of %s with %i decimals are %s', (minor, currency, minorDigits, text) => {
  expect(moneyText(minor, { currency, minorDigits })).toBe(text)
})

test.each([
  [0, 2, '0.00'],
  [5, 2, '0.05'],
  [-1_205, 2, '-12.05'],
  [1_235, 0, '1235'],
  [-7, 3, '-0.007'],
  [900_719_925_474_099, 2, '9007199254740.99'],
])('%i in a file with %i decimals is %s', (minor, minorDigits, text) => {
  expect(decimalText(minor, { currency: 'EUR', minorDigits })).toBe(text)
})

test('an axis has short amounts', () => {
  expect(shortMoney(123_456, { currency: 'EUR', minorDigits: 2 })).toBe('€1.2k')
})

test('numbers and percent', () => {
  expect([numberText(1234.5), numberText(3.019, 2), percentText(99.52, 2), percentText(null)]).toEqual([
    '1,235',
    '3.02',
    '99.52%',
    '–',
  ])
})

test('times are those of the zone given, through a change of clocks too', () => {
  const beforeMs = Date.parse('2026-10-25T00:30:00Z')
  const afterMs = Date.parse('2026-10-25T01:30:00Z')
  expect([timeText(beforeMs, 'Europe/London'), timeText(afterMs, 'Europe/London')]).toEqual(['01:30', '01:30'])
  expect(timeText(beforeMs, 'America/New_York')).toBe('20:30')
  expect(timeText(Date.parse('2026-11-29T05:00:00Z'), 'America/New_York')).toBe('00:00')
  expect(instantText(Date.parse('2026-11-29T19:03:07Z'), 'America/New_York')).toBe('29 Nov 2026, 14:03:07')
})

test('a business date has no zone', () => {
  expect(dateText('2026-11-29')).toMatch(/^Sunday,? 29 November 2026$/)
  expect(shortDate('2026-11-22')).toBe('Sun 22 Nov')
})

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 days'],
])('%i ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text)
})

import fc from 'fast-check'
import { count, minor, only, ratio, text } from '../../src/report/row'
import { decimalOf } from '../../tools/query/report/format'

test.each([
  ['12.5', 2, 1250],
  ['-0.05', 2, -5],
  ['5.335', 3, 5335],
  ['1200', 0, 1200],
  ['1200.00', 0, 1200],
  ['-0.00', 2, 0],
  [null, 2, 0],
  [undefined, 2, 0],
])('%s with %i digits is %i minor units', (written, digits, wanted) => {
  expect(minor(written, digits)).toBe(wanted)
})

test('money as it is written and read is the same', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom(0, 2, 3, 4), (units, digits) => {
      expect(minor(decimalOf(units, digits), digits)).toBe(units || 0)
    }),
  )
})

test.each([
  ['1.005', 2],
  ['0.5', 0],
  ['NaN', 2],
  ['1e3', 2],
  ['90071992547409.93', 2],
])('%s is no money of %i digits', (written, digits) => expect(() => minor(written, digits)).toThrow(/expected/))

test('counts are whole and exact', () => {
  expect([count('42'), count(null), count('12.000')]).toEqual([42, 0, 12])
  expect(() => count('1.5')).toThrow('expected a whole number')
  expect(() => count('9007199254740993')).toThrow('expected a whole number')
})

test('a ratio is rounded half away from zero', () => {
  expect([ratio(5, 2), ratio(-5, 2), ratio(1, 3), ratio(7, 0), ratio(0, 5), ratio(5, -2)]).toEqual([
    3,
    -3,
    0,
    null,
    0,
    -3,
  ])
})

test('a row that is not there is said', () => {
  expect(text(null)).toBe('')
  expect(() => only([])).toThrow('expected a row')
})

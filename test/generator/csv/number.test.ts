import fc from 'fast-check'
import { numberMarks, numberReader } from '../../../generator/csv/number'

const point = numberReader({ decimal: '.', grouping: ',', signs: [] }, 'USD')
const comma = numberReader({ decimal: ',', grouping: '.', signs: ['kr', 'zł'] }, 'CHF')

test.each<readonly [string, number | undefined]>([
  ['12.50', 12.5],
  ['1,299.00', 1299],
  ['1\u202f299.00', 1299],
  ['1\u00a0299\u00a0000', 1299000],
  ["1'299.00", 1299],
  ['12,34,567.8', 1234567.8],
  ['€12.50', 12.5],
  ['12.50 €', 12.5],
  ['R$ 7.00', 7],
  ['USD 7', 7],
  ['7 usd', 7],
  ['(1)', -1],
  ['($12.00)', -12],
  ['-$12.00', -12],
  ['$-12.00', -12],
  ['12.00-', -12],
  ['\u22124', -4],
  ['+4', 4],
  ['.5', 0.5],
  ['5.', 5],
  ['-0', 0],
  ['0.30000000000000004', 0.3],
  ['2.5500000000000003', 2.55],
  ['3.3333333333333335', 3.333333333],
  ['0.000000001', 0.000000001],
  ['-1.0', -1],
  ['', undefined],
  ['-', undefined],
  ['$', undefined],
  ['n/a', undefined],
  ['12,50', undefined],
  ['1,2,3', undefined],
  ['1,299 000', undefined],
  ['1.299.000', undefined],
  ['-(1)', undefined],
  ['--1', undefined],
  ['12 kg', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['5%', undefined],
])('%j is %p where a point stands before the cents', (text, expected) => {
  expect(point(text)).toBe(expected)
})

test.each<readonly [string, number | undefined]>([
  ['1.234,50', 1234.5],
  ['1 234,50 zł', 1234.5],
  ['12,50 kr.', 12.5],
  ['CHF 0,05', 0.05],
  ['1.234', 1234],
  ['12.5', undefined],
  ['1,234.50', undefined],
])('%j is %p where a comma does', (text, expected) => {
  expect(comma(text)).toBe(expected)
})

// As Intl writes them: its groups, marks and spaces are those of the languages.
const locales = [
  'en-US',
  'de-DE',
  'fr-FR',
  'de-CH',
  'pl-PL',
  'en-IN',
  'pt-BR',
  'sv-SE',
  'nb-NO',
  'es-ES',
  'it-IT',
] as const

test('a number written as a language writes it is read back, with its currency or without, and its marks are found', () => {
  const cents = fc.integer({ min: -2_000_000_000, max: 2_000_000_000 })
  fc.assert(
    fc.property(fc.constantFrom(...locales), cents, fc.boolean(), (locale, value, isMoney) => {
      const amount = value / 100
      const write = new Intl.NumberFormat(locale, {
        minimumFractionDigits: 2,
        ...(isMoney && { style: 'currency', currency: 'EUR' }),
      })
      const decimal = write.formatToParts(1.5).find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.'
      const text = write.format(amount)
      expect(numberReader({ decimal, grouping: decimal === ',' ? '.' : ',', signs: [] }, 'EUR')(text)).toBe(amount + 0)
      expect(numberMarks([text])?.decimal).toBe(decimal)
    }),
  )
})

test('what is no number with one mark is never one of another size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 0, max: 99 }), (units, rest) => {
      const cents = String(rest).padStart(2, '0')
      expect(point(`${units},${cents}`)).toBeUndefined()
      expect(comma(`${units}.${cents}`)).toBeUndefined()
    }),
  )
})

test('marks are told by what is clear, not at all by what is not', () => {
  expect(numberMarks(['1.299', '3,95', '12'])).toEqual({ decimal: ',', grouping: '.' })
  expect(numberMarks(['1,299', '1,299,000', '7'])).toEqual({ decimal: '.', grouping: ',' })
  expect(numberMarks(['1,299', '12', 'x'])).toBeUndefined()
  expect(numberMarks(['3,95', '3.95'])).toBeUndefined()
})

import fc from 'fast-check'
import { compareUtf8 } from '../../../src/lake/parquet/cell'
import { decimalText, decimalType } from '../../../src/lake/schema'
import { writeParquet } from '../../../src/lake/parquet/write'
import { type Row } from '../../../src/lake/schema'
import { parseStats, statsText } from '../../../src/lake/parquet/stats'
import { column } from '../tables'

const columns = [
  column('text', 'string'),
  column('body', 'binary'),
  column('ok', 'boolean'),
  column('sequence', 'long'),
  column('ratio', 'double'),
  column('day', 'date'),
  column('at', 'timestamp'),
  column('price', 'decimal(18,2)'),
]

function textOf(rows: readonly Row[]): string {
  const { rowCount, stats } = writeParquet(columns, rows, { rowsPerGroup: 2 })
  return statsText(columns, rowCount, stats)
}

test('bounds are those of all row groups, exact where JSON is', () => {
  const at = Date.UTC(2010, 11, 1, 8, 26)
  const one = { text: 'b', body: null, ok: true, sequence: 2n ** 62n, ratio: 0.5, day: '2010-12-01', at, price: -5 }
  const rows: Row[] = [
    one,
    { ...one, text: 'a', sequence: -3, price: 123456789012345678n },
    { ...one, text: null, day: '2010-12-03', at: at + 1 },
  ]
  expect(textOf(rows)).toBe(
    '{"numRecords":3,' +
      '"minValues":{"text":"a","sequence":-3,"ratio":0.5,"day":"2010-12-01","at":"2010-12-01T08:26:00.000Z","price":-0.05},' +
      '"maxValues":{"text":"b","sequence":4611686018427387904,"ratio":0.5,"day":"2010-12-03","at":"2010-12-01T08:26:00.001Z","price":1234567890123456.78},' +
      '"nullCount":{"text":1,"body":3,"ok":0,"sequence":0,"ratio":0,"day":0,"at":0,"price":0}}',
  )
})

test('read back, bounds are in memory conventions, and those a double rounds are left out', () => {
  const row: Row = { text: 'a', sequence: 2n ** 62n, ratio: 0.5, day: '2010-12-01', at: 1, price: -5 }
  const stats = parseStats(columns, textOf([row]))
  expect(stats.min).toEqual({ text: 'a', ratio: 0.5, day: '2010-12-01', at: 1, price: -5 })
  expect(stats.numRecords).toBe(1)
  expect(stats.nullCount['body']).toBe(1)
})

test('no statistics, or broken ones, say nothing', () => {
  const nothing = { numRecords: undefined, min: {}, max: {}, nullCount: {} }
  expect(parseStats(columns, undefined)).toEqual(nothing)
  expect(parseStats(columns, '{"numRec')).toEqual(nothing)
})

test('a NaN leaves the column without bounds', () => {
  expect(parseStats(columns, textOf([{ ratio: 1 }, { ratio: Number.NaN }])).max).not.toHaveProperty('ratio')
  expect(parseStats(columns, textOf([{ ratio: Infinity }])).max).not.toHaveProperty('ratio')
})

test('bounds of long strings are short and still hold, in the order of UTF-8 bytes', () => {
  const point = fc.constantFrom('a', 'b', 'ü', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}')
  const text = fc.array(point, { maxLength: 70, size: 'max' }).map((points) => points.join(''))
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), (texts) => {
      const { min, max } = parseStats(columns, textOf(texts.map((value) => ({ text: value }))))
      const [low, high] = [min['text'], max['text']].map((bound) => bound as string | undefined)
      for (const value of texts) {
        expect(Buffer.compare(Buffer.from(low ?? ''), Buffer.from(value))).toBeLessThanOrEqual(0)
        if (high !== undefined) {
          expect(Buffer.compare(Buffer.from(value), Buffer.from(high))).toBeLessThanOrEqual(0)
          expect([...high].length).toBeLessThanOrEqual(32)
        }
      }
    }),
  )
})

test('strings compare as their UTF-8 bytes do', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test.each([
  [0, 2, '0.00'],
  [-5, 2, '-0.05'],
  [250, 2, '2.50'],
  [-123456789012345678n, 2, '-1234567890123456.78'],
  [0, 0, '0'],
  [-1200, 0, '-1200'],
  [-5, 3, '-0.005'],
  [12_345, 4, '1.2345'],
])('%s units of the last of %s digits are %s', (units, scale, text) => {
  expect(decimalText(units, scale)).toBe(text)
})

test('a decimal type is known by its digits', () => {
  expect([0, 2, 3, 4].map(decimalType)).toEqual(['decimal(18,0)', 'decimal(18,2)', 'decimal(18,3)', 'decimal(18,4)'])
  expect(() => decimalType(1)).toThrow('schema: expected a decimal of 0, 2, 3, 4 digits, got 1')
})

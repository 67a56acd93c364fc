import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { csvCell, csvText } from '../../dashboard/csv'

test.each([
  ['store-1', 'store-1'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  [null, ''],
  [-3.5, '-3.5'],
  [{ decimal: '-12.05' }, '-12.05'],
])('%p is %p', (value, cell) => {
  expect(csvCell(value)).toBe(cell)
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])('the text %p is no formula', (text) => {
  expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/)
})

test('a file reads back as it was, but for the marks of formulas', () => {
  const table = fc.array(fc.array(fc.string(), { minLength: 3, maxLength: 3 }), { minLength: 1 })
  fc.assert(
    fc.property(table, (rows) => {
      const read = parse(csvText(['a', 'b', 'c'], rows), {
        bom: true,
        record_delimiter: '\r\n',
      })
      const plain = read.slice(1).map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r＝＋－＠])/, '')))
      expect(plain).toEqual(rows.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r＝＋－＠])/, ''))))
    }),
  )
})

// Cells, and what files are made of them.
import { instant, money, number, percent, text } from '../../dashboard/cells'
import { fileName, tableCsv } from '../../dashboard/table'

test('a file has what a cell holds, not what it shows', () => {
  const euros = { currency: 'EUR', minorDigits: 2 }
  const row = [
    text('=danger'),
    number(1_234.5, 1),
    money(-123_456, euros),
    percent(33.333),
    instant('2026-11-29T19:03:07.000Z', 'America/New_York'),
    money(null, euros),
  ]
  expect(row.map(({ shown }) => shown)).toEqual([
    '=danger',
    '1,234.5',
    '-€1,234.56',
    '33.3%',
    '29 Nov 2026, 14:03:07',
    '–',
  ])
  expect(tableCsv({ header: ['a', 'b', 'c', 'd', 'e', 'f'], rows: [row] })).toBe(
    "\uFEFFa,b,c,d,e,f\r\n'=danger,1234.5,-1234.56,33.33,2026-11-29T19:03:07.000Z,\r\n",
  )
})

test('files have the business time of their figures in their names', () => {
  expect(fileName('hours', '2026-11-29 14:03:07', 'csv')).toBe('tillstream-hours-2026-11-29-1403.csv')
  expect(fileName('hours', null, 'png')).toBe('tillstream-hours.png')
})

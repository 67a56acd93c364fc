import { type CsvReading } from '../../../generator/csv/source'
import { showReading } from '../../../tools/replay/show-reading'

const reading: CsvReading = {
  file: '/exports/items.csv',
  encoding: { name: 'utf-8', by: 'guess' },
  delimiter: ',',
  joins: [],
  rows: 10,
  leftOut: 1,
  receipts: 9,
  repeated: { first: 0, second: 0 },
  skipped: 0,
}

test('a file that left nothing open needs no word', () => {
  expect(showReading(reading)).toEqual([])
})

test('rows without a partner and hours that are not one are told', () => {
  const joins = [{ file: 'orders.csv', unmatched: 1200, surplus: 1 }]
  expect(showReading({ ...reading, joins, repeated: { first: 2, second: 1 }, skipped: 4 })).toEqual([
    'items.csv: 1,200 rows have no partner in orders.csv',
    'items.csv: 1 rows of orders.csv have a key that came before',
    'items.csv: 3 times are in an hour that comes twice, 1 of them the second time',
    'items.csv: 4 times are in an hour that the clocks skip',
  ])
})

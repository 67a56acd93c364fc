import {
  daysTable,
  opsSummary,
  opsTileNames,
  opsTiles,
  partitionsTable,
  qualityTable,
  rejectsTable,
  scatteredTable,
} from '../../dashboard/ops-tables'
import { type Table } from '../../dashboard/table'
import { ops } from './answers'

const rows = (table: Table | null) => table?.rows.map((cells) => cells.map(({ shown }) => shown))

test('tiles', () => {
  const tiles = opsTiles(ops)
  expect(tiles.map(({ name }) => name)).toEqual(opsTileNames)
  expect(tiles.map(({ value }) => value)).toEqual(['2', '14:02', '5,160', '25', '40', '12', '99.52%', '1'])
  expect(tiles[1]?.note).toBe('1 min behind the newest')
  expect(tiles[7]?.note).toBe('1 made, 0 stale; looked at 29 Nov 2026, 00:20:00')
})

test('tiles of an installation to which nothing came', () => {
  const empty = { ...ops, partitions: [], pulseAt: null, quality: null }
  expect(opsTiles(empty).map(({ value }) => value)).toEqual(['0', '–', '–', '–', '–', '–', '–', '1'])
})

test('tables have the times of the business', () => {
  expect(rows(partitionsTable(ops))?.[1]).toEqual([
    'retail-events',
    '1',
    '998',
    '29 Nov 2026, 14:02:07',
    '29 Nov 2026, 14:03:00',
    '29 Nov 2026, 14:01:00',
  ])
  expect(rows(daysTable(ops))).toEqual([
    ['2026-11-29', 'due', '–', '–', '–'],
    ['2026-11-28', 'batched', '29 Nov 2026, 00:20:00', '120,000', '81'],
  ])
  expect(rows(rejectsTable(ops))).toEqual([
    ['schema', '20', '0.4%'],
    ['json', '5', '0.1%'],
  ])
  expect(rows(qualityTable(ops))?.[1]).toEqual(['16:00', '110', '1', '1', '0'])
  expect(scatteredTable(ops)).toBeNull()
  const stores = [{ storeId: 's-1', partitions: 2, received: 40 }]
  expect(rows(scatteredTable({ ...ops, scattered: { count: 1, stores } }))).toEqual([['s-1', '2', '40']])
})

test('the view in a sentence', () => {
  expect(opsSummary(ops)).toBe('2 partitions; 25 of 5,160 rejected in 24 hours; days due: 1')
})

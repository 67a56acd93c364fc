import { type Table } from '../../dashboard/table'
import {
  funnelTable,
  hoursTable,
  minutesTable,
  paymentsTable,
  stockoutsTable,
  topTable,
} from '../../dashboard/trade-tables'
import { trade, tradeOfNothing } from './answers'

const row = (table: Table | null, at: number) => table?.rows.at(at)?.map(({ shown }) => shown)

test('minutes are those of the shop, the last one so far, each channel in columns of its own', () => {
  const table = minutesTable(trade)
  expect(table?.rows).toHaveLength(60)
  expect(table?.header.slice(-4)).toEqual(['pos: orders', 'pos: net sales', '@web: orders', '@web: net sales'])
  expect(row(table, 0)).toEqual(['13:04', '6', '€171.84', '5', '€120.00', '6', '€171.84', '0', '€0.00'])
  expect(row(table, -1)?.slice(0, 4)).toEqual(['14:03 so far', '2', '€57.28', '1'])
})

test('hours stand beside those of the week before', () => {
  const table = hoursTable(trade)
  expect(row(table, 0)).toEqual(['08:00', '–', '–', '€1,200.00', '10'])
  expect(row(table, 1)?.slice(0, 3)).toEqual(['09:00', '€1,800.00', '10'])
})

test('a list has shares of the whole, and changes where the week before is known', () => {
  const channels = topTable(trade, trade.today?.channels ?? null, 'Channel', trade.weekBefore?.channels)
  expect(channels?.header).toEqual(['Channel', 'Net sales', 'Share', 'Orders', 'A week before', 'Change'])
  expect(row(channels, 0)).toEqual(['pos', '€6,000.00', '48.6%', '100', '€6,000.00', 'same'])
  expect(row(channels, 2)?.slice(-2)).toEqual(['–', 'new'])
  const products = topTable(trade, trade.today?.products ?? null, 'Product')
  expect(products?.header).toEqual(['Product', 'Net sales', 'Share', 'Pieces'])
})

test('funnel, payments and stock-outs', () => {
  expect(row(funnelTable(trade), 1)).toEqual(['Added to cart', '600', '70%', '600'])
  expect(paymentsTable(trade)?.rows.map((cells) => cells.map(({ shown }) => shown))).toEqual([
    ['Succeeded', '400', '0', '€12,000.00'],
    ['Failed', '31', '31', '€900.00'],
    ['By card', '300', '30', '–'],
    ['By cash', '131', '1', '–'],
    ['Failed: insufficient_funds', '31', '31', '€900.00'],
  ])
  expect(row(stockoutsTable(trade), 0)).toEqual(['store-3', 'p-1', '13:05', '€880.00', '0'])
  expect(stockoutsTable(trade)?.rows[0]?.[2]?.value).toBe('2026-11-29 13:05')
  const later = { ...trade, business: { ...trade.business, date: '2026-11-30' } }
  expect(row(stockoutsTable(later), 0)?.[2]).toBe('2026-11-29 13:05')
})

test('what is not there is no table', () => {
  const tables = [minutesTable, hoursTable, funnelTable, paymentsTable, stockoutsTable]
  expect(tables.map((table) => table(tradeOfNothing))).toEqual([null, null, null, null, null])
  expect(topTable(tradeOfNothing, null, 'Store')).toBeNull()
})

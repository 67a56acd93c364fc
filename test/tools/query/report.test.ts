import { stripVTControlCharacters } from 'node:util'
import { coloured, type Paint, plain } from '../../../tools/query/paint'
import { widthOf } from '../../../tools/query/printable'
import { countOf, decimalOf, duration, grouped, money, percent, percents } from '../../../tools/query/report/format'
import { bar } from '../../../tools/query/report/layout'
import { pageOf } from '../../../tools/query/report/page'
import { reportJson, reportPage } from '../../../tools/query/report/report'
import { type Figures, type Top, type Totals } from '../../../src/report/figures'
import { fillCalendars } from '../../../src/warehouse/business-days'
import { begin, deliver, insert, mixMinute, salesMinute, settingsOf, storeMinute } from '../../report/seed'
import { startTestWarehouse } from '../../warehouse/postgres'

const totals: Totals = {
  ...{
    netSalesMinor: 1751,
    grossSalesMinor: 2201,
    discountsMinor: 200,
    returnsMinor: 250,
    orders: 5,
    returnReceipts: 1,
  },
  ...{ receipts: 6, averageOrderMinor: 400, unitsSold: 6, unitsReturned: 1, itemsPerBasket: 1.2, writeOffs: 1 },
  ...{ taxMinor: 123, taxIncludedMinor: 123, tipsMinor: 50, shippingMinor: 0, feesMinor: 0, giftCardsSoldMinor: 5000 },
  ...{ giftCardsRedeemedMinor: 0, adjustmentsMinor: -300, adjustmentLines: 1 },
  ...{ customers: 2, customersAre: 'exact', stores: 2 },
}

const top = (...list: Top['list']): Top => ({
  count: list.length,
  revenueMinor: list.reduce((sum, { revenueMinor }) => sum + revenueMinor, 0),
  list,
})

const day: Figures = {
  ...{ date: '2026-06-10', currency: 'GBP', minorDigits: 2, calendar: 'UTC 00:00', zone: 'UTC' },
  asOf: {
    at: '2026-06-10T14:03:07.000Z',
    local: '2026-06-10 14:03:07',
    positions: [
      { stream: 'retail', partition: 0, sequence: 812 },
      { stream: 'retail', partition: 1, sequence: 790 },
    ],
  },
  ...{ source: 'live', batchedAt: null, isRunning: true, totals },
  before: {
    date: '2026-06-03',
    untilTime: '14:03',
    totals: { ...totals, netSalesMinor: 1600, orders: 6, itemsPerBasket: null },
  },
  hours: [
    { time: '01:00', isAgain: false, revenueMinor: 1001, orders: 1 },
    { time: '01:00', isAgain: true, revenueMinor: 750, orders: 4 },
  ],
  stores: top({ name: 'S1', revenueMinor: 1751, orders: 5 }),
  products: top({ name: 'A', revenueMinor: 1001, quantity: 1 }, { name: 'B', revenueMinor: 750, quantity: 1200 }),
  ...{ categories: null, regions: null, funnel: null, payments: null, quality: null },
  channels: top(
    { name: 'store', revenueMinor: 1, orders: 1 },
    { name: 'web', revenueMinor: 1, orders: 1 },
    { name: 'app', revenueMinor: 1, orders: 1 },
  ),
  stockouts: { open: 0, opened: 0, resolved: 0, lost: null, foremost: [] },
}

const page = (figures: Partial<Figures> = {}, width = 80, paint: Paint = plain) =>
  pageOf({ ...day, ...figures }, { width, paint })

test('a page names its instant and position, and what it is compared with', () => {
  const [title, source] = page().split('\n')
  expect(title).toMatch(/^Wednesday 10 June 2026 +as of 14:03:07 UTC$/)
  expect(source).toBe('so far, from the stream; position 0:812 1:790')
  expect(page()).toContain('compared with Wednesday 3 June 2026 up to 14:03')
  const many = Array.from({ length: 32 }, (_, partition) => ({
    stream: 'retail',
    partition,
    sequence: 100 + partition,
  }))
  const asOf = { ...day.asOf, local: '2026-06-11 00:05:00', positions: many }
  expect(page({ asOf, isRunning: false })).toMatch(
    /as of 2026-06-11 00:05:00 UTC\nfrom the stream, no batch yet; positions 100 to 131 in 32 partitions\n/,
  )
  expect(page({ source: 'batch', batchedAt: '2026-06-11 00:20:00', isRunning: false })).toContain(
    'from the daily batch of 2026-06-11 00:20:00; position',
  )
})

test('what is compared says by how much it changed, and new where there was nothing', () => {
  const changes = page().split('\n')[5]
  expect(changes?.trimEnd().split(/ {2,}/)).toEqual(['▲ 9.4 %', '▼ 16.7 %', '= unchanged', 'new', '= unchanged'])
  const alone = page({ before: { date: '2026-06-03', untilTime: '14:03', totals: null } })
  expect(alone.split('\n')[5]?.trim().split(/\s+/)).toEqual(['new', 'new', 'new', 'new', 'new'])
  expect(alone).toContain('nothing was sold on Wednesday 3 June 2026 up to 14:03')
  expect(alone).not.toContain('Infinity')
})

test('one is one, and more are more', () => {
  const text = page()
  expect(text).toMatch(/store .* 1 order$/m)
  expect(text).toMatch(/^A .* 1 piece$/m)
  expect(text).toMatch(/^B .* 1,200 pieces$/m)
  expect(text).toMatch(/returns +1 piece +-£2.50/)
  expect(text).toMatch(/adjustments +1 line +-£3.00/)
  expect(text).toMatch(/returns alone +1 receipt$/m)
  expect(text).not.toMatch(/\b1 (pieces|orders|receipts|lines)\b/)
  expect(text).not.toContain('or more')
})

test('channels add up to 100 %', () => {
  const shares = [...page().matchAll(/(?:store|web|app) .* (\d+\.\d) %/g)].map((match) => Number(match[1]))
  expect(shares).toEqual([33.4, 33.3, 33.3])
})

test('gross sales less discounts less returns are net sales, and what is no sale stands beside', () => {
  const text = page()
  for (const line of [/gross sales +6 pieces +£22.01/, /discounts +-£2.00/, /net sales +6 receipts +£17.51/]) {
    expect(text).toMatch(line)
  }
  for (const line of [/tax +in the prices +£1.23/, /tips +£0.50/, /gift cards sold +owed until spent +£50.00/]) {
    expect(text).toMatch(line)
  }
  expect(text).not.toContain('shipping')
})

test('lost sales are those of shelves that were silent for longer than by chance, and say so', () => {
  const stockouts = { ...day.stockouts, lost: { shelves: 2, ofShelves: 1200, revenueMinor: 12_345 } }
  expect(page({ stockouts }, 120).replace(/\s+/g, ' ')).toContain(
    'about £123.45 not sold, estimated for the 2 of 1,200',
  )
  expect(page({ stockouts: { ...stockouts, lost: { ...stockouts.lost, shelves: 0 } } })).toContain(
    'no lost sales that can be told, of 1,200 shelves with an alert',
  )
  expect(page()).not.toContain('not sold')
})

test('a page fits its terminal and says of each part it has nothing on that it has nothing', () => {
  const wide = {
    ...day.stores,
    list: [{ name: 'a store with quite a long name indeed, in a city', revenueMinor: 99_999_999, orders: 123_456 }],
  }
  for (const width of [60, 80, 100, 120]) {
    const lines = page({ stores: wide }, width).split('\n')
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width)
  }
  for (const part of ['no visits', 'no payments', 'not measured', 'no sale names one']) expect(page()).toContain(part)
  expect(page({ hours: [] })).toContain('no longer kept')
  expect(stripVTControlCharacters(page({}, 100, coloured))).toBe(page({}, 100))
})

test('an hour that comes twice is two rows', () => {
  expect(page()).toMatch(/^01:00 .* 1 order\n01:00 again .* 4 orders$/m)
})

test('names of stores and products do not steer the terminal', () => {
  const evil = '\u001b]0;x\u0007\u202e'
  const named = top({ name: evil, revenueMinor: 1, orders: 1, quantity: 1 })
  const foremost = [{ storeId: evil, productId: evil, openedAt: '2026-06-10 10:00', weekRevenueMinor: 1, onHand: 1 }]
  const text = page({
    stores: named,
    products: named,
    channels: named,
    categories: named,
    stockouts: { ...day.stockouts, foremost },
  })
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test.each([
  ['GBP', 2, 123_456_789, '£1,234,567.89'],
  ['EUR', 2, -5, '-€0.05'],
  ['CHF', 2, 100, 'CHF 1.00'],
  ['JPY', 0, 1200, '¥1,200'],
  ['KWD', 3, 5335, 'KWD 5.335'],
  ['CLF', 4, 1, 'CLF 0.0001'],
])('money of %s has %i digits', (currency, minorDigits, minor, wanted) => {
  expect(money(minor, { currency, minorDigits })).toBe(wanted)
})

test('figures as people read them', () => {
  expect([grouped(1), grouped(1234), grouped(-1_234_567)]).toEqual(['1', '1,234', '-1,234,567'])
  expect([countOf(1, 'piece'), countOf(0, 'piece'), countOf(2, 'shelf', 'shelves')]).toEqual([
    '1 piece',
    '0 pieces',
    '2 shelves',
  ])
  expect([decimalOf(-5, 2), decimalOf(1200, 0), decimalOf(5335, 3)]).toEqual(['-0.05', '1200', '5.335'])
  expect([percent(1, 3), percent(1, 0)]).toEqual(['33.3 %', '–'])
  expect(percents([1, 1, 1, 0])).toEqual(['33.4 %', '33.3 %', '33.3 %', '0.0 %'])
  expect([percents([3, -1]), percents([0, 0])]).toEqual([
    ['150.0 %', '-50.0 %'],
    ['–', '–'],
  ])
  expect([duration(59), duration(720), duration(9000)]).toEqual(['59 s', '12 min', '2.5 h'])
  expect([
    bar(8, { most: 16, columns: 4 }),
    bar(1, { most: 1e6, columns: 4 }),
    bar(-1, { most: 1, columns: 4 }),
  ]).toEqual(['██', '▏', ''])
})

test('read from PostgreSQL, for people and as JSON, in which every money is exact text', async () => {
  const server = await startTestWarehouse()
  try {
    const settings = settingsOf({ currency: 'KWD', minorDigits: 3 })
    await server.warehouse.transaction(async (session) => {
      await begin(session, settings)
      const at = '2026-06-10T08:00Z'
      await insert(session, 'store_1m', [storeMinute(at, 'S1', 5.335, 2, { discounts: 1.3, gross_sales: 6.635 })])
      await insert(session, 'sales_1m', [salesMinute(at, 'S1', 'A', 5.335, 2)])
      await insert(session, 'mix_1m', [mixMinute(at, 'S1', 'web', 5.335, 2)])
      await deliver(session, '2026-06-10T08:00:30Z')
      await fillCalendars(session, 'missing')
    })
    expect(await reportPage(server.warehouse, { settings }, { width: 80, paint: plain })).toContain('KWD 5.335')
    const json = await reportJson(server.warehouse, { settings, date: '2026-06-10' })
    expect(json).toMatchObject({
      ...{ ok: true, currency: 'KWD', minorDigits: 3, date: '2026-06-10' },
      totals: { netSales: '5.335', discounts: '1.300', averageOrder: '2.668', orders: 2 },
      channels: { revenue: '5.335', list: [{ name: 'web', revenue: '5.335', orders: 2 }] },
    })
    expect(JSON.stringify(json)).not.toMatch(/Minor"/)
  } finally {
    await server.close()
  }
})

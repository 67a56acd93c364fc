import { append } from '../../../src/lake/write/append'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { type DayReport, runDays, runDue, runOnTime, takeRules } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { goldStockout } from '../../../src/pipeline/rows/tables'
import { type Installation } from '../../../src/warehouse/installation'
import { writeStores } from '../../../src/warehouse/stores'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, id, installation, messages, openPlant, rules, thresholds } from '../plant'
import { goldOf } from './gold'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

let ids = 0
const sale = (eventTime: string, price: number, storeId = 's1', fields: object = {}) => ({
  eventId: id(++ids),
  type: 'sale',
  eventTime,
  storeId,
  paymentMethod: 'card',
  lines: [{ productId: 'HAT', quantity: 1, unitPrice: price }],
  ...fields,
})

/** A plant that has taken events long after they happened and raises no alerts of its own. */
async function plantWith(bodies: readonly unknown[], by: Partial<Installation> = {}) {
  const silent = { ...rules, stockoutAfterMs: 3000 * 86_400_000 }
  const store = memoryStore()
  const open = (changed: Partial<Installation>) =>
    openPlant(store, {
      warehouse: server.warehouse,
      rules: silent,
      installation: { ...installation, ...by, ...changed },
    })
  const ports = await open({})
  const takenMs = Date.UTC(2026, 2, 20)
  await openIngest(ports).take(
    0,
    messages(...bodies).map((message) => ({ ...message, enqueuedMs: takenMs })),
  )
  let sent = bodies.length
  return {
    ports,
    reopened: open,
    send: async (...more: readonly unknown[]) => {
      const moved = messages(...more).map((message) => ({ ...message, sequence: sent++, enqueuedMs: takenMs }))
      await openIngest(ports).take(0, moved)
    },
    run: (nowMs = takenMs, changed: Partial<Installation> = {}) =>
      open(changed).then((under) => runDue({ ...dailyPorts(under, thresholds), clock: () => nowMs })),
  }
}

const dates = (days: readonly DayReport[]) => days.map(({ date }) => date)
const byStore = 'date store_id net_sales'
const chicago = { zone: 'America/Chicago' }

// Case c1 of a shop in Chicago: local times of the 5th, the last one after midnight.
const c1 = [
  sale('2026-03-05T17:30:00-06:00', 10, 'shop-c1'),
  sale('2026-03-05T18:30:00-06:00', 100, 'shop-c1'),
  sale('2026-03-06T00:45:00-06:00', 1000, 'shop-c1'),
]

test('a Thursday in Chicago has what was sold on it by the clock of the shop', async () => {
  const { ports, run } = await plantWith(c1, chicago)
  await run()
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual([
    '2026-03-05 shop-c1 11000',
    '2026-03-06 shop-c1 100000',
  ])
})

test('with a day that begins at 04:00 the night is of Thursday', async () => {
  const { ports, run } = await plantWith(c1, { ...chicago, dayStart: '04:00' })
  await run()
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual(['2026-03-05 shop-c1 111000'])
  expect(await goldOf(ports, 'gold_daily_sales', 'date product_id total_qty')).toEqual(['2026-03-05 HAT 3'])
})

test('by UTC days the figures are those of before', async () => {
  const { ports, run } = await plantWith(c1)
  await run()
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual([
    '2026-03-05 shop-c1 1000',
    '2026-03-06 shop-c1 110000',
  ])
})

test('July in London: a sale at half past midnight is of the day it was made on', async () => {
  const july = [
    sale('2011-07-04T12:00:00+01:00', 10),
    sale('2011-07-05T00:30:00+01:00', 20),
    sale('2011-07-05T15:00:00+01:00', 110),
    sale('2011-07-06T00:30:00+01:00', 60),
  ]
  const { ports, run } = await plantWith(july, { zone: 'Europe/London' })
  await run()
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual([
    '2011-07-04 s1 1000',
    '2011-07-05 s1 13000',
    '2011-07-06 s1 6000',
  ])
})

test('days of 23 and 25 hours hold all of their hours, the one that comes twice with both', async () => {
  const hours = (date: string, count: number, firstMs: number) =>
    Array.from({ length: count }, (_, hour) => sale(new Date(firstMs + hour * 3_600_000).toISOString(), 1, date))
  const { ports, run } = await plantWith(
    [...hours('spring', 24, Date.UTC(2025, 2, 30)), ...hours('autumn', 26, Date.UTC(2025, 9, 25, 23))],
    { zone: 'Europe/London' },
  )
  await run()
  expect(await goldOf(ports, 'gold_daily_store', 'date store_id orders')).toEqual([
    '2025-03-30 spring 23',
    '2025-03-31 spring 1',
    '2025-10-26 autumn 25',
    '2025-10-27 autumn 1',
  ])
})

const record = (storeId: string, zone: string | null, dayStart: string | null = null) => {
  return { storeId, name: null, zone, dayStart, region: null, city: null, currency: null }
}

test('stores go by their own zones side by side, in every table', async () => {
  const at = '2026-03-05T18:00:00Z'
  const customer = { customerId: 'c1', channel: 'web' }
  const paid = { type: 'payment', orderId: 'o', amount: 1, method: 'card', status: 'succeeded' }
  const { ports, run } = await plantWith([
    sale(at, 1, 'london'),
    sale(at, 2, 'tokyo', customer),
    { ...sale(at, 2, 'tokyo'), ...paid },
    sale(at, 4, 'honolulu', { storeZone: 'Pacific/Honolulu', ...customer }),
    sale('2026-03-06T08:00:00Z', 8, 'honolulu'),
  ])
  await server.warehouse.transaction((session) => writeStores(session, [record('tokyo', 'Asia/Tokyo')]))
  await run()
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual([
    '2026-03-05 honolulu 1200',
    '2026-03-05 london 100',
    '2026-03-06 tokyo 200',
  ])
  expect(await goldOf(ports, 'gold_daily_payments', 'date store_id amount')).toEqual(['2026-03-06 tokyo 100'])
  expect(await goldOf(ports, 'gold_daily_customers', 'date customer_id spend')).toEqual([
    '2026-03-05 c1 400',
    '2026-03-06 c1 200',
  ])
  expect(await goldOf(ports, 'gold_daily_funnel', 'date store_id purchases')).toEqual([
    '2026-03-05 honolulu 1',
    '2026-03-06 tokyo 1',
  ])
  const stores = await server.warehouse.query(`SELECT date, stores FROM daily_batch ORDER BY date`)
  expect(stores.map(({ stores: found }) => found)).toEqual(['{honolulu,london}', '{tokyo}'])
})

test('an id counts once a day of its store, wherever its copies lie in UTC', async () => {
  const twice = sale('2026-03-05T23:30:00-06:00', 10)
  const { ports, run } = await plantWith([twice, { ...twice, eventTime: '2026-03-05T10:00:00-06:00' }], chicago)
  const { days } = await run()
  expect(days).toMatchObject([{ date: '2026-03-05', events: 1, duplicates: 1 }])
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual(['2026-03-05 s1 1000'])
})

test('a stock-out is cut at the end of the business day of its store', async () => {
  const { ports, run } = await plantWith(
    [sale('2026-03-05T12:00:00-06:00', 10), sale('2026-03-06T12:00:00-06:00', 10)],
    {
      ...chicago,
      dayStart: '04:00',
    },
  )
  const alerts = ports.tables.derived.get(goldStockout.name)
  if (!alerts) throw new Error('expected the alerts')
  const openedMs = Date.parse('2026-03-06T03:00:00-06:00')
  const row = {
    date: '2026-03-06',
    store_id: 's1',
    product_id: 'HAT',
    change: 'opened',
    last_sale_at: openedMs - 1,
    opened_at: openedMs,
    resolved_at: null,
    partition_id: 0,
    sequence: 0,
    item: 0,
  }
  const resolved = { ...row, change: 'resolved', resolved_at: openedMs + 4 * 3_600_000 }
  await append(alerts, { rows: [row, resolved], operation: 'WRITE' })
  await run()
  expect(await goldOf(ports, 'gold_stockout_daily', 'date hours_out')).toEqual(['2026-03-05 100', '2026-03-06 300'])
})

test('a day is due when it is over in every store', async () => {
  const { run } = await plantWith([sale('2026-03-05T12:00:00Z', 1)])
  await server.warehouse.transaction((session) => writeStores(session, [record('bar', 'America/Chicago', '04:00')]))
  expect(dates((await run(Date.parse('2026-03-06T09:59:00Z'))).days)).toEqual([])
  expect(dates((await run(Date.parse('2026-03-06T10:00:00Z'))).days)).toEqual(['2026-03-05'])
})

test('a store that comes to go by another zone has its days made again, and those its sales move to', async () => {
  const { ports, run } = await plantWith([
    sale('2026-03-05T02:00:00Z', 1, 'moves'),
    sale('2026-03-05T12:00:00Z', 2, 'stays'),
    sale('2026-03-04T12:00:00Z', 4, 'stays'),
    sale('2026-03-03T12:00:00Z', 8, 'stays'),
  ])
  await run()
  await server.warehouse.transaction((session) => writeStores(session, [record('moves', 'America/Chicago')]))
  expect(dates((await run()).days)).toEqual(['2026-03-04', '2026-03-05'])
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual([
    '2026-03-03 stays 800',
    '2026-03-04 moves 100',
    '2026-03-04 stays 400',
    '2026-03-05 stays 200',
  ])
  expect(dates((await run()).days)).toEqual([])
})

test('settings with other days are refused by name, until an operator has them taken over', async () => {
  const { ports, run, reopened } = await plantWith(c1)
  await run()
  const moved = await reopened({ ...chicago, dayStart: '04:00' })
  const daily = { ...dailyPorts(moved, thresholds), clock: () => Date.UTC(2026, 2, 20) }
  const refusal = 'daily batch: days are UTC from 00:00, the settings say America/Chicago from 04:00; run npm run batch'
  await expect(runDue(daily)).rejects.toThrow(refusal)
  await expect(runOnTime(daily)).rejects.toThrow(refusal)
  await expect(runDays(daily, ['2026-03-05'])).rejects.toThrow(refusal)
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual([
    '2026-03-05 shop-c1 1000',
    '2026-03-06 shop-c1 110000',
  ])
  expect(await takeRules(daily)).toMatchObject([{ what: 'days', is: 'UTC from 00:00' }])
  expect(dates((await runDue(daily)).days)).toEqual(['2026-03-05', '2026-03-06'])
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual(['2026-03-05 shop-c1 111000'])
  expect(await takeRules(daily)).toEqual([])
  expect((await runDue(daily)).days).toEqual([])
})

test('a currency is not taken over', async () => {
  const { run, reopened } = await plantWith(c1)
  await run()
  const yen = dailyPorts(await reopened({ currency: 'JPY' }), thresholds)
  await expect(takeRules(yen)).rejects.toThrow('currency is GBP')
})

test('the timer works once after a day has ended somewhere, and hourly while days are owed', async () => {
  const { ports, send } = await plantWith([sale('2026-03-05T12:00:00Z', 1), sale('2026-03-06T12:00:00Z', 1)])
  const at = async (time: string) => {
    const report = await runOnTime({ ...dailyPorts(ports, thresholds), clock: () => Date.parse(`${time}:00Z`) })
    return report && dates(report.days)
  }
  expect(await at('2026-03-06T00:20')).toEqual(['2026-03-05'])
  expect(await at('2026-03-06T01:20')).toBeUndefined()
  await send(sale('2026-03-05T13:00:00Z', 1))
  expect(await at('2026-03-06T23:20')).toBeUndefined()
  // The run after midnight did not come: the next one does its work.
  expect(await at('2026-03-07T01:20')).toEqual(['2026-03-05', '2026-03-06'])
  expect(await at('2026-03-07T02:20')).toBeUndefined()
  await server.warehouse.query(`UPDATE daily_batch SET stale = true WHERE date = '2026-03-05'`)
  expect(await at('2026-03-07T03:20')).toEqual(['2026-03-05'])
  expect(await at('2026-03-07T04:20')).toBeUndefined()
})

test('a store whose days change while one is made has it made again', async () => {
  const { ports, run } = await plantWith([sale('2026-03-05T02:00:00Z', 1, 'moves')])
  const { warehouse } = server
  let isMoved = false
  const changing = {
    ...warehouse,
    transaction: <T>(work: Parameters<typeof warehouse.transaction<T>>[0]) =>
      warehouse.transaction<T>((session) =>
        work({
          query: async (statement, parameters) => {
            if (statement.includes('INSERT INTO "gold_daily_store"') && !isMoved) {
              isMoved = true
              await warehouse.transaction((other) => writeStores(other, [record('moves', 'America/Chicago')]))
            }
            return session.query(statement, parameters)
          },
        }),
      ),
  }
  const daily = { ...dailyPorts(ports, thresholds), warehouse: changing, clock: () => Date.UTC(2026, 2, 20) }
  expect(dates((await runDue(daily)).days)).toEqual(['2026-03-05'])
  expect(isMoved).toBe(true)
  expect(dates((await run()).days)).toEqual(['2026-03-04', '2026-03-05'])
  expect(await goldOf(ports, 'gold_daily_store', byStore)).toEqual(['2026-03-04 moves 100'])
})

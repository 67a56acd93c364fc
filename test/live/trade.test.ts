import { readTrade } from '../../src/live/trade'
import { mixMinute, openStage, settingsOf, type Stage, storeMinute } from '../report/seed'

/* What the page shows of trade equals what is in PostgreSQL, whatever day and hour it is there. */

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const day = '2026-06-10'
const read = (settings: Parameters<typeof settingsOf>[0] = {}) =>
  stage.warehouse.transaction((session) => readTrade(session, settingsOf(settings)))

test('before the first delivery there is nothing, and it says so', async () => {
  await stage.given({})
  expect(await read()).toEqual({
    view: 'trade',
    asOf: null,
    pulseAt: null,
    position: '',
    currency: 'GBP',
    minorDigits: 2,
    business: { zone: 'UTC', date: null, local: null },
    today: null,
    weekBefore: null,
    minutes: null,
    activeCustomers: { customers: 0, customersAre: 'exact' },
    projected: { hour: null, day: null },
  })
})

test('a day on which nobody has bought yet stands beside the week before, which had customers by then', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute('2026-06-03T08:00Z', 'S1', 5, 1), storeMinute('2026-06-03T09:00Z', 'S1', 7, 1))
  })
  await stage.delivered(`${day}T08:30:00Z`)
  // History: its newest sale is far behind the delivery, so the time is that of the sale.
  expect(await read()).toMatchObject({ business: { date: '2026-06-03' }, today: { totals: { netSalesMinor: 1200 } } })
  await stage.warehouse
    .query(`INSERT INTO store_1m SELECT (jsonb_populate_record(s, '{"window_start": "2026-06-09T20:00Z"}')).*
    FROM store_1m AS s LIMIT 1`)
  expect(await read()).toMatchObject({
    business: { date: day, local: `${day} 08:30:00` },
    today: null,
    weekBefore: { date: '2026-06-03', untilTime: '08:30', totals: { netSalesMinor: 500 } },
    projected: { day: null },
  })
})

test('figures of the day are those of the report, of the same instant', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1), storeMinute('2026-06-03T08:00Z', 'S1', 2.5, 1))
    await put(
      'mix_1m',
      mixMinute(`${day}T08:00Z`, 'S1', 'web', 5, 1),
      mixMinute('2026-06-03T08:00Z', 'S1', 'app', 2.5, 1),
    )
  })
  await stage.delivered(`${day}T08:30:00Z`)
  const trade = await read()
  expect(trade.today).toEqual(await stage.report(day))
  expect(trade).toMatchObject({
    asOf: `${day}T08:30:00.000Z`,
    pulseAt: `${day}T08:30:00.000Z`,
    position: 'retail 0:7',
    weekBefore: {
      channels: { list: [{ name: 'app', revenueMinor: 250 }] },
      hours: [{ time: '08:00', revenueMinor: 250 }],
    },
  })
})

test('the minutes are the last 60, the one under way among them, beside those a week before', async () => {
  await stage.given({}, async (put) => {
    await put(
      'store_1m',
      storeMinute(`${day}T07:30Z`, 'S1', 1, 1),
      storeMinute(`${day}T07:31Z`, 'S1', 2, 1),
      storeMinute(`${day}T08:30Z`, 'S1', 4, 1),
      storeMinute(`${day}T08:30Z`, 'S2', 8, 2),
      storeMinute('2026-06-03T07:31Z', 'S1', 16, 1),
      storeMinute('2026-06-03T08:31Z', 'S1', 32, 1),
    )
    await put(
      'mix_1m',
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((channel, at) => mixMinute(`${day}T08:30Z`, 'S1', channel, at + 1, 1)),
    )
  })
  await stage.delivered(`${day}T08:30:20Z`)
  const { minutes } = await read()
  const filled = (entries: Readonly<Record<number, number>>) => Array.from({ length: 60 }, (_, at) => entries[at] ?? 0)
  expect(minutes).toMatchObject({
    from: `${day}T07:31:00.000Z`,
    until: `${day}T08:31:00.000Z`,
    orders: filled({ 0: 1, 59: 3 }),
    netSalesMinor: filled({ 0: 200, 59: 1200 }),
    weekBefore: { orders: filled({ 0: 1 }), netSalesMinor: filled({ 0: 1600 }) },
  })
  expect(minutes?.channels.map(({ name }) => name)).toEqual(['g', 'f', 'e', 'd', 'c', 'b'])
  expect(minutes?.channels[0]?.netSalesMinor).toEqual(filled({ 59: 700 }))
})

test('a week before goes by the clock on the wall, also when that has changed since', async () => {
  const zone = 'Europe/London'
  await stage.given({ zone }, async (put) => {
    await put('store_1m', storeMinute('2026-03-30T08:00Z', 'S1', 1, 1), storeMinute('2026-03-23T09:00Z', 'S1', 2, 1))
  })
  await stage.delivered('2026-03-30T08:01:00Z')
  expect((await read({ zone })).minutes?.weekBefore?.netSalesMinor.at(-1)).toBe(200)
})

test('customers of the last hour are told apart over stores and minutes', async () => {
  const customers = (hex: string) => ({ unique_customers: 1, unique_customers_sketch: `\\x${hex}` })
  await stage.given({}, async (put) => {
    await put(
      'store_1m',
      storeMinute(`${day}T07:30Z`, 'S1', 1, 1, customers('000000000009')),
      storeMinute(`${day}T07:31Z`, 'S1', 1, 1, customers('000000000001')),
      storeMinute(`${day}T08:30Z`, 'S1', 1, 1, customers('000000000002')),
      storeMinute(`${day}T08:30Z`, 'S2', 1, 1, customers('000000000001')),
    )
  })
  await stage.delivered(`${day}T08:30:20Z`)
  expect((await read()).activeCustomers).toEqual({ customers: 2, customersAre: 'exact' })
})

test('the hour is projected by the pace of the last 60 minutes, the day by the same weekday', async () => {
  await stage.given({}, async (put) => {
    await put(
      'store_1m',
      storeMinute(`${day}T07:45Z`, 'S1', 60, 3),
      storeMinute(`${day}T08:10Z`, 'S1', 30, 3),
      storeMinute('2026-06-03T07:00Z', 'S1', 45, 1),
      storeMinute('2026-06-03T20:00Z', 'S1', 135, 1),
    )
  })
  await stage.delivered(`${day}T08:30:00Z`)
  expect((await read()).projected).toEqual({
    // 30 of the hour, and half an hour at 90 an hour.
    hour: { until: `${day}T09:00:00.000Z`, netSalesMinor: 7500, orders: 6 },
    // 90 where the week before had 45 of 180.
    day: { until: '2026-06-11T00:00:00.000Z', netSalesMinor: 36_000, orders: 12 },
  })
})

test('what a week ago brought is remembered for the minute, and read anew in the next', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1))
    await put('store_1m', storeMinute('2026-06-03T08:00Z', 'S1', 2, 1), storeMinute('2026-06-03T08:30Z', 'S1', 1, 1))
  })
  const memory = {}
  const at = async (time: string) => {
    await stage.delivered(`${day}T${time}Z`)
    const trade = await stage.warehouse.transaction((session) => readTrade(session, settingsOf(), memory))
    expect(trade.today?.before.totals).toEqual(trade.weekBefore?.totals)
    return trade.weekBefore?.totals.netSalesMinor
  }
  expect(await at('08:29:10')).toBe(200)
  expect(await at('08:29:50')).toBe(200)
  expect(await at('08:30:10')).toBe(300)
  await stage.warehouse.query("UPDATE store_1m SET total_revenue = 9 WHERE window_start = '2026-06-03T08:00Z'")
  expect(await at('08:30:40')).toBe(300)
  expect(await at('08:31:10')).toBe(1000)
})

test('settings of other money are refused by name', async () => {
  await stage.given({}, async (put) => put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1)))
  await expect(read({ currency: 'JPY', minorDigits: 0 })).rejects.toThrow(/^report: /)
})

import { mixMinute, openStage, qualityMinute, salesMinute, type Stage, storeDay, storeMinute } from './seed'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const day = '2026-06-10'

test('sales of a day are summed over stores and minutes, of the newest day unless one is named', async () => {
  await stage.given({}, async (put) => {
    await put(
      'store_1m',
      storeMinute('2026-06-03T10:00Z', 'S1', 16, 4),
      storeMinute(`${day}T08:00Z`, 'S1', 10, 2, {
        discounts: 2,
        gross_sales: 12,
        tips: 0.5,
        unique_customers_sketch: '\\x000000000001000000000002',
      }),
      storeMinute(`${day}T10:59Z`, 'S2', 10.01, 3, { units_sold: 4, unique_customers_sketch: '\\x000000000002' }),
      storeMinute(`${day}T11:00Z`, 'S2', -2.5, 0, {
        ...{
          gross_sales: 0,
          returns: 2.5,
          order_revenue: 0,
          units_returned: 1,
          total_transactions: 1,
          return_receipts: 1,
        },
        ...{ tax: 1.23, tax_included: 1.23, gift_cards_sold: 50, adjustments: -3, adjustment_lines: 1 },
      }),
    )
    await put(
      'sales_1m',
      salesMinute(`${day}T08:00Z`, 'S1', 'A', 10, 2),
      salesMinute(`${day}T10:59Z`, 'S2', 'B', 7.51, 3),
    )
  })
  await stage.delivered(`${day}T11:00:30Z`)
  expect(await stage.report()).toMatchObject({
    ...{ date: day, currency: 'GBP', minorDigits: 2, calendar: 'UTC 00:00', source: 'live', isRunning: true },
    asOf: {
      at: `${day}T11:00:30.000Z`,
      local: `${day} 11:00:30`,
      positions: [{ stream: 'retail', partition: 0, sequence: 7 }],
    },
    totals: {
      ...{ netSalesMinor: 1751, grossSalesMinor: 2201, discountsMinor: 200, returnsMinor: 250, orders: 5, receipts: 6 },
      ...{ returnReceipts: 1, averageOrderMinor: 400, unitsSold: 6, unitsReturned: 1, itemsPerBasket: 1.2 },
      ...{ taxMinor: 123, taxIncludedMinor: 123, tipsMinor: 50, giftCardsSoldMinor: 5000, adjustmentsMinor: -300 },
      ...{ adjustmentLines: 1, customers: 2, customersAre: 'exact', stores: 2 },
    },
    before: { date: '2026-06-03', untilTime: '11:01', totals: { netSalesMinor: 1600, orders: 4 } },
    hours: [
      { time: '08:00', isAgain: false, revenueMinor: 1000, orders: 2 },
      { time: '10:00', revenueMinor: 1001, orders: 3 },
      { time: '11:00', revenueMinor: -250, orders: 0 },
    ],
    stores: {
      count: 2,
      revenueMinor: 1751,
      list: [
        { name: 'S1', revenueMinor: 1000, orders: 2 },
        { name: 'S2', orders: 3 },
      ],
    },
    products: {
      count: 2,
      revenueMinor: 1751,
      list: [
        { name: 'A', quantity: 2 },
        { name: 'B', quantity: 3 },
      ],
    },
    ...{ categories: null, regions: null, channels: null, funnel: null, payments: null, quality: null },
    stockouts: { open: 0, opened: 0, resolved: 0, lost: null, foremost: [] },
  })
  expect(await stage.report('2026-06-03')).toMatchObject({
    isRunning: false,
    totals: { netSalesMinor: 1600 },
    before: { untilTime: null, totals: null },
  })
})

test('a day the batch has made is the batch’s, and the stream’s again when it is stale', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 10, 2))
    await put('gold_daily_store', storeDay(day, 'S1', 9, 1, { tax: 1.5 }))
    await put('gold_daily_customers', { date: day, customer_id: 'c', customer_segment: 'B2C', purchases: 1, spend: 9 })
  })
  await stage.made(day)
  expect(await stage.report()).toMatchObject({
    ...{ source: 'batch', batchedAt: `${day} 23:59:00`, isRunning: false },
    totals: { netSalesMinor: 900, taxMinor: 150, orders: 1, customers: 1 },
    hours: [{ time: '08:00', revenueMinor: 1000 }],
  })
  await stage.warehouse.query('UPDATE daily_batch SET stale = true')
  expect(await stage.report()).toMatchObject({
    source: 'live',
    batchedAt: null,
    totals: { netSalesMinor: 1000, customers: 0 },
  })
})

test('customers beyond what a sketch tells apart are estimated', async () => {
  const hashes = Array.from({ length: 65_536 }, (_, i) => (i * 4_294_967_296 + 1).toString(16).padStart(12, '0'))
  await stage.given({}, (put) =>
    put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1, { unique_customers_sketch: `\\x${hashes.join('')}` })),
  )
  const { customers, customersAre } = (await stage.report()).totals
  expect({ customers: Math.round(customers / 100), customersAre }).toEqual({
    customers: 655,
    customersAre: 'estimated',
  })
})

/** Every table of the stream in one transaction, as the stream writes them. */
async function deliverSale(partition: number, sequence: number): Promise<void> {
  const [store, channel] = [`S${partition}`, sequence % 3 === 0 ? 'web' : 'store']
  const at = `${day}T${String(8 + (sequence % 10)).padStart(2, '0')}:${String(sequence % 60).padStart(2, '0')}Z`
  const minor = 100 + ((sequence * 37) % 900)
  const own = { partition_id: partition, sequence }
  await stage.warehouse.transaction(async (session) => {
    const add = `DO UPDATE SET total_revenue = t.total_revenue + excluded.total_revenue`
    for (const [table, key, row] of [
      ['store_1m', 'store_id, window_start, partition_id', storeMinute(at, store, minor / 100, 1, own)],
      [
        'sales_1m',
        'store_id, window_start, product_id, partition_id',
        { ...salesMinute(at, store, `P${sequence % 7}`, minor / 100, 1), ...own },
      ],
      [
        'mix_1m',
        'store_id, window_start, region, city, country, channel, payment_method, category, brand, customer_segment, partition_id',
        mixMinute(at, store, channel, minor / 100, 1, own),
      ],
    ] as const) {
      const names = Object.keys(row).join(', ')
      const orders = table === 'sales_1m' ? '' : ', orders = t.orders + 1'
      await session.query(
        `INSERT INTO ${table} AS t (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::${table}, $1)
         ON CONFLICT (${key}) ${add}${orders}`,
        [JSON.stringify(row)],
      )
    }
    await session.query(
      `INSERT INTO sink_position (stream, partition_id, sequence) VALUES ('retail', $1, $2)
       ON CONFLICT (stream, partition_id) DO UPDATE SET sequence = excluded.sequence, updated_at = now()`,
      [partition, sequence],
    )
  })
}

test('while a stream runs, every page is what was delivered up to the position it names', async () => {
  await stage.given({})
  const deliveries = 150
  let isOver = false
  const stream = async (partition: number) => {
    for (let sequence = 0; sequence < deliveries && !isOver; sequence++) await deliverSale(partition, sequence)
  }
  await deliverSale(0, 0)
  const streams = Promise.all([stream(1), stream(2)]).finally(() => (isOver = true))
  const positions = new Set<string>()
  const look = async () => {
    const { totals, channels, products, stores, hours, asOf } = await stage.report(day)
    const wanted = asOf.positions.flatMap(({ sequence }) =>
      Array.from({ length: sequence + 1 }, (_, i) => 100 + ((i * 37) % 900)),
    )
    const netSalesMinor = wanted.reduce((sum, each) => sum + each, 0)
    expect(totals).toMatchObject({ netSalesMinor, orders: wanted.length })
    expect(channels?.revenueMinor ?? 0).toBe(netSalesMinor)
    expect(channels?.list.reduce((sum, each) => sum + each.revenueMinor, 0)).toBe(netSalesMinor)
    expect([products.revenueMinor, stores.revenueMinor]).toEqual([netSalesMinor, netSalesMinor])
    expect(hours.reduce((sum, each) => sum + each.revenueMinor, 0)).toBe(netSalesMinor)
    positions.add(JSON.stringify(asOf.positions))
  }
  try {
    while (!isOver) await look()
  } finally {
    isOver = true
    await streams
  }
  await look()
  expect(positions.size).toBeGreaterThan(3)
})

test('the first minutes of an installation are shown with nothing from before, and what came late is a share of what came', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 24.37, 3, { closed: false }))
    await put(
      'quality_1m',
      qualityMinute(`${day}T08:00Z`, 'S1', 140, { late: 70, late_seconds: 7000, max_late_seconds: 120, closed: false }),
    )
    await put(
      'quality_1m',
      qualityMinute(`${day}T08:00Z`, 'unknown', 0, { reason: 'not-json', received: 2, rejected: 2 }),
    )
  })
  await stage.delivered(`${day}T08:00:40Z`)
  expect(await stage.report()).toMatchObject({
    isRunning: true,
    totals: { netSalesMinor: 2437, orders: 3 },
    before: { date: '2026-06-03', totals: null },
    quality: {
      ...{
        received: 142,
        valid: 140,
        rejected: 2,
        qualityPct: 98.59,
        late: 70,
        lateSecondsMean: 100,
        lateSecondsMax: 120,
      },
      rejections: [{ reason: 'not-json', events: 2 }],
    },
  })
})

test('days and hours are those of each store, and an hour that comes twice is two', async () => {
  const settings = { zone: 'Europe/London', dayStart: '04:00' }
  await stage.given(settings, async (put) => {
    await put('stores', {
      store_id: 'C',
      zone: 'America/Chicago',
      day_start: '04:00',
      source: 'file',
      said_at: '2026-01-01T00:00Z',
    })
    await put(
      'store_1m',
      // London, 24 October until 04:00 of the 25th: 03:30 before it, both passes of 01:30, and 03:59.
      storeMinute('2026-10-24T02:30Z', 'L', 1, 1),
      storeMinute('2026-10-25T00:30Z', 'L', 2, 1),
      storeMinute('2026-10-25T01:30Z', 'L', 4, 1),
      storeMinute('2026-10-25T03:59Z', 'L', 8, 1),
      storeMinute('2026-10-25T04:00Z', 'L', 16, 1),
      // Chicago, five hours behind: 04:00 on the 24th and 03:59 on the 25th.
      storeMinute('2026-10-24T09:00Z', 'C', 32, 1),
      storeMinute('2026-10-25T08:59Z', 'C', 64, 1),
      storeMinute('2026-10-25T09:00Z', 'C', 128, 1),
    )
    await put('gold_stockout', {
      store_id: 'C',
      product_id: 'P',
      opened_at: '2026-10-25T08:00Z',
      last_sale_at: '2026-10-25T07:00Z',
      status: 'open',
      partition_id: 0,
      sequence: 1,
    })
  })
  const figures = await stage.report('2026-10-24', settings)
  expect(figures.totals.netSalesMinor).toBe(100 * (2 + 4 + 8 + 32 + 64))
  expect(figures.hours.map(({ time, isAgain, revenueMinor }) => [time, isAgain, revenueMinor / 100])).toEqual([
    ['04:00', false, 32],
    ['01:00', false, 2],
    ['01:00', true, 4],
    ['03:00', false, 72],
  ])
  expect(figures.stockouts).toMatchObject({ opened: 1, foremost: [{ openedAt: '2026-10-25 03:00' }] })
  expect((await stage.report('2026-10-25', settings)).totals.netSalesMinor).toBe(14_400)
})

test.each([
  ['JPY', 0, 1200, 1200],
  ['KWD', 3, 5.335, 5335],
  ['CLF', 4, 0.0001, 1],
])('money of %s has %i decimals', async (currency, minorDigits, revenue, wanted) => {
  await stage.given({ currency, minorDigits }, (put) => put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', revenue, 1)))
  const { totals } = await stage.report(day, { currency, minorDigits })
  expect(totals).toMatchObject({ netSalesMinor: wanted, averageOrderMinor: wanted })
})

test('settings that speak of other days or money are refused by name', async () => {
  await stage.given({}, (put) => put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1)))
  await expect(stage.report(day, { zone: 'Europe/London', dayStart: '04:00' })).rejects.toThrow(
    'report: days are UTC from 00:00, the settings say Europe/London from 04:00; run npm run batch',
  )
  await expect(stage.report(day, { currency: 'JPY', minorDigits: 0 })).rejects.toThrow('report: currency is GBP')
})

test('a day without sales is an error that says which days have some', async () => {
  await stage.given({})
  await expect(stage.report()).rejects.toThrow('report: nothing was sold yet')
  await stage.given({}, (put) =>
    put('store_1m', storeMinute('2026-06-01T08:00Z', 'S1', 1, 1), storeMinute(`${day}T08:00Z`, 'S1', 1, 1)),
  )
  await expect(stage.report('2026-06-05')).rejects.toThrow(
    'report: no sales on 2026-06-05; there are some from 2026-06-01 to 2026-06-10',
  )
  await expect(stage.report('2050-01-01')).rejects.toThrow(
    'expected 2050-01-01 among the business days of calendar UTC 00:00',
  )
})

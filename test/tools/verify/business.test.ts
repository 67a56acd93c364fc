import { parseProductKinds } from '../../../src/event/product-kinds'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDue } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { writeStores } from '../../../src/warehouse/stores'
import { memoryStore } from '../../lake/store/memory-store'
import {
  decodeRules,
  emptyWarehouse,
  id,
  installation,
  messages,
  openPlant,
  rules,
  thresholds,
} from '../../pipeline/plant'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { failures, hubOf, verifyPlant } from './stage'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const minuteMs = 60_000
const productKinds = 'GIFTCARD=gift_card'
const stores = ['shop', 'bar', 'tokyo', 'apia']

/**
 * Two days and nights of every kind of line, an event every 7 minutes, stores in turn, about the night in which Chicago
 * puts its clocks forward.
 */
const events = Array.from({ length: 400 }, (_, index) => {
  const atMs = Date.UTC(2026, 2, 7, 6) + index * 7 * minuteMs
  const common = { eventId: id(index + 1), eventTime: new Date(atMs).toISOString(), storeId: stores[index % 4] }
  const online = { channel: 'web', sessionId: `v${index % 9}`, customerId: `c${index % 5}` }
  const pick = <T>(values: readonly T[]) => values[index % values.length]
  if (index % 11 === 0) return { ...common, ...online, type: 'activity', action: 'view', category: 'hats' }
  if (index % 13 === 0)
    return { ...common, type: 'payment', orderId: 'o', amount: 1.005, method: 'card', status: 'failed' }
  const line = { productId: pick(['HAT', 'CAP', 'TIE']), unitPrice: pick([1.255, 19.99, 0, 4]), category: 'hats' }
  return {
    ...common,
    ...(index % 3 === 0 && online),
    ...(index % 17 === 0 && { voids: 'o1' }),
    ...(index % 5 === 0 && { discount: 0.01, tip: 0.5 }),
    ...(index % 7 === 0 && { taxIncluded: true }),
    ...(common.storeId === 'apia' && { storeZone: 'Pacific/Apia' }),
    type: 'sale',
    paymentMethod: pick(['card', 'gift_card', 'cash']),
    lines: [
      { ...line, quantity: pick([2, -1, 0.485, 3, 1]), taxRate: 0.0825 },
      { productId: 'TIE', quantity: 1, unitPrice: 10, discount: 0.5 },
      {
        productId: pick(['GIFTCARD', 'POST', 'HAT']),
        quantity: 1,
        unitPrice: 5,
        ...(index % 3 === 1 && { kind: 'shipping' }),
      },
      ...(index % 19 === 0 ? [{ productId: 'DEBT', quantity: 1, unitPrice: -3 }] : []),
    ],
  }
})

test('gold by the days of each store is what the log of the hub says, and another day is found', async () => {
  const log = messages(...events).map((message, index) => ({
    ...message,
    enqueuedMs: Date.parse(events[index]?.eventTime ?? '') + 1000,
  }))
  const store = memoryStore()
  const limits = { ...decodeRules, productKinds: parseProductKinds(productKinds) }
  const under = { ...rules, productKinds }
  const ports = await openPlant(store, {
    warehouse: server.warehouse,
    rules: under,
    installation: { ...installation, zone: 'America/Chicago', dayStart: '04:00' },
  })
  const row = { name: null, region: null, city: null, currency: null, zone: null, dayStart: null }
  await server.warehouse.transaction((session) =>
    writeStores(session, [
      { ...row, storeId: 'tokyo', zone: 'Asia/Tokyo', dayStart: '00:00' },
      { ...row, storeId: 'bar', dayStart: '06:30' },
    ]),
  )
  const taking = { ...ports, decodeRules: limits }
  // The last event comes when all others have been folded, and the days of the batch are over.
  await openIngest(taking).take(0, log)
  const { days } = await runDue({ ...dailyPorts(ports, thresholds), clock: () => Date.UTC(2026, 2, 12) })
  expect(days.map(({ date }) => date)).toEqual(['2026-03-06', '2026-03-07', '2026-03-08', '2026-03-09'])
  const check = () => verifyPlant({ store, warehouse: server.warehouse, hub: hubOf(log), rules: under, limits })
  const report = await check()
  expect(failures(report)).toEqual([])
  expect(report.gold.checks.stockout_daily?.checked).toBeGreaterThan(0)
  await server.warehouse.query(`UPDATE stores SET day_start = '00:00' WHERE store_id = 'bar'`)
  expect(failures(await check())).toEqual(expect.arrayContaining([expect.stringContaining('gold daily_store')]))
}, 120_000)

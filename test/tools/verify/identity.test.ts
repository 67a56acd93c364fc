import { type Message } from '../../../src/event/message'
import { decodeRules, emptyWarehouse, id, messages, sale } from '../../pipeline/plant'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { failures, hubOf, take, verifyPlant } from './stage'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

interface Planting {
  readonly partitions: readonly (readonly Message[])[]
  readonly days?: readonly string[]
}

async function planted({ partitions, days = ['2026-03-01'] }: Planting) {
  const store = memoryStore()
  const { warehouse } = server
  await take(store, { warehouse, partitions, days })
  return { store, warehouse, hub: hubOf(...partitions) }
}

/** Ids of two stores, and of one in both cases; another body under an id; a receipt under two ids and beyond the horizon. */
const claims = () => {
  const [lower, upper] = ['7f0e9d3a-1111-4222-8333-abcdefabcdef', '7F0E9D3A-1111-4222-8333-ABCDEFABCDEF']
  const ordered = (minute: number, number: number) => ({ ...sale(minute, { eventId: id(number) }), orderId: 'R-77' })
  const payment = (amount: number) => ({
    ...{ ...sale(4, { eventId: id(20) }), type: 'payment', lines: undefined, paymentMethod: undefined },
    ...{ orderId: 'R-77', amount, method: 'card', status: 'failed' },
  })
  return messages(
    sale(1, { eventId: lower, price: 1 }),
    sale(1, { eventId: lower, store: 's2', price: 100 }),
    sale(1, { eventId: upper, store: 's2', price: 100 }),
    { ...sale(1, { eventId: upper, store: 's2', price: 100 }), city: 'Leeds' },
    sale(2, { eventId: upper, store: 's2', price: 100 }),
    [ordered(3, 10), ordered(4, 11), ordered(3, 10), ordered(3, 12)],
    [payment(5), payment(5), payment(5.001), payment(6)],
    sale(50),
    ordered(51, 13),
    ordered(52, 14),
    sale(53, { eventId: lower, store: 's2', price: 7 }),
    sale(53, { eventId: lower, store: 's2', price: 7 }),
    sale(54, { eventId: lower, store: 's2', price: 100 }),
  )
}

test('ids belong to stores; conflicts and repeated receipts are those of the hub', async () => {
  const report = await verifyPlant(await planted({ partitions: [claims()] }))
  expect(failures(report)).toEqual([])
  const [row] = await server.warehouse.query(
    'SELECT sum(duplicates) AS duplicates, sum(conflicting) AS conflicting, sum(repeated_receipts) AS repeated FROM quality_1m',
  )
  expect(row).toEqual({ duplicates: '9', conflicting: '3', repeated: '3' })
  expect(report.warehouse.figures).toMatchObject({ twiceInPartitions: 0, twiceBeyondHorizon: 1, onlyInGold: 0 })
})

test('two stores with one id in two partitions are 101.00, live and in gold', async () => {
  const one = messages(sale(1, { eventId: id(77), price: 1 }))
  const other = messages(sale(1, { eventId: id(77), store: 's2', price: 100 }))
  const report = await verifyPlant(await planted({ partitions: [one, other] }))
  expect(failures(report)).toEqual([])
  for (const table of ['store_1m', 'gold_daily_store']) {
    const [row] = await server.warehouse.query(`SELECT sum(total_revenue) AS revenue FROM ${table}`)
    expect(row).toEqual({ revenue: '101.00' })
  }
})

test('an id of a store that comes in two partitions is counted as such, and live may differ by that only', async () => {
  const twice = messages(sale(1, { eventId: id(77), price: 10 }))
  const subject = await planted({ partitions: [twice, twice] })
  const report = await verifyPlant(subject)
  expect(failures(report)).toEqual([])
  expect(report.warehouse.checks.live_daily?.checked).toBe(1)
  expect(report.warehouse.figures).toMatchObject({ twiceInPartitions: 1 })
  await server.warehouse.query(`UPDATE gold_daily_store SET total_revenue = 9`)
  expect(failures(await verifyPlant(subject))).toEqual(['warehouse live_daily: 1', 'warehouse gold_daily_store: 1'])
})

test('a sale beyond the bound behind is rejected as past by both', async () => {
  const old = messages({ ...sale(1), eventTime: '2000-01-01T00:03:00Z' })
  const subject = await planted({ partitions: [old], days: [] })
  expect(failures(await verifyPlant(subject))).toEqual([])
  const limits = { ...decodeRules, maxBehindMs: 400 * 86_400_000 }
  const bounded = await verifyPlant({ ...subject, limits })
  expect(bounded.bronze.checks.rejects?.differing[0]).toMatchObject({ expected: { reject_reason: 'past' } })
})

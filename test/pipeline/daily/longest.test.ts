import { createRandom, whole } from '../../../generator/random'
import { readTable } from '../../warehouse/read-table'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { memoryStore } from '../../lake/store/memory-store'
import { failures, hubOf, verifyPlant } from '../../tools/verify/stage'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, id, messages, openPlant, sale, thresholds } from '../plant'

/*
 * An index entry of PostgreSQL holds 2704 bytes. Texts of the contract as long as they may be, of four bytes a character
 * and with nothing to compress, must get into every table: a key that did not fit would stop its partition for good.
 */

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
  await emptyWarehouse(server.warehouse)
})
afterAll(() => server.close())

const random = createRandom('longest')
const longest = (length: number) =>
  Array.from({ length }, () => String.fromCodePoint(whole(random, 0x20000, 0x2a000))).join('')

test('events of the longest texts get into the live tables and through the daily batch', async () => {
  const place = { storeId: longest(128), region: longest(128), city: longest(128), country: longest(128) }
  const [first, second, third, fourth] = [sale(0), sale(1), sale(2), sale(3)]
  const line = { productId: longest(128), category: longest(128), brand: longest(128), quantity: 1, unitPrice: 1 }
  const who = { customerId: longest(128), sessionId: longest(128), orderId: longest(128), channel: 'web' }
  const method = longest(64)
  const log = messages(
    { ...first, ...place, ...who, lines: [line, { ...line, category: longest(128) }], paymentMethod: method },
    { ...second, ...place, ...who, type: 'activity', action: 'view', category: longest(128) },
    { ...third, ...place, ...who, type: 'payment', amount: 1, method, status: 'failed', failureReason: longest(256) },
    { ...fourth, ...place, type: 'stock', productId: longest(128), onHand: 1, reason: 'count' },
    { ...sale(60), eventId: id(99) },
  )
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, log)
  await runDays(dailyPorts(ports, thresholds), ['2026-03-01'])
  const report = await verifyPlant({ store, warehouse: server.warehouse, hub: hubOf(log) })
  expect(failures(report)).toEqual([])
  expect(report.bronze.figures).toMatchObject({ accepted: 5 })
  const read = { name: 'mix_1m', columns: [{ name: 'region', type: 'text' as const }] }
  const regions = (await readTable(server.warehouse, read)).map(({ region }) => region)
  expect(regions).toContain(Array.from(place.region).slice(0, 64).join(''))
})

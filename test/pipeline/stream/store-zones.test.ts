import { storeZones } from '../../../src/pipeline/rows/store-zones'
import { entryOf, logged } from '../../../src/pipeline/rows/bronze'
import { rebuild } from '../../../src/pipeline/rebuild/rebuild'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { readStores } from '../../../src/warehouse/stores'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { decodeRules, emptyWarehouse, messages, openPlant, sale } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const saying = (minute: number, storeZone: string, store = 's1') => ({ ...sale(minute, { store }), storeZone })
const all = messages(
  saying(0, 'Europe/Paris'),
  saying(9, 'Europe/London'),
  saying(4, 'Europe/Rome'),
  sale(20, { store: 's2' }),
  saying(21, 'Mars/Olympus_Mons', 's3'),
)

async function zones(): Promise<Record<string, string | null>> {
  return Object.fromEntries((await readStores(server.warehouse)).map(({ storeId, zone }) => [storeId, zone]))
}

test('of each store and zone the newest event is told; stores that say none are not', () => {
  const entries = logged([...all, ...messages(saying(3, 'Europe/London'), 'no JSON')], decodeRules).map(entryOf)
  const said = storeZones(entries).map(({ storeId, zone, saidMs }) => [storeId, zone, new Date(saidMs).getUTCMinutes()])
  expect(said).toEqual([
    ['s1', 'Europe/Paris', 0],
    ['s1', 'Europe/London', 9],
    ['s1', 'Europe/Rome', 4],
    ['s3', 'Mars/Olympus_Mons', 21],
  ])
})

test('the stream takes the zones of stores with the batch, however it is cut', async () => {
  const { warehouse } = server
  for (const size of [1, 2, 5]) {
    await emptyWarehouse(warehouse)
    const ports = await openPlant(memoryStore(), { warehouse })
    const ingest = openIngest(ports)
    for (let at = 0; at < all.length; at += size) await ingest.take(0, all.slice(at, at + size))
    expect(await zones()).toEqual({ s1: 'Europe/London' })
    expect(ports.lines.filter((line) => line.includes('Mars'))).toEqual([
      'warn partition 0: expected storeZone to be an IANA time zone, got "Mars/Olympus_Mons"; the store keeps its days',
    ])
  }
})

test('a database that lost its rows gets the zones back from bronze, by the stream and by a rebuild', async () => {
  const { warehouse } = server
  const store = memoryStore()
  await openIngest(await openPlant(store, { warehouse })).take(0, all.slice(0, 4))
  await emptyWarehouse(warehouse)
  expect(await zones()).toEqual({})
  await openIngest(await openPlant(store, { warehouse })).take(0, all)
  expect(await zones()).toEqual({ s1: 'Europe/London' })
  // As after an update from a version whose stream did not look at zones.
  await warehouse.query('DELETE FROM stores')
  await rebuild(await openPlant(store, { warehouse }))
  expect(await zones()).toEqual({ s1: 'Europe/London' })
})

import fc from 'fast-check'
import { type Session } from '../../src/warehouse/connection'
import { noteStoreZones, readStores, type StoreRecord, type StoreZone, writeStores } from '../../src/warehouse/stores'
import { runs } from '../thorough'
import { startTestWarehouse, type TestWarehouse } from './postgres'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => server.warehouse.query('DELETE FROM stores; DELETE FROM daily_batch'))

const within = <T>(work: (session: Session) => Promise<T>) => server.warehouse.transaction(work)
const write = (...records: readonly StoreRecord[]) => within((session) => writeStores(session, records))
const note = (...said: readonly StoreZone[]) => within((session) => noteStoreZones(session, said))

const listed = (storeId: string, cells: Partial<StoreRecord> = {}): StoreRecord => ({
  storeId,
  name: null,
  zone: null,
  dayStart: null,
  region: null,
  city: null,
  currency: null,
  ...cells,
})
const said = (zone: string, minute: number, storeId = 'S1'): StoreZone => ({ storeId, zone, saidMs: minute * 60_000 })

async function zones(): Promise<Record<string, string | null>> {
  return Object.fromEntries((await readStores(server.warehouse)).map(({ storeId, zone }) => [storeId, zone]))
}

async function calendars(): Promise<Record<string, string | null | undefined>> {
  const rows = await server.warehouse.query('SELECT store_id, calendar FROM v_store_calendars ORDER BY 1')
  return Object.fromEntries(rows.map(({ store_id: id, calendar }) => [id ?? '', calendar]))
}

test('a file puts stores in and changes them; their days are there', async () => {
  expect(await write(listed('S1', { zone: 'America/Chicago', name: 'Loop', city: 'Chicago' }), listed('S2'))).toEqual([
    'S1',
  ])
  expect(await write(listed('S1', { zone: 'America/Chicago', dayStart: '04:00' }))).toEqual(['S1'])
  expect(await readStores(server.warehouse)).toEqual([
    { ...listed('S1', { zone: 'America/Chicago', dayStart: '04:00' }), source: 'file' },
    { ...listed('S2'), source: 'file' },
  ])
  expect(await calendars()).toEqual({ S1: 'America/Chicago 04:00', S2: 'UTC 00:00' })
  const [row] = await server.warehouse.query(
    `SELECT starts_at FROM business_days WHERE calendar = calendar_of('S1') AND date = '2026-03-05'`,
  )
  expect(row).toEqual({ starts_at: '2026-03-05 10:00:00+00' })
})

test('of what events say the newest counts, of two at one time the later by name, a zone of a file before all', async () => {
  await note(said('Europe/Paris', 10), said('Europe/Rome', 30), said('Europe/Berlin', 20))
  expect(await zones()).toEqual({ S1: 'Europe/Rome' })
  await note(said('Europe/Madrid', 25))
  await note(said('Europe/Rome', 40))
  await note(said('Europe/Madrid', 35))
  expect(await zones()).toEqual({ S1: 'Europe/Rome' })
  await note(said('Europe/Vienna', 40))
  expect(await zones()).toEqual({ S1: 'Europe/Vienna' })
  await write(listed('S1', { name: 'A file that says no zone' }))
  expect(await zones()).toEqual({ S1: 'Europe/Vienna' })
  await note(said('Europe/Oslo', 50))
  expect(await zones()).toEqual({ S1: 'Europe/Oslo' })
  await write(listed('S1', { zone: 'Europe/London' }))
  expect(await note(said('Europe/Paris', 60))).toEqual({ changed: [], unknown: [] })
  expect(await zones()).toEqual({ S1: 'Europe/London' })
  await write(listed('S1'))
  await note(said('Europe/Paris', 5))
  expect(await zones()).toEqual({ S1: 'Europe/Paris' })
})

test('a zone that nobody knows is passed over, and told', async () => {
  const noted = await note(said('Mars/Olympus_Mons', 10), said('Asia/Tokyo', 10, 'S2'))
  expect(noted).toEqual({ changed: ['S2'], unknown: ['Mars/Olympus_Mons'] })
  expect(await zones()).toEqual({ S2: 'Asia/Tokyo' })
})

test('days of a store that goes by another calendar are stale in the same transaction', async () => {
  await server.warehouse.query(
    `INSERT INTO daily_batch (date, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written, stores)
     SELECT d::date, 1, now(), '{}', '', 1, 1, 0, 1, s FROM (VALUES ('2026-03-01', ARRAY['S1']), ('2026-03-02', ARRAY['S2'])) AS v(d, s)`,
  )
  const stale = async () =>
    (await server.warehouse.query('SELECT date FROM daily_batch WHERE stale')).map(({ date }) => date)
  // The same days under another name of no other calendar: nothing to make again.
  await write(listed('S1', { zone: 'UTC', name: 'x' }))
  expect(await stale()).toEqual([])
  const failing = within(async (session) => {
    await noteStoreZones(session, [said('Asia/Tokyo', 1, 'S2')])
    throw new Error('rolled back')
  })
  await expect(failing).rejects.toThrow('rolled back')
  expect(await stale()).toEqual([])
  await note(said('Asia/Tokyo', 1, 'S2'))
  expect(await stale()).toEqual(['2026-03-02'])
})

test('in whatever order and however often events say zones, the stores are the same', async () => {
  const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'Europe/Paris', 'Mars/Olympus_Mons')
  const saying = fc.record({ storeId: fc.constantFrom('S1', 'S2'), zone, saidMs: fc.constantFrom(0, 60_000, 120_000) })
  const drawn = fc
    .array(saying, { maxLength: 8 })
    .chain((all) =>
      fc.record({ all: fc.constant(all), order: fc.shuffledSubarray(all, { minLength: all.length }), cut: fc.nat(8) }),
    )
  await fc.assert(
    fc.asyncProperty(drawn, async ({ all, order, cut }) => {
      await server.warehouse.query('DELETE FROM stores')
      await note(...all)
      const atOnce = await zones()
      await server.warehouse.query('DELETE FROM stores')
      for (const part of [order.slice(0, cut), order.slice(cut), order.slice(0, cut)]) await note(...part)
      expect(await zones()).toEqual(atOnce)
    }),
    { numRuns: runs({ few: 40, many: 400 }) },
  )
})

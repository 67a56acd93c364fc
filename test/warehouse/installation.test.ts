import { installationOf } from '../../src/app/installation'
import { type Session } from '../../src/warehouse/connection'
import {
  changeInstallation,
  differenceText,
  type Installation,
  readInstallation,
  takeInstallation,
} from '../../src/warehouse/installation'
import { startTestWarehouse, type TestWarehouse } from './postgres'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => server.warehouse.query('DELETE FROM installation; DELETE FROM daily_batch'))

const london: Installation = {
  currency: 'GBP',
  minorDigits: 2,
  zone: 'Europe/London',
  dayStart: '00:00',
  fiscalCalendar: 'iso',
}
const within = <T>(work: (session: Session) => Promise<T>) => server.warehouse.transaction(work)
const take = (wanted: Installation) => within((session) => takeInstallation(session, wanted))
const change = (wanted: Installation) => within((session) => changeInstallation(session, wanted))

const made = () =>
  server.warehouse.query(
    `INSERT INTO daily_batch (date, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written)
     VALUES ('2026-03-01', 1, now(), '{}', '', 1, 1, 0, 1)`,
  )

async function stale(): Promise<string | null | undefined> {
  const [row] = await server.warehouse.query('SELECT stale FROM daily_batch')
  return row?.stale
}

test('the settings are taken from whoever writes first, and its days are there', async () => {
  expect(await readInstallation(server.warehouse)).toBeUndefined()
  const both = await Promise.all([take(london), take(london)])
  expect(both).toEqual([[], []])
  expect(await readInstallation(server.warehouse)).toEqual(london)
  const [row] = await server.warehouse.query(
    `SELECT starts_at FROM business_days WHERE calendar = 'Europe/London 00:00' AND date = '2026-07-01'`,
  )
  expect(row).toEqual({ starts_at: '2026-06-30 23:00:00+00' })
})

test('settings that differ come back, each with what is there and what to do', async () => {
  await take(london)
  const other = { ...london, currency: 'KWD', minorDigits: 3, zone: 'Asia/Kuwait', fiscalCalendar: '4-5-4' } as const
  expect((await take(other)).map(differenceText)).toEqual([
    'currency is GBP of 2 decimals, the settings say KWD of 3 decimals; give each currency a lake and a database of its own',
    'days are Europe/London from 00:00, the settings say Asia/Kuwait from 00:00; run npm run batch',
    'fiscal calendar is iso, the settings say 4-5-4; run npm run batch',
  ])
  expect(await readInstallation(server.warehouse)).toEqual(london)
})

test('what was made before anybody said was made by UTC, and is stale where the days are others', async () => {
  await made()
  await take({ ...london, zone: 'UTC' })
  expect(await stale()).toBe('f')
  await server.warehouse.query('DELETE FROM installation')
  await take(london)
  expect(await stale()).toBe('t')
})

test('an operator changes the days: every day is stale; weeks alone leave them as they are', async () => {
  await take(london)
  await made()
  const retail = { ...london, fiscalCalendar: '4-5-4' } as const
  expect((await change(retail)).map(({ what }) => what)).toEqual(['fiscal calendar'])
  expect(await stale()).toBe('f')
  const [week] = await server.warehouse.query(
    `SELECT fiscal_year, fiscal_week FROM business_days WHERE calendar = 'Europe/London 00:00' AND date = '2026-02-01'`,
  )
  expect(week).toEqual({ fiscal_year: '2026', fiscal_week: '1' })
  const late = { ...retail, dayStart: '04:00' }
  expect(await change(late)).toEqual([
    { what: 'days', is: 'Europe/London from 00:00', wanted: 'Europe/London from 04:00' },
  ])
  expect(await stale()).toBe('t')
  expect(await readInstallation(server.warehouse)).toEqual(late)
  expect(await change(late)).toEqual([])
})

test('no operator changes the currency', async () => {
  await take(london)
  await expect(change({ ...london, currency: 'EUR' })).rejects.toThrow('currency is GBP of 2 decimals')
  expect(await readInstallation(server.warehouse)).toEqual(london)
})

test('the settings say how many decimals the currency has', () => {
  const business = { calendar: { zone: 'Asia/Tokyo', startMinutes: 300 }, fiscal: 'iso' } as const
  expect(installationOf({ currency: 'JPY', business })).toEqual({
    currency: 'JPY',
    minorDigits: 0,
    zone: 'Asia/Tokyo',
    dayStart: '05:00',
    fiscalCalendar: 'iso',
  })
})

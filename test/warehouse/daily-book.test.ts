import { lockDailyBatch, type MadeDay, noteDay, noteScan, readBook, readScan } from '../../src/warehouse/daily-book'
import { startTestWarehouse, type TestWarehouse } from './postgres'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
beforeEach(() => server.warehouse.query('TRUNCATE daily_batch, daily_batch_scan'))
afterAll(() => server.close())

const monday = '2026-01-12'
const tuesday = '2026-01-13'
const nowMs = Date.UTC(2026, 0, 14)

const madeDay = (date: string, cells: Partial<MadeDay> = {}): MadeDay => ({
  date,
  run: 7,
  beganMs: nowMs,
  readUpTo: new Map([[0, 9]]),
  alerts: '',
  bronzeVersion: 3,
  events: 10,
  duplicates: 1,
  rows: 5,
  stores: ['s1'],
  stale: false,
  ...cells,
})

const scan = (bronzeVersion: number, found: Record<string, [number, number][]>) => {
  const entries = Object.entries(found).map(([date, newest]) => [date, { newest: new Map(newest) }] as const)
  return noteScan(server.warehouse, { found: new Map(entries), bronzeVersion, calendars: 'c', nowMs })
}

test('the newest events of a day are the newest of all scans, by partition', async () => {
  expect(await readScan(server.warehouse)).toBeUndefined()
  const above = 2 ** 41 + 5
  await scan(3, { [tuesday]: [[0, 5]], [monday]: [[1, above]] })
  await scan(4, { [monday]: [[0, 2], [1, 4]] }) // prettier-ignore
  expect(await readScan(server.warehouse)).toEqual({ bronzeVersion: 4, calendars: 'c', scannedMs: nowMs })
  expect(await readBook(server.warehouse)).toEqual([
    { date: monday, newest: new Map([[0, 2], [1, above]]), stale: false }, // prettier-ignore
    { date: tuesday, newest: new Map([[0, 5]]), stale: false },
  ])
})

test('what a day was made of is what its last run says, and stays through scans', async () => {
  await noteDay(server.warehouse, madeDay(monday))
  await noteDay(server.warehouse, madeDay(monday, { run: 8, readUpTo: new Map([[2, 11]]), alerts: '1-5' }))
  await scan(1, { [monday]: [[2, 12]] })
  const made = { run: 8, readUpTo: new Map([[2, 11]]), alerts: '1-5' }
  expect(await readBook(server.warehouse, monday)).toEqual([
    { date: monday, newest: new Map([[2, 12]]), stale: false, made },
  ])
  expect(await readBook(server.warehouse, tuesday)).toEqual([])
})

test('of two batches one waits until the other is over', async () => {
  const order: string[] = []
  let free: () => void = () => undefined
  const held = new Promise<void>((resolve) => (free = resolve))
  const work = (name: string, until: Promise<void>) =>
    server.warehouse.transaction(async (session) => {
      await lockDailyBatch(session)
      order.push(`${name} begins`)
      await until
      order.push(`${name} ends`)
    })
  const first = work('first', held)
  while (order.length === 0) await server.warehouse.query('SELECT 1')
  const second = work('second', Promise.resolve())
  const waiting = `SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`
  while ((await server.warehouse.query(waiting))[0]?.n === '0');
  free()
  await Promise.all([first, second])
  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
})

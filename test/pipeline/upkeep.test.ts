import { dayMs } from '../../src/day'
import { readHint, readSnapshot } from '../../src/lake/log/read-snapshot'
import { refresh } from '../../src/lake/table'
import { dailyPorts } from '../../src/pipeline/daily/ports'
import { runDays } from '../../src/pipeline/daily/run'
import { openIngest } from '../../src/pipeline/stream/ingest'
import { type Ports } from '../../src/pipeline/ports'
import { upkeep } from '../../src/pipeline/upkeep'
import { faulty } from '../lake/store/faulty-store'
import { memoryStore } from '../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'
import { dayStartMs, emptyWarehouse, everything, messages, openPlant, sale, thresholds } from './plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const day = messages(...Array.from({ length: 40 }, (_, minute) => sale(minute, { product: `p${minute % 3}` })))
const settings = { checkpointEveryCommits: 10 }

async function taken(ports: Ports, log = day): Promise<void> {
  const ingest = openIngest(ports)
  for (let at = 0; at < log.length; at += 2) await ingest.take(0, log.slice(at, at + 2))
}

test('yesterday becomes a file a table, a checkpoint is there, and no row has changed', async () => {
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await taken(ports)
  const before = await everything(store, server.warehouse)
  const [day] = await runDays(dailyPorts(ports, thresholds), ['2026-03-01'])
  const reports = await upkeep(ports, { nowMs: Date.now() + 2 * dayMs, settings })
  expect(await everything(store, server.warehouse)).toEqual(before)
  expect(await runDays(dailyPorts(ports, thresholds), ['2026-03-01'])).toMatchObject([{ sales: day?.sales, files: 1 }])

  const bronze = reports.find(({ table }) => table === 'bronze_events')
  expect(bronze).toMatchObject({ compacted: { removed: 20, added: 1 }, checkpoint: 21 })
  expect((await refresh(ports.tables.bronze)).files.size).toBe(1)
  const sales = reports.find(({ table }) => table === 'sales_1m')
  expect(sales?.compacted.added).toBe(1)
  expect(reports.map(({ table }) => table)).toContain('gold_daily_sales')
  expect(await readHint(store, 'bronze/events')).toBe(21)
  expect(ports.lines).toContain(
    'info upkeep bronze_events: 20 files into 1, checkpoint of version 21, 0 files and 0 log files removed',
  )
})

test('a day that is not over, or to which something has just come, is left', async () => {
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await taken(ports)
  const nowMs = Date.now()
  for (const soonMs of [dayStartMs + 2 * 3_600_000, nowMs]) {
    const reports = await upkeep(ports, { nowMs: soonMs, settings })
    expect(reports.reduce((sum, { compacted }) => sum + compacted.removed, 0)).toBe(0)
  }
})

test('after the retention the old files and the old log are gone, and a partition resumes from what is left', async () => {
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await taken(ports, day.slice(0, 30))
  const nowMs = Date.now()
  await upkeep(ports, { nowMs: nowMs + 2 * dayMs, settings })
  const reports = await upkeep(ports, { nowMs: nowMs + 40 * dayMs, settings })
  expect(reports.find(({ table }) => table === 'bronze_events')).toMatchObject({ vacuumed: 15, cleaned: 16 })
  // A process that knows nothing, without snapshots of the fold: all it has is the compacted bronze.
  for (const { path } of await store.list('checkpoints')) await store.remove(path)
  const fresh = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(fresh).take(0, day.slice(30))
  const found = await everything(store, server.warehouse)

  await emptyWarehouse(server.warehouse)
  const undisturbed = memoryStore()
  await taken(await openPlant(undisturbed, { warehouse: server.warehouse }))
  expect(found).toEqual(await everything(undisturbed, server.warehouse))
})

test('a table that fails does not keep the others waiting, and is named at the end', async () => {
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await taken(ports)
  const broken = faulty(store, { call: 'put', nth: 1, effect: 'refused' })
  const tables = { ...ports.tables, bronze: { ...ports.tables.bronze, store: broken } }
  await expect(upkeep({ ...ports, tables }, { nowMs: Date.now() + 2 * dayMs, settings })).rejects.toThrow(
    'upkeep: bronze_events failed, the next run tries again',
  )
  expect((await readSnapshot(store, 'silver/sales_1m'))?.files.size).toBe(1)
  expect(ports.lines).toContain('error upkeep bronze_events: faulty store: put 1: refused')
})

test('the stream writes a checkpoint at every so many commits, and goes on when that fails', async () => {
  const store = memoryStore()
  const broken = faulty(store, { call: 'put', nth: 1, effect: 'refused', path: 'checkpoint.parquet' })
  const ports = { ...(await openPlant(broken, { warehouse: server.warehouse })), checkpointEveryCommits: 4 }
  await taken(ports)
  const names = (await store.list('bronze/events/_delta_log')).map(({ path }) => path.split('/').at(-1) ?? '')
  const versions = names.filter((name) => name.endsWith('.checkpoint.parquet')).map((name) => Number(name.slice(0, 20)))
  expect(versions).toEqual([8, 12, 16, 20])
  expect(ports.lines).toContain('warn checkpoint of bronze/events at 4 left to the next: faulty store: put 1: refused')
  expect(await everything(store, server.warehouse)).toMatchObject({ bronze_events: { length: 40 } })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCsvEvents } from '../../../generator/csv-source'
import { parseCsvMap } from '../../../generator/csv-map'
import { type CsvSource } from '../../../tools/verify/csv'
import { type Message } from '../../../src/event/message'
import { messages, sale } from '../../pipeline/plant'
import { memoryStore } from '../../lake/store/memory-store'
import { emptyWarehouse } from '../../pipeline/plant'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { failures, hubOf, take, verifyPlant } from './stage'

let server: TestWarehouse
let folder: string
beforeAll(async () => {
  server = await startTestWarehouse()
  folder = await mkdtemp(join(tmpdir(), 'tillstream-csv-'))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => emptyWarehouse(server.warehouse))

const map = parseCsvMap(
  {
    source: 'tills',
    columns: {
      orderId: 'Receipt',
      eventTime: 'When',
      storeId: 'Shop',
      customerId: 'Customer',
      productId: 'Item',
      quantity: 'Pieces',
      unitPrice: 'Price',
    },
    constants: { channel: 'store', paymentMethod: 'cash' },
    wholeNumbers: ['customerId'],
    time: { format: 'd/M/yyyy H:mm', zone: 'Europe/London' },
    currency: 'GBP',
  },
  'test',
)

/** Two of one product in a receipt, the same receipt twice, a return, ties of half a cent, both changes of clocks. */
const rows = [
  '1,1/6/2025 8:26,north,17.0,"tea, green",6,2.55',
  '1,1/6/2025 8:26,north,17.0,"tea, green",1,2.550',
  '2,1/6/2025 8:26,south,,milk,3,0.005',
  '3,1/6/2025 23:59,north,18,milk,-3,0.115',
  '4,1/6/2025 23:59,north,18,milk,1,1.00',
  '5,2/6/2025 0:01,north,18,milk,1,1.00',
  '4,1/6/2025 23:59,north,18,milk,1,1.00',
  '6,26/10/2025 1:30,north,18,tea,1,7.125',
  '7,30/3/2025 1:30,north,18,tea,1,7.135',
]
const refused = ['8,1/6/2025 9:00,north,18,debt,1,-11062.06', '8,1/6/2025 9:00,north,18,tea,1,1']
const days = ['2025-06-01', '2025-06-02', '2025-10-26', '2025-03-30']

async function file(lines: readonly string[], name = 'sales.csv'): Promise<CsvSource> {
  const path = join(folder, name)
  await writeFile(path, ['Receipt,When,Shop,Customer,Item,Pieces,Price', ...lines, ''].join('\r\n'))
  return { files: [path], map }
}

async function replayed(source: CsvSource, before: readonly unknown[] = []): Promise<Message[]> {
  const bodies: string[] = []
  for await (const { body } of readCsvEvents(source)) bodies.push(Buffer.from(body).toString())
  return messages(...before, ...bodies)
}

async function verified(log: readonly Message[], source: CsvSource) {
  const store = memoryStore()
  const { warehouse } = server
  await take(store, { warehouse, partitions: [log], days })
  return verifyPlant({ store, warehouse, hub: hubOf(log), sources: [source] })
}

test('files that were replayed agree with bronze, silver and gold, refused receipts left out and counted', async () => {
  const source = await file([...rows, ...refused])
  const report = await verified(await replayed(source), source)
  expect(failures(report)).toEqual([])
  expect(report.source.figures['csv']).toEqual([
    {
      source: 'tills',
      files: 1,
      receipts: 9,
      rows: 11,
      rejectedReceipts: 1,
      rejectedRows: 2,
      datesNotBatched: [],
    },
  ])
  expect(report.bronze.checks['csv tills']).toMatchObject({ checked: 8, mismatches: 0 })
  expect(report.gold.checks['csv tills']?.checked).toBe(5)
  expect(report.silver.checks['csv tills']?.checked).toBe(5)
})

test('files replayed twice agree: gold counts the second time never, silver beyond the horizon', async () => {
  const source = await file(rows)
  const once = await replayed(source)
  const twice = [...once, ...once].map((message, sequence) => ({ ...message, sequence }))
  const report = await verified(twice, source)
  expect(failures(report)).toEqual([])
  expect(report.silver.figures).toMatchObject({ duplicates: 2, duplicatesBeyondHorizon: 6 })
})

test('other sales of the same stores and days do not disturb', async () => {
  const source = await file(rows)
  const other = { ...sale(0, { store: 'north', product: 'milk' }), eventTime: '2025-06-01T12:00:00Z' }
  const report = await verified(await replayed(source, [other]), source)
  expect(failures(report)).toEqual([])
})

test('a row that is not as it was replayed is found in bronze, silver and gold', async () => {
  const log = await replayed(await file(rows))
  const changed = rows.map((row) => row.replace('milk,3,0.005', 'milk,3,0.01'))
  const report = await verified(log, await file(changed))
  expect(failures(report)).toEqual(['bronze csv tills: 1', 'silver csv tills: 1', 'gold csv tills: 1'])
  expect(report.gold.checks['csv tills']?.differing[0]).toMatchObject({
    key: { date: '2025-06-01', store_id: 'south', product_id: 'milk' },
  })
})

test('a receipt that never arrived is found', async () => {
  const log = (await replayed(await file(rows))).slice(0, -1)
  const report = await verified(log, await file(rows))
  expect(failures(report)).toContain('bronze csv tills: 1')
  expect(report.bronze.checks['csv tills']?.differing[0]).toMatchObject({ key: { order_id: '7' }, got: null })
})

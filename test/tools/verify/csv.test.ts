import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventOf, type Fields, type Receipt, receiptId, voidOf } from '../../../generator/csv/receipt'
import { readCsvEvents, readReceipts } from '../../../generator/csv/source'
import { type ReplayEvent } from '../../../generator/replay-event'
import { parseCsvMap } from '../../../generator/csv/map'
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

/** Two of one product in a receipt, a receipt in two places, a return, ties of half a cent, both changes of clocks. */
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
const refused = ['8,1/6/2025 9:00,north,18,debt,1,free', '8,1/6/2025 9:00,north,18,tea,1,1']
const days = ['2025-06-01', '2025-06-02', '2025-10-26', '2025-03-30']

const header = 'Receipt,When,Shop,Customer,Item,Pieces,Price'

async function file(lines: readonly string[], { zone = 'Europe/London', head = header } = {}): Promise<CsvSource> {
  return bytes(Buffer.from([head, ...lines, ''].join('\r\n')), zone)
}

async function bytes(content: Uint8Array, zone = 'Europe/London'): Promise<CsvSource> {
  const path = join(folder, 'sales.csv')
  await writeFile(path, content)
  return { files: [path], map: { ...map, time: { ...map.time, zone } } }
}

async function replayed(source: CsvSource, before: readonly unknown[] = []): Promise<Message[]> {
  const bodies: string[] = []
  for await (const { body } of readCsvEvents(source)) bodies.push(Buffer.from(body).toString())
  return messages(...before, ...bodies)
}

async function verified(log: readonly Message[], source: CsvSource, batched: readonly string[] = days) {
  const store = memoryStore()
  const { warehouse } = server
  await take(store, { warehouse, partitions: [log], days: batched })
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
      receipts: 8,
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
  expect(report.silver.figures).toMatchObject({ duplicates: 1, duplicatesBeyondHorizon: 6 })
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
  expect(report.bronze.checks['csv tills']?.differing[0]).toMatchObject({ key: { order_id: '6' }, got: null })
})

const cologne = [header, '1,1/6/2025 8:26,Köln-Süd,,"tea, grün",6,2.55', '2,1/6/2025 8:27,Köln-Süd,,milk,1,1.00', '']
const encodings: readonly (readonly [string, Buffer])[] = [
  ['Windows-1252', Buffer.from(cologne.join('\r\n'), 'latin1')],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${cologne.join('\n')}`)],
  ['UTF-16LE with a byte order mark', Buffer.from(`\uFEFF${cologne.join('\r\n')}`, 'utf16le')],
  ['line ends of one carriage return', Buffer.from(cologne.join('\r'))],
]

test.each(encodings)('a file in %s is read as it was replayed', async (_, content) => {
  const source = await bytes(content)
  const report = await verified(await replayed(source), source, [])
  expect(failures(report)).toEqual([])
  expect(report.source.figures['csv']).toMatchObject([{ receipts: 2, rows: 2, rejectedRows: 0 }])
})

test('headers over two lines, columns that differ in case, rows that look like comments: read as they were replayed', async () => {
  const head = '"Note\nof the clerk",Receipt,When,Shop,Customer,Item,Pieces,Price,price'
  const source = await file(
    ['#1,1,1/6/2025 8:26,north,,tea,6,2.55,9', '"x, ""y""",#2,1/6/2025 8:26,north,,tea,1,1,9'],
    {
      head,
    },
  )
  const report = await verified(await replayed(source), source, [])
  expect(failures(report)).toEqual([])
  expect(report.source.figures['csv']).toMatchObject([{ receipts: 2, rows: 2, rejectedRows: 0 }])
})

test('times that are none, or of another shape, are refused rows on both sides', async () => {
  const times = ['', '31/2/2025 8:26', '1/6/25 8:26', '1/6/2025 8:6', '1/6/2025 at 8:26', '1/6/2025 25:00']
  const source = await file([...rows, ...times.map((time, index) => `t${index},${time},north,,tea,1,1`)])
  const report = await verified(await replayed(source), source, [])
  expect(failures(report)).toEqual([])
  expect(report.source.figures['csv']).toMatchObject([{ rejectedRows: times.length }])
})

/** Clocks that change by half an hour, by two hours, for a month of fasting, and never again since a law of this year. */
const zones: readonly (readonly [string, readonly string[]])[] = [
  ['Australia/Lord_Howe', ['5/4/2026 1:45', '5/4/2026 2:15', '4/10/2026 2:15', '4/10/2026 2:45']],
  ['Antarctica/Troll', ['29/3/2026 2:30', '29/3/2026 3:30', '25/10/2026 1:30', '25/10/2026 2:30']],
  ['Africa/Casablanca', ['15/2/2026 2:30', '22/3/2026 2:30', '1/7/2026 12:00']],
  ['America/Vancouver', ['8/3/2026 2:30', '1/11/2026 1:30', '1/12/2026 12:00']],
]

test.each(zones)('times around the changes of %s are those that were replayed', async (zone, times) => {
  const source = await file(
    times.map((time, index) => `${index},${time},north,,tea,1,1`),
    { zone },
  )
  const report = await verified(await replayed(source), source, [])
  expect(failures(report)).toEqual([])
  expect(report.bronze.checks['csv tills']?.checked).toBe(times.length)
})

test('numbers as shops write them, and the hour that comes twice by the order of rows, are those that were replayed', async () => {
  const numbers = [
    '(1)|2.50',
    '1-|£2.50',
    '+1|1,299.00',
    '2|GBP 3',
    '-1|1\u202f299.5',
    '1|1,29',
    '1|12.50 €',
    '0.485|19.80',
    '1|-2',
    '1|',
  ]
  // More than one space is one.
  const times = ['26/10/2025  1:30', '26/10/2025 1:45', '26/10/2025 1:15', '26/10/2025 1:20', '26/10/2025 2:30']
  const source = await file([
    ...numbers.map((each, i) => `n${i},1/6/2025 8:26,north,,tea,"${each.replace('|', '","')}"`),
    ...times.map((time, i) => `t${i},${time},north,,tea,1,1`),
  ])
  const log = await replayed(source)
  const hours = log.map(({ body }) => /2025-10-26T(..)/.exec(Buffer.from(body).toString())?.[1]).filter((hour) => hour)
  expect(hours.sort()).toEqual(['00', '00', '01', '01', '02'])
  const report = await verified(log, source, [])
  expect(failures(report).filter((failure) => failure.includes('csv'))).toEqual([])
  expect(report.source.figures['csv']).toMatchObject([{ receipts: 15, rejectedRows: 2 }])
})

test('of two files in one replay the later one says what an order is', async () => {
  const source = await file(rows.slice(0, 4))
  const [first = ''] = source.files
  const second = first.replace('sales', 'later')
  const later = [rows[2] ?? '', (rows[3] ?? '').replace('-3', '-2'), '9,3/6/2025 9:00,north,18,milk,1,1.00']
  await writeFile(second, [header, ...later, ''].join('\n'))
  const both = { ...source, files: [first, second] }
  const bodies = new Map<string, string>()
  for await (const receipt of readReceipts(both)) {
    bodies.set(receiptId(receipt), Buffer.from(eventOf(receipt).body).toString())
  }
  const report = await verified(messages(...bodies.values()), both, [])
  expect(failures(report)).toEqual([])
  expect(report.source.figures['csv']).toMatchObject([{ receipts: 4, rows: 5, rejectedRows: 0 }])
})

test('what a map says that is not worked out again is named, and the files are read all the same', async () => {
  const source = await file(rows)
  const where = [{ column: 'Shop', isNot: ['south'] }]
  const shown = { ...source, map: { ...source.map, where, order: { tip: 'Price' } } }
  const report = await verified(await replayed(shown), shown, [])
  expect(failures(report)).toEqual([])
  expect(report.source.figures['csv']).toEqual([{ source: 'tills', files: 1, rows: 9, notCovered: ['where', 'order'] }])
  expect(report.bronze.checks['csv tills']).toBeUndefined()
})

test('files that cannot be read as they were replayed are named, and the rest is verified', async () => {
  const log = await replayed(await file(rows))
  const source = await file(rows, { head: header.replace('Price', 'Cost') })
  const report = await verified(log, source, [])
  expect(failures(report)).toEqual(['source csv tills 1: 1'])
  expect(report.source.checks['csv tills 1']?.differing[0]?.key['fault']).toMatch(/sales\.csv: expected column Price/)
  expect(report.bronze.checks['bytes']?.checked).toBeGreaterThan(5)
})

describe('orders edited between two exports', () => {
  const monday = ['1,1/6/2025 8:26,north,,tea,2,2.00', '2,1/6/2025 9:00,north,,milk,1,1.00']
  const tuesday = ['1,1/6/2025 8:26,north,,tea,1,2.00', '3,2/6/2025 9:00,north,,milk,1,1.00']

  /** Both exports, and what two replays send: what was told first, what takes it back, and what it is now. */
  async function exports() {
    const at = async (name: string, lines: readonly string[]): Promise<CsvSource> => {
      const path = join(folder, name)
      await writeFile(path, [header, ...lines, ''].join('\n'))
      return { files: [path], map }
    }
    const [first, second] = [await at('monday.csv', monday), await at('tuesday.csv', tuesday)]
    const receipts = async (source: CsvSource) => {
      const all: Receipt[] = []
      for await (const receipt of readReceipts(source)) all.push(receipt)
      return all
    }
    const json = ({ body }: ReplayEvent) => JSON.parse(Buffer.from(body).toString()) as Fields
    const told = (await receipts(first)).map((receipt) => json(eventOf(receipt)))
    const [edited, added] = await receipts(second)
    if (!edited || !added || !told[0]) throw new Error('expected two orders')
    const later = [json(voidOf(told[0])), json(eventOf(edited, 2)), json(eventOf(added))] as const
    return { sources: [first, second], told, later }
  }

  async function report(bodies: readonly unknown[], sources: readonly CsvSource[]) {
    const log = messages(...bodies)
    const store = memoryStore()
    const { warehouse } = server
    await take(store, { warehouse, partitions: [log], days: ['2025-06-01', '2025-06-02'] })
    return verifyPlant({ store, warehouse, hub: hubOf(log), sources })
  }

  test('agree with the files, each order as it is now', async () => {
    const { sources, told, later } = await exports()
    const { bronze, ...rest } = await report([...told, ...later], sources)
    expect(failures({ bronze, ...rest })).toEqual([])
    expect(bronze.checks).toMatchObject({ 'taken back': { checked: 1 }, editions: { checked: 1 } })
  })

  test('one that was not taken back is found', async () => {
    const { sources, told, later } = await exports()
    const [, again, added] = later
    expect(failures(await report([...told, again, added], sources))).toEqual(['bronze editions: 1'])
  })

  test('one that was taken back as something else is found', async () => {
    const { sources, told, later } = await exports()
    const [back, ...others] = later
    const wrong = { ...back, lines: [{ productId: 'tea', quantity: -1, unitPrice: 2 }] }
    expect(failures(await report([...told, wrong, ...others], sources))).toContain('bronze taken back: 1')
  })
})

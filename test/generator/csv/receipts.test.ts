import { decode, type Decoded } from '../../src/event/decode'
import { type CsvRow, type ReplayEvent, saleEvents } from '../../generator/csv-events'
import { type CsvMap, parseCsvMap } from '../../../generator/csv/map'
import uci from '../../../generator/maps/uci-online-retail.json'

const map = parseCsvMap(uci, 'uci-online-retail.json')
const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }
const columns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
]

/** Rows written as in the file, without quotes. */
function rowsOf(text: string): CsvRow[] {
  const lines = text.trim().split('\n')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell.trim()])))
}

async function eventsOf(rows: Iterable<CsvRow>, by: CsvMap = map): Promise<ReplayEvent[]> {
  const events: ReplayEvent[] = []
  for await (const event of saleEvents(rows, { map: by, name: 'sample.csv' })) events.push(event)
  return events
}

function decodeEvent({ body }: ReplayEvent): Decoded {
  const [item] = decode(body, { enqueuedMs: Date.parse('2026-03-01T00:00:00Z'), rules })
  if (item === undefined) throw new Error('expected an item')
  return item
}

const sample = `
  700001,22001,PAPER CHAIN,6,2011-07-01 08:26:00,2.55,17850.0,United Kingdom
  700001,22002,CARD HOLDER,2,2011-07-01 08:26:00,3.39,17850.0,United Kingdom
  700002,22001,PAPER CHAIN,1,2011-07-01 08:26:00,2.55,,EIRE
  700001,22003,TIN,1,2011-07-01 08:26:00,0.0,17850.0,United Kingdom
  C700003,22001,PAPER CHAIN,-4,2011-07-01 09:00:00,2.55,17850.0,United Kingdom
  A700004,B,Adjust bad debt,1,2011-07-01 09:05:00,-11062.06,,United Kingdom
  700005,22001,PAPER CHAIN,0,2011-07-01 09:06:00,2.55,,France
  700006,22001,PAPER CHAIN,1,yesterday,2.55,,France
  700007,22001,PAPER CHAIN,some,2011-07-01 09:07:00,2.55,,France`

test('rows of one invoice and time become one event, even with another invoice between them', async () => {
  const events = await eventsOf(rowsOf(sample))
  expect(events.map(({ key, rows }) => [key, rows]).slice(0, 3)).toEqual([
    ['United Kingdom', 3],
    ['EIRE', 1],
    ['United Kingdom', 1],
  ])
  expect(events.map(decodeEvent)[0]).toMatchObject({
    kind: 'event',
    event: {
      type: 'sale',
      eventTimeMs: Date.parse('2011-07-01T07:26:00Z'),
      storeId: 'United Kingdom',
      country: 'United Kingdom',
      channel: 'web',
      customerId: '17850',
      orderId: '700001',
      paymentMethod: 'card',
      lines: [
        { productId: '22001', quantity: 6, amountMinor: 1530 },
        { productId: '22002', quantity: 2, amountMinor: 678 },
        { productId: '22003', quantity: 1, amountMinor: 0 },
      ],
    },
  })
})

test('a customer who is not known is left out, a return counts negative', async () => {
  const [, guest, back] = (await eventsOf(rowsOf(sample))).map(decodeEvent)
  expect(guest).toMatchObject({ kind: 'event' })
  expect(guest).not.toHaveProperty('event.customerId')
  expect(back).toMatchObject({ event: { lines: [{ quantity: -4, amountMinor: -1020 }] } })
})

test('a row no sale can be made of is an event the decoder rejects, alone and with the reason', async () => {
  const decoded = (await eventsOf(rowsOf(sample))).map(decodeEvent)
  expect(decoded.map((item) => (item.kind === 'event' ? 'event' : item.detail.split(':')[0]))).toEqual([
    'event',
    'event',
    'event',
    'lines/0/unitPrice',
    'lines/0/quantity',
    'eventTime',
    'lines/0/quantity',
  ])
})

test('ids are those of the rows: the same each time, and never those of other rows', async () => {
  const idOf = ({ body }: ReplayEvent): unknown => (JSON.parse(Buffer.from(body).toString()) as CsvRow)['eventId']
  const ids = (await eventsOf(rowsOf(sample))).map(idOf)
  expect((await eventsOf(rowsOf(sample))).map(idOf)).toEqual(ids)
  // The receipt comes twice, with another moment between, and line for line the same.
  const again = [...rowsOf(sample), ...rowsOf(sample)]
  expect(new Set((await eventsOf(again)).map(idOf)).size).toBe(2 * ids.length)
  const other = await eventsOf(rowsOf(sample), { ...map, source: 'another shop' })
  expect(other.map(idOf)).not.toContain(ids[0])
})

test('a receipt of more than 1000 lines becomes several events', async () => {
  const row = '700001,22001,PAPER CHAIN,1,2011-07-01 08:26:00,2.55,,EIRE'
  const events = await eventsOf(rowsOf(Array(2_300).fill(row).join('\n')))
  expect(events.map(({ rows }) => rows)).toEqual([1000, 1000, 300])
  expect(new Set(events.map(({ body }) => Buffer.from(body).toString().slice(0, 60))).size).toBe(3)
})

test('a file without a column of the map is an error that names both', async () => {
  await expect(eventsOf([{ InvoiceNo: '1', StockCode: 'x' }])).rejects.toThrow(
    'sample.csv: expected columns InvoiceDate, Country, CustomerID, Quantity, UnitPrice, got InvoiceNo, StockCode; ' +
      'correct the map',
  )
})

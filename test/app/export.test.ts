import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parse } from 'csv-parse/sync'
import { answerExport, type ExportAnswer } from '../../src/app/export'
import { openWarehouse } from '../../src/warehouse/connection'
import { exportables } from '../../src/warehouse/exports'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => server.warehouse.query('TRUNCATE sales_1m, gold_daily_sales, gold_stockout, sink_position'))

const salesFile = { file: 'sales_1m.csv', query: new URLSearchParams() }
const nowMs = Date.UTC(2026, 2, 5, 15, 30)

interface Asking {
  readonly maxRows?: number
  readonly ifNoneMatch?: string
}

/** Answers whose body nobody has read keep a connection. */
const unread = new Set<ExportAnswer>()
afterEach(async () => {
  for (const { body } of unread) await body?.[Symbol.asyncIterator]().return?.()
  unread.clear()
})

async function ask(path: string, { maxRows, ifNoneMatch }: Asking = {}): Promise<ExportAnswer> {
  const [file = '', query] = path.split('?')
  const request = { file, query: new URLSearchParams(query), ...(ifNoneMatch !== undefined && { ifNoneMatch }) }
  const serving = { warehouse: server.warehouse, nowMs, ...(maxRows !== undefined && { maxRows }) }
  const answer = await answerExport(request, serving)
  unread.add(answer)
  return answer
}

async function bodyOf({ body }: ExportAnswer): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body ?? []) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function rowsOf(path: string): Promise<Record<string, string>[]> {
  return parse(await bodyOf(await ask(path)), { columns: true })
}

const insertSale = (at: string, { store = 'S1', product = 'P1', revenue = '1.50', qty = 1 } = {}) =>
  server.warehouse.query('INSERT INTO sales_1m VALUES ($1, $2, $3, $4, $5, 1, true, 0, 7, 0.00, 0.00, 0, 0.000)', [
    at,
    store,
    product,
    qty,
    revenue,
  ])

test('rows come with a header, sorted by time and key, instants in UTC, money as it was written', async () => {
  await insertSale('2026-03-04T10:01:00+01:00', { store: 'S2', revenue: '-3.50', qty: -1 })
  await insertSale('2026-03-04T09:01:00Z', { product: 'P2', revenue: '10.00' })
  await insertSale('2026-03-04T09:00:00Z', { product: 'P3' })
  const answer = await ask('sales_1m.csv?from=2026-03-04')
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="sales_1m_2026-03-04T000000.000Z.csv"',
      'x-row-count': '3',
    },
  })
  expect(await bodyOf(answer)).toBe(
    [
      'window_start,store_id,product_id,total_qty,total_revenue,transactions,closed,partitions,gross_sales,discounts,units_returned,measured_qty',
      '2026-03-04T09:00:00.000Z,S1,P3,1,1.50,1,true,1,0.00,0.00,0,0.000',
      '2026-03-04T09:01:00.000Z,S1,P2,1,10.00,1,true,1,0.00,0.00,0,0.000',
      '2026-03-04T09:01:00.000Z,S2,P1,-1,-3.50,1,true,1,0.00,0.00,0,0.000',
      '',
    ].join('\r\n'),
  )
})

test('from is in and to is not, as days and as instants of any zone, an unescaped plus too', async () => {
  const times = ['2026-03-01T23:59:00Z', '2026-03-02T00:00:00Z', '2026-03-02T23:59:00Z', '2026-03-03T00:00:00Z']
  for (const time of times) await insertSale(time)
  const starts = async (query: string) => (await rowsOf(`sales_1m.csv?${query}`)).map((row) => row.window_start)
  const day = ['2026-03-02T00:00:00.000Z', '2026-03-02T23:59:00.000Z']
  expect(await starts('from=2026-03-02&to=2026-03-03')).toEqual(day)
  expect(await starts('from=2026-03-02T01:00:00%2B01:00&to=2026-03-02T19:00:00-05:00')).toEqual(day)
  expect(await starts('from=2026-03-02T01:00+01:00&to=2026-03-03T00:00Z')).toEqual(day)
  expect(await starts('to=2026-03-02&from=')).toEqual(['2026-03-01T23:59:00.000Z'])
})

test('without a range it is yesterday and today for minutes, and everything where each thing has one row', async () => {
  for (const time of ['2026-03-03T23:59:00Z', '2026-03-04T00:00:00Z', '2026-03-05T15:00:00Z']) await insertSale(time)
  expect((await rowsOf('sales_1m.csv')).map((row) => row.window_start)).toEqual([
    '2026-03-04T00:00:00.000Z',
    '2026-03-05T15:00:00.000Z',
  ])
})

test('a table of days takes days', async () => {
  const insert = `INSERT INTO gold_daily_sales VALUES ($1, 'S1', 'P1', 1, 2.00, 1)`
  for (const date of ['2026-02-28', '2026-03-01']) await server.warehouse.query(insert, [date])
  expect(await rowsOf('gold_daily_sales.csv?from=2026-03-01&to=2026-03-02')).toEqual([
    expect.objectContaining({ date: '2026-03-01', total_revenue: '2.00' }),
  ])
  const refused = await ask('gold_daily_sales.csv?from=2026-03-01T00:00:00Z')
  expect(refused).toMatchObject({ status: 400, jsonBody: { error: 'export: from expected a date YYYY-MM-DD' } })
})

test('text a spreadsheet would run is text there, and what CSV needs quoted is', async () => {
  const evil = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx', 'a,b', 'say "hi"', 'two\nlines', '']
  for (const product of evil) await insertSale('2026-03-05T09:00:00Z', { product })
  const [, ...lines] = (await bodyOf(await ask('sales_1m.csv'))).split('\r\n')
  expect(lines.find((line) => line.includes('HYPERLINK'))).toContain(`S1,"'=HYPERLINK(""http://x"")",1`)
  const products = (await rowsOf('sales_1m.csv')).map((row) => row.product_id)
  expect(products.toSorted()).toEqual(
    ['\'=HYPERLINK("http://x")', "'+1", "'-1", "'@SUM(A1)", "'\tx", 'a,b', 'say "hi"', 'two\nlines', ''].toSorted(),
  )
})

test('sketches are left out', async () => {
  await server.warehouse.query(
    `INSERT INTO store_1m (window_start, store_id, total_transactions, total_revenue, unique_customers, closed, partition_id, sequence)
     VALUES ('2026-03-05T00:00Z', 'S1', 0, 0, 0, true, 0, 0)`,
  )
  const [row] = await rowsOf('store_1m.csv')
  expect(row).toMatchObject({ unique_customers: '0', avg_transaction_value: '' })
  expect(Object.keys(row ?? {})).not.toContain('unique_customers_sketch')
})

test.each([
  ['sales_1m.csv?from=yesterday', 400, 'from expected a date YYYY-MM-DD or an instant'],
  ['sales_1m.csv?from=2026-02-30', 400, 'from expected a date'],
  ['sales_1m.csv?to=2026-03-01T10:00', 400, 'to expected a date'],
  ['sales_1m.csv?from=2026-03-02&to=2026-03-02', 400, 'expected from before to'],
  ['sales_1m.csv?form=2026-03-02', 400, 'no parameters but from and to'],
  ['sales_1m', 404, 'expected /api/export/TABLE.csv'],
  ['sink_position.csv', 404, 'expected /api/export/TABLE.csv'],
  ['../secrets.csv', 404, 'expected /api/export/TABLE.csv'],
])('%s answers %i and says what was expected', async (path, status, error) => {
  const answer = await ask(path)
  expect(answer).toMatchObject({ status, jsonBody: { error: expect.stringContaining(error) as string } })
})

test('an unknown table is answered with those there are', async () => {
  const { jsonBody } = await ask('nothing.csv')
  expect(jsonBody).toMatchObject({ got: 'nothing.csv', tables: exportables.map(({ name }) => name) })
})

test("the host's key and a number that changes the address are no mistakes", async () => {
  expect(await ask('sales_1m.csv?code=abc&_=17')).toMatchObject({ status: 200 })
})

test('more rows than one file may hold are refused before the first byte', async () => {
  for (const product of ['A', 'B', 'C']) await insertSale('2026-03-05T09:00:00Z', { product })
  expect(await ask('sales_1m.csv', { maxRows: 3 })).toMatchObject({ status: 200 })
  const refused = await ask('sales_1m.csv', { maxRows: 2 })
  expect(refused.body).toBeUndefined()
  expect(refused).toMatchObject({
    status: 400,
    jsonBody: {
      error: expect.stringContaining('at most 2 rows') as string,
      maxRows: 2,
      from: '2026-03-04T00:00:00.000Z',
    },
  })
})

test('who has the rows already is told so, until they change', async () => {
  const advance = (sequence: number) =>
    server.warehouse.query(
      `INSERT INTO sink_position (stream, partition_id, sequence, rules) VALUES ('s', 0, $1, '')
       ON CONFLICT (stream, partition_id) DO UPDATE SET sequence = excluded.sequence`,
      [sequence],
    )
  await advance(1)
  const { headers } = await ask('sales_1m.csv')
  const ifNoneMatch = headers?.etag ?? ''
  expect(await ask('sales_1m.csv', { ifNoneMatch })).toMatchObject({ status: 304, headers: { etag: ifNoneMatch } })
  expect(await ask('sales_1m.csv?from=2026-03-01', { ifNoneMatch })).toMatchObject({ status: 200 })
  await advance(2)
  expect(await ask('sales_1m.csv', { ifNoneMatch: `"x", ${ifNoneMatch}` })).toMatchObject({ status: 200 })
})

test('a database that fails midway fails the file, and gives its connection back', async () => {
  await server.warehouse.query(
    `INSERT INTO sales_1m SELECT '2026-03-05T09:00Z', 'S1', 'P' || n, 1, 1, 1, true, 0, 1 FROM generate_series(1, 20000) AS n`,
  )
  const answer = await ask('sales_1m.csv')
  await server.warehouse.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE state = 'idle in transaction'`,
  )
  await expect(bodyOf(answer)).rejects.toThrow(/connection lost/)
  expect(await server.warehouse.query('SELECT 1 AS one')).toEqual([{ one: '1' }])
})

test('who stops reading gives the connection back', async () => {
  const warehouse = openWarehouse({ ...server.settings, max: 1, connectTimeoutMs: 2000 })
  await insertSale('2026-03-05T09:00:00Z')
  for (const reads of [0, 1, 2]) {
    const { body } = await answerExport(salesFile, { warehouse, nowMs })
    const chunks = body?.[Symbol.asyncIterator]()
    for (let read = 0; read < reads; read += 1) await chunks?.next()
    await chunks?.return?.()
  }
  expect(await warehouse.query('SELECT 1 AS one')).toEqual([{ one: '1' }])
  await warehouse.close()
})

test('who finds every connection at work is told to come again', async () => {
  const warehouse = openWarehouse({ ...server.settings, max: 1, connectTimeoutMs: 100 })
  await insertSale('2026-03-05T09:00:00Z')
  const first = await answerExport(salesFile, { warehouse, nowMs })
  expect(await answerExport(salesFile, { warehouse, nowMs })).toMatchObject({
    status: 503,
    headers: { 'retry-after': '60' },
    jsonBody: { error: expect.stringContaining('ask again') as string },
  })
  await bodyOf(first)
  const second = await answerExport(salesFile, { warehouse, nowMs })
  expect(second.status).toBe(200)
  await bodyOf(second)
  await warehouse.close()
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Memory that is in use and not merely not yet collected. */
function heldBytes(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('half a million rows pass through a memory of a few pages', async () => {
  await server.warehouse.query(
    `INSERT INTO sales_1m
     SELECT '2026-03-04T00:00Z'::timestamptz + n / 1000 * interval '1 minute', 'S' || n % 10, 'P' || n % 1000, 1, 1.99, 1, true, 0, n
     FROM generate_series(0, 499999) AS n`,
  )
  const { headers, body } = await ask('sales_1m.csv')
  expect(headers).toMatchObject({ 'x-row-count': '500000' })
  const held = heldBytes()
  let sizeBytes = 0
  let rows = 0
  let chunks = 0
  let peakBytes = 0
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.length
    for (const byte of chunk) if (byte === 10) rows += 1
    chunks += 1
    if (chunks % 20 === 0) peakBytes = Math.max(peakBytes, heldBytes() - held)
  }
  expect(chunks).toBeGreaterThan(60)
  expect(rows).toBe(500_001)
  expect(sizeBytes).toBeGreaterThan(24_000_000)
  expect(peakBytes).toBeLessThan(20_000_000)
})

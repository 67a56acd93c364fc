import { firstOf, numberedAsLake } from '../../../tools/verify/hub-log'
import { show } from '../../../tools/verify/report'
import { lakeContainers } from '../../../local/storage/storage'
import { append } from '../../../src/lake/write/append'
import { readRows } from '../../../src/lake/scan'
import { encodeActions } from '../../../src/lake/log/action'
import { entryPath } from '../../../src/lake/log/log-name'
import { type Cell, type Row } from '../../../src/lake/schema'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { refresh } from '../../../src/lake/table'
import { type Message } from '../../../src/event/message'
import { emptyWarehouse, id, keepWarehouse, messages, sale } from '../../pipeline/plant'
import { memoryStore } from '../../lake/store/memory-store'
import { replaceRows } from '../../lake/tables'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { once } from '../../thorough'
import { failures, hubOf, take, verifyPlant } from './stage'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const pulse = (minute: number) => ({ ...sale(minute), type: 'pulse', lines: undefined })

/** On time, packed, late, twice within the horizon and beyond it, refused, returned, silent long enough for alerts. */
const first = messages(
  sale(0),
  [sale(0.5, { product: 'p2', price: 2.005 }), sale(0.6, { store: 's2' }), { type: 'sale' }],
  'no JSON',
  '\uFEFF' + JSON.stringify(sale(3, { product: 'p2', price: 0.125, quantity: 3 })),
  sale(12, { product: 'p2' }),
  sale(12, { product: 'p2' }),
  sale(0.7, { eventId: id(1), quantity: -1 }),
  sale(40, { product: 'p2' }),
  sale(47, { store: 's2', product: 'p3' }),
  sale(48),
  ` [ ${JSON.stringify(sale(49, { price: -2_000_000 }))} ,\n${JSON.stringify(sale(1, { eventId: id(2) }))} ] `,
  sale(0),
  sale(61, { product: 'p2', quantity: 3 }),
  [],
  // New to its shelf and older than an alert needs: it opens with the sale after it.
  sale(2, { product: 'p4' }),
  sale(62),
)
const second = messages(
  sale(5, { eventId: id(3), store: 's3' }),
  { ...sale(90, { eventId: id(4), store: 's3' }), customerId: 'c1' },
  { ...sale(90, { eventId: id(5), store: 's3' }), customerId: 'c1' },
  // Too soon after a sale by the hub's clock; the next comes after ten quiet minutes and moves the watermark.
  pulse(124),
  pulse(110),
).map((message, index) => (index === 4 ? { ...message, enqueuedMs: message.enqueuedMs + 600_000 } : message))

/** A partition nobody has sold in: its first heartbeat moves nothing, however long the quiet. */
const third = messages('no JSON', pulse(100), sale(5, { eventId: id(6), store: 's4' })).map((message, index) => ({
  ...message,
  enqueuedMs: message.enqueuedMs + index * 600_000,
}))

const day = '2026-03-01'

async function planted({ partitions = [first, second, third], days = [day] as readonly string[] } = {}) {
  const store = memoryStore()
  const { warehouse } = server
  await take(store, { warehouse, partitions, days })
  return { store, warehouse, hub: hubOf(...partitions) }
}

const plantedOnce = once(async () => {
  const { store, warehouse, hub } = await planted()
  const restore = await keepWarehouse(warehouse)
  await emptyWarehouse(warehouse)
  return { store, restore, hub }
})

/** The same lake and database again, of which the pipeline has made the first copy. */
async function replanted() {
  const { store: made, restore, hub } = await plantedOnce()
  const store = memoryStore()
  for (const container of lakeContainers) {
    for (const { path } of await made.list(container))
      await store.put(path, (await made.read(path)) ?? new Uint8Array())
  }
  await restore()
  return { store, warehouse: server.warehouse, hub }
}

/** What verify says after something was done to a lake and a database that were right. */
async function afterwards(harm: (subject: Awaited<ReturnType<typeof planted>>) => Promise<unknown>) {
  const subject = await replanted()
  await harm(subject)
  return verifyPlant(subject)
}

test('a lake and a database as the pipeline leaves them agree with the hub', async () => {
  const report = await verifyPlant(await planted())
  expect(failures(report)).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.bronze.figures).toMatchObject({ rows: 27, rejected: 5, reasons: { 'not-json': 2, schema: 3 } })
  expect(report.silver.figures).toMatchObject({ duplicates: 1, duplicatesBeyondHorizon: 1, lateSales: 4 })
  expect(report.gold.figures).toMatchObject({ datesNotBatched: [], alertsOpened: 3 })
  expect(report.gold.checks.daily_sales?.checked).toBeGreaterThan(4)
})

/** Adds a column, and the files with it when there is a value for their rows. */
async function addColumn(store: Store, root: string, field: { name: string; type: unknown }, value?: Cell) {
  const { version, metadata } = (await openTable({ store, root })).seen.snapshot
  const { fields } = JSON.parse(metadata.schemaString) as { readonly fields: readonly object[] }
  const added = { ...field, nullable: true, metadata: {} }
  const schemaString = JSON.stringify({ type: 'struct', fields: [...fields, added] })
  const entry = encodeActions([{ kind: 'metadata', metadata: { ...metadata, schemaString } }])
  await store.put(entryPath(root, version + 1), entry)
  if (value === undefined) return
  const rows = (await rowsOf(store, root)).map((row) => ({ ...row, [field.name]: value }))
  await replaceRows(await openTable({ store, root }), {}, rows)
}

test('columns that somebody added are not checked, which is said in one line, and everything else is', async () => {
  const report = await afterwards(async ({ store }) => {
    await addColumn(store, 'bronze/events', { name: 'note', type: 'string' }, 'seen')
    await addColumn(store, 'silver/store_1m', { name: 'note', type: 'long' }, 7)
    await addColumn(store, 'gold/daily_sales', { name: 'note', type: 'string' })
    await addColumn(store, 'silver/sales_1m', { name: 'tags', type: { type: 'array', elementType: 'string' } })
    await add(store, 'silver/store_1m', (row) => ({ ...row, kind: 'correction', sequence: 77 }))
  })
  expect(failures(report)).toEqual(['silver store_1m: 1'])
  const columns = ['bronze/events note', 'silver/sales_1m tags', 'silver/store_1m note', 'gold/daily_sales note']
  expect(report.source.figures.columnsNotChecked).toEqual(columns)
  expect(show(report).split('\n')).toContain(`    columns that somebody added are not checked: ${columns.join(', ')}`)
})

test('an empty hub and an empty lake agree', async () => {
  const report = await verifyPlant({ store: memoryStore(), warehouse: server.warehouse, hub: hubOf([], []) })
  expect(report).toMatchObject({ ok: true, mismatches: 0 })
})

test('days without a batch are named and are no mismatch', async () => {
  const report = await verifyPlant(await planted({ days: [] }))
  expect(report.ok).toBe(true)
  expect(report.gold.figures).toMatchObject({ dates: 0, datesNotBatched: [day] })
  expect(show(report)).toContain(`npm run batch -- --date ${day}`)
})

test('sales that came after their batch are told apart from a wrong sum: the day is named for the next batch', async () => {
  const store = memoryStore()
  const { warehouse } = server
  const log = messages(sale(0), { ...sale(1), storeId: 's9' }).map((message, index) => ({
    ...message,
    enqueuedMs: index === 0 ? message.enqueuedMs : Date.now() + 3_600_000,
  }))
  await take(store, { warehouse, partitions: [log.slice(0, 1)], days: [day] })
  await take(store, { warehouse, partitions: [log.slice(1)] })
  const report = await verifyPlant({ store, warehouse, hub: hubOf(log) })
  expect(failures(report)).toEqual([])
  expect(report.gold.figures).toMatchObject({ datesOvertaken: [day] })
  expect(show(report)).toContain(`npm run batch -- --date ${day}`)
})

const statements = [
  [`UPDATE sales_1m SET total_revenue = total_revenue + 0.01 WHERE store_id = 's2' AND product_id = 'p1'`, 'sales_1m'],
  [`DELETE FROM store_1m WHERE ctid = (SELECT min(ctid) FROM store_1m)`, 'live_daily', 'store_1m'],
  [`UPDATE store_1m SET closed = NOT closed WHERE ctid = (SELECT min(ctid) FROM store_1m)`, 'store_1m'],
  [`UPDATE store_1m SET unique_customers_sketch = 'x' WHERE ctid = (SELECT min(ctid) FROM store_1m)`, 'store_1m'],
  [`UPDATE mix_1m SET orders = orders + 1 WHERE ctid = (SELECT min(ctid) FROM mix_1m)`, 'mix_1m'],
  [`UPDATE quality_1m SET quality_pct = 12.5 WHERE ctid = (SELECT min(ctid) FROM quality_1m)`, 'quality_1m'],
  [
    `UPDATE gold_stockout SET last_sale_at = last_sale_at - interval '1 second' WHERE ctid = (SELECT min(ctid) FROM gold_stockout)`,
    'gold_stockout',
  ],
  [`INSERT INTO gold_daily_sales VALUES ('2026-03-02', 's1', 'p1', 1, 1, 1)`, 'gold_daily_sales'],
  [
    `UPDATE gold_daily_store SET units_sold = 0 WHERE ctid = (SELECT min(ctid) FROM gold_daily_store)`,
    'gold_daily_store',
  ],
  [`DELETE FROM gold_top_products WHERE ctid = (SELECT min(ctid) FROM gold_top_products)`, 'gold_top_products'],
] as const

test.each(statements)('a change in PostgreSQL is found: %s', async (statement, ...checks) => {
  const report = await afterwards(({ warehouse }) => warehouse.query(statement))
  expect(report.ok).toBe(false)
  expect(failures(report)).toEqual(checks.map((check) => `warehouse ${check}: 1`))
})

test('the zone of a store is that of its newest event, where no file says one', async () => {
  const saying = (minute: number, storeZone: string, store = 's1') => ({ ...sale(minute, { store }), storeZone })
  const said = messages(
    saying(5, 'Asia/Tokyo'),
    saying(0, 'Europe/Paris'),
    saying(1, 'Mars/Base', 's2'),
    saying(2, 'UTC', 's3'),
  )
  const subject = await planted({ partitions: [said], days: [] })
  const agreed = await verifyPlant(subject)
  expect(failures(agreed)).toEqual([])
  expect(agreed.warehouse.checks.stores?.checked).toBe(2)
  await subject.warehouse.query(`UPDATE stores SET zone = 'Europe/Paris' WHERE store_id = 's1'`)
  expect(failures(await verifyPlant(subject))).toEqual(['warehouse stores: 1'])
  await subject.warehouse.query(`UPDATE stores SET source = 'file'`)
  expect(failures(await verifyPlant(subject))).toEqual([])
})

test('a difference shows key, expected and got', async () => {
  const [[statement]] = statements
  const report = await afterwards(({ warehouse }) => warehouse.query(statement))
  const same = {
    total_qty: 1,
    transactions: 1,
    gross_sales: 1.25,
    discounts: 0,
    units_returned: 0,
    measured_qty: 0,
    closed: true,
  }
  expect(report.warehouse.checks.sales_1m?.differing).toEqual([
    {
      key: { window_start: '2026-03-01 09:00:00', partition_id: 0, store_id: 's2', product_id: 'p1' },
      expected: { ...same, total_revenue: 1.25 },
      got: { ...same, total_revenue: 1.26 },
    },
  ])
  expect(show(report)).toContain(
    [
      '      window_start=2026-03-01 09:00:00 partition_id=0 store_id=s2 product_id=p1',
      '        expected total_revenue=1.25',
      '        got      total_revenue=1.26',
    ].join('\n'),
  )
})

/** Log entries of a table, oldest first. */
async function entries(store: Store, root: string): Promise<string[]> {
  const files = await store.list(`${root}/_delta_log`)
  return files.map(({ path }) => path).filter((path) => /\d{20}\.json$/.test(path))
}

test('a bronze commit that is gone is found, event by event', async () => {
  const report = await afterwards(async ({ store }) => {
    const last = (await entries(store, 'bronze/events')).at(-1) ?? ''
    await store.remove(last)
  })
  expect(failures(report)).toEqual(['bronze bytes: 3', 'bronze rejects: 3', 'bronze columns: 3'])
  expect(report.bronze.checks.bytes?.differing[0]).toMatchObject({ key: { partition_id: 2, sequence: 0 }, got: null })
})

test('a hole in a Delta log and a data file that is gone are said in words', async () => {
  const hole = await afterwards(async ({ store }) => {
    const [, second = ''] = await entries(store, 'bronze/events')
    await store.remove(second)
  })
  expect(hole.source.checks.lake).toMatchObject({ mismatches: 1 })
  await emptyWarehouse(server.warehouse)
  const gone = await afterwards(async ({ store }) => {
    const file = (await store.list('silver/sales_1m')).find(({ path }) => path.endsWith('.parquet'))
    await store.remove(file?.path ?? '')
  })
  expect(JSON.stringify(gone.source.checks.lake?.differing)).toContain('which is not there')
})

async function rowsOf(store: Store, root: string): Promise<Row[]> {
  const table = await openTable({ store, root })
  const rows: Row[] = []
  for await (const page of readRows(table, await refresh(table))) rows.push(...page)
  return rows
}

async function add(store: Store, root: string, change: (row: Row) => Row): Promise<void> {
  const [row] = await rowsOf(store, root)
  if (!row) throw new Error(`expected rows in ${root}`)
  const table = await openTable({ store, root })
  await append(table, { rows: [change(row)], moves: [], operation: 'TEST' })
}

test('an event twice in bronze is found', async () => {
  const report = await afterwards(({ store }) => add(store, 'bronze/events', (row) => row))
  expect(report.bronze.checks.bytes).toMatchObject({ mismatches: 1, differing: [{ got: { copies: 2 } }] })
})

test('an event in bronze that the hub never had is found', async () => {
  const report = await afterwards(({ store }) => add(store, 'bronze/events', (row) => ({ ...row, sequence: 99 })))
  expect(report.bronze.checks.bytes).toMatchObject({ mismatches: 1, differing: [{ expected: null }] })
})

test('a row too many in silver and in gold is found', async () => {
  const report = await afterwards(async ({ store }) => {
    await add(store, 'silver/store_1m', (row) => ({ ...row, kind: 'correction', sequence: 77 }))
    await add(store, 'gold/stockout', (row) => ({ ...row, product_id: 'p9' }))
    await add(store, 'gold/daily_sales', (row) => ({ ...row, product_id: 'p9' }))
  })
  expect(failures(report)).toEqual([
    'silver store_1m: 1',
    'gold stockout: 1',
    'gold daily_sales: 1',
    'warehouse gold_stockout: 1',
    'warehouse gold_daily_sales: 1',
  ])
})

test('a price that is another cent in the hub is found in every layer', async () => {
  const subject = await replanted()
  const body = Buffer.from(JSON.stringify(sale(0, { price: 1.26 })))
  const altered = first.map((message): Message => (message.sequence === 0 ? { ...message, body } : message))
  const report = await verifyPlant({ ...subject, hub: hubOf(altered, second, third) })
  expect(failures(report)).toEqual([
    'bronze bytes: 1',
    'silver sales_1m: 1',
    'silver store_1m: 1',
    'silver mix_1m: 1',
    'gold daily_sales: 1',
    'gold daily_store: 1',
    'gold daily_mix: 1',
    'gold top_products: 4',
    'warehouse sales_1m: 1',
    'warehouse store_1m: 1',
    'warehouse mix_1m: 1',
  ])
})

test('an element of a packed body whose bytes are not those of the hub is found', async () => {
  const subject = await replanted()
  const spaced = first.map((message): Message => {
    const text = Buffer.from(message.body).toString()
    return message.sequence === 1 ? { ...message, body: Buffer.from(text.replace('"p2"', ' "p2"')) } : message
  })
  const report = await verifyPlant({ ...subject, hub: hubOf(spaced, second, third) })
  expect(failures(report)).toEqual(['bronze bytes: 1'])
})

test('events the contract forbids and bronze accepted are found, and the other way round', async () => {
  const packed = messages({ ...sale(0), currency: 'GBP' }, { ...sale(1), currency: 'EUR' })
  const subject = await planted({ partitions: [packed], days: [] })
  const limits = { currency: 'EUR', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 10_000 }
  const report = await verifyPlant({ ...subject, limits })
  expect(report.bronze.checks.rejects?.differing.map(({ expected, got }) => [expected, got])).toEqual([
    [
      { reject_reason: 'currency', explained: true },
      { reject_reason: null, explained: false },
    ],
    [
      { reject_reason: null, explained: false },
      { reject_reason: 'currency', explained: true },
    ],
  ])
})

test('a pipeline that is behind is said', async () => {
  const subject = await planted({ partitions: [first.slice(0, 3)], days: [] })
  const report = await verifyPlant({ ...subject, hub: hubOf(first.slice(0, 4)) })
  expect(report.source.checks.behind?.differing).toEqual([
    { key: { partition_id: 0 }, expected: { sequence: 3 }, got: { sequence: 2 } },
  ])
  expect(report.bronze.checks.bytes).toMatchObject({ mismatches: 1, differing: [{ got: null }] })
})

test('a hub that does not give back what it says it holds, and files that are gone, are said', async () => {
  const subject = await planted({ partitions: [first], days: [] })
  const hub = { ...subject.hub, held: () => Promise.resolve({ first: 0, last: 16 }) }
  const report = await verifyPlant({ ...subject, hub, sources: [{ unreadable: 'sales.csv: not there' }] })
  expect(failures(report)).toEqual(['source recorded: 1', 'source behind: 1', 'source log: 1'])
})

test('what the hub has deleted since is taken from bronze, and counted', async () => {
  const report = await verifyPlant({ ...(await replanted()), hub: hubOf(first.slice(5), second.slice(2), third) })
  expect(failures(report)).toEqual([])
  expect(report.bronze.figures).toMatchObject({ rows: 27, noLongerInHub: 9, lost: 0 })
})

test('what the hub deleted before it was read is agreed on where it is recorded, and only there', async () => {
  const store = memoryStore()
  const { warehouse } = server
  await take(store, { warehouse, partitions: [first.slice(0, 2)] })
  await take(store, { warehouse, partitions: [first.slice(5)] })
  const subject = { store, warehouse, hub: hubOf(first.slice(5)) }
  const report = await verifyPlant(subject)
  expect(failures(report)).toEqual([])
  expect(report.bronze.figures).toMatchObject({ lost: 3 })
  await add(store, 'bronze/gaps', (row) => ({ ...row, first_sequence: 90, last_sequence: 90, lost: 1 }))
  expect(failures(await verifyPlant(subject))).toEqual(['bronze gaps: 1'])
})

test('a hub created anew carries on where the former one ended', async () => {
  const store = memoryStore()
  const { warehouse } = server
  const later = messages(sale(63), sale(100)).map((message) => ({
    ...message,
    enqueuedMs: message.enqueuedMs + 3_600_000,
  }))
  await take(store, { warehouse, partitions: [first] })
  await take(store, { warehouse, partitions: [later], generation: 1 })
  const report = await verifyPlant({
    store,
    warehouse,
    hub: numberedAsLake(hubOf(later), 1),
    firstSequence: firstOf(1),
  })
  expect(failures(report)).toEqual([])
  expect(report.bronze.figures).toMatchObject({ noLongerInHub: 19 })
})

test('a hub that takes events while it is read is read again', async () => {
  const subject = await planted({ partitions: [first], days: [] })
  const said: string[] = []
  let asked = 0
  const hub = {
    ...hubOf(first),
    held: () => Promise.resolve({ first: 0, last: asked++ < 2 ? first.length - 2 : first.length - 1 }),
  }
  const report = await verifyPlant({ ...subject, hub, say: (line) => said.push(line) })
  expect(said).toContain('the hub took events meanwhile; reading again')
  expect(report.ok).toBe(true)
})

test('a hub that is never quiet is refused', async () => {
  const subject = await planted({ partitions: [first], days: [] })
  let last = 0
  const hub = { ...subject.hub, held: () => Promise.resolve({ first: 0, last: last++ }) }
  await expect(verifyPlant({ ...subject, hub })).rejects.toThrow('stop what sends them')
})

test('tables that verify does not know, in the lake and in PostgreSQL, are named as not checked and are no success', async () => {
  const { warehouse } = server
  const statements = [
    'CREATE TABLE returns_1m (window_start timestamptz, store_id text)',
    'CREATE TABLE gold_weather (date date)',
    'CREATE TABLE notes_of_the_clerk (line text)',
  ]
  const subject = await replanted()
  for (const root of ['silver/returns_1m', 'gold/weather']) {
    for (const { path } of await subject.store.list('silver/store_1m')) {
      const bytes = (await subject.store.read(path)) ?? new Uint8Array()
      await subject.store.put(path.replace('silver/store_1m', root), bytes)
    }
  }
  try {
    for (const statement of statements) await warehouse.query(statement)
    const report = await verifyPlant(subject)
    expect(failures(report)).toEqual([])
    expect(report).toMatchObject({ ok: false, mismatches: 0 })
    expect(report.unchecked).toEqual([
      'silver/returns_1m',
      'gold/weather',
      'postgres/gold_weather',
      'postgres/returns_1m',
    ])
    expect(show(report)).toContain('✗ not checked: silver/returns_1m')
  } finally {
    await warehouse.query('DROP TABLE IF EXISTS returns_1m, gold_weather, notes_of_the_clerk')
  }
})

test('a column that somebody added in PostgreSQL is named as not checked, and is no fault', async () => {
  const { warehouse } = server
  const subject = await replanted()
  try {
    await warehouse.query('ALTER TABLE sales_1m ADD COLUMN note text')
    const report = await verifyPlant(subject)
    expect(report).toMatchObject({ ok: true, unchecked: [] })
    expect(report.source.figures['columnsNotChecked']).toEqual(['postgres/sales_1m note'])
    expect(show(report)).toContain('columns that somebody added are not checked: postgres/sales_1m note')
  } finally {
    await warehouse.query('ALTER TABLE sales_1m DROP COLUMN IF EXISTS note')
  }
})

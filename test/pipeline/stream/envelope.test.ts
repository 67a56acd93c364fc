import { gzipSync } from 'node:zlib'
import { maxUnpackedBytes } from '../../../src/event/envelope'
import { type Message } from '../../../src/event/message'
import { append } from '../../../src/lake/write/append'
import { openTable } from '../../../src/lake/open-table'
import { readRows } from '../../../src/lake/scan'
import { refresh } from '../../../src/lake/table'
import { bronzeRow, logged } from '../../../src/pipeline/rows/bronze'
import { bronzeEvents } from '../../../src/pipeline/rows/tables'
import { foldBronze } from '../../../src/pipeline/stream/fold-bronze'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyState } from '../../../src/fold/state'
import { decodeRules, emptyWarehouse, everything, messages, openPlant, rules, sale } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const lists = [
  [sale(0), sale(0.5, { product: 'p2' }), { type: 'sale' }],
  [sale(12), sale(40, { product: 'p2' })],
  [sale(48)],
  [sale(61, { quantity: 3 }), sale(1)],
]
const cloud = (data: object) => ({ specversion: '1.0', id: 'x', source: '/till', type: 'sale', data })
const wrappings: readonly ((list: readonly object[]) => string | Buffer)[] = [
  (list) => JSON.stringify({ records: list }),
  (list) => JSON.stringify(list.map(cloud)),
  (list) => gzipSync(JSON.stringify(list)),
  (list) => gzipSync(JSON.stringify({ records: list })),
]

const plain = messages(...lists)
/** The same lists, each in another envelope. */
const wrapped = plain.map((message, index): Message => ({
  ...message,
  body: Buffer.from(wrappings[index]?.(lists[index] ?? []) ?? ''),
}))

/** Rows as they are, but for what the envelope is named by in a detail, and for the envelope. */
const bare = (found: Record<string, string[]>) => ({
  ...found,
  bronze_events: found.bronze_events?.map((row) => {
    const { envelope, reject_detail: detail, ...rest } = JSON.parse(row) as Record<string, unknown>
    return {
      ...rest,
      detail: typeof detail === 'string' ? detail.replace('records: ', '') : detail,
      envelope: undefined,
    }
  }),
})

test('wrapped events leave the rows that plain ones do, and the body as it came on the first of each', async () => {
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, wrapped)
  const found = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  const other = memoryStore()
  await openIngest(await openPlant(other, { warehouse: server.warehouse })).take(0, plain)
  expect(bare(found)).toEqual(bare(await everything(other, server.warehouse)))
  const { bronze } = ports.tables
  const envelopes: unknown[] = []
  for await (const rows of readRows(bronze, await refresh(bronze))) {
    for (const row of rows)
      envelopes.push([row.sequence, row.item, row.envelope && Buffer.from(row.envelope as Uint8Array)])
  }
  expect(envelopes).toEqual(
    wrapped.flatMap(({ sequence, body }, index) =>
      (lists[index] ?? []).map((_, item) => [sequence, item, item === 0 ? body : null]),
    ),
  )
})

test('a resume and a rebuild fold what came wrapped from bronze, where it is plain', async () => {
  const store = memoryStore()
  await openIngest(await openPlant(store, { warehouse: server.warehouse })).take(0, wrapped)
  const whole = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, wrapped)
  expect(await everything(store, server.warehouse)).toEqual(whole)
  const bronze = await refresh(ports.tables.bronze)
  let events = 0
  const stretch = { state: emptyState(rules), partition: 0, after: -1, bronze }
  await foldBronze(ports, stretch, (_, more) => Promise.resolve(void (events += more)))
  expect(events).toBe(lists.flat().length)
})

test('packed bodies are taken a few at a time by what is in them', async () => {
  const body = gzipSync(JSON.stringify([sale(0), { ...sale(1), note: 'x'.repeat(5000) }]))
  const log = Array.from({ length: 9 }, (_, sequence): Message => ({ ...(plain[0] as Message), sequence, body }))
  const store = memoryStore()
  // All nine bodies are less than this, what is in three of them is more.
  const ports = await openPlant(store, { warehouse: server.warehouse, maxBatchBytes: 12_000 })
  expect(body.byteLength * log.length).toBeLessThan(12_000)
  await openIngest(ports).take(0, log)
  expect((await refresh(ports.tables.bronze)).files.size).toBe(5)
})

test('a body that would fill the memory is a reject, and what comes with it counts', async () => {
  const [before, after] = [messages(sale(0))[0] as Message, messages(sale(1))[0] as Message]
  const bomb = Buffer.concat(Array<Buffer>(64).fill(gzipSync(Buffer.alloc(maxUnpackedBytes))))
  const store = memoryStore()
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, [before, { ...before, sequence: 1, body: bomb }, { ...after, sequence: 2 }])
  const found: unknown[] = []
  const { bronze } = ports.tables
  for await (const rows of readRows(bronze, await refresh(bronze))) {
    for (const row of rows)
      found.push([row.reject_reason, row.envelope, (row.body as Uint8Array).byteLength === bomb.length])
  }
  expect(found).toEqual([
    [null, null, false],
    ['too-large', null, true],
    [null, null, false],
  ])
})

test('a bronze table from before there were envelopes gets the column; its rows have none', async () => {
  const store = memoryStore()
  const { name, root, schema } = bronzeEvents
  const columns = schema.columns.filter((column) => column.name !== 'envelope')
  const [first] = plain
  const earlier = logged(first ? [first] : [], decodeRules).map((event) => {
    const { envelope: _, ...row } = bronzeRow(0, event)
    return row
  })
  await append(await openTable({ store, root, schema: { ...schema, columns }, name }), {
    rows: earlier,
    operation: 'WRITE',
  })
  const ports = await openPlant(store, { warehouse: server.warehouse })
  const { bronze } = ports.tables
  expect(bronze.schema.columns.at(-1)).toMatchObject({ name: 'envelope', type: 'binary', nullable: true })
  const later = logged(wrapped.slice(1, 2), decodeRules).map((event) => bronzeRow(0, event))
  await append(bronze, { rows: later, operation: 'WRITE' })
  const found: boolean[] = []
  for await (const rows of readRows(bronze, await refresh(bronze)))
    found.push(...rows.map((row) => row.envelope !== null))
  expect(found.sort()).toEqual([false, false, false, false, true])
})

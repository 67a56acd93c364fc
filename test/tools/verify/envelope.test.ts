import { gzipSync } from 'node:zlib'
import { readRows } from '../../../src/lake/scan'
import { type Row } from '../../../src/lake/schema'
import { openTable } from '../../../src/lake/open-table'
import { refresh } from '../../../src/lake/table'
import { type Message } from '../../../src/event/message'
import { emptyWarehouse, messages, sale } from '../../pipeline/plant'
import { memoryStore } from '../../lake/store/memory-store'
import { replaceRows } from '../../lake/tables'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { failures, hubOf, take, verifyPlant } from './stage'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const cloud = (data: unknown) => ({ specversion: '1.0', id: 'x', source: '/till', type: 'sale', data })

/** Every envelope, plain events between, and what cannot be taken out of one. */
const wrapped = [
  `{"records": [ ${JSON.stringify(sale(0))} , {"type":"sale"},${JSON.stringify(sale(1, { product: 'p2' }))}]}`,
  JSON.stringify(cloud(sale(2))).replace('"data":', '"data" : '),
  JSON.stringify([cloud(sale(3)), sale(4), cloud({}), cloud(undefined)]),
  JSON.stringify({ ...cloud(undefined), data_base64: Buffer.from(` ${JSON.stringify(sale(5))}\n`).toString('base64') }),
  gzipSync(` [${JSON.stringify(sale(6))}, ${JSON.stringify(sale(7))}] `),
  gzipSync(`\uFEFF${JSON.stringify(sale(8))} `),
  gzipSync(JSON.stringify({ records: [sale(9)] })),
  gzipSync(`${JSON.stringify(cloud(sale(10)))}\n`),
  gzipSync(` ${JSON.stringify(cloud(undefined))} `),
  ` ${JSON.stringify(cloud(undefined))} `,
  ` [ ${JSON.stringify(cloud(undefined))} ] `,
  gzipSync('{"records":[]}'),
  gzipSync('no JSON'),
  gzipSync(JSON.stringify(sale(11))).subarray(0, -3),
  gzipSync(Buffer.alloc((16 << 20) + 1)),
  `{"records":[${'0,'.repeat(10_000)}0]}`,
].map((body, index): Message => ({
  ...(messages(sale(index))[0] as Message),
  sequence: index,
  body: Buffer.from(body),
}))

async function planted() {
  const store = memoryStore()
  const { warehouse } = server
  await take(store, { warehouse, partitions: [wrapped], days: ['2026-03-01'] })
  return { store, warehouse, hub: hubOf(wrapped) }
}

test('events in envelopes agree with the hub, and with bronze where the hub has deleted them', async () => {
  const subject = await planted()
  const report = await verifyPlant(subject)
  expect(failures(report)).toEqual([])
  expect(report.bronze.figures).toMatchObject({ rows: 22, accepted: 11, reasons: { 'not-json': 2, 'too-large': 2 } })
  const later = await verifyPlant({ ...subject, hub: hubOf(wrapped.slice(-1)) })
  expect(failures(later)).toEqual([])
})

test('an envelope that is not the body of the hub is found, and one that is missing', async () => {
  const subject = await planted()
  const table = await openTable({ store: subject.store, root: 'bronze/events' })
  const bronze: Row[] = []
  for await (const some of readRows(table, await refresh(table))) bronze.push(...some)
  const rows = bronze.map((row) =>
    row.sequence === 0 && row.item === 0
      ? { ...row, envelope: Buffer.from('{}') }
      : row.sequence === 5
        ? { ...row, envelope: null }
        : row,
  )
  await replaceRows(table, {}, rows)
  const report = await verifyPlant(subject)
  expect(failures(report)).toEqual(['bronze bytes: 2'])
})

import { openIngest } from '../../../src/pipeline/stream/ingest'
import { type Message } from '../../../src/event/message'
import { type Store } from '../../../src/lake/store'
import { firstNumber, inLake } from '../../../src/pipeline/stream/numbering'
import { listen, type Measurement } from '../../../src/observe/metrics'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, everything, id, messages, openPlant, sale } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const former = messages(sale(0), sale(1), sale(5, { product: 'p2' }))
/** What the same shops sent to the hub that was created after it: numbers from 0, times a day on. */
const anew = messages(sale(5.5, { product: 'p2' }), sale(5, { product: 'p2' }), sale(30), sale(31)).map((message) => ({
  ...message,
  enqueuedMs: message.enqueuedMs + 86_400_000,
}))

const start = async (
  store: Store,
  options: { generation?: number; stream?: string; held?: readonly Message[] } = {},
) => {
  const ports = await openPlant(store, { warehouse: server.warehouse, snapshotEveryEvents: 2, ...options })
  const ingest = openIngest(ports)
  // As the trigger does: what is delivered has the hub's own numbers.
  const take = (partition: number, delivered: readonly Message[]) =>
    ingest.take(partition, inLake(delivered, options.generation ?? 0))
  return { ports, ingest: { take } }
}

test('G4: numbers that start over are refused by name in every batch, by whoever remembers and whoever resumes', async () => {
  const store = memoryStore()
  const { ports, ingest } = await start(store)
  await ingest.take(0, former)
  const before = await everything(store, server.warehouse)
  const measured: Measurement[] = []
  const stop = listen((measurement) => measured.push(measurement))
  const reason =
    /partition 0: expected message 3, got message 0 of 2026-03-02.*but bronze ends at message 2 of 2026-03-01.*set HUB_GENERATION to 1/
  await expect(ingest.take(0, anew)).rejects.toThrow(reason)
  await expect(ingest.take(0, anew.slice(0, 2))).rejects.toThrow(reason)
  const restarted = await start(store)
  await expect(restarted.ingest.take(0, anew)).rejects.toThrow(reason)
  stop()
  expect(ports.lines.filter((line) => line.startsWith('error partition 0: expected message 3'))).toHaveLength(2)
  expect(measured.filter(({ name }) => name === 'tillstream.restarts')).toHaveLength(3)
  expect(await everything(store, server.warehouse)).toEqual(before)
})

test('what is redelivered is never taken for numbers that start over, even when the clock of the hub went back', async () => {
  const backwards = former.map((message) => ({ ...message, enqueuedMs: message.enqueuedMs - message.sequence * 5000 }))
  const store = memoryStore()
  await (await start(store)).ingest.take(0, backwards)
  const { ports, ingest } = await start(store)
  await ingest.take(0, backwards)
  await ingest.take(0, backwards.slice(1))
  expect(ports.lines.filter((line) => line.startsWith('error'))).toEqual([])
})

test('in the next generation the fold goes on: windows close, ids are known, the live rows grow', async () => {
  const store = memoryStore()
  await (await start(store)).ingest.take(0, former)
  const second = await start(store, { generation: 1, held: anew })
  // The host begins in the middle, so the start is read back under the hub's own numbers.
  await second.ingest.take(0, anew.slice(2, 3))
  await (await start(store, { generation: 1, held: anew })).ingest.take(0, anew)
  const continued = await everything(store, server.warehouse)

  await emptyWarehouse(server.warehouse)
  const one = memoryStore()
  const whole = await start(one)
  await whole.ingest.take(0, [...former, ...anew.map((message) => ({ ...message, sequence: message.sequence + 3 }))])
  const uninterrupted = await everything(one, server.warehouse)
  const numbers = (text: string) =>
    text.replaceAll(/"((?:opened_)?sequence)":(\d+)/g, (_, name: string, digits: string) => {
      const sequence = Number(digits)
      return `"${name}":${sequence < firstNumber(1) ? sequence : sequence - firstNumber(1) + 3}`
    })
  for (const [name, rows] of Object.entries(continued)) {
    expect({ name, rows: rows.map(numbers).sort() }).toEqual({ name, rows: uninterrupted[name] })
  }
  expect(continued.bronze_gaps).toEqual([])
  expect(second.ports.lines).toContain('warn partition 0: reading back 0 to 1, which the host skipped')
})

test('a generation raised although the hub is the same is refused, so nothing counts twice', async () => {
  const store = memoryStore()
  await (await start(store)).ingest.take(0, former)
  const more = messages(sale(0), sale(1), sale(5), sale(6))
  const { ingest } = await start(store, { generation: 1, held: more })
  await expect(ingest.take(0, more.slice(3))).rejects.toThrow(/it is the former one; set HUB_GENERATION to 0/)
  await (await start(store)).ingest.take(0, more.slice(3))
})

test('a generation set back after the next one has begun is refused', async () => {
  const store = memoryStore()
  await (await start(store, { generation: 1 })).ingest.take(0, former)
  await expect((await start(store)).ingest.take(0, anew)).rejects.toThrow(/set HUB_GENERATION to 1 or above/)
})

test('a lake of another stream is refused by name', async () => {
  const store = memoryStore()
  await (await start(store)).ingest.take(0, former)
  const other = await start(store, { stream: 'other' })
  await expect(other.ingest.take(0, former)).rejects.toThrow(/expected bronze of stream "other", got "test"/)
})

test('G4: what the hub has deleted is a row of bronze_gaps, once, whoever dies before bronze goes past it', async () => {
  const store = memoryStore()
  const log = messages(sale(0), sale(1), sale(2), sale(3), sale(4), sale(5, { eventId: id(7) }))
  const held = log.slice(4)
  const first = await start(store, { held })
  await first.ingest.take(0, log.slice(0, 2))
  const bronzeFails: Store = {
    ...store,
    rename: (from, to) =>
      to.startsWith('bronze/events/') ? Promise.reject(new Error('no answer')) : store.rename(from, to),
  }
  await expect((await start(bronzeFails, { held })).ingest.take(0, log.slice(5))).rejects.toThrow('not committed')
  const { ports, ingest } = await start(store, { held })
  await ingest.take(0, log.slice(5))
  expect((await everything(store, server.warehouse)).bronze_gaps).toEqual([
    `{"partition_id":0,"first_sequence":2,"last_sequence":3,"lost":2,"next_enqueued_at":${log[4]?.enqueuedMs}}`,
  ])
  expect(ports.lines).toContain('error partition 0: 2 messages before 4 are lost, the hub no longer has them')
})

test('G4: a hole inside what is read back is a gap too', async () => {
  const store = memoryStore()
  const log = messages(sale(0), sale(1), sale(2), sale(3), sale(4))
  const { ingest } = await start(store, { held: log.filter(({ sequence }) => sequence !== 2) })
  await ingest.take(0, log.slice(4))
  const { bronze_events: events, bronze_gaps: gaps } = await everything(store, server.warehouse)
  expect(events).toHaveLength(4)
  expect(gaps?.map((row) => JSON.parse(row) as unknown)).toMatchObject([{ first_sequence: 2, last_sequence: 2 }])
})

test('G4: a hole inside a batch is a gap too', async () => {
  const store = memoryStore()
  const log = messages(sale(0), sale(1), sale(2), sale(3), sale(4))
  const [first, , third, , fifth] = log
  if (!first || !third || !fifth) throw new Error('five messages')
  const { ingest } = await start(store, { held: log.slice(3) })
  await ingest.take(0, [first, third, fifth])
  const { bronze_events: events, bronze_gaps: gaps } = await everything(store, server.warehouse)
  expect(events).toHaveLength(4)
  expect(gaps).toEqual([
    `{"partition_id":0,"first_sequence":1,"last_sequence":1,"lost":1,"next_enqueued_at":${third.enqueuedMs}}`,
  ])
})

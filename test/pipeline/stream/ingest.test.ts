import { openIngest } from '../../../src/pipeline/stream/ingest'
import { type Message } from '../../../src/event/message'
import { type Store } from '../../../src/lake/store'
import { faulty } from '../../lake/store/faulty-store'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { once, stepsOf } from '../../thorough'
import { emptyWarehouse, everything, id, messages, openPlant, rules, sale } from '../plant'
import { foldBronze } from '../../../src/pipeline/stream/fold-bronze'
import { refresh } from '../../../src/lake/table'
import { saveState } from '../../../src/pipeline/stream/saved-states'
import { emptyState } from '../../../src/fold/state'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

/** On time, in a packed body, late, twice, malformed, after a silence: something of everything. */
const day = messages(
  sale(0),
  [sale(0.5, { product: 'p2', price: 2.005 }), sale(0.6, { store: 's2' }), { type: 'sale' }],
  'no JSON',
  sale(12, { product: 'p2' }),
  sale(12, { product: 'p2' }),
  sale(0.7, { eventId: id(1), quantity: -1 }),
  sale(40, { product: 'p2' }),
  sale(47, { store: 's2', product: 'p3' }),
  sale(48),
  [sale(49), sale(1, { eventId: id(2) })],
  sale(61, { product: 'p2', quantity: 3 }),
)

const inBatches = (log: readonly Message[], size: number): Message[][] =>
  log.flatMap((_, index) => (index % size === 0 ? [log.slice(index, index + size)] : []))

/** Delivers until all is taken, a fresh process after each failure, the batches of each process cut differently. */
async function deliver(store: Store, { log = day } = {}): Promise<number> {
  for (let process = 0; process < 10; process++) {
    try {
      const ports = await openPlant(store, { warehouse: server.warehouse, held: log })
      const ingest = openIngest(ports)
      for (const batch of inBatches(log, 3 + process)) await ingest.take(0, batch)
      return process
    } catch (error) {
      if (!(error instanceof Error) || !causes(error).some((text) => text.startsWith('faulty store'))) throw error
    }
  }
  throw new Error('ten processes were not enough')
}

function causes(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...causes(error.cause)] : []
}

test('a batch leaves bronze, silver, gold and PostgreSQL with every event counted once', async () => {
  const store = memoryStore()
  await deliver(store)
  const found = await everything(store, server.warehouse)
  expect(found.bronze_events).toHaveLength(14)
  expect(found.bronze_events?.filter((row) => row.includes('"reject_reason":"')).length).toBe(2)
  const revenue = (rows: readonly string[] = []) =>
    rows.reduce((sum, row) => sum + Number((JSON.parse(row) as { total_revenue: number }).total_revenue), 0)
  // Eleven sales count: p2 at 2.005 is 2.00 half-even, one is a return, the last sells three.
  expect(revenue(found['postgres sales_1m'])).toBe(125 + 200 + 125 + 125 - 125 + 125 + 125 + 125 + 125 + 125 + 375)
  expect(revenue(found['postgres store_1m'])).toBe(revenue(found['postgres sales_1m']))
  expect(found.gold_stockout?.some((row) => row.includes('"change":"resolved"'))).toBe(true)
  expect(found.sales_1m?.filter((row) => row.includes('"kind":"correction"'))).toHaveLength(2)
})

test('G3: however the log is cut into batches, and whoever starts over, the rows are the same', async () => {
  const store = memoryStore()
  await deliver(store)
  const whole = await everything(store, server.warehouse)
  for (const size of [1, 2, 5, 11]) {
    await emptyWarehouse(server.warehouse)
    const other = memoryStore()
    for (const batch of inBatches(day, size)) {
      // A process for each batch: everything it knows comes from the lake.
      const ports = await openPlant(other, { warehouse: server.warehouse })
      await openIngest(ports).take(0, batch)
    }
    expect(await everything(other, server.warehouse)).toEqual(whole)
  }
})

test('G3: however few bytes are taken at a time, by the stream and by a resume, the rows are the same', async () => {
  const store = memoryStore()
  await deliver(store)
  const whole = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  const other = memoryStore()
  // Less than any sale has: each message is a commit of its own.
  const ports = await openPlant(other, { warehouse: server.warehouse, maxBatchBytes: 100 })
  await openIngest(ports).take(0, day)
  const { bronze } = ports.tables
  expect((await refresh(bronze)).files.size).toBe(day.length)
  expect(await everything(other, server.warehouse)).toEqual(whole)
  // Everything is folded from bronze again, and the database is told after each message.
  await emptyWarehouse(server.warehouse)
  const positions: number[] = []
  const bronzeNow = await refresh(bronze)
  const stretch = { state: emptyState(rules), partition: 0, after: -1, bronze: bronzeNow }
  await foldBronze(ports, stretch, ({ sequence }) => Promise.resolve(void positions.push(sequence)))
  expect(positions).toEqual(day.map(({ sequence }) => sequence))
  await openIngest(await openPlant(other, { warehouse: server.warehouse, maxBatchBytes: 100 })).take(0, day)
  expect(await everything(other, server.warehouse)).toEqual(whole)
})

/** What ingest asks of a store; it removes nothing. */
const calls = ['put', 'rename', 'list', 'read'] as const
type Call = (typeof calls)[number]

/** The same store, and how often each of its calls was made. */
function counting(store: Store): { readonly store: Store; readonly counts: Record<Call, number> } {
  const counts = { put: 0, rename: 0, list: 0, read: 0 }
  const counted = calls.map((call) => [
    call,
    (...given: never[]) => (counts[call]++, (store[call] as (...given: never[]) => unknown)(...given)),
  ])
  return { store: { ...store, ...(Object.fromEntries(counted) as Partial<Store>) }, counts }
}

const undisturbed = once(async () => {
  const bare = memoryStore()
  const { store, counts } = counting(bare)
  await deliver(store)
  return { counts, rows: await everything(bare, server.warehouse) }
})

/** Strikes of each call and effect: eight cases, each a bounded number of runs. */
const strikes = { most: 6 }

describe.each(['refused', 'applied, answer lost'] as const)('G2: a write %s', (effect) => {
  test.each(calls)('at a %s, then a restart with other batches, changes no row', async (call) => {
    const whole = await undisturbed()
    const steps = stepsOf(whole.counts[call], strikes)
    expect(steps.at(-1)).toBeGreaterThan(1)
    for (const nth of steps) {
      await emptyWarehouse(server.warehouse)
      const bare = memoryStore()
      const { store, counts } = counting(faulty(bare, { call, nth, effect }))
      await deliver(store)
      expect(counts[call]).toBeGreaterThanOrEqual(nth)
      expect({ nth, rows: await everything(bare, server.warehouse) }).toEqual({ nth, rows: whole.rows })
    }
  })
})

test('G4: what the host skipped is read back from the hub and folded first', async () => {
  const store = memoryStore()
  await deliver(store)
  const whole = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  const gappy = memoryStore()
  const ports = await openPlant(gappy, { warehouse: server.warehouse, held: day })
  const ingest = openIngest(ports)
  await ingest.take(0, day.slice(0, 3))
  await ingest.take(0, day.slice(8))
  expect(await everything(gappy, server.warehouse)).toEqual(whole)
  expect(ports.lines).toContain('warn partition 0: reading back 3 to 7, which the host skipped')
})

test('G4: what the hub has deleted is reported, and the stream goes on', async () => {
  const ports = await openPlant(memoryStore(), { warehouse: server.warehouse, held: day.slice(5) })
  const ingest = openIngest(ports)
  await ingest.take(0, day.slice(0, 3))
  await ingest.take(0, day.slice(8))
  expect(ports.lines.filter((line) => line.startsWith('error'))).toEqual([
    'error partition 0: 2 messages before 5 are lost, the hub no longer has them',
  ])
})

test('G4: what another owner took meanwhile is no gap, also when the hub has deleted it since', async () => {
  const store = memoryStore()
  const owners = await Promise.all([1, 2].map(() => openPlant(store, { warehouse: server.warehouse })))
  const [first, second] = owners.map(openIngest)
  if (!first || !second) throw new Error('two owners')
  await first.take(0, day.slice(0, 2))
  await second.take(0, day.slice(2, 6))
  await first.take(0, day.slice(6))
  expect(owners.flatMap(({ lines }) => lines.filter((line) => !line.startsWith('info')))).toEqual([])
  const found = await everything(store, server.warehouse)
  expect(found.bronze_gaps).toEqual([])
  await emptyWarehouse(server.warehouse)
  const whole = memoryStore()
  await deliver(whole)
  expect(found).toEqual(await everything(whole, server.warehouse))
})

test('G2: of two owners of a partition the one that lost starts over from the log', async () => {
  const store = memoryStore()
  await deliver(store)
  const whole = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  const shared = memoryStore()
  const owners = await Promise.all([1, 2].map(() => openPlant(shared, { warehouse: server.warehouse })))
  const [first, second] = owners.map(openIngest)
  if (!first || !second) throw new Error('two owners')
  await first.take(0, day.slice(0, 2))
  await second.take(0, day.slice(0, 6))
  // The first still believes that it is at 2.
  await first.take(0, day.slice(2, 9))
  await Promise.all([second.take(0, day.slice(6)), first.take(0, day.slice(9))])
  expect(await everything(shared, server.warehouse)).toEqual(whole)
  expect(owners[0]?.lines.some((line) => line.includes('resuming from the log'))).toBe(true)
})

test('a snapshot of other rules or of a later position is refused by name, and bronze stands in', async () => {
  const store = memoryStore()
  await deliver(store)
  const place = { stream: 'test', partition: 0 }
  const other = { ...rules, latenessMs: 1 }
  await saveState(store, place, { saved: { sequence: 999, state: emptyState(rules) }, rules, unique: 'future' })
  await saveState(store, place, {
    saved: { sequence: 5, state: emptyState(other) },
    rules: other,
    unique: 'other',
  })
  await store.put('checkpoints/test/0/00000000000000000010-torn.json.gz', Buffer.from('half'))
  const before = await everything(store, server.warehouse)
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, day.slice(0, 1))
  expect(ports.lines.join('\n')).toMatch(/not used: it is at 999, bronze or PostgreSQL at 10/)
  expect(ports.lines.join('\n')).toMatch(/torn.json.gz not used: .*incorrect header check/)
  expect(await everything(store, server.warehouse)).toEqual(before)
})

test('a database that lost its rows gets them back from bronze', async () => {
  const store = memoryStore()
  await deliver(store)
  const whole = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  const ports = await openPlant(store, { warehouse: server.warehouse })
  await openIngest(ports).take(0, day.slice(-1))
  expect(await everything(store, server.warehouse)).toEqual(whole)
})

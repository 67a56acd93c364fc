import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeNdjson } from '../../generator/ndjson-file'
import { type Delivery } from '../../generator/delivery'
import { bytesOf } from '../../generator/event-text'
import { simulate, type SimulationOptions } from '../../generator/simulate'
import { decode } from '../../src/event/decode'

const startMs = Date.parse('2026-03-01T08:00:00Z')
const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }

function take(count: number, options: Partial<SimulationOptions> = {}): Delivery[] {
  const deliveries: Delivery[] = []
  for (const delivery of simulate({ seed: 1, startMs, ratePerSecond: 50, ...options })) {
    if (deliveries.push(delivery) === count) break
  }
  return deliveries
}

const textOf = ({ text }: Delivery): string => text
const countOf = (deliveries: readonly Delivery[], flaw: Delivery['flaw']): number =>
  deliveries.filter((delivery) => delivery.flaw === flaw).length

function verdictOf({ text, atMs }: Delivery) {
  const [item] = decode(bytesOf(text), { enqueuedMs: atMs, rules })
  if (item === undefined) throw new Error('expected an item')
  return item
}

/** One run for the tests that look at what is in it. */
const shares = { late: 0.05, duplicates: 0.03, malformed: 0.04 }
const run = take(20_000, shares)
const verdicts = run.map((delivery) => ({ ...delivery, verdict: verdictOf(delivery) }))
const events = verdicts.flatMap(({ flaw, atMs, verdict }) =>
  verdict.kind === 'event' && flaw !== 'duplicate' ? [{ flaw, atMs, event: verdict.event }] : [],
)

test('a seed and a start give the same deliveries, byte for byte', () => {
  expect(take(1_000, shares).map(textOf)).toEqual(run.slice(0, 1_000).map(textOf))
  expect(take(100, { ...shares, seed: 2 }).map(textOf)).not.toEqual(run.slice(0, 100).map(textOf))
})

test('another start with the same seed repeats no id', () => {
  const idsOf = (deliveries: readonly Delivery[]): string[] =>
    deliveries.flatMap((delivery) => textOf(delivery).match(/"(?:eventId|orderId|sessionId)":"[^"]+"/g) ?? [])
  const first = new Set(idsOf(run))
  expect(idsOf(take(2_000, { ...shares, startMs: startMs + 1 })).filter((id) => first.has(id))).toEqual([])
})

test('ids are unique but for events sent twice, which are the same byte for byte', () => {
  const bodies = new Map<string, number>()
  // Two that were cut short can be the same few characters.
  const whole = run.filter(({ flaw }) => flaw !== 'malformed').map(textOf)
  for (const text of whole) bodies.set(text, (bodies.get(text) ?? 0) + 1)
  expect([...bodies.values()].filter((count) => count === 2)).toHaveLength(countOf(run, 'duplicate'))
  expect(new Set(events.map(({ event }) => event.eventId)).size).toBe(events.length)
})

test('deliveries come in order of sending, at the rate asked for, with the shares asked for', () => {
  const times = run.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  const seconds = ((times.at(-1) ?? 0) - startMs) / 1000
  expect(Math.abs(run.length / seconds / 50 - 1)).toBeLessThan(0.05)
  const inFirst = times.filter((ms) => ms < startMs + 20_000).length
  expect(Math.abs(inFirst / 20 / 50 - 1)).toBeLessThan(0.1)
  expect(times[0]).toBeGreaterThanOrEqual(startMs)
  expect(Math.abs(countOf(run, 'late') / run.length / shares.late - 1)).toBeLessThan(0.2)
  expect(Math.abs(countOf(run, 'duplicate') / run.length / shares.duplicates - 1)).toBeLessThan(0.2)
  expect(Math.abs(countOf(run, 'malformed') / run.length / shares.malformed - 1)).toBeLessThan(0.2)
})

test('malformed events are rejected, for every reason a till can cause; all others are accepted', () => {
  const wrong = verdicts.filter(({ flaw, verdict }) => (flaw === 'malformed') !== (verdict.kind === 'reject'))
  expect(wrong.map(textOf)).toEqual([])
  const reasons = new Set(verdicts.map(({ verdict }) => (verdict.kind === 'reject' ? verdict.reason : 'none')))
  expect([...reasons].sort()).toEqual(['currency', 'future', 'none', 'not-json', 'schema'])
  expect(run.filter(({ text }) => text.includes('\n'))).toHaveLength(0)
})

test('late events are told eleven minutes to six hours after they happened, others within a minute or two', () => {
  const minutes = (flaw: Delivery['flaw']): number[] =>
    events.flatMap(({ atMs, event, ...rest }) => (rest.flaw === flaw ? [(atMs - event.eventTimeMs) / 60_000] : []))
  const [late, others] = [minutes('late'), minutes('none')]
  expect(Math.min(...late)).toBeGreaterThan(10.9)
  expect(Math.max(...late)).toBeLessThan(362)
  expect(Math.min(...others)).toBeGreaterThan(0)
  expect(Math.max(...others)).toBeLessThan(2)
})

test('all types occur, orders are paid for what they cost, and some payments fail', () => {
  expect(new Set(events.map(({ event }) => event.type))).toEqual(new Set(['sale', 'payment', 'stock', 'activity']))
  const payments = events.flatMap(({ event }) => (event.type === 'payment' ? [event] : []))
  expect(payments.some(({ status }) => status === 'failed')).toBe(true)
  const paid = new Map(payments.map(({ orderId, amountMinor }) => [orderId, amountMinor]))
  const sales = events.flatMap(({ event }) => (event.type === 'sale' ? [event] : []))
  const wrong = sales.filter(({ orderId = '', lines }) => {
    const cents = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
    return paid.has(orderId) && paid.get(orderId) !== cents
  })
  expect(wrong).toEqual([])
  expect(sales.some(({ lines }) => lines.some(({ quantity }) => quantity < 0))).toBe(true)
})

test('some products stop selling in a store for more than an hour and sell again', () => {
  const lastSale = new Map<string, number>()
  const gaps = new Map<string, number>()
  for (const delivery of take(30_000, { stores: 2, products: 20, ratePerSecond: 1, late: 0, malformed: 0 })) {
    const verdict = verdictOf(delivery)
    if (verdict.kind !== 'event' || verdict.event.type !== 'sale') continue
    const { eventTimeMs, storeId, lines } = verdict.event
    for (const { productId } of lines.filter(({ quantity }) => quantity > 0)) {
      const shelf = `${storeId} ${productId}`
      gaps.set(shelf, Math.max(gaps.get(shelf) ?? 0, eventTimeMs - (lastSale.get(shelf) ?? eventTimeMs)))
      lastSale.set(shelf, eventTimeMs)
    }
  }
  const long = [...gaps.values()].filter((gapMs) => gapMs > 3_600_000).length
  expect(long).toBeGreaterThan(0)
  expect(long).toBeLessThan(gaps.size / 2)
})

test('a file holds one event per line, as many as asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tillstream-ndjson-'))
  try {
    const file = join(folder, 'events.ndjson')
    const simulation = { seed: 1, startMs, ratePerSecond: 50 }
    const totals = await writeNdjson({ file, simulation, maxEvents: 1_234 })
    const lines = (await readFile(file)).toString('latin1').split('\n')
    expect(lines).toHaveLength(1_235)
    expect(lines[700]).toBe(take(1_234)[700]?.text)
    expect(totals).toMatchObject({ events: 1_234, bytes: lines.join('').length })
    const minute = await writeNdjson({ file, simulation, forMs: 60_000 })
    expect(minute.eventTimeMs).toBeLessThan(startMs + 60_000)
    expect(minute.events).toBe(take(5_000).filter(({ atMs }) => atMs < startMs + 60_000).length)
  } finally {
    await rm(folder, { recursive: true })
  }
})

import fc from 'fast-check'
import { type Receipt } from '../../../generator/csv/receipt'
import { type ReplayEvent } from '../../../generator/replay-event'
import { decode } from '../../../src/event/decode'
import { openTable } from '../../../src/lake/open-table'
import { append } from '../../../src/lake/write/append'
import { bronzeRow, logged } from '../../../src/pipeline/rows/bronze'
import { bronzeEvents } from '../../../src/pipeline/rows/tables'
import { countTellings, type EditionCounts, lookUp, noCounts, tellings } from '../../../tools/replay/editions'
import { memoryStore } from '../../lake/store/memory-store'
import { decodeRules as plantRules, messages } from '../../pipeline/plant'

/* An order of an export that is told again, by what bronze has. Money below is the price of the order's one line. */

const decodeRules = { ...plantRules, maxEventBytes: 256 * 1024 }

/** An export: order → its price, or nothing for an order that the map leaves out. */
type Export = Readonly<Record<string, number | undefined>>

function receipt(order: string, price: number, { part = 0, lines = 1, store = 's1' } = {}): Receipt {
  const line = { productId: 'CUP', quantity: 1, unitPrice: price }
  return {
    name: ['shop', 'order', order],
    part,
    rows: lines,
    content: {
      type: 'sale',
      eventTime: '2026-03-01T09:30:00.000Z',
      storeId: store,
      orderId: order,
      paymentMethod: 'cash',
      lines: Array.from({ length: lines }, () => line),
    },
  }
}

/** Reads exports one after the other, as the files of one replay are. */
const receiptsOf = (...exports: readonly Export[]) =>
  // eslint-disable-next-line @typescript-eslint/require-await -- files are read asynchronously, these are not
  async function* (onLeftOut: (name: readonly string[]) => void = () => undefined): AsyncGenerator<Receipt> {
    for (const each of exports) {
      for (const [order, price] of Object.entries(each)) if (price === undefined) onLeftOut(['shop', 'order', order])
      for (const [order, price] of Object.entries(each)) if (price !== undefined) yield receipt(order, price)
    }
  }

/** A lake into which replays go, each cut off after some events where that is asked for. */
async function lake() {
  const store = memoryStore()
  const table = await openTable({ store, root: bronzeEvents.root, schema: bronzeEvents.schema, name: 'bronze_events' })
  const taken: ReplayEvent[] = []
  let sequence = 0
  const take = async (event: ReplayEvent) => {
    taken.push(event)
    const [message] = messages(JSON.parse(Buffer.from(event.body).toString()))
    if (!message) return
    const rows = logged([{ ...message, sequence: sequence++ }], decodeRules).map((row) => bronzeRow(0, row))
    await append(table, { rows, operation: 'WRITE' })
  }
  return {
    store,
    take,
    replay: async (receipts: ReturnType<typeof receiptsOf>, { most = Infinity } = {}) => {
      const standings = await lookUp(store, receipts)
      const counts = noCounts()
      const events: ReplayEvent[] = []
      for await (const event of tellings(receipts(), standings, counts)) events.push(event)
      expect(events).toHaveLength(countTellings(standings))
      for (const event of events.slice(0, most)) await take(event)
      return { counts, events }
    },
    /** Order → what it comes to in minor units, each event counted once. */
    sums: () => {
      const seen = new Map<string, ReplayEvent>()
      for (const event of taken) seen.set(eventOf(event).eventId, event)
      const sums: Record<string, number> = {}
      for (const event of seen.values()) {
        const [decoded] = decode(event.body, { enqueuedMs: Date.parse('2026-03-10'), rules: decodeRules })
        if (decoded?.kind !== 'event' || decoded.event.type !== 'sale') continue
        const { orderId = '', lines } = decoded.event
        sums[orderId] = (sums[orderId] ?? 0) + lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
      }
      return Object.fromEntries(Object.entries(sums).filter(([, minor]) => minor !== 0))
    },
  }
}

const eventOf = ({ body }: ReplayEvent) =>
  JSON.parse(Buffer.from(body).toString()) as { eventId: string; edition?: number; voids?: string }

const counted = (counts: Partial<EditionCounts>): EditionCounts => ({ ...noCounts(), ...counts })

test('what was never told is told, and again is unchanged', async () => {
  const { replay, sums } = await lake()
  const monday = receiptsOf({ M1: 2, M2: 2, M3: 4 })
  expect((await replay(monday)).counts).toEqual(counted({ told: 3 }))
  expect(await replay(monday)).toEqual({ counts: counted({ unchanged: 3 }), events: [] })
  expect(sums()).toEqual({ M1: 200, M2: 200, M3: 400 })
})

test('an order edited between two exports is taken back and told anew, once however often the file comes', async () => {
  const { replay, sums } = await lake()
  await replay(receiptsOf({ M1: 2, M2: 2, M3: 4 }))
  const tuesday = receiptsOf({ M2: 2, M3: 2, M4: 2 })
  const { counts, events } = await replay(tuesday)
  expect(counts).toEqual(counted({ told: 1, edited: 1, unchanged: 1 }))
  expect(events.map(eventOf)).toMatchObject([{ voids: 'M3' }, { edition: 2 }, { edition: 1 }])
  expect((await replay(tuesday)).counts).toEqual(counted({ unchanged: 3 }))
  expect(sums()).toEqual({ M1: 200, M2: 200, M3: 200, M4: 200 })
})

test('cut off between taking back and telling anew, the next replay goes on from there', async () => {
  const { replay, sums } = await lake()
  await replay(receiptsOf({ M3: 4 }))
  await replay(receiptsOf({ M3: 2 }), { most: 1 })
  expect(sums()).toEqual({})
  const { counts, events } = await replay(receiptsOf({ M3: 2 }))
  expect(counts).toEqual(counted({ edited: 1 }))
  expect(events.map(eventOf)).toMatchObject([{ edition: 2 }])
  expect(sums()).toEqual({ M3: 200 })
})

test('an order that is as it was before an edit is told a third time', async () => {
  const { replay, sums } = await lake()
  for (const price of [4, 2, 4]) await replay(receiptsOf({ M3: price }))
  expect(sums()).toEqual({ M3: 400 })
  expect((await replay(receiptsOf({ M3: 4 }))).counts).toEqual(counted({ unchanged: 1 }))
})

test('an order that the map leaves out now is taken back, once, and told again when it is back', async () => {
  const { replay, sums } = await lake()
  await replay(receiptsOf({ M1: 2, M2: 3 }))
  const without = receiptsOf({ M1: 2, M2: undefined, M9: undefined })
  expect((await replay(without)).counts).toEqual(counted({ unchanged: 1, withdrawn: 1 }))
  expect(sums()).toEqual({ M1: 200 })
  expect(await replay(without)).toEqual({ counts: counted({ unchanged: 1 }), events: [] })
  expect((await replay(receiptsOf({ M2: 3 }))).events.map(eventOf)).toMatchObject([{ edition: 2 }])
  expect(sums()).toEqual({ M1: 200, M2: 300 })
})

test('of several files of one replay the last that has an order counts', async () => {
  const { replay, sums } = await lake()
  const { counts } = await replay(receiptsOf({ M1: 2, M3: 4, M5: 1 }, { M3: 2, M5: undefined }))
  expect(counts).toEqual(counted({ told: 2, repeated: 2 }))
  expect(sums()).toEqual({ M1: 200, M3: 200 })
})

test('an edition that was rejected counts nowhere and is told again under the same number', async () => {
  const { replay, sums } = await lake()
  await replay(receiptsOf({ M1: 2_000_000 }))
  const { counts, events } = await replay(receiptsOf({ M1: 2 }))
  expect(counts).toEqual(counted({ told: 1 }))
  expect(events.map(eventOf)).toMatchObject([{ edition: 1 }])
  expect(sums()).toEqual({ M1: 200 })
})

test('a part of an order that has become shorter is taken back', async () => {
  const { replay, sums } = await lake()
  const parts = (...of: readonly Receipt[]) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    async function* (): AsyncGenerator<Receipt> {
      yield* of
    }
  await replay(parts(receipt('B', 1, { lines: 1000 }), receipt('B', 1, { part: 1, lines: 5 })))
  expect(sums()).toEqual({ B: 100_500 })
  const { counts } = await replay(parts(receipt('B', 1, { lines: 999 })))
  expect(counts).toEqual(counted({ edited: 1, withdrawn: 1 }))
  expect(sums()).toEqual({ B: 99_900 })
})

test('an order that has moved to another store waits until it is taken back in the first', async () => {
  const { store, take } = await lake()
  const from = receipt('M1', 2)
  const to = receipt('M1', 2, { store: 's2' })
  const source = (each: Receipt) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    async function* (): AsyncGenerator<Receipt> {
      yield each
    }
  for await (const event of tellings(source(from)(), await lookUp(store, source(from)))) await take(event)
  const events = []
  for await (const event of tellings(source(to)(), await lookUp(store, source(to)))) events.push(event)
  expect(events).toMatchObject([{ key: 's1' }, { key: 's2', waits: true }])
})

test('any exports, each replay cut off anywhere and run again, end at what the last export says', async () => {
  const price = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 4 })
  const anExport = fc.record({ A: price, B: price, C: price })
  const cuts = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(anExport, cuts), { minLength: 1, maxLength: 4 }), async (days) => {
      const { replay, sums } = await lake()
      for (const [day, cutOffs] of days) {
        for (const most of cutOffs) await replay(receiptsOf(day), { most })
        await replay(receiptsOf(day))
        const expected = Object.entries(day).flatMap(([order, each]) =>
          each === undefined ? [] : [[order, each * 100]],
        )
        expect(sums()).toEqual(Object.fromEntries(expected))
        expect((await replay(receiptsOf(day))).events.map(eventOf)).toEqual([])
      }
    }),
    { numRuns: 25 },
  )
})

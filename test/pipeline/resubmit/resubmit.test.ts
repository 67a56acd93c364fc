import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { type DecodeRules } from '../../../src/event/decode'
import { type Row } from '../../../src/lake/schema'
import { openTable } from '../../../src/lake/open-table'
import { append } from '../../../src/lake/write/append'
import { readRows } from '../../../src/lake/scan'
import { refresh } from '../../../src/lake/table'
import { bronzeRow, logged } from '../../../src/pipeline/rows/bronze'
import { bronzeEvents } from '../../../src/pipeline/rows/tables'
import { resubmit, type ResubmitOptions } from '../../../src/pipeline/resubmit/resubmit'
import { memoryStore } from '../../lake/store/memory-store'
import { dayStartMs, decodeRules, messages, sale } from '../plant'

/* Rejects of bronze through a hub in memory, whose events the app of the moment puts into bronze. */

const dayMs = 86_400_000
const nowMs = dayStartMs + 3 * 3_600_000
/** Under these, sales of 400 bytes and more are too large; under `plant`'s they pass. */
const narrow: DecodeRules = { ...decodeRules, maxEventBytes: 300 }

const large = (minute: number, store = 's1') => ({ ...sale(minute, { store }), note: 'x'.repeat(300) })
const euro = (minute: number) => ({ ...sale(minute), currency: 'EUR' })

interface Flaw {
  /** The hub takes so many events, and then the connection breaks. */
  readonly breaksAfter?: number
}

/** A lake with a pipe into it. */
async function pipe() {
  const store = memoryStore()
  const table = await openTable({ store, root: bronzeEvents.root, schema: bronzeEvents.schema, name: 'bronze_events' })
  const held: Uint8Array[] = []
  const sends: number[] = []
  let taken = 0
  let sequence = 0
  const put = async (bodies: readonly unknown[], rules: DecodeRules, enqueuedMs: number, change: (row: Row) => Row) => {
    const rows = bodies.flatMap((body) => {
      const [message] = body instanceof Uint8Array ? [{ body }] : messages(body)
      const one = { sequence: sequence++, enqueuedMs, body: message?.body ?? new Uint8Array() }
      return logged([one], rules).map((event) => change(bronzeRow(0, event)))
    })
    await append(table, { rows, operation: 'WRITE' })
  }
  return {
    store,
    sends,
    /** What the app made of these bodies when they came. */
    came: (
      bodies: readonly unknown[],
      { rules = narrow, enqueuedMs = nowMs, change = (row: Row) => row } = {},
    ): Promise<void> => put(bodies, rules, enqueuedMs, change),
    resubmit: (options: ResubmitOptions & { app?: DecodeRules; rules?: DecodeRules; dryRun?: true } & Flaw = {}) => {
      const { app = decodeRules, rules = decodeRules, dryRun, breaksAfter = Infinity, ...rest } = options
      const hub = {
        arrive: async () => {
          const fresh = held.slice(taken)
          taken = held.length
          for (const body of fresh) await put([body], app, nowMs, (row) => row)
        },
        send: (events: readonly { readonly key: string; readonly body: Uint8Array }[]) => {
          sends.push(events.length)
          for (const { body } of events) {
            if (held.length >= breaksAfter) return Promise.reject(new Error('the connection broke'))
            held.push(body)
          }
          return Promise.resolve()
        },
      }
      return resubmit({ store, rules, clock: () => nowMs, ...(!dryRun && { hub }) }, rest)
    },
    /** Ids of accepted rows and reasons of the others, in the order of the log. */
    bronze: async () => {
      const rows: Row[] = []
      const snapshot = await refresh(table)
      for await (const some of readRows({ store, root: bronzeEvents.root }, snapshot)) rows.push(...some)
      return rows
        .sort((a, b) => Number(a.sequence) - Number(b.sequence) || Number(a.item) - Number(b.item))
        .map(({ event_id: id, reject_reason: reason }) => reason ?? id)
    },
  }
}

const sums = { looked: 0, passes: 0, sent: 0, already: 0, repeated: 0, heartbeats: 0, refused: 0, stopped: false }

test('what passes under the rules of today is sent once, the rest is counted by reason with its first example', async () => {
  const lake = await pipe()
  await lake.came([large(1), sale(2), euro(3), euro(4), 'no JSON', large(5)])
  const first = await lake.resubmit()
  expect(first).toMatchObject({ ...sums, looked: 5, passes: 2, sent: 2, stillRejected: { currency: 2, 'not-json': 1 } })
  expect(first.examples.currency).toEqual({
    detail: expect.stringContaining('currency: expected GBP') as string,
    body: JSON.stringify(euro(3)),
  })
  const bronze = ['too-large', sale(2).eventId, 'currency', 'currency', 'not-json', 'too-large']
  expect(await lake.bronze()).toEqual([...bronze, sale(1).eventId, sale(5).eventId])
  // G2: bronze keeps the old verdicts, so the same rejects are looked at again.
  expect(await lake.resubmit()).toMatchObject({ ...sums, looked: 5, passes: 2, already: 2 })
  expect(await lake.bronze()).toHaveLength(8)
})

test('a sale with a line kind that an earlier version did not know counts after the update', async () => {
  const lake = await pipe()
  const { lines, ...rest } = sale(1)
  const parcel = { ...rest, lines: [...lines, { productId: 'PARCEL', kind: 'shipping', quantity: 1, unitPrice: 3.5 }] }
  // That version's verdict, as bronze has it.
  const detail = 'lines/1/kind: expected nothing of this name, got "shipping"'
  const none = { event_id: null, type: null, event_time: null, store_id: null }
  await lake.came([parcel], { change: (row) => ({ ...row, ...none, reject_reason: 'schema', reject_detail: detail }) })
  expect(await lake.resubmit({ reason: 'schema' })).toMatchObject({ ...sums, looked: 1, passes: 1, sent: 1 })
  expect(await lake.bronze()).toEqual(['schema', rest.eventId])
})

test('an event that its till has sent again and that was accepted is not sent, whatever the case of its id', async () => {
  const lake = await pipe()
  const id = 'F47AC10B-58CC-4372-A567-0E02B2C3D479'
  await lake.came([
    { ...large(1), eventId: id },
    { ...sale(1), eventId: id.toLowerCase() },
  ])
  expect(await lake.resubmit()).toMatchObject({ ...sums, looked: 1, passes: 1, already: 1 })
})

test('the same id of another store is another event', async () => {
  const lake = await pipe()
  await lake.came([large(1), sale(1, { store: 's2' })])
  expect(await lake.resubmit()).toMatchObject({ ...sums, looked: 1, passes: 1, sent: 1 })
})

test.each([{}, { dryRun: true as const }])(
  'an event rejected twice counts once, in one chunk and over two: %j',
  async (how) => {
    const lake = await pipe()
    await lake.came([large(1), large(1)])
    await lake.came([large(1), large(2)])
    const chunk = { events: 2, bytes: 1 << 20 }
    const found = await lake.resubmit({ ...how, chunk })
    // By the second chunk bronze has the first.
    const [already, repeated] = 'dryRun' in how ? [0, 2] : [1, 1]
    expect(found).toMatchObject({ ...sums, looked: 4, passes: 4, sent: 2, already, repeated })
    const sent = 'dryRun' in how ? [] : [sale(1).eventId, sale(2).eventId]
    expect(await lake.bronze()).toEqual(['too-large', 'too-large', 'too-large', 'too-large', ...sent])
  },
)

test('R2: an app that still decodes by the former rules is given one event and no more', async () => {
  const lake = await pipe()
  await lake.came([large(1), large(2), large(3)])
  expect(await lake.resubmit({ app: narrow })).toMatchObject({ ...sums, looked: 3, passes: 3, sent: 1, refused: 1 })
  expect(lake.sends).toEqual([1])
  expect(await lake.resubmit()).toMatchObject({ ...sums, looked: 4, passes: 4, sent: 3, repeated: 1 })
})

test('rejects are chosen by reason, by the day the hub took them, and by store', async () => {
  const lake = await pipe()
  const day = (number: number) => ({ enqueuedMs: nowMs + number * dayMs })
  await lake.came([large(1), euro(2)], day(0))
  await lake.came([large(3), large(4, 's2')], day(1))
  await lake.came([{ ...large(5, 's2'), currency: 'EUR' }, '"text"'], day(2))
  const of = async (options: ResubmitOptions) => {
    const { looked, passes, stillRejected } = await lake.resubmit({ ...options, dryRun: true })
    return { looked, passes, stillRejected }
  }
  expect(await of({})).toEqual({ looked: 6, passes: 3, stillRejected: { currency: 2, schema: 1 } })
  expect(await of({ reason: 'currency' })).toEqual({ looked: 1, passes: 0, stillRejected: { currency: 1 } })
  expect(await of({ reason: 'future' })).toEqual({ looked: 0, passes: 0, stillRejected: {} })
  expect(await of({ from: '2026-03-02' })).toMatchObject({ looked: 4, passes: 2 })
  expect(await of({ from: '2026-03-02', to: '2026-03-02' })).toMatchObject({ looked: 2, passes: 2 })
  expect(await of({ to: '2026-03-01' })).toMatchObject({ looked: 2, passes: 1 })
  expect(await of({ storeId: 's2' })).toEqual({ looked: 2, passes: 1, stillRejected: { currency: 1 } })
})

test('past and future go by the clock of now and not by when the events came', async () => {
  const lake = await pipe()
  const bound = { ...decodeRules, maxBehindMs: 400 * dayMs }
  const old = { enqueuedMs: nowMs - 500 * dayMs, rules: bound }
  // Ahead of its hub's clock then, and more than 400 days behind now.
  await lake.came([{ ...sale(1), eventTime: new Date(nowMs - 499 * dayMs).toISOString() }], old)
  await lake.came([sale(2)], old)
  await lake.came([{ ...sale(3), eventTime: new Date(nowMs + dayMs).toISOString() }], { rules: bound })
  expect(await lake.bronze()).toEqual(['future', 'future', 'future'])
  expect(await lake.resubmit({ rules: bound, app: bound })).toMatchObject({
    ...sums,
    looked: 3,
    passes: 1,
    sent: 1,
    stillRejected: { past: 1, future: 1 },
  })
})

test('events of a body that was rejected whole are sent one by one; a heartbeat is not', async () => {
  const lake = await pipe()
  const pulse = { eventId: sale(9).eventId, type: 'pulse', eventTime: new Date(dayStartMs).toISOString() }
  const body = gzipSync(JSON.stringify([sale(1), euro(2), pulse, sale(3, { store: 's2' })]))
  const asVersionWithoutGzip = (row: Row): Row => ({ ...row, body, event_id: null, reject_reason: 'not-json' })
  await lake.came([sale(0)], { change: asVersionWithoutGzip })
  const found = await lake.resubmit()
  expect(found).toMatchObject({ ...sums, looked: 1, passes: 2, sent: 2, heartbeats: 1, stillRejected: { currency: 1 } })
  expect(await lake.bronze()).toEqual(['not-json', sale(1).eventId, sale(3).eventId])
})

test('nothing in bronze, or no bronze at all, is nothing to send', async () => {
  expect(await (await pipe()).resubmit()).toMatchObject(sums)
  const empty = { store: memoryStore(), rules: decodeRules, clock: () => nowMs }
  expect(await resubmit(empty, {})).toMatchObject(sums)
})

test('told to stop, it sends nothing more, and says so', async () => {
  const lake = await pipe()
  await lake.came([large(1), large(2)])
  expect(await lake.resubmit({ signal: AbortSignal.abort() })).toMatchObject({ ...sums, stopped: true })
  expect(lake.sends).toEqual([])
})

test('G2: cut off anywhere and run again, every event ends in bronze as accepted exactly once', async () => {
  const minutes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 })
  const breaks = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(minutes, breaks, fc.integer({ min: 1, max: 8 }), async (rejected, cuts, events) => {
      const lake = await pipe()
      await lake.came(rejected.map((minute) => large(minute)))
      const chunk = { events, bytes: 1 << 20 }
      for (const breaksAfter of cuts) {
        await lake.resubmit({ chunk, breaksAfter }).catch((error: unknown) => {
          expect(error).toEqual(new Error('the connection broke'))
        })
      }
      expect(await lake.resubmit({ chunk })).toMatchObject({ refused: 0, stopped: false, stillRejected: {} })
      const accepted = (await lake.bronze()).filter((each) => each !== 'too-large')
      expect([...accepted].sort()).toEqual([...new Set(rejected.map((minute) => sale(minute).eventId))].sort())
    }),
    { numRuns: 60 },
  )
})

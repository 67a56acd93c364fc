import { type ReplayEvent } from '../../../generator/replay-event'
import { openTable } from '../../../src/lake/open-table'
import { append } from '../../../src/lake/write/append'
import { bronzeRow, logged } from '../../../src/pipeline/rows/bronze'
import { bronzeEvents } from '../../../src/pipeline/rows/tables'
import { verdictOf } from '../../../tools/replay/verdict'
import { memoryStore } from '../../lake/store/memory-store'
import { decodeRules, messages, sale } from '../../pipeline/plant'

const good = sale(0)
const dear = sale(1, { price: 11_000_000 })
const other = sale(2, { price: 3_000_000 })
const euro = { ...sale(3), currency: 'EUR' }

/** Bronze with these bodies in one partition, a file for each. */
async function bronzeOf(...bodies: readonly unknown[]) {
  const store = memoryStore()
  const table = await openTable({ store, root: bronzeEvents.root, schema: bronzeEvents.schema, name: 'bronze_events' })
  for (const message of messages(...bodies)) {
    const rows = logged([message], decodeRules).map((event) => bronzeRow(0, event))
    await append(table, { rows, operation: 'WRITE' })
  }
  return store
}

const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body))

async function verdict(
  store: Awaited<ReturnType<typeof bronzeOf>>,
  source: readonly unknown[],
  [first, last]: readonly [number, number],
) {
  const events: readonly ReplayEvent[] = source.map((body) => ({ key: '', body: Buffer.from(text(body)), rows: 2 }))
  return verdictOf({
    store,
    ranges: new Map([[0, { first, last }]]),
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, an array is not
    events: async function* () {
      yield* events
    },
    sent: events.length,
    rules: decodeRules,
  })
}

test('what was rejected is counted by reason, the first in the order of the source as its example', async () => {
  const source = [good, other, euro, 'no JSON', dear]
  // Stores of a send travel side by side: the log has another order.
  const found = await verdict(await bronzeOf(dear, euro, other, good, 'no JSON'), source, [0, 4])
  expect(found).toMatchObject({
    accepted: 1,
    rejected: 4,
    reasons: { schema: { events: 2, rows: 4 }, currency: { events: 1 }, 'not-json': { events: 1, rows: 2 } },
  })
  expect(found.reasons.schema?.first).toEqual({
    detail: expect.stringContaining('got 3000000') as string,
    body: text(other),
  })
})

test('nothing rejected is everything accepted', async () => {
  expect(await verdict(await bronzeOf(good), [good], [0, 0])).toEqual({ accepted: 1, rejected: 0, reasons: {} })
})

test('rejects that others sent meanwhile, and those from before, are not of this replay', async () => {
  const found = await verdict(await bronzeOf(dear, good, other), [dear, good], [1, 2])
  expect(found).toEqual({ accepted: 2, rejected: 0, reasons: {} })
})

test('an array is rejected when an event in it is', async () => {
  const source = [[good, dear], good]
  const found = await verdict(await bronzeOf(...source), source, [0, 1])
  expect(found).toMatchObject({ accepted: 1, rejected: 1, reasons: { schema: { events: 1 } } })
})

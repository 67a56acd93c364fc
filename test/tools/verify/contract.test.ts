import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { verdicts } from '../../../tools/verify/contract'
import { openEngine } from '../../../tools/verify/engine'
import { loadHub } from '../../../tools/verify/hub-log'
import { decode, type DecodeRules } from '../../../src/event/decode'
import { type FieldSchema } from '../../../src/event/describe'
import { examples } from '../../../src/event/examples'
import { schemas } from '../../../src/event/schema'
import { hubOf } from './stage'

const limits: DecodeRules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 2000 }
const enqueuedMs = Date.parse('2026-03-01T10:00:00Z')

/** What SQL says of each body: the reason of every item, null for one that is let in, with time and id. */
async function judge(bodies: readonly Uint8Array[]): Promise<string[][]> {
  const engine = await openEngine()
  try {
    await engine.script('tables')
    const messages = bodies.map((body, sequence) => ({ sequence, enqueuedMs, body }))
    await loadHub(engine, { hub: hubOf(messages), first: 0 })
    await engine.script('items')
    await engine.connection.run(verdicts(limits))
    const rows = await engine.query(
      `SELECT list(coalesce(verdict, 'ok ' || event_ms || ' ' || event_id) ORDER BY item) AS said
       FROM truth.event GROUP BY sequence ORDER BY sequence`,
    )
    return rows.map(({ said }) => said as string[])
  } finally {
    await engine.close()
  }
}

/** What the decoder says. */
function decoded(body: Uint8Array): string[] {
  return decode(body, { enqueuedMs, rules: limits }).map((item) =>
    item.kind === 'event' ? `ok ${item.event.eventTimeMs} ${item.event.eventId}` : item.reason,
  )
}

const { sale, payment, pulse } = examples
const lineWith = (change: object) => ({ ...sale, lines: [{ ...sale.lines[0], ...change }] })
const [line] = sale.lines
const discount = { productId: 'd', quantity: -1, unitPrice: 2.98, kind: 'discount' }
const most = { productId: 'p', quantity: 1000, unitPrice: 1_000_000 }
const at = (eventTime: string) => ({ ...sale, eventTime })

/** A CloudEvent in structured mode around a value, or with these fields. */
const cloud = (data: unknown, more: object = {}) => ({
  specversion: '1.0',
  id: 'x',
  source: '/till',
  type: 'sale',
  data,
  ...more,
})
const packed = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const inBase64 = (base64: unknown, more: object = {}) => cloud(undefined, { data_base64: base64, ...more })

const cases: readonly (readonly [name: string, body: unknown, reason: string | undefined])[] = [
  ['every type as documented', Object.values(examples), undefined],
  ['no JSON', '{"type":', 'not-json'],
  ['nothing', '', 'not-json'],
  ['a comma after the last element', '[{},]', 'not-json'],
  ['NaN', '{"a":NaN}', 'not-json'],
  ['Infinity', '[-Infinity]', 'not-json'],
  ['a text that only looks like it', { ...sale, note: 'NaN,] "Infinity' }, undefined],
  ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'not-json'],
  ['an empty array', [], 'schema'],
  ['a number', '1', 'schema'],
  ['an array in an array', [[sale]], 'schema'],
  ['more than 10000 events', `[${'0,'.repeat(10_000)}0]`, 'too-large'],
  ['a body over the limit', { ...sale, note: 'x'.repeat(2000) }, 'too-large'],
  ['a missing id', { ...sale, eventId: undefined }, 'schema'],
  ['null where a value is optional', { ...sale, region: null }, 'schema'],
  ['another type', { ...sale, type: 'refund' }, 'schema'],
  ['a control character', { ...sale, city: 'Le\u0007eds' }, 'schema'],
  ['128 characters beyond the BMP', { ...sale, city: '😀'.repeat(128) }, undefined],
  ['129 characters', { ...sale, city: 'x'.repeat(129) }, 'schema'],
  ['no lines', { ...sale, lines: [] }, 'schema'],
  ['a line without a price', lineWith({ unitPrice: undefined }), 'schema'],
  ['a negative price, which is an adjustment', lineWith({ unitPrice: -0.01 }), undefined],
  ['a price of five decimals', lineWith({ unitPrice: 0.00001 }), 'schema'],
  [
    'a price in exponents',
    JSON.stringify(lineWith({ unitPrice: 7 })).replace('"unitPrice":7', '"unitPrice":1e-4'),
    undefined,
  ],
  ['a price as text', lineWith({ unitPrice: '1.99' }), 'schema'],
  ['nothing sold', lineWith({ quantity: 0 }), 'schema'],
  ['half a piece', lineWith({ quantity: 0.5 }), undefined],
  ['a quantity of four decimals', lineWith({ quantity: 0.0005 }), 'schema'],
  ['a weight', lineWith({ quantity: 0.485, unit: 'kg', amount: 9.6 }), undefined],
  ['a unit nobody knows', lineWith({ unit: 'st' }), 'schema'],
  ['an amount of the other sign', lineWith({ amount: -2.98 }), 'schema'],
  ['an amount of nothing', lineWith({ amount: 0 }), undefined],
  ['the amount of a return', lineWith({ quantity: -2, amount: -2.97 }), undefined],
  ['a discount of all a line comes to', lineWith({ discount: 2.98 }), undefined],
  ['a discount of more', lineWith({ discount: 2.9851 }), 'schema'],
  ['a receipt discount of all goods', { ...sale, lines: [{ ...line, discount: 0.5 }], discount: 2.48 }, undefined],
  ['a receipt discount of more', { ...sale, lines: [{ ...line, discount: 0.5 }], discount: 2.49 }, 'schema'],
  ['a receipt discount without goods', { ...sale, lines: [{ ...line, kind: 'fee' }], discount: 0.01 }, 'schema'],
  ['a receipt discount of a return', { ...sale, lines: [{ ...line, quantity: -2 }], discount: 2.98 }, undefined],
  [
    'lines that are a discount of more',
    { ...sale, lines: [line, discount, { ...discount, unitPrice: -0.01 }] },
    'schema',
  ],
  ['a void', { ...sale, lines: [{ ...line, quantity: -2 }], voids: 'order-1', edition: 2, tip: -1 }, undefined],
  ['an edition of none', { ...sale, edition: 0 }, 'schema'],
  ['a zone', { ...sale, storeZone: 'America/Argentina/Buenos_Aires' }, undefined],
  ['a zone of one offset', { ...sale, storeZone: '+01:00' }, 'schema'],
  ['taxes included in words', { ...sale, taxIncluded: 'true' }, 'schema'],
  ['tax of more than all', lineWith({ taxRate: 1.2 }), 'schema'],
  ['lines beyond a thousand million together', { ...sale, lines: [most, { ...most, quantity: -1 }] }, 'schema'],
  ['two pieces as 2.0', JSON.stringify(lineWith({ quantity: 7 })).replace('"quantity":7', '"quantity":2.0'), undefined],
  ['a line beyond a thousand million', lineWith({ quantity: 1_000_000, unitPrice: 1000.0001 }), 'schema'],
  ['a line of a thousand million', lineWith({ quantity: -1_000_000, unitPrice: 1000 }), undefined],
  ['another currency', { ...payment, currency: 'EUR' }, 'currency'],
  ['no currency code', { ...payment, currency: 'pound' }, 'schema'],
  ['a currency in an event without amounts', { ...pulse, currency: 'EUR' }, 'currency'],
  ['a time without a zone', at('2026-03-01T09:30:00'), 'schema'],
  ['a time without seconds', at('2026-03-01T09:30Z'), undefined],
  ['a time in another zone', at('2026-03-01T15:00:00.123456789+05:30'), undefined],
  ['30 February', at('2026-02-30T09:30:00Z'), 'schema'],
  ['24 o’clock', at('2026-02-20T24:00:00Z'), 'schema'],
  ['a time before 1970', at('1969-12-31T23:59:59Z'), 'schema'],
  ['five minutes ahead', at('2026-03-01T10:05:00Z'), undefined],
  ['more than five minutes ahead', at('2026-03-01T10:05:00.001Z'), 'future'],
  ['records', { records: Object.values(examples) }, undefined],
  ['no records', { records: [] }, 'schema'],
  ['more than 10000 records', `{"records":[${'0,'.repeat(10_000)}0]}`, 'too-large'],
  ['records that are no list', { type: 'sale', records: sale }, 'schema'],
  ['an event with records in it', { ...sale, records: [1], specversion: '1.0', data: 7 }, undefined],
  ['a CloudEvent', cloud(sale), undefined],
  ['CloudEvents and events', [cloud(sale), payment, inBase64(packed(pulse))], undefined],
  ['a CloudEvent in base64', inBase64(packed(sale)), undefined],
  ['a byte order mark in base64', inBase64(Buffer.from(`\ufeff${JSON.stringify(sale)}`).toString('base64')), undefined],
  ['no JSON in base64', inBase64('/w=='), 'schema'],
  ['a text that is no JSON in base64', inBase64('QUJD'), 'schema'],
  ['nothing in base64', inBase64(''), 'schema'],
  ['base64 without its padding', inBase64(packed(pulse).replace(/=*$/, 'AA')), 'schema'],
  ['base64 with a space', inBase64(` ${packed(sale)}`), 'schema'],
  ['base64 that is no text', inBase64(7), 'schema'],
  ['data in both ways', inBase64(packed(sale), { data: sale }), 'schema'],
  ['no data', cloud(undefined), 'schema'],
  ['an earlier CloudEvents', cloud(sale, { specversion: '0.3' }), 'schema'],
  ['a version that is a number', cloud(sale, { specversion: 1 }), 'schema'],
  ['a fault in a CloudEvent', cloud({ ...sale, storeId: '' }), 'schema'],
  ['another currency in a CloudEvent', cloud({ ...sale, currency: 'EUR' }), 'currency'],
  ['a large CloudEvent around a small event', cloud(sale, { subject: 'x'.repeat(2000) }), undefined],
  ['a small CloudEvent around a large event', inBase64(packed({ ...sale, note: 'x'.repeat(2000) })), 'too-large'],
  ['a CloudEvent in a CloudEvent', cloud(cloud(sale)), 'schema'],
  ['a CloudEvent in records', { records: [cloud(sale)] }, 'schema'],
  ['records in a CloudEvent', cloud({ records: [sale] }), 'schema'],
  ['an array in a CloudEvent', cloud([sale]), 'schema'],
  ['gzip', gzipSync(JSON.stringify(sale)), undefined],
  ['gzip around an array', gzipSync(JSON.stringify([sale, pulse])), undefined],
  ['gzip around records', gzipSync(JSON.stringify({ records: [sale, pulse] })), undefined],
  ['gzip around CloudEvents', gzipSync(JSON.stringify([cloud(sale), pulse])), undefined],
  ['gzip in gzip', gzipSync(gzipSync(JSON.stringify(sale))), 'not-json'],
  ['gzip cut short', gzipSync(JSON.stringify(sale)).subarray(0, -9), 'not-json'],
  ['the first bytes of gzip', Uint8Array.of(0x1f, 0x8b), 'not-json'],
  ['gzip of 16 MiB of space', gzipSync(Buffer.alloc(16 << 20, ' ')), 'not-json'],
  ['gzip of a byte more', gzipSync(Buffer.alloc((16 << 20) + 1, ' ')), 'too-large'],
]

const bytesOf = (body: unknown): Uint8Array =>
  body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

test('the contract in SQL gives each fault its reason', async () => {
  const said = await judge(cases.map(([, body]) => bytesOf(body)))
  const short = said.map((items) => [...new Set(items.map((item) => item.replace(/^ok .*/, 'ok')))])
  expect(cases.map(([name], index) => [name, ...(short[index] ?? [])])).toEqual(
    cases.map(([name, , reason]) => [name, reason ?? 'ok']),
  )
})

test('the contract in SQL and the decoder agree on the cases, times and ids included', async () => {
  const bodies = cases.map(([, body]) => bytesOf(body))
  expect(await judge(bodies)).toEqual(bodies.map(decoded))
})

test('the contract in SQL and the decoder agree on type and length of every field', async () => {
  const bodies = Object.values(examples).flatMap((event) => {
    const fields: Readonly<Record<string, FieldSchema>> = schemas[event.type].properties
    return Object.entries(fields).flatMap(([name, { maxLength = 64 }]) =>
      [{}, 'x'.repeat(maxLength), 'x'.repeat(maxLength + 1)].map((value) => bytesOf({ ...event, [name]: value })),
    )
  })
  expect(await judge(bodies)).toEqual(bodies.map(decoded))
})

/** An event with one field, of its own or of its first line, taken away or made something else. */
const altered = fc
  .tuple(
    fc.constantFrom(...Object.values(examples)),
    fc.nat(),
    fc.oneof(
      fc.constant(undefined),
      fc.jsonValue({ maxDepth: 1 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -2, max: 1_000_001 }).map((number) => number / 10_000),
      fc.constantFrom('GBP', 'EUR', 'web', 'count', 'failed', '2026-03-01T09:30:00+14:00', '2026-03-01T09:30:00Z'),
    ),
  )
  .map(([event, pick, value]) => {
    const inLine = event.type === 'sale' && pick % 3 === 0
    const target: object = inLine ? (event.lines[0] ?? {}) : event
    const fields = [...Object.keys(target), 'schemaVersion', 'currency', 'city']
    const changed = { ...target, [fields[pick % fields.length] ?? '']: value }
    return inLine ? { ...event, lines: [changed, ...event.lines.slice(1)] } : changed
  })

/** Most in an envelope, some of them with a fault of its own. */
const wrapped = altered.chain((event) =>
  fc.constantFrom<unknown>(
    event,
    cloud(event),
    inBase64(packed(event)),
    inBase64(packed(event).slice(1)),
    cloud(event, { specversion: '1' }),
    cloud(event, { eventId: 'x' }),
    inBase64(packed([event])),
  ),
)
const recorded = fc.record({ records: fc.oneof(wrapped, fc.array(wrapped, { maxLength: 3 })) })

test('the contract in SQL and the decoder agree on altered events', async () => {
  const seed = Date.now() % 1_000_000
  const bodies = fc
    .sample(fc.tuple(fc.oneof(altered, fc.array(wrapped, { maxLength: 4 }), wrapped, recorded), fc.boolean()), {
      numRuns: 1500,
      seed,
    })
    .map(([body, isPacked]) => (isPacked ? gzipSync(bytesOf(body)) : bytesOf(body)))
  const said = await judge(bodies)
  const differing = bodies.flatMap((body, index) => {
    const [sql, ours] = [said[index], decoded(body)]
    return JSON.stringify(sql) === JSON.stringify(ours)
      ? []
      : [{ body: Buffer.from(body).toString('latin1'), sql, ours }]
  })
  expect({ seed, differing }).toEqual({ seed, differing: [] })
})

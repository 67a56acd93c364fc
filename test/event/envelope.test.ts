import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { decode, type Decoded, maxItems } from '../../src/event/decode'
import { maxUnpackedBytes } from '../../src/event/envelope'
import { examples } from '../../src/event/examples'

const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }
const enqueuedMs = Date.parse('2026-03-01T10:00:00Z')

const decodeBytes = (body: Uint8Array, contentEncoding?: string) => decode(body, { enqueuedMs, rules, contentEncoding })
const decodeText = (text: string) => decodeBytes(Buffer.from(text))

const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString()
const told = (item: Decoded) => (item.kind === 'event' ? item.event.eventId : `${item.reason} ${item.detail}`)
const bodiesOf = (items: readonly Decoded[]) => items.map(({ raw }) => textOf(raw))
const envelopesOf = (items: readonly Decoded[]) => items.map(({ envelope }) => textOf(envelope))

const { sale, stock, pulse } = examples
const [saleText, stockText, pulseText] = [sale, stock, pulse].map((event) => JSON.stringify(event))

/** A CloudEvent in structured mode. */
const cloud = (inner: string, name = 'data') =>
  `{"specversion":"1.0","id":"x-1","source":"/till","type":"sale","datacontenttype":"application/json","${name}":${inner}}`
const base64 = (text: string) => JSON.stringify(Buffer.from(text).toString('base64'))

test('records as Azure Diagnostics writes: a verdict for each of them (b2-records)', () => {
  const body = `{"records": [${saleText}, {"type":"sale"} ,\n${pulseText}]}`
  const items = decodeText(body)
  expect(items.map(told)).toEqual([
    sale.eventId,
    'schema records: eventId: expected text, ULID or UUID, got nothing',
    pulse.eventId,
  ])
  expect(items.map(({ item }) => item)).toEqual([0, 1, 2])
  expect(bodiesOf(items)).toEqual([saleText, '{"type":"sale"}', pulseText])
  expect(envelopesOf(items)).toEqual([body, undefined, undefined])
})

test('a CloudEvent in structured mode: its data is the event (b2-cloudevent)', () => {
  const body = cloud(` ${saleText ?? ''} `)
  const items = decodeText(body)
  expect(items.map(told)).toEqual([sale.eventId])
  expect(bodiesOf(items)).toEqual([saleText])
  expect(envelopesOf(items)).toEqual([body])
})

test('a CloudEvent with its data in base64', () => {
  const items = decodeText(cloud(base64(`\ufeff${saleText ?? ''}`), 'data_base64'))
  expect(items.map(told)).toEqual([sale.eventId])
  expect(bodiesOf(items)).toEqual([saleText])
})

test('a batch of CloudEvents, plain events between them', () => {
  const broken = cloud('{"type":"pulse"}')
  const body = `[${cloud(saleText ?? '')},${stockText ?? ''},${broken},${cloud(base64(pulseText ?? ''), 'data_base64')}]`
  const items = decodeText(body)
  expect(items.map(told)).toEqual([
    sale.eventId,
    stock.eventId,
    'schema CloudEvents: eventId: expected text, ULID or UUID, got nothing',
    pulse.eventId,
  ])
  expect(bodiesOf(items)).toEqual([saleText, stockText, '{"type":"pulse"}', pulseText])
  expect(envelopesOf(items)).toEqual([body, undefined, undefined, undefined])
})

test('gzip is told by its first bytes, whatever the content encoding says', () => {
  const array = `[${saleText ?? ''},${pulseText ?? ''}]`
  const body = gzipSync(array)
  for (const encoding of [undefined, 'gzip', 'utf-8']) {
    const items = decodeBytes(body, encoding)
    expect(items.map(told)).toEqual([sale.eventId, pulse.eventId])
    expect(bodiesOf(items)).toEqual([saleText, pulseText])
    expect(items.map(({ envelope }) => envelope)).toEqual([body, undefined])
  }
  expect(decodeBytes(Buffer.from(array), 'gzip').map(told)).toEqual([sale.eventId, pulse.eventId])
})

test('gzip in members, and around each envelope', () => {
  const halves = [saleText?.slice(0, 50), saleText?.slice(50)].map((half) => gzipSync(half ?? ''))
  expect(decodeBytes(Buffer.concat(halves)).map(told)).toEqual([sale.eventId])
  expect(decodeBytes(gzipSync(`{"records":[${saleText ?? ''},{}]}`)).map(told)).toEqual([
    sale.eventId,
    expect.stringMatching(/^schema gzip records: type: expected one of "sale"/),
  ])
  expect(decodeBytes(gzipSync(cloud('7'))).map(told)).toEqual([
    'schema gzip CloudEvents: event: expected object, got 7',
  ])
})

test.each([
  ['{"records":[]}', 'schema records: event: expected at least 1 item, got no events'],
  [
    `{"records":[${'0,'.repeat(maxItems)}0]}`,
    `too-large records: event: expected at most ${maxItems} items, got ${maxItems + 1}`,
  ],
  [cloud('[]'), 'schema CloudEvents: event: expected object, got array of 0'],
  [cloud('"{}"'), 'schema CloudEvents: event: expected object, got "{}"'],
  [cloud('7').replace('1.0', '0.3'), 'schema CloudEvents: specversion: expected "1.0", got "0.3"'],
  [cloud('7', 'Data'), 'schema CloudEvents: data: expected object, got nothing'],
  [
    `${cloud('7').slice(0, -1)},"data_base64":"Nw=="}`,
    'schema CloudEvents: data: expected nothing beside data_base64, got 7',
  ],
  [cloud('"e30"', 'data_base64'), 'schema CloudEvents: data_base64: expected text, base64 with its padding, got "e30"'],
  [cloud('7', 'data_base64'), 'schema CloudEvents: data_base64: expected text, base64 with its padding, got 7'],
  [cloud('""', 'data_base64'), 'schema CloudEvents: data_base64: expected JSON in base64, got ""'],
  [cloud('"/w=="', 'data_base64'), 'schema CloudEvents: data_base64: expected JSON in base64, got "/w=="'],
])('what is wrong in %#: a reject that names the envelope and keeps all bytes', (body, detail) => {
  const items = decodeText(body)
  expect(items.map(told)).toEqual([detail])
  expect(textOf(items[0]?.envelope ?? items[0]?.raw)).toBe(body)
})

test('an envelope inside another is not unwrapped again', () => {
  const inner = cloud(saleText ?? '')
  const twice = [
    cloud(inner),
    cloud(base64(inner), 'data_base64'),
    `{"records":[${inner}]}`,
    cloud(`{"records":[${saleText ?? ''}]}`),
    cloud(base64(`[${saleText ?? ''}]`), 'data_base64'),
    cloud(JSON.stringify(gzipSync(saleText ?? '').toString('base64')), 'data_base64'),
    `{"records":[{"records":[${saleText ?? ''}]}]}`,
    `[{"records":[${saleText ?? ''}]}]`,
  ].map((text) => Buffer.from(text))
  for (const body of [...twice, gzipSync(gzipSync(saleText ?? ''))]) {
    const [item, ...others] = decodeBytes(body)
    expect([item?.kind, others]).toEqual(['reject', []])
  }
})

test('an event is no envelope, whatever it holds besides: bronze is read back by the same rule', () => {
  for (const event of [sale, stock, pulse]) {
    const text = JSON.stringify({ records: [{ ...sale, eventId: 'x' }], specversion: '0.3', data: 7, ...event })
    const items = decodeText(text)
    expect([items.map(told), bodiesOf(items), envelopesOf(items)]).toEqual([[event.eventId], [text], [undefined]])
  }
  expect(decodeText('{"type":"sale","records":{}}').map(told)).toEqual([
    'schema eventId: expected text, ULID or UUID, got nothing',
  ])
})

test('a key given twice or in escapes is read as JSON.parse reads it', () => {
  const body = `{"records":[1,2,{"a":"]}"}],"x":{"records":[]},"r\\u0065cords" : [ ${saleText ?? ''} ] }`
  const items = decodeText(body)
  expect([items.map(told), bodiesOf(items)]).toEqual([[sale.eventId], [saleText]])
})

test('a body that would unpack to more than the bound is too large, and is not unpacked whole', () => {
  const fits = gzipSync(`${' '.repeat(maxUnpackedBytes - (saleText ?? '').length)}${saleText ?? ''}`)
  expect(decodeBytes(gzipSync(`[${' '.repeat(1 << 20)}${saleText ?? ''}]`)).map(told)).toEqual([sale.eventId])
  expect(decodeBytes(fits).map(told)).toEqual([
    `too-large gzip: event: expected at most 262144 bytes, got ${maxUnpackedBytes}`,
  ])
  // Members of zeros, a gigabyte and a half of them, packed into 1.5 MB.
  const bomb = Buffer.concat(Array<Buffer>(96).fill(gzipSync(Buffer.alloc(16 << 20))))
  const before = process.memoryUsage().arrayBuffers
  const items = decodeBytes(bomb)
  expect(items.map(told)).toEqual([`too-large gzip: expected at most ${maxUnpackedBytes} bytes unpacked, got more`])
  expect(items[0]?.raw).toBe(bomb)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * maxUnpackedBytes)
})

test('a packed body that is damaged is kept as it came', () => {
  const whole = gzipSync(saleText ?? '')
  const flipped = Buffer.from(whole)
  flipped[20] = (flipped[20] ?? 0) ^ 0xff
  for (const body of [whole.subarray(0, 2), whole.subarray(0, -1), flipped]) {
    const [item, ...others] = decodeBytes(body)
    expect(others).toEqual([])
    expect(item).toMatchObject({
      reason: 'not-json',
      detail: expect.stringMatching(/^gzip: expected all of a packed body, got "/) as unknown,
    })
    expect(item?.raw).toBe(body)
  }
})

test('a body in another packing says which its producer named', () => {
  const body = Uint8Array.of(0x78, 0x9c, 0x03, 0x00)
  expect(decodeBytes(body, 'deflate').map(told)).toEqual([
    'not-json body: expected JSON, as it is or in gzip, got 4 bytes in deflate',
  ])
  expect(decodeBytes(body).map(told)).toEqual(['not-json body: expected UTF-8, got 4 bytes that are not'])
})

/** Wrappings of a list of events, each with what is told before a reject of one in it. */
const wrappings: Readonly<Record<string, (texts: readonly string[]) => string>> = {
  '': (texts) => `[${texts.join(',')}]`,
  'records: ': (texts) => `{"time":[1,{}],"records" : [ ${texts.join(' ,\n')} ]\t}`,
  'CloudEvents: ': (texts) => `\ufeff[${texts.map((text) => cloud(text)).join()}]`,
}

test('any list of events is the same events in any envelope, packed or not', () => {
  const base64Batch = (texts: readonly string[]) =>
    `[${texts.map((text) => cloud(base64(text), 'data_base64')).join()}]`
  const event = fc.oneof(
    fc.constantFrom(...Object.values(examples)),
    fc
      .tuple(fc.constantFrom(...Object.values(examples)), fc.jsonValue({ maxDepth: 2 }), fc.boolean())
      .map(([known, value, hasNote]) => (hasNote ? { ...known, note: value } : { ...known, eventTime: value })),
    fc
      .jsonValue({ maxDepth: 3 })
      .filter((value) => typeof value !== 'object' || value === null || !('specversion' in value)),
  )
  const text = fc.tuple(event, fc.constantFrom(0, 1)).map(([value, indent]) => JSON.stringify(value, undefined, indent))
  const ways = [...Object.entries(wrappings), ['CloudEvents: ', base64Batch] as const]
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...ways),
      fc.boolean(),
      (texts, [name, wrap], isPacked) => {
        const expected = decodeText(`[${texts.join()}]`)
        const body = Buffer.from(wrap(texts))
        const items = decodeBytes(isPacked ? gzipSync(body) : body)
        expect(bodiesOf(items)).toEqual(texts)
        const prefix = isPacked ? (name === '' ? 'gzip: ' : `gzip ${name}`) : name
        const shown = expected.map((item) =>
          item.kind === 'event' ? item.event : `${item.reason} ${prefix}${item.detail}`.slice(0, 190),
        )
        expect(items.map((item) => (item.kind === 'event' ? item.event : told(item).slice(0, 190)))).toEqual(shown)
        expect(items.map(({ envelope }) => envelope !== undefined)).toEqual(
          texts.map((_, item) => item === 0 && (isPacked || name !== '')),
        )
      },
    ),
    { numRuns: 500 },
  )
})

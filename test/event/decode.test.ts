import fc from 'fast-check'
import { decode, type Decoded, maxItems, type RejectReason } from '../../src/event/decode'
import { examples } from '../../src/event/examples'

const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }
const enqueuedMs = Date.parse('2026-03-01T10:00:00Z')
const encoder = new TextEncoder()

function decodeBytes(body: Uint8Array): readonly Decoded[] {
  return decode(body, { enqueuedMs, rules })
}

function decodeText(text: string): readonly Decoded[] {
  return decodeBytes(encoder.encode(text))
}

function only(items: readonly Decoded[]): Decoded {
  expect(items).toHaveLength(1)
  const [item] = items
  if (item === undefined) throw new Error('no item')
  return item
}

function rejected(text: string, reason: RejectReason): string {
  const item = only(decodeText(text))
  if (item.kind !== 'reject') throw new Error(`expected a reject, got ${JSON.stringify(item.event)}`)
  expect(item.reason).toBe(reason)
  expect(Buffer.from(item.raw).toString()).toBe(text)
  return item.detail
}

const sale = examples.sale
const saleWith = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...sale, ...fields })
const lineWith = (fields: Readonly<Record<string, unknown>>): string =>
  saleWith({ lines: [{ productId: 'p', quantity: 1, unitPrice: 1, ...fields }] })

test.each(Object.values(examples))('the example of a $type is accepted with its bytes', (example) => {
  const text = JSON.stringify(example)
  const item = only(decodeText(text))
  expect(item).toMatchObject({ kind: 'event', item: 0, event: { type: example.type, eventId: example.eventId } })
  expect(Buffer.from(item.raw).toString()).toBe(text)
})

test('a typed sale holds contract fields only, money in minor units and no undefined', () => {
  const item = only(decodeText(saleWith({ loyaltyTier: 'gold', __proto__: { customerSegment: 'B2B' } })))
  expect(item.kind === 'event' && item.event).toStrictEqual({
    type: 'sale',
    eventId: sale.eventId,
    eventTimeMs: Date.parse(sale.eventTime),
    schemaVersion: 1,
    storeId: 'store-0007',
    region: 'North',
    city: 'Leeds',
    country: 'United Kingdom',
    storeZone: 'Europe/London',
    channel: 'store',
    customerId: 'customer-018234',
    customerSegment: 'B2C',
    orderId: 'order-5512-0093',
    paymentMethod: 'card',
    salesperson: 'till-3',
    tipMinor: 0,
    taxIncluded: true,
    lines: [
      {
        productId: 'product-0042',
        category: 'dairy',
        brand: 'Alm',
        quantity: 2,
        kind: 'goods',
        pieces: 2,
        measured: 0,
        valueMinor: 298,
        discountMinor: 0,
        amountMinor: 298,
        taxMinor: 14,
      },
      {
        productId: 'product-0107',
        category: 'bakery',
        quantity: 1,
        promotionId: 'spring',
        kind: 'goods',
        pieces: 1,
        measured: 0,
        valueMinor: 320,
        discountMinor: 40,
        amountMinor: 280,
        taxMinor: 0,
      },
      {
        productId: 'product-0090',
        category: 'cheese',
        quantity: 0.485,
        unit: 'kg',
        kind: 'goods',
        pieces: 1,
        measured: 485,
        valueMinor: 960,
        discountMinor: 0,
        amountMinor: 960,
        taxMinor: 0,
      },
      {
        productId: 'product-0311',
        quantity: -1,
        kind: 'goods',
        pieces: -1,
        measured: 0,
        valueMinor: -1299,
        discountMinor: 0,
        amountMinor: -1299,
        taxMinor: 0,
      },
      {
        productId: 'carrier-bag',
        quantity: 1,
        kind: 'fee',
        pieces: 1,
        measured: 0,
        valueMinor: 10,
        discountMinor: 0,
        amountMinor: 10,
        taxMinor: 0,
      },
    ],
  })
})

test('a free return and a count of minus zero are plain zeros', () => {
  const free = only(decodeText(lineWith({ quantity: -1, unitPrice: 0 })))
  expect(free).toMatchObject({ event: { lines: [{ amountMinor: 0 }] } })
  const none = only(decodeText(JSON.stringify(examples.stock).replace('"onHand":18', '"onHand":-0')))
  expect(none).toMatchObject({ event: { onHand: 0 } })
})

test('a higher schemaVersion is accepted as long as the required fields hold', () => {
  expect(only(decodeText(saleWith({ schemaVersion: 7 })))).toMatchObject({ event: { schemaVersion: 7 } })
})

test.each([
  ['', 'body: expected JSON, got nothing'],
  ['  ', 'body: expected JSON, got "  "'],
  ['{"eventId":', 'body: expected JSON, got "{"eventId":"'],
  ['\u0000\u001b[31m', 'body: expected JSON, got "??[31m"'],
  ['NaN', 'body: expected JSON, got "NaN"'],
])('%j is not JSON', (text, detail) => {
  expect(rejected(text, 'not-json')).toBe(detail)
})

test('bytes that are not UTF-8 are kept as they are', () => {
  const body = Uint8Array.from([0x7b, 0xc3, 0x28, 0x7d])
  const item = only(decodeBytes(body))
  expect(item).toMatchObject({ kind: 'reject', reason: 'not-json' })
  expect(item.raw).toEqual(body)
})

test.each(
  [
    ['42', 'event: expected object, got 42'],
    ['null', 'event: expected object, got null'],
    ['[]', 'event: expected at least 1 item, got no events'],
    ['{}', 'type: expected one of "sale", "payment", "stock", "activity", "pulse", got nothing'],
    ['{"type":"__proto__"}', 'type: expected one of "sale", "payment", "stock", "activity", "pulse", got "__proto__"'],
    [
      '{"type":"constructor"}',
      'type: expected one of "sale", "payment", "stock", "activity", "pulse", got "constructor"',
    ],
    [
      '{"__proto__":{"eventId":"01JNJ8Z5W0Q4T7M2K9X3C6V8BG"},"type":"pulse","eventTime":"2026-03-01T09:32:00Z"}',
      'eventId: expected text, ULID or UUID, got nothing',
    ],
    [saleWith({ eventId: '17' }), 'eventId: expected text, ULID or UUID, got "17"'],
    [saleWith({ storeId: '' }), 'storeId: expected text, 1 to 128 characters, no control characters, got ""'],
    [
      saleWith({ storeId: 'a\u0000b' }),
      'storeId: expected text, 1 to 128 characters, no control characters, got "a?b"',
    ],
    [saleWith({ customerId: null }), 'customerId: expected text, 1 to 128 characters, no control characters, got null'],
    [saleWith({ city: '\ud800' }), 'city: expected text, 1 to 128 characters, no control characters, got "?"'],
    [saleWith({ channel: 'fax' }), 'channel: expected text, one of "store", "web", "app", got "fax"'],
    [saleWith({ schemaVersion: 0 }), 'schemaVersion: expected whole number, 1 to 1000000, got 0'],
    [saleWith({ currency: 'euro' }), 'currency: expected text, ISO 4217 code, such as GBP, got "euro"'],
    [saleWith({ lines: [] }), 'lines: expected array, 1 to 1000 items, got array of 0'],
    [saleWith({ lines: Array(1001).fill(sale.lines[0]) }), 'lines: expected array, 1 to 1000 items, got array of 1001'],
    [
      lineWith({ quantity: 0 }),
      'lines/0/quantity: expected number, -1000000 to 1000000, at most 3 decimals, not 0, got 0',
    ],
    [
      lineWith({ quantity: 0.4855 }),
      'lines/0/quantity: expected number, -1000000 to 1000000, at most 3 decimals, not 0, got 0.4855',
    ],
    [
      lineWith({ unitPrice: -1_100_062.06 }),
      'lines/0/unitPrice: expected number, -1000000 to 1000000, at most 4 decimals, got -1100062.06',
    ],
    [
      lineWith({ unitPrice: 1.00005 }),
      'lines/0/unitPrice: expected number, -1000000 to 1000000, at most 4 decimals, got 1.00005',
    ],
    [
      lineWith({ unitPrice: '1.5' }),
      'lines/0/unitPrice: expected number, -1000000 to 1000000, at most 4 decimals, got "1.5"',
    ],
    [
      lineWith({ quantity: 1_000_000, unitPrice: 1000.0001 }),
      'lines/0: expected quantity × unitPrice within ± 1000000000, of all lines together, got more',
    ],
    [
      saleWith({ lines: [1e6, -1e6].map((quantity) => ({ ...sale.lines[0], quantity, unitPrice: 600 })) }),
      'lines/1: expected quantity × unitPrice within ± 1000000000, of all lines together, got more',
    ],
    [
      saleWith({ eventTime: '2026-02-29T10:00:00Z' }),
      'eventTime: expected text, ISO 8601 time with zone from 1970 on, such as 2026-03-01T09:30:00.000Z, got "2026-02-29T10:00:00Z"',
    ],
  ].map(([text = '', detail = '']) => [detail, text] as const),
)('a fault of the schema says "%s"', (detail, text) => {
  expect(rejected(text, 'schema')).toBe(detail)
})

test('an array inside an array is no event', () => {
  expect(only(decodeText('[[]]'))).toMatchObject({ reason: 'schema', detail: 'event: expected object, got array of 0' })
})

test('an event may be five minutes ahead of the hub and no more', () => {
  const at = (ms: number) => saleWith({ eventTime: new Date(ms).toISOString() })
  expect(only(decodeText(at(enqueuedMs + 300_000))).kind).toBe('event')
  expect(rejected(at(enqueuedMs + 300_001), 'future')).toBe(
    "eventTime: expected at most 300000 ms ahead of the hub's clock, got 300001 ms",
  )
})

test('an event may be behind the hub by as much as the rules say, and its store is in the reason (b5-dead-clock)', () => {
  const bounded = { ...rules, maxBehindMs: 400 * 86_400_000 }
  const at = (eventTime: string, fields = {}) =>
    only(decode(Buffer.from(saleWith({ eventTime, ...fields })), { enqueuedMs, rules: bounded }))
  expect(at(new Date(enqueuedMs - bounded.maxBehindMs).toISOString()).kind).toBe('event')
  expect(at(new Date(enqueuedMs - bounded.maxBehindMs - 1).toISOString())).toMatchObject({ reason: 'past' })
  expect(at('2000-01-01T00:03:00Z', { storeId: 'shop-k1', salesperson: 'till-3' })).toMatchObject({
    reason: 'past',
    detail: expect.stringMatching(
      /^eventTime: expected at most 400 days behind the hub's clock, got \d+ days; store "shop-k1", salesperson "till-3"$/,
    ) as unknown,
  })
  expect(only(decodeText(saleWith({ eventTime: '2000-01-01T00:03:00Z' }))).kind).toBe('event')
})

test('another currency than the configured one is rejected', () => {
  expect(rejected(saleWith({ currency: 'EUR' }), 'currency')).toBe('currency: expected GBP, got "EUR"')
  expect(only(decodeText(saleWith({ currency: undefined }))).kind).toBe('event')
})

test('an event may have as many bytes as the rules say and no more', () => {
  const bare = saleWith({ note: '' }).length
  expect(only(decodeText(saleWith({ note: 'x'.repeat(rules.maxEventBytes - bare) }))).kind).toBe('event')
  const detail = rejected(saleWith({ note: 'x'.repeat(rules.maxEventBytes - bare + 1) }), 'too-large')
  expect(detail).toBe('event: expected at most 262144 bytes, got 262145')
})

test('an array of more items than any hub delivers is one reject', () => {
  expect(
    rejected(
      `[${Array(maxItems + 1)
        .fill('0')
        .join()}]`,
      'too-large',
    ),
  ).toBe('event: expected at most 10000 items, got 10001')
  expect(decodeText(`[${Array(maxItems).fill('0').join()}]`)).toHaveLength(maxItems)
})

test('a fault in one item of an array rejects that item only', () => {
  const parts = [JSON.stringify(examples.pulse), '{"type":"sale"}', ' 7 '.trim(), saleWith({ note: 'ü ] } , "\\' })]
  const items = decodeText(`\ufeff [ ${parts.join(' ,\n')}\t]\r\n`)
  expect(items.map(({ kind }) => kind)).toEqual(['event', 'reject', 'reject', 'event'])
  expect(items.map(({ item }) => item)).toEqual([0, 1, 2, 3])
  expect(items.map(({ raw }) => Buffer.from(raw).toString())).toEqual(parts)
})

test('a byte order mark is no part of the event', () => {
  const text = JSON.stringify(examples.pulse)
  const item = only(decodeText(`\ufeff${text}`))
  expect(item.kind).toBe('event')
  expect(Buffer.from(item.raw).toString()).toBe(text)
})

test('nesting as deep as a body can be costs a reject and no stack', () => {
  const depth = 500_000
  expect(rejected('['.repeat(1_000_000), 'not-json')).toMatch(/^body: expected JSON/)
  const nested = '['.repeat(depth) + ']'.repeat(depth)
  expect(only(decodeText(nested))).toMatchObject({ kind: 'reject', reason: 'too-large' })
  const deep = '{"a":['.repeat(20_000) + ']}'.repeat(20_000)
  expect(only(decodeText(`[${saleWith({}).slice(0, -1)},"extra":${deep}}]`)).kind).toBe('event')
})

test.each([`"${'x'.repeat(1_000_000)}"`, `${'9'.repeat(1_000_000)}`, `1e${'9'.repeat(400)}`, '-1e-400', '"\\ud800"'])(
  'the odd JSON value of case %# is a reject',
  (text) => {
    expect(only(decodeText(text)).kind).toBe('reject')
  },
)

test('any bytes decode to at least one item with a clean, short detail', () => {
  const noisy = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 100 }).map((text) => encoder.encode(text)),
    fc.json().map((text) => encoder.encode(text)),
    // One byte of a good event changed.
    fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
      const body = encoder.encode(JSON.stringify([examples.sale, examples.stock]))
      body[at % body.length] = byte
      return body
    }),
  )
  fc.assert(
    fc.property(noisy, (body) => {
      const items = decodeBytes(body)
      expect(items.length).toBeGreaterThan(0)
      for (const item of items) {
        if (item.kind === 'event') continue
        expect(item.detail.length).toBeLessThanOrEqual(200)
        expect(item.detail).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+: expected [^\p{C}\p{Zl}\p{Zp}]+$/u)
      }
    }),
    { numRuns: 500 },
  )
})

test('the slices of an array parse to its elements, whatever they are and however it is spaced', () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 2 })
  // Text that looks like structure, and like escapes of it.
  const tricky = fc.string({ unit: fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', ' ') })
  const element = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.string({ unit: 'binary' }),
    tricky,
    fc.dictionary(tricky, tricky, { maxKeys: 2 }),
  )
  const spaced = fc.tuple(space, element, space, fc.constantFrom(0, 2))
  fc.assert(
    fc.property(fc.array(spaced, { minLength: 1, maxLength: 8 }), fc.boolean(), (elements, marked) => {
      const texts = elements.map(([, value, , indent]) => JSON.stringify(value, undefined, indent))
      const inner = elements.map(([before, , after], i) => before + (texts[i] ?? '') + after).join(',')
      const items = decodeText(`${marked ? '\ufeff' : ''}[${inner}]`)
      expect(items.map(({ raw }) => Buffer.from(raw).toString())).toEqual(texts)
    }),
    { numRuns: 500 },
  )
})

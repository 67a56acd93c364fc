// Tested in test/sim/fuzz/decode.test.ts.
import { gzipSync } from 'node:zlib'
import { createRandom, oneOf, type Random, whole } from '../../generator/random'
import { examples } from '../../src/event/examples'

/** A body no producer should send, or one that is only just right; `kind` says how it came about. */
export interface Fuzzed {
  readonly kind: string
  readonly body: Uint8Array
}

/** Bodies of every kind in turn and at random, the same sequence for the same seed. `nowMs` is the hub's clock. */
export function createBodies(seed: string): (nowMs: number) => Fuzzed {
  const random = createRandom(seed)
  const all = Object.entries(kinds)
  // Large bodies are as telling in small numbers, and a million of them would be a terabyte.
  const small = all.filter(([name]) => !large.has(name))
  return (nowMs) => {
    const [kind, make] = oneOf(random, random() < 1 / 2000 ? all.filter(([name]) => large.has(name)) : small)
    const made = make({ random, nowMs })
    return { kind, body: typeof made === 'string' ? Buffer.from(made) : made }
  }
}

interface Making {
  readonly random: Random
  readonly nowMs: number
}

type Fields = Record<string, unknown>

const minuteMs = 60_000
const stores = [
  's1',
  's2',
  '__proto__',
  'constructor',
  'x'.repeat(128),
  'ß∂🛒',
  "'; DROP TABLE sales_1m; --",
  '{"a":1}',
  ' ',
]

/** An event as it should be, of any type, at about the hub's time. */
function valid({ random, nowMs }: Making): Fields {
  const example: Fields = { ...oneOf(random, Object.values(examples)) }
  const atMs = nowMs - whole(random, 0, 15) * minuteMs
  const id = `${whole(random, 0, 7)}${String(whole(random, 0, 1e9)).padStart(25, '0')}`
  const storeId = 'storeId' in example ? { storeId: oneOf(random, stores) } : {}
  return { ...example, eventId: id, eventTime: new Date(atMs).toISOString(), ...storeId }
}

/** A value of any JSON type, none of them what a field expects for long. */
function junk(random: Random): unknown {
  return oneOf<() => unknown>(random, [
    () => null,
    () => random() < 0.5,
    () => whole(random, -2e9, 2e9),
    () => random() * 10 ** whole(random, -300, 300),
    () => '',
    () => text(random, whole(random, 1, 40)),
    () => '\u0000',
    () => '\ud800',
    () => [],
    () => [junk(random)],
    () => ({}),
    () => ({ [text(random, 3)]: junk(random) }),
    () => new Date(whole(random, -1e12, 2e12)).toISOString(),
  ])()
}

function text(random: Random, length: number): string {
  const characters = [
    'a',
    'Z',
    '0',
    ' ',
    '"',
    '\\',
    '\n',
    '\u0000',
    '\u200f',
    'é',
    '東',
    '🛒',
    '\ud83d',
    '\ufeff',
    '%',
    '/',
  ]
  return Array.from({ length }, () => oneOf(random, characters)).join('')
}

/** A field of an event or of one of its lines, replaced. */
function withField(making: Making, value: unknown): string {
  const event = valid(making)
  const lines = event.lines as Fields[] | undefined
  const target = lines && making.random() < 0.4 ? { ...lines[0] } : event
  target[oneOf(making.random, Object.keys(target))] = value
  return JSON.stringify(target === event || !lines ? event : { ...event, lines: [target] })
}

/** A number put in as text, for JSON.stringify writes none of these. */
function withNumber(making: Making, number: string): string {
  const fields = ['"quantity":', '"unitPrice":', '"amount":', '"onHand":', '"schemaVersion":']
  return JSON.stringify({ schemaVersion: 1, ...valid(making) }).replace(
    new RegExp(`(${oneOf(making.random, fields)})-?[0-9.]+`),
    `$1${number}`,
  )
}

/** A CloudEvent in structured mode, as it should be or nearly so. */
function cloudEvent(making: Making, inner: unknown): Fields {
  const { random } = making
  const attributes = { specversion: random() < 0.9 ? '1.0' : junk(random), id: 'x', source: '/till', type: 'sale' }
  const packed = Buffer.from(JSON.stringify(inner) ?? '').toString('base64')
  const data = oneOf<Fields>(random, [
    { data: inner },
    { data_base64: packed },
    { data_base64: packed.slice(whole(random, 0, 3)) },
    { data_base64: junk(random) },
    { data: junk(random) },
    {},
  ])
  return { ...attributes, ...data, ...(random() < 0.05 && { records: [inner] }), ...(random() < 0.05 && data) }
}

/** An event, or anything; each in an envelope of its own, or in none. */
function wrapped(making: Making): unknown {
  const inner = making.random() < 0.7 ? valid(making) : junk(making.random)
  return oneOf<() => unknown>(making.random, [
    () => inner,
    () => cloudEvent(making, inner),
    () => cloudEvent(making, cloudEvent(making, inner)),
    () => ({ records: [inner] }),
  ])()
}

const list = (making: Making) => Array.from({ length: whole(making.random, 0, 8) }, () => wrapped(making))

const kinds: Readonly<Record<string, (making: Making) => string | Uint8Array>> = {
  valid: (making) => JSON.stringify(valid(making)),
  array: (making) => JSON.stringify(Array.from({ length: whole(making.random, 0, 20) }, () => valid(making))),
  'array of anything': (making) => {
    const spaces = oneOf(making.random, ['', ' ', '\r\n\t '])
    const items = Array.from({ length: whole(making.random, 1, 8) }, () =>
      JSON.stringify(making.random() < 0.5 ? valid(making) : junk(making.random)),
    )
    return `${spaces}[${spaces}${items.join(`${spaces},${spaces}`)}${spaces}]${spaces}`
  },
  'random bytes': ({ random }) =>
    Buffer.from(Array.from({ length: whole(random, 0, 400) }, () => whole(random, 0, 255))),
  'broken utf-8': (making) => {
    const body = Buffer.from(JSON.stringify(valid(making)))
    for (let i = whole(making.random, 1, 4); i > 0; i--) {
      body[whole(making.random, 0, body.length - 1)] = whole(making.random, 0x80, 0xff)
    }
    return body
  },
  'cut short': (making) => {
    const body = JSON.stringify(valid(making))
    return body.slice(0, whole(making.random, 0, body.length))
  },
  'bytes changed': (making) => {
    const body = Buffer.from(JSON.stringify(valid(making)))
    for (let i = whole(making.random, 1, 6); i > 0; i--) {
      body[whole(making.random, 0, body.length - 1)] = whole(making.random, 0x20, 0x7e)
    }
    return body
  },
  'bytes moved': (making) => {
    const body = JSON.stringify(valid(making))
    const [from, to] = [whole(making.random, 0, body.length), whole(making.random, 0, body.length)]
    return body.slice(0, to) + body.slice(from, from + whole(making.random, 1, 60)) + body.slice(to)
  },
  'byte order mark': (making) => `\ufeff${JSON.stringify(valid(making))}`,
  'nested a little': ({ random }) => nested(random, whole(random, 1, 500)),
  'wrong type': (making) => withField(making, junk(making.random)),
  'field missing': (making) => withField(making, undefined),
  'huge number': (making) =>
    withNumber(
      making,
      oneOf(making.random, ['1e400', '-1e400', '1e-400', '9007199254740993', '-0', '0.00005', '1e21', '9'.repeat(400)]),
    ),
  'largest number': (making) =>
    withNumber(making, oneOf(making.random, ['1000000', '-1000000', '999999.9999', '0.0001'])),
  'prototype keys': (making) => {
    const event = JSON.stringify(valid(making))
    const key = oneOf(making.random, ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])
    const value = oneOf(making.random, ['{"polluted":true}', 'null', '"x"', '{"type":"sale"}', '[1]'])
    return making.random() < 0.5 ? `{"${key}":${value},${event.slice(1)}` : event.replace(/"[a-zA-Z]+":/, `"${key}":`)
  },
  'key twice': (making) => `{"type":"pulse","eventTime":1,${JSON.stringify(valid(making)).slice(1)}`,
  'other currency': (making) =>
    JSON.stringify({ ...valid(making), currency: oneOf(making.random, ['EUR', 'gbp', 'GBP']) }),
  'clock ahead': (making) => at(making, making.nowMs + whole(making.random, 1, 20) * minuteMs),
  'clock far ahead': (making) => at(making, making.nowMs + 10 ** whole(making.random, 8, 14)),
  'clock behind': (making) => at(making, making.nowMs - 10 ** whole(making.random, 5, 13)),
  'no such time': (making) => {
    const times = ['9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '1969-12-31T23:59:59-23:59', '2026-02-29T00:00:00Z']
    const odd = ['+275760-09-13T00:00:00Z', '2026-03-01', '2026-03-01T24:00Z', '2026-03-01T10:00:60Z', 'now', '1e400']
    return JSON.stringify({ ...valid(making), eventTime: oneOf(making.random, [...times, ...odd]) })
  },
  CloudEvents: (making) => JSON.stringify(making.random() < 0.5 ? cloudEvent(making, valid(making)) : list(making)),
  records: (making) => {
    const spaces = oneOf(making.random, ['', ' ', '\r\n\t '])
    const records = JSON.stringify(making.random() < 0.9 ? list(making) : junk(making.random))
    const key = oneOf(making.random, ['records', 'records', 'r\\u0065cords', 'Records'])
    return `${spaces}{"time":"]}",${spaces}"${key}"${spaces}:${spaces}${records}${spaces}}`
  },
  gzip: (making) => {
    const content = oneOf<() => unknown>(making.random, [
      () => valid(making),
      () => list(making),
      () => ({ records: list(making) }),
    ])
    const body = gzipSync(JSON.stringify(content()))
    return making.random() < 0.1 ? gzipSync(body) : body
  },
  'broken gzip': (making) => {
    const body = gzipSync(JSON.stringify(list(making)))
    if (making.random() < 0.5) return body.subarray(0, whole(making.random, 0, body.length))
    const at = whole(making.random, 2, body.length - 1)
    body[at] = (body[at] ?? 0) ^ whole(making.random, 1, 255)
    return body
  },
  'nothing at all': ({ random }) =>
    oneOf(random, ['', ' ', '[]', '{}', 'null', '0', '""', '[[]]', '[null]', '\ufeff', '\ufeff[]']),
  'deeply nested': ({ random }) => nested(random, whole(random, 10_000, 200_000)),
  'long string': (making) => {
    const filler = oneOf(making.random, ['x', '\\u0000', '🛒', '\\"', '\\\\'])
    const long = filler.repeat(Math.floor(1_000_000 / filler.length))
    return JSON.stringify({ ...valid(making), FIELD: 0 }).replace(
      '"FIELD":0',
      `"${oneOf(making.random, ['storeId', 'x'])}":"${long}"`,
    )
  },
  'many items': ({ random }) => `[${Array.from({ length: whole(random, 9_990, 10_010) }, () => 0).join(',')}]`,
  'many lines': (making) => {
    const line = { productId: 'p', quantity: 1000, unitPrice: 1_000_000 }
    const lines = Array.from({ length: whole(making.random, 990, 1010) }, () => line)
    const { eventId, eventTime } = valid(making)
    return JSON.stringify({ ...examples.sale, eventId, eventTime, lines })
  },
  'gzip bomb': ({ random }) => {
    const part = gzipSync(Buffer.alloc(1 << 20, oneOf(random, ['0', ' ', '[0,'])))
    return Buffer.concat(Array<Buffer>(whole(random, 10, 40)).fill(part))
  },
  'megabyte of noise': ({ random }) => {
    const body = Buffer.alloc(1_000_000)
    for (let i = 0; i < body.length; i += 4) body.writeInt32LE(whole(random, -(2 ** 31), 2 ** 31 - 1), i)
    return body
  },
}

const large = new Set(['deeply nested', 'long string', 'many items', 'many lines', 'gzip bomb', 'megabyte of noise'])

function at(making: Making, timeMs: number): string {
  // The last instant a Date can hold.
  const time = new Date(Math.max(-8.64e15, Math.min(timeMs, 8.64e15))).toISOString()
  return JSON.stringify({ ...valid(making), eventTime: time })
}

function nested(random: Random, depth: number): string {
  const [open, close] = oneOf(random, [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"lines":', '}]'],
  ] as const)
  const inner = oneOf(random, ['0', '', '"x"'])
  return open.repeat(depth) + inner + (random() < 0.7 ? close.repeat(depth) : '')
}

import { dayMs } from '../../../src/day'
import { clockSql } from '../../../tools/verify/zone'
import fc from 'fast-check'
import { minorDigits } from '../../../src/event/currency'
import { decode, type DecodeRules } from '../../../src/event/decode'
import { parseProductKinds } from '../../../src/event/product-kinds'
import { columnsOf, type MeasureColumn, type Value } from '../../../src/fold/measure'
import { emptyState } from '../../../src/fold/state'
import { type Entry, step, type WindowRow } from '../../../src/fold/step'
import { decimalText } from '../../../src/lake/schema'
import { verdicts } from '../../../tools/verify/contract'
import { type Engine, openEngine } from '../../../tools/verify/engine'
import { loadHub } from '../../../tools/verify/hub-log'
import { moneyMacro, rollups, rollupTruth } from '../../../tools/verify/rollups'
import { rules } from '../../fold/entries'
import { thorough } from '../../thorough'
import { hubOf } from './stage'

/*
 * The fold and verify's SQL, written apart, over random receipts: discounts that do not divide, every kind of line, returns,
 * voids, tax on top and contained, weights, and currencies of every number of digits.
 */

const startMs = Date.parse('2026-03-01T10:00:00Z')
const names = ['sales_1m', 'store_1m', 'mix_1m', 'funnel_1m', 'payments_1m', 'quality_1m']

/** A number with as many decimals as that at most. */
const number = (least: number, most: number, decimals: number) =>
  fc.integer({ min: least * 10 ** decimals, max: most * 10 ** decimals }).map((units) => units / 10 ** decimals)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

const quantity = fc
  .oneof({ weight: 4, arbitrary: number(-4, 9, 0) }, number(-3, 3, 3), number(-1000, 1000, 0))
  .filter((value) => value !== 0)
const price = fc.oneof(
  { weight: 5, arbitrary: number(0, 40, 2) },
  number(0, 3, 4),
  fc.constantFrom(0, 0.005, 0.015, 0.0005, 0.125, 12.345, 999_999.9999, -2.5, -0.0001),
)

const line = fc
  .record({
    productId: fc.constantFrom('p1', 'p2', 'p3', 'GIFTCARD', 'ORDER-DISCOUNT'),
    category: maybe(fc.constantFrom('dairy', 'toys')),
    brand: maybe(fc.constantFrom('Alm')),
    quantity,
    unitPrice: price,
    unit: rarely(fc.constantFrom('each', 'kg', 'l', 'm')),
    kind: rarely(fc.constantFrom('goods', 'gift_card', 'shipping', 'fee', 'discount', 'adjustment')),
    taxRate: maybe(fc.constantFrom(0, 0.05, 0.2, 0.175, 0.0875, 1)),
    taxAmount: rarely(number(-5, 5, 4)),
    off: rarely(fc.integer({ min: 0, max: 110 })),
    rounded: fc.nat({ max: 3 }),
  })
  .map(({ off, rounded, ...fields }) => {
    const value = fields.quantity * fields.unitPrice
    const discount = off === undefined ? undefined : Math.round(Math.abs(value) * off * 100) / 10_000
    return { ...fields, discount, ...(rounded === 0 && { amount: Math.round(value * 10) / 10 + 0 }) }
  })

const receipt = fc
  .record({
    type: fc.constant('sale'),
    at: fc.integer({ min: 0, max: 180 }),
    storeId: fc.constantFrom('s1', 's2'),
    channel: maybe(fc.constantFrom('store', 'web')),
    sessionId: rarely(fc.constantFrom('v1', 'v2')),
    customerId: maybe(fc.constantFrom('c1', 'c2')),
    orderId: rarely(fc.constantFrom('o1', 'o2', 'o3')),
    voids: rarely(fc.constantFrom('o1', 'o2')),
    edition: rarely(fc.constantFrom(1, 2)),
    paymentMethod: fc.constantFrom('card', 'gift_card'),
    taxIncluded: maybe(fc.boolean()),
    tip: rarely(number(-2, 5, 4)),
    discount: rarely(fc.oneof(number(0, 10, 2), number(0, 1, 4))),
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
  })
  .map(({ voids, lines, ...fields }) => {
    if (voids === undefined) return { ...fields, lines }
    const turned = lines.map(({ quantity: of, amount, ...rest }) => ({
      ...rest,
      quantity: -of,
      ...(amount !== undefined && { amount: 0 - amount }),
    }))
    return { ...fields, voids, lines: turned }
  })

/** Several products at one price, and a discount of the receipt that does not divide by them. */
const shared = fc
  .tuple(fc.shuffledSubarray(['p1', 'p2', 'p3', 'p4', 'p5'], { minLength: 2 }), number(5, 9, 0), number(0, 8, 2))
  .map(([products, unitPrice, discount]) => ({
    type: 'sale',
    at: 0,
    storeId: 's3',
    paymentMethod: 'cash',
    discount,
    lines: products.map((productId) => ({ productId, quantity: 1, unitPrice })),
  }))

const payment = fc.record({
  type: fc.constant('payment'),
  at: fc.integer({ min: 0, max: 180 }),
  storeId: fc.constantFrom('s1', 's2'),
  orderId: fc.constantFrom('o1', 'o2'),
  amount: number(-5, 50, 4),
  method: fc.constantFrom('card', 'gift_card'),
  status: fc.constantFrom('succeeded', 'failed'),
})

/** A log of events, a few ids of which come again. */
function logOf(count: number, seed: number): readonly Uint8Array[] {
  const events = fc.sample(
    fc.tuple(fc.oneof({ weight: 9, arbitrary: receipt }, payment, shared), fc.nat({ max: count * 12 })),
    { numRuns: count, seed },
  )
  return events.map(([{ at, ...event }, id]) => {
    const eventId = `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`
    return Buffer.from(JSON.stringify({ ...event, eventId, eventTime: new Date(startMs + at * 1000).toISOString() }))
  })
}

/** Every window of the fold as text, by table. */
function folded(bodies: readonly Uint8Array[], decodeRules: DecodeRules): Record<string, string[]> {
  const entries = bodies.flatMap((body, sequence): Entry[] =>
    decode(body, { enqueuedMs: startMs, rules: decodeRules }).map((item) => {
      const place = { sequence, item: item.item, enqueuedMs: startMs }
      return item.kind === 'event'
        ? { kind: 'event', ...place, event: item.event }
        : { kind: 'reject', ...place, reason: item.reason }
    }),
  )
  const { out, live } = step(emptyState(rules), entries, rules)
  // Minutes that are all within the lateness: nothing has closed.
  expect(out).toEqual([])
  const digits = minorDigits(decodeRules.currency)
  return Object.fromEntries(
    names.map((name) => [
      name,
      live
        .filter((row) => row.rollup.name === name)
        .map((row) => textOf(row, digits))
        .sort(),
    ]),
  )
}

function textOf({ rollup, startMs: windowMs, key, values }: WindowRow, digits: number): string {
  const columns = rollup.measures.flatMap((measure) => columnsOf(measure)).filter(({ holds }) => holds !== 'sketch')
  const figures = columns.map((column) => `${column.name}=${cellText(column, values[column.name] ?? null, digits)}`)
  return [windowMs, ...key, ...figures].join(' ')
}

function cellText({ holds }: MeasureColumn, value: Value, digits: number): string {
  const scale = { minor: digits, hundredths: 2, thousandths: 3, whole: 0, instant: 0, sketch: 0 }[holds]
  return typeof value === 'number' ? decimalText(value, scale) : 'null'
}

/** Every window as SQL has it. */
async function recomputed(engine: Engine, bodies: readonly Uint8Array[], decodeRules: DecodeRules) {
  await engine.script('tables')
  await engine.connection.run(`${moneyMacro(minorDigits(decodeRules.currency))}
    SET VARIABLE lateness_ms = ${rules.latenessMs}::BIGINT; SET VARIABLE idle_ms = ${rules.idleAfterMs}::BIGINT;`)
  const messages = bodies.map((body, sequence) => ({ sequence, enqueuedMs: startMs, body }))
  await loadHub(engine, { hub: hubOf(messages), first: 0 })
  await engine.script('items')
  await engine.connection.run(verdicts(decodeRules))
  await engine.connection.run(
    clockSql([{ store: '', zone: 'UTC', dayStart: '00:00' }], { firstMs: startMs - dayMs, lastMs: startMs + dayMs }),
  )
  for (const name of ['business', 'dates', 'sales', 'parts']) await engine.script(name)
  const found: Record<string, string[]> = {}
  for (const rollup of rollups.filter(({ name }) => names.includes(name))) {
    await engine.connection.run(rollupTruth(rollup))
    const figures = (await engine.query(`DESCRIBE truth.${rollup.name}`))
      .map((row) => String(row.column_name))
      .filter((name) => !['window_start', 'partition_id', 'closed', ...rollup.keys].includes(name))
      .filter((name) => !name.endsWith('_sketch'))
    const cells = figures.map((name) => `'${name}=' || coalesce(${name}::VARCHAR, 'null')`)
    const text = ['epoch_ms(window_start)::VARCHAR', ...rollup.keys, ...cells].join(` || ' ' || `)
    const rows = await engine.query(`SELECT ${text} AS text FROM truth.${rollup.name}`)
    found[rollup.name] = rows.map((row) => String(row.text)).sort()
  }
  return found
}

test.each(['GBP', 'JPY', 'KWD', 'CLF'])(
  'of random receipts in %s, the fold and SQL make the same windows',
  async (currency) => {
    const productKinds = parseProductKinds('GIFTCARD=gift_card,ORDER-DISCOUNT=discount')
    const bounds = { maxAheadMs: 3_600_000, maxBehindMs: Infinity, maxEventBytes: 100_000 }
    const decodeRules: DecodeRules = { currency, productKinds, ...bounds }
    const seed = Date.now() % 1_000_000
    const bodies = logOf(thorough ? 10_000 : 600, seed)
    const ours = folded(bodies, decodeRules)
    const engine = await openEngine()
    try {
      const sql = await recomputed(engine, bodies, decodeRules)
      for (const name of names) expect({ seed, name, rows: sql[name] }).toEqual({ seed, name, rows: ours[name] })
      // Enough of them are let in for this to mean something.
      const [sums] = await engine.query(
        'SELECT count(*) FILTER (sign < 0) AS voided, count(*) AS lines FROM truth.line',
      )
      expect(Number(sums?.voided)).toBeGreaterThan(50)
    } finally {
      await engine.close()
    }
  },
)

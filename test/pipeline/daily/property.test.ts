import * as fc from 'fast-check'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { goldOf } from './gold'
import { dayStartMs, emptyWarehouse, id, messages, openPlant, thresholds } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

const date = '2026-03-01'
const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined })

const line = fc.record({
  productId: fc.constantFrom('p1', 'p2', 'é'),
  category: maybe(['a', 'b', 'unknown']),
  brand: maybe(['x', 'y']),
  quantity: fc.constantFrom(-3, -1, 1, 2, 50),
  // Ties of half a cent are what rounding is about.
  unitPrice: fc.constantFrom(0, 0.005, 0.015, 0.0001, 1.25, 2.675, 19.99),
})

const common = {
  // Few ids, so that some come twice, and under another type.
  number: fc.nat({ max: 40 }),
  minute: fc.integer({ min: -3, max: 100 }),
  storeId: fc.constantFrom('s1', 's2'),
  region: maybe(['north', 'south']),
  city: maybe(['leeds']),
  country: maybe(['UK', 'France']),
  channel: maybe(['store', 'web', 'app']),
  customerId: maybe(['c1', 'c2', 'c3']),
  customerSegment: maybe(['B2C', 'B2B']),
  sessionId: maybe(['v1', 'v2']),
}

const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({
    ...common,
    type: fc.constant('sale' as const),
    paymentMethod: fc.constantFrom('card', 'cash'),
    lines: fc.array(line, { minLength: 1, maxLength: 5 }),
  }) },
  { weight: 1, arbitrary: fc.record({
    ...common,
    type: fc.constant('activity' as const),
    action: fc.constantFrom('view' as const, 'add_to_cart' as const, 'checkout' as const),
    category: maybe(['a', 'b']),
  }) },
  { weight: 1, arbitrary: fc.record({
    ...common,
    type: fc.constant('payment' as const),
    method: fc.constantFrom('card', 'wallet'),
    status: fc.constantFrom('succeeded' as const, 'failed' as const),
    failureReason: maybe(['declined']),
    amount: fc.constantFrom(-1.005, 0.125, 0.135, 10),
  }) },
) // prettier-ignore

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never
type Sale = Extract<Event, { type: 'sale' }>

/** Half-even by the decimal text, so that it shares nothing with either engine. */
function cents(price: number, quantity: number): number {
  const e4 = BigInt(price.toFixed(4).replace('.', '')) * BigInt(quantity)
  const size = e4 < 0n ? -e4 : e4
  const [whole, rest] = [size / 100n, size % 100n]
  const up = rest > 50n || (rest === 50n && whole % 2n === 1n)
  return Number(e4 < 0n ? -(whole + (up ? 1n : 0n)) : whole + (up ? 1n : 0n)) + 0
}

/** Sums by key, the key and the sums as text; `sums` has something to add or something to count once. */
function grouped(
  entries: readonly (readonly [key: string, sums: readonly (number | string | undefined)[]])[],
): string[] {
  const groups = new Map<string, (number | Set<string>)[]>()
  for (const [key, sums] of entries) {
    const group = groups.get(key) ?? sums.map((sum) => (typeof sum === 'number' ? 0 : new Set<string>()))
    groups.set(key, group)
    sums.forEach((sum, index) => {
      const current = group[index]
      if (current instanceof Set) {
        if (typeof sum === 'string') current.add(sum)
      } else group[index] = Number(current) + Number(sum)
    })
  }
  const shown = Array.from(groups, ([key, group]) =>
    [key, ...group.map((value) => (value instanceof Set ? value.size : value))].join(' '),
  )
  return shown.sort()
}

const moneyOf = ({ lines }: Sale) => lines.reduce((sum, { unitPrice, quantity }) => sum + cents(unitPrice, quantity), 0)
const unique = <T>(values: readonly T[]) => [...new Set(values)]

function expected(all: readonly Event[]): Record<string, string[]> {
  const seen = new Set<string>()
  // An id belongs to its store.
  const isFirst = ({ number, storeId }: Event) => !seen.has(`${storeId} ${number}`) && seen.add(`${storeId} ${number}`)
  const events = all.filter((one) => one.minute >= 0 && isFirst(one))
  const sales = events.filter((one): one is Sale => one.type === 'sale')
  const byLine = sales.flatMap((sale) => sale.lines.map((of, index) => ({ sale, ...of, index })))
  const kindOf = ({
    category = 'unknown',
    brand = 'unknown',
  }: {
    category?: string | undefined
    brand?: string | undefined
  }) => `${category} ${brand}`
  const opens = (sale: Sale, index: number, of: (line: Sale['lines'][number]) => string) =>
    Number(sale.lines.findIndex((other) => of(other) === of(sale.lines[index]!)) === index)
  const money = ({ unitPrice, quantity }: Sale['lines'][number]) => cents(unitPrice, quantity)
  const sells = (line: Sale['lines'][number]) => money(line) > 0
  const bought = (sale: Sale) =>
    unique(sale.lines.filter(({ quantity }) => quantity > 0).map(({ category = 'unknown' }) => category))
  const isOnline = ({ channel, sessionId }: Sale) => sessionId !== undefined || channel === 'web' || channel === 'app'
  const steps = ['view', 'add_to_cart', 'checkout', 'purchase']
  const count = (step: string) => steps.map((name) => Number(name === step))
  return {
    gold_daily_sales: grouped(
      byLine.map((of) => [
        `${of.sale.storeId} ${of.productId}`,
        [of.quantity, money(of), opens(of.sale, of.index, ({ productId }) => productId)],
      ]),
    ),
    gold_daily_store: grouped(
      sales.map((sale) => [
        sale.storeId,
        [
          1,
          moneyOf(sale),
          ...[1, -1].map((sign) => sale.lines.reduce((sum, { quantity }) => sum + Math.max(0, sign * quantity), 0)),
          sale.customerId,
        ],
      ]),
    ),
    gold_daily_mix: grouped(
      byLine.map(({ sale, index, ...of }) => [
        [
          sale.storeId,
          sale.region,
          sale.city,
          sale.country,
          sale.channel,
          sale.paymentMethod,
          kindOf(of),
          sale.customerSegment,
        ]
          .map((value) => value ?? 'unknown')
          .join(' '),
        [of.quantity, money(of), opens(sale, index, kindOf), Number(index === sale.lines.findIndex(sells))],
      ]),
    ),
    gold_daily_funnel: grouped(
      events.flatMap((one): [string, (number | string | undefined)[]][] => {
        const key = (category = 'unknown') => `${one.storeId} ${one.channel ?? 'unknown'} ${category}`
        if (one.type === 'activity') return [[key(one.category), [...count(one.action), one.sessionId]]]
        if (one.type !== 'sale' || !isOnline(one)) return []
        return bought(one).map((category) => [key(category), [...count('purchase'), one.sessionId]])
      }),
    ),
    gold_daily_payments: grouped(
      events.flatMap((one): [string, number[]][] => {
        if (one.type !== 'payment') return []
        const reason = one.status === 'succeeded' ? 'none' : (one.failureReason ?? 'unknown')
        return [[`${one.storeId} ${one.method} ${one.status} ${reason}`, [1, cents(one.amount, 1)]]]
      }),
    ),
    gold_daily_customers: grouped(
      sales.flatMap((sale): [string, number[]][] =>
        sale.customerId === undefined ? [] : [[sale.customerId, [Number(sale.lines.some(sells)), moneyOf(sale)]]],
      ),
    ),
  }
}

const columns: Readonly<Record<string, string>> = {
  gold_daily_sales: 'store_id product_id total_qty total_revenue transactions',
  gold_daily_store: 'store_id total_transactions total_revenue units_sold units_returned unique_customers',
  gold_daily_mix:
    'store_id region city country channel payment_method category brand customer_segment total_qty total_revenue transactions orders',
  gold_daily_funnel: 'store_id channel category views add_to_carts checkouts purchases sessions',
  gold_daily_payments: 'store_id method status failure_reason payments amount',
  gold_daily_customers: 'customer_id purchases spend',
}

/** An event as it is on the wire; minutes before 0 are of the day before. */
function wire({ number, minute, ...fields }: Event): object {
  const startMs = minute < 0 ? Date.parse(`${date}T00:00:00Z`) : dayStartMs
  const time = new Date(startMs + minute * 60_000).toISOString()
  return { eventId: id(number), eventTime: time, ...fields, ...(fields.type === 'payment' && { orderId: 'o' }) }
}

test('a day of any events is what adding them up by hand gives, in every table', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), async (events, size) => {
      await emptyWarehouse(server.warehouse)
      const ports = await openPlant(memoryStore(), { warehouse: server.warehouse })
      const log = messages(...events.map(wire))
      for (let from = 0; from < log.length; from += size) await openIngest(ports).take(0, log.slice(from, from + size))
      // So few rows at a time that even this is a day in many shares.
      await runDays({ ...dailyPorts(ports, thresholds), rowsPerShare: 12 }, [date])
      const found: Record<string, string[]> = {}
      for (const [name, of] of Object.entries(columns)) found[name] = await goldOf(ports, name, of)
      expect(found).toEqual(expected(events))
    }),
    { numRuns: 15 },
  )
}, 60_000)

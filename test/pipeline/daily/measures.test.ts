import * as fc from 'fast-check'
import { parseProductKinds } from '../../../src/event/product-kinds'
import { minorDigits } from '../../../src/event/currency'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { type Ports } from '../../../src/pipeline/ports'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { memoryStore } from '../../lake/store/memory-store'
import { runs } from '../../thorough'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, id, installation, messages, openPlant, rules, thresholds } from '../plant'
import { goldOf } from './gold'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const date = '2026-03-01'
const kinds = 'GIFTCARD=gift_card,ORDER-DISCOUNT=discount'

/** A plant of a currency that has taken receipts, and its day made. */
async function dayOf(receipts: readonly object[], currency = 'GBP'): Promise<Ports & { readonly rejected: number }> {
  const digits = minorDigits(currency)
  const ports = await openPlant(memoryStore(), {
    warehouse: server.warehouse,
    rules: { ...rules, stockoutAfterMs: 10 * 86_400_000, minorDigits: digits, productKinds: kinds },
    installation: { ...installation, currency, minorDigits: digits },
  })
  const decodeRules = { ...ports.decodeRules, productKinds: parseProductKinds(kinds) }
  const bodies = receipts.map((receipt, index) => ({
    eventId: id(index + 1),
    type: 'sale',
    eventTime: new Date(Date.UTC(2026, 2, 1, 10, index % 50)).toISOString(),
    storeId: 's1',
    paymentMethod: 'card',
    ...receipt,
  }))
  await openIngest({ ...ports, decodeRules }).take(0, messages(...bodies))
  const [day] = await runDays(dailyPorts(ports, thresholds), [date])
  return { ...ports, rejected: receipts.length - (day?.sales ?? 0) }
}

const line = (productId: string, quantity: number, unitPrice: number, fields: object = {}) => ({
  productId,
  quantity,
  unitPrice,
  ...fields,
})

const money = 'gross_sales discounts returns net_sales order_revenue avg_order_value'
const counts = 'total_transactions orders return_receipts units_sold units_returned write_offs'
const besides = 'tax tax_included tips shipping fees gift_cards_sold gift_cards_redeemed adjustments adjustment_lines'

test('the receipt of docs/metrics.md', async () => {
  const ports = await dayOf([
    {
      discount: 10,
      lines: [
        line('MUG', 2, 20),
        line('PLATE', 1, 15),
        line('SPOON', -1, 5),
        line('GIFTCARD', 1, 50),
        line('post', 1, 4.95, { kind: 'shipping' }),
      ],
    },
  ])
  expect(await goldOf(ports, 'gold_daily_store', money)).toEqual(['5500 1000 500 4000 4000 4000'])
  expect(await goldOf(ports, 'gold_daily_store', counts)).toEqual(['1 1 0 3 1 0'])
  expect(await goldOf(ports, 'gold_daily_store', besides)).toEqual(['0 0 0 495 0 5000 0 0 0'])
  const columns = 'product_id total_qty total_revenue transactions gross_sales discounts units_returned measured_qty'
  expect(await goldOf(ports, 'gold_daily_sales', columns)).toEqual([
    'MUG 2 3273 1 4000 727 0 0',
    'PLATE 1 1227 1 1500 273 0 0',
    'SPOON -1 -500 1 0 0 1 0',
  ])
})

test('a gift card is no sale when it is sold, and one when it is spent', async () => {
  const ports = await dayOf([
    { lines: [line('GIFTCARD', 1, 50)] },
    { lines: [line('MUG', 1, 50)], paymentMethod: 'gift_card', tip: 2 },
  ])
  expect(await goldOf(ports, 'gold_daily_store', `${money} gift_cards_sold gift_cards_redeemed tips`)).toEqual([
    '5000 0 0 5000 5000 5000 5000 5200 200',
  ])
  expect(await goldOf(ports, 'gold_daily_sales', 'product_id')).toEqual(['MUG'])
})

test('an order discount that comes as a line is no return', async () => {
  const ports = await dayOf([{ lines: [line('MUG', 2, 20), line('ORDER-DISCOUNT', -1, 10)] }])
  expect(await goldOf(ports, 'gold_daily_store', money)).toEqual(['4000 1000 0 3000 3000 3000'])
  expect(await goldOf(ports, 'gold_daily_store', counts)).toEqual(['1 1 0 2 0 0'])
})

test('bad debt, write-offs and returns alone are in nothing else', async () => {
  const ports = await dayOf([
    { lines: [line('A', 1, -11_062.06)] },
    { lines: [line('B', 5, 0)] },
    { lines: [line('B', -2, 0)] },
    { lines: [line('C', -1, 12.5)] },
    { lines: [line('C', 1, 20)] },
  ])
  expect(await goldOf(ports, 'gold_daily_store', money)).toEqual(['2000 0 1250 750 2000 2000'])
  expect(await goldOf(ports, 'gold_daily_store', counts)).toEqual(['4 1 1 6 3 7'])
  expect(await goldOf(ports, 'gold_daily_store', 'adjustments adjustment_lines')).toEqual(['-1106206 1'])
})

test('a void takes away what the receipt it names had added, in every table', async () => {
  const sold = {
    customerId: 'c1',
    channel: 'web',
    tip: 1,
    discount: 3,
    lines: [line('A', 3, 10, { taxRate: 0.2 }), line('B', -1, 4), line('F', 1, 2, { kind: 'fee' })],
  }
  const back = {
    ...sold,
    voids: 'o1',
    tip: -1,
    lines: [line('A', -3, 10, { taxRate: 0.2 }), line('B', 1, 4), line('F', -1, 2, { kind: 'fee' })],
  }
  const kept = { lines: [line('A', 1, 10)] }
  const ports = await dayOf([sold, kept, back])
  expect(await goldOf(ports, 'gold_daily_store', `${money} ${counts} ${besides}`)).toEqual([
    ['1000 0 0 1000 1000 1000', '1 1 0 1 0 0', '0 0 0 0 0 0 0 0 0'].join(' '),
  ])
  const sales = 'product_id total_qty total_revenue transactions gross_sales discounts units_returned'
  expect(await goldOf(ports, 'gold_daily_sales', sales)).toEqual(['A 1 1000 1 1000 0 0', 'B 0 0 0 0 0 0'])
  expect(await goldOf(ports, 'gold_daily_mix', 'channel total_qty total_revenue transactions orders')).toEqual([
    'unknown 1 1000 1 1',
    'web 0 0 0 0',
  ])
  expect(await goldOf(ports, 'gold_daily_funnel', 'channel purchases')).toEqual(['web 0'])
  expect(await goldOf(ports, 'gold_daily_customers', 'customer_id purchases spend')).toEqual(['c1 0 0'])
})

test('dinars have three decimals, yen none, unidades de fomento four; what is weighed is one piece', async () => {
  const kwd = [line('A', 1, 1.255), line('B', 3, 0.985), line('C', 10, 0.125), line('C', -1, 0.125)]
  const dinars = await dayOf([{ lines: kwd }], 'KWD')
  expect(await goldOf(dinars, 'gold_daily_store', 'net_sales')).toEqual(['5335'])
  await emptyWarehouse(server.warehouse)
  const yen = await dayOf([{ lines: [line('A', 1, 100.5), line('B', 1, 101.5), line('C', 0.485, 1980)] }], 'JPY')
  expect(await goldOf(yen, 'gold_daily_store', 'net_sales units_sold')).toEqual(['1162 3'])
  await emptyWarehouse(server.warehouse)
  const units = await dayOf([{ lines: [line('A', 0.485, 19.8, { unit: 'kg' }), line('A', 2, 0.0001)] }], 'CLF')
  expect(await goldOf(units, 'gold_daily_sales', 'total_qty total_revenue measured_qty')).toEqual(['3 96032 485'])
})

const kindOf = fc.constantFrom(undefined, undefined, undefined, 'goods', 'shipping', 'fee', 'gift_card', 'discount')
const maybe = <T>(values: readonly T[]) => fc.constantFrom(undefined, ...values)
const looseLine = fc.record({
  productId: fc.constantFrom('p1', 'p2', 'GIFTCARD', 'ORDER-DISCOUNT'),
  category: maybe(['a', 'b']),
  quantity: fc.constantFrom(1, 2, 3, -1, -2, 0.485, -0.25, 100),
  unitPrice: fc.constantFrom(0, 0.005, 0.015, 1.25, 2.6751, 19.99, 1000, -3),
  unit: maybe(['each', 'kg']),
  discount: maybe([0.01, 0.005, 0.5]),
  taxRate: maybe([0.2, 0.055, 0.0825]),
  taxAmount: maybe([0.15]),
  kind: kindOf,
})
/** More off than the lines come to is a reject, so small lines have nothing off and lines of discounts are small. */
const anyLine = looseLine.map(({ discount, ...of }) => {
  const isSmall = Math.abs(of.quantity * of.unitPrice) < 1
  const takesOff = of.kind === 'discount' || (of.kind === undefined && of.productId === 'ORDER-DISCOUNT')
  return { ...of, ...(!isSmall && { discount }), ...(takesOff && { unitPrice: 0.015 }) }
})
const anyReceipt = fc.record({
  lines: fc.array(anyLine, { minLength: 1, maxLength: 6 }),
  discount: maybe([0.01, 0.05, 1, 7.77]),
  tip: maybe([1.5, -0.25]),
  taxIncluded: maybe([true, false]),
  voids: maybe(['o1']),
  channel: maybe(['web', 'store']),
  paymentMethod: fc.constantFrom('card', 'gift_card'),
  storeId: fc.constantFrom('s1', 's2'),
})

/** What the stream has summed up of the day, in the same columns. */
async function live(table: string, keys: string, sums: string): Promise<string[]> {
  const summed = sums.split(' ').map((column) => `sum(${column}) AS ${column}`)
  const rows = await server.warehouse.query(
    `SELECT ${keys.split(' ').join(', ')}, ${summed.join(', ')} FROM ${table} GROUP BY ${keys.split(' ').join(', ')}`,
  )
  return rows.map((row) => showRow(row, `${keys} ${sums}`)).sort()
}

async function gold(table: string, keys: string, sums: string): Promise<string[]> {
  const rows = await server.warehouse.query(`SELECT ${`${keys} ${sums}`.split(' ').join(', ')} FROM ${table}`)
  return rows.map((row) => showRow(row, `${keys} ${sums}`)).sort()
}

function showRow(row: Readonly<Record<string, string | null>>, columns: string): string {
  // 0.00 and 0 are the same figure.
  return columns
    .split(' ')
    .map((column) => (/^-?\d+(\.\d+)?$/.test(row[column] ?? '') ? Number(row[column]) : row[column]))
    .join(' ')
}

const storeSums =
  'total_transactions total_revenue orders return_receipts gross_sales discounts returns order_revenue units_sold ' +
  'units_returned write_offs tax tax_included tips shipping fees gift_cards_sold gift_cards_redeemed adjustments adjustment_lines'
const salesSums = 'total_qty total_revenue transactions gross_sales discounts units_returned measured_qty'
const mixKeys = 'store_id channel payment_method category'

test('whatever is sold, stream and batch come to the same figures', async () => {
  let [sent, accepted] = [0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyReceipt, { minLength: 10, maxLength: 40 }),
      fc.constantFrom('GBP', 'KWD', 'JPY'),
      async (receipts, currency) => {
        await emptyWarehouse(server.warehouse)
        const { rejected } = await dayOf(receipts, currency)
        sent += receipts.length
        accepted += receipts.length - rejected
        expect(await gold('gold_daily_store', 'store_id', storeSums)).toEqual(
          await live('store_1m', 'store_id', storeSums),
        )
        const product = 'store_id product_id'
        expect(await gold('gold_daily_sales', product, salesSums)).toEqual(await live('sales_1m', product, salesSums))
        const mixSums = 'total_qty total_revenue transactions orders'
        expect(await gold('gold_daily_mix', mixKeys, mixSums)).toEqual(await live('mix_1m', mixKeys, mixSums))
        const steps = 'store_id channel category'
        expect(await gold('gold_daily_funnel', steps, 'purchases')).toEqual(await live('funnel_1m', steps, 'purchases'))
      },
    ),
    { numRuns: runs({ few: 12, many: 100 }) },
  )
  // About half of what is drawn fits; of at least 120 receipts a quarter is far from any draw.
  expect(accepted).toBeGreaterThan(sent / 4)
}, 600_000)

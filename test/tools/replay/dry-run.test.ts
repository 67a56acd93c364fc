import { type ReplayEvent } from '../../../generator/replay-event'
import { type DecodeRules } from '../../../src/event/decode'
import { dryRun } from '../../../tools/replay/dry-run'
import { showDryRun } from '../../../tools/replay/show-dry-run'

const rules: DecodeRules = { currency: 'EUR', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 256 * 1024 }
const london = { zone: 'Europe/London', startMinutes: 0 }
const nowMs = Date.parse('2026-11-29')

let next = 0
function sale(time: string, lines: readonly object[], more: object = {}): ReplayEvent {
  const eventId = `00000000-0000-4000-8000-${String(next++).padStart(12, '0')}`
  const event = { eventId, type: 'sale', eventTime: time, storeId: 's', paymentMethod: 'card', lines, ...more }
  return { key: 's', rows: lines.length, body: Buffer.from(JSON.stringify(event)) }
}

// eslint-disable-next-line @typescript-eslint/require-await -- files are read asynchronously, these are not
async function* given(...events: readonly ReplayEvent[]): AsyncGenerator<ReplayEvent> {
  yield* events
}

const run = (calendar: typeof london, ...events: readonly ReplayEvent[]) =>
  dryRun(given(...events), { rules, calendar, nowMs })

const mug = (quantity: number) => ({ productId: 'MUG', quantity, unitPrice: 20, taxRate: 0.25 })

test('a day comes to gross less discounts less returns, other kinds of lines apart', async () => {
  const { days, ...counts } = await run(
    london,
    sale('2026-03-05T10:00:00Z', [mug(2), { productId: 'S', kind: 'shipping', quantity: 1, unitPrice: 5 }], {
      discount: 10,
    }),
    sale('2026-03-05T11:00:00Z', [mug(-1)]),
    sale('2026-03-05T12:00:00Z', [{ productId: 'CARD', kind: 'gift_card', quantity: 1, unitPrice: 50 }]),
    sale('2026-03-06T12:00:00Z', [mug(1)]),
  )
  expect(counts).toMatchObject({ events: 4, rows: 5, accepted: 4, rejected: 0, rejects: [] })
  expect(days).toEqual([
    {
      date: '2026-03-05',
      orders: 1,
      returnReceipts: 1,
      pieces: 1,
      grossMinor: 4000,
      discountsMinor: 1000,
      returnsMinor: 2000,
      netMinor: 1000,
      taxMinor: 750 - 500,
      shippingMinor: 500,
    },
    expect.objectContaining({ date: '2026-03-06', orders: 1, netMinor: 2000 }),
  ])
})

test('a receipt that takes another back leaves nothing of it', async () => {
  const told = [mug(2), mug(-1)]
  const { days } = await run(
    london,
    sale('2026-03-05T10:00:00Z', told, { orderId: 'A', discount: 5 }),
    sale('2026-03-05T10:00:00Z', [mug(-2), mug(1)], { orderId: 'A', discount: 5, voids: 'A' }),
  )
  const { date, ...sums } = days[0] ?? {}
  expect(Object.values(sums).map((value) => value + 0)).toEqual(Object.values(sums).map(() => 0))
})

test('days are those of the business calendar', async () => {
  const summer = sale('2011-07-05T23:30:00Z', [mug(1)])
  expect((await run(london, summer)).days.map(({ date }) => date)).toEqual(['2011-07-06'])
  expect((await run({ zone: 'Europe/London', startMinutes: 240 }, summer)).days[0]?.date).toBe('2011-07-05')
  expect((await run({ zone: 'UTC', startMinutes: 0 }, summer)).days[0]?.date).toBe('2011-07-05')
})

test('each kind of reject has its count and its first event', async () => {
  const noPrice = (product: string) => sale('2026-03-05T10:00:00Z', [{ productId: product, quantity: 1 }])
  const { rejects, rejected } = await run(
    london,
    noPrice('A'),
    noPrice('B'),
    sale('2026-03-05T10:00:00Z', [mug(1)], { currency: 'USD' }),
    sale('2027-03-05T10:00:00Z', [mug(1)]),
  )
  expect(rejected).toBe(4)
  expect(rejects.map(({ reason, events }) => [reason, events])).toEqual([
    ['schema', 2],
    ['currency', 1],
    ['future', 1],
  ])
  expect(rejects[0]?.first).toContain('"productId":"A"')
})

test('the report is a table of days with their sum', async () => {
  const found = await run(london, sale('2026-03-05T10:00:00Z', [mug(60_000)]), sale('2026-03-06T10:00:00Z', [mug(1)]))
  const text = showDryRun({ ...found, ok: true, dryRun: true, currency: 'EUR', calendar: london })
  expect(text.split('\n')).toEqual([
    '2 events of 2 rows: 2 would be accepted, 0 rejected',
    'days of Europe/London 00:00, amounts in EUR',
    '',
    'date       orders  pieces       gross discounts   returns   net sales       tax',
    '2026-03-05      1  60,000 1,200,000.00      0.00      0.00 1,200,000.00 300,000.00',
    '2026-03-06      1       1       20.00      0.00      0.00       20.00      5.00',
    'all             2  60,001 1,200,020.00      0.00      0.00 1,200,020.00 300,005.00',
    '',
    'nothing was started or sent',
  ])
})

import { type RetailEvent } from '../../src/event/event'
import { emptyState } from '../../src/fold/state'
import { step } from '../../src/fold/step'
import { line, log, type LogItem, rules } from './entries'

const minuteMs = 60_000
let ids = 0

/** An event at a minute, in store s1. */
function at<T extends RetailEvent['type']>(
  minute: number,
  type: T,
  fields: Partial<Extract<RetailEvent, { type: T }>>,
): RetailEvent {
  const base = { type, eventId: `e${ids++}`, eventTimeMs: minute * minuteMs, schemaVersion: 1, storeId: 's1' }
  return { ...base, ...fields } as RetailEvent
}

const clock = (minute: number) => at(minute, 'stock', { productId: 'clock', onHand: 1, reason: 'count' })

/** Rows of one rollup: `closed@minute key | name=value …`, sketches left out. */
function rowsOf(name: string, ...items: LogItem[]): string[] {
  const { out } = step(emptyState(rules), log(...items, clock(1000)), rules)
  return out.flatMap((emit) => {
    if (emit.kind === 'stockout' || emit.rollup.name !== name) return []
    const values = Object.entries(emit.values).filter(([, value]) => !(value instanceof Uint8Array))
    const text = values.map(([column, value]) => `${column}=${String(value)}`).join(' ')
    return [`${emit.kind}@${emit.startMs / minuteMs} ${emit.key.join(',')} | ${text}`]
  })
}

test('mix_1m: a receipt counts under each category and brand in it, and as an order under the first', () => {
  const lines = [
    line({ category: 'dairy', brand: 'Alm' }),
    line({ category: 'toys' }),
    line({ category: 'dairy', brand: 'Alm', quantity: 2, amountMinor: 50 }),
  ]
  const place = { region: 'North', city: 'Leeds', country: 'UK', channel: 'store', customerSegment: 'B2B' } as const
  expect(rowsOf('mix_1m', at(0, 'sale', { ...place, lines, paymentMethod: 'card' }))).toEqual([
    'closed@0 s1,North,Leeds,UK,store,card,dairy,Alm,B2B | total_qty=3 total_revenue=150 transactions=1 orders=1',
    'closed@0 s1,North,Leeds,UK,store,card,toys,unknown,B2B | total_qty=1 total_revenue=100 transactions=1 orders=0',
  ])
})

test('mix_1m: a label is cut at 64 characters, so that every key fits an index', () => {
  const long = '😀'.repeat(64) + 'x'
  const [row] = rowsOf('mix_1m', at(0, 'sale', { region: long, lines: [line()], paymentMethod: 'cash' }))
  expect(row).toContain(`s1,${'😀'.repeat(64)},unknown`)
})

test('funnel_1m: steps by channel and category, a session once, a purchase for each category sold', () => {
  const session = { channel: 'web', sessionId: 'v1' } as const
  const rows = rowsOf(
    'funnel_1m',
    at(0, 'activity', { ...session, action: 'view', category: 'toys' }),
    at(0.1, 'activity', { ...session, action: 'view', category: 'toys' }),
    at(0.2, 'activity', { ...session, action: 'add_to_cart', category: 'toys' }),
    at(0.3, 'activity', { ...session, action: 'checkout' }),
    at(0.4, 'sale', {
      ...session,
      paymentMethod: 'card',
      lines: [line({ category: 'toys' }), line({ category: 'toys' }), line({ category: 'food', quantity: -1 })],
    }),
    at(0.5, 'sale', { channel: 'store', paymentMethod: 'card', lines: [line()] }),
    at(0.6, 'activity', { channel: 'web', sessionId: 'v2', action: 'view', category: 'toys' }),
  )
  expect(rows).toEqual([
    'closed@0 s1,web,toys | views=3 add_to_carts=1 checkouts=0 purchases=1 sessions=2',
    'closed@0 s1,web,unknown | views=0 add_to_carts=0 checkouts=1 purchases=0 sessions=1',
  ])
})

test('payments_1m: attempts by method and how they ended', () => {
  const card = { method: 'card', orderId: 'o', amountMinor: 250 } as const
  const rows = rowsOf(
    'payments_1m',
    at(0, 'payment', { ...card, status: 'failed', failureReason: 'expired' }),
    at(0.1, 'payment', { ...card, status: 'failed' }),
    at(0.2, 'payment', { ...card, status: 'succeeded', failureReason: 'ignored' }),
    at(0.3, 'payment', { ...card, status: 'succeeded', amountMinor: -50 }),
  )
  expect(rows).toEqual([
    'closed@0 s1,card,failed,expired | payments=1 amount=250',
    'closed@0 s1,card,failed,unknown | payments=1 amount=250',
    'closed@0 s1,card,succeeded,none | payments=2 amount=200',
  ])
})

test('quality_1m: received is valid, rejected and duplicates; late events say how far behind they were', () => {
  const once = clock(20)
  const rows = rowsOf('quality_1m', clock(0), once, once, { reject: 'schema' }, clock(2), clock(5))
  expect(rows).toEqual([
    'closed@0 s1,none | received=1 valid=1 rejected=0 duplicates=0 conflicting=0 repeated_receipts=0 late=0 late_seconds=0 max_late_seconds=0 quality_pct=10000',
    'correction@2 s1,none | received=1 valid=1 rejected=0 duplicates=0 conflicting=0 repeated_receipts=0 late=1 late_seconds=1080 max_late_seconds=1080 quality_pct=10000',
    'correction@5 s1,none | received=1 valid=1 rejected=0 duplicates=0 conflicting=0 repeated_receipts=0 late=1 late_seconds=900 max_late_seconds=900 quality_pct=10000',
    'closed@20 s1,none | received=2 valid=1 rejected=0 duplicates=1 conflicting=0 repeated_receipts=0 late=0 late_seconds=0 max_late_seconds=0 quality_pct=5000',
    'closed@20 unknown,schema | received=1 valid=0 rejected=1 duplicates=0 conflicting=0 repeated_receipts=0 late=0 late_seconds=0 max_late_seconds=0 quality_pct=0',
  ])
})

test('quality_1m: a reject before any event counts at the time the hub took it', () => {
  expect(rowsOf('quality_1m', { reject: 'not-json' }, clock(20))[0]).toContain('closed@0 unknown,not-json | received=1')
})

test('stock_5m: the newest count by event time and the lowest one, in windows of five minutes', () => {
  const seen = (minute: number, onHand: number) => at(minute, 'stock', { productId: 'p1', onHand, reason: 'count' })
  const rows = rowsOf('stock_5m', seen(4, 7), seen(1, 9), seen(3, 2), seen(4, 8), seen(5, 1))
  expect(rows).toEqual([
    `closed@0 s1,p1 | on_hand=8 on_hand_at=${4 * minuteMs} min_on_hand=2`,
    `closed@5 s1,p1 | on_hand=1 on_hand_at=${5 * minuteMs} min_on_hand=1`,
  ])
})

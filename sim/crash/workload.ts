// Tested in test/sim/crash/simulation.test.ts.
import { createRandom, oneOf, whole } from '../../generator/random'
import { type DecodeRules } from '../../src/event/decode'
import { rollups } from '../../src/fold/rollups'
import { type Rules } from '../../src/fold/rules'
import { type Message } from '../../src/event/message'

const minuteMs = 60_000

/** Tight enough for a dozen messages to make windows close and alerts open and resolve. */
export const rules: Rules = {
  latenessMs: 10 * minuteMs,
  idleAfterMs: minuteMs,
  stockoutAfterMs: 20 * minuteMs,
  minorDigits: 2,
  productKinds: '',
  rollups,
}

export const decodeRules: DecodeRules = {
  currency: 'GBP',
  maxAheadMs: 5 * minuteMs,
  maxBehindMs: Infinity,
  maxEventBytes: 10_000,
}

/** Snapshots come every few messages, so that runs are resumed from all of them and from none. */
export const snapshotEveryEvents = 6

/** What the hub holds: a log for each partition, numbers rising, not always without a hole. */
export type Workload = readonly (readonly Message[])[]

/** Numbers of partition 2 that retention has deleted before the run begins. */
const deleted: readonly number[] = [5, 6]

/**
 * Three partitions with something of everything: bodies of one event and of several, late events, duplicates, rejects
 * of several kinds, windows that close by an event and by a pulse, alerts that open, resolve and stay, a change of day
 * (partition 1), messages the hub has lost (partition 2), receipts that take others back, stores that say
 * their zone, and a store in two partitions (0 and 2). Prices, quantities and some of the order follow the seed.
 */
export function createWorkload(seed: string): Workload {
  return [
    partition(`${seed}/0`, { firstOfId: '1', store: 'north', startMs: Date.UTC(2026, 2, 1, 9) }),
    partition(`${seed}/1`, { firstOfId: '2', store: 'south', startMs: Date.UTC(2026, 2, 1, 23, 15) }),
    partition(`${seed}/2`, { firstOfId: '3', store: 'north', startMs: Date.UTC(2026, 2, 1, 9) }).filter(
      ({ sequence }) => !deleted.includes(sequence),
    ),
  ]
}

interface Shop {
  /** First character of its event ids. */
  readonly firstOfId: '1' | '2' | '3'
  readonly store: string
  readonly startMs: number
}

type Item = Readonly<Record<string, unknown>>

function partition(seed: string, { firstOfId, store, startMs }: Shop): readonly Message[] {
  const random = createRandom(seed)
  let made = 0
  const event = (minute: number, fields: Item): Item => ({
    eventId: `${firstOfId}${String(made++).padStart(25, '0')}`,
    eventTime: new Date(startMs + minute * minuteMs).toISOString(),
    ...fields,
  })
  const sale = (minute: number, product: string, fields: Item = {}): Item => {
    const line = { productId: product, quantity: whole(random, 1, 4), unitPrice: whole(random, 1, 99_999) / 1e4 }
    const customer = oneOf(random, [{ customerId: 'ann' }, { customerId: 'bob' }, {}])
    return event(minute, { type: 'sale', storeId: store, paymentMethod: 'card', ...customer, lines: [line], ...fields })
  }
  const pulse = (minute: number) => event(minute, { type: 'pulse' })
  const count = (minute: number, onHand: number) =>
    event(minute, { type: 'stock', storeId: store, productId: 'eggs', onHand, reason: 'count' })
  const look = (minute: number, action: string, sessionId: string) =>
    event(minute, { type: 'activity', storeId: store, channel: 'web', sessionId, action, category: 'dairy' })
  const pay = (minute: number, fields: Item) =>
    event(minute, { type: 'payment', storeId: store, orderId: 'o1', amount: 2.5, method: 'card', ...fields })
  const failed = { status: 'failed', failureReason: 'expired' }
  const twice = sale(12, 'milk')
  const returned = { lines: [{ productId: 'bread', quantity: -1, unitPrice: 0.125 }] }
  // What takes a receipt back, and a line that is no goods.
  const takenBack = {
    voids: 'o7',
    tip: -1.25,
    lines: [
      { productId: 'bread', quantity: -2, unitPrice: 0.1255 },
      { productId: 'post', quantity: -1, unitPrice: 4.95, kind: 'shipping' },
    ],
  }
  const broken = { type: 'sale', storeId: store }
  // [minute the hub took it, body]
  const bodies: readonly (readonly [number, Item | readonly Item[] | string])[] = [
    [0.2, sale(0, 'milk')],
    [0.7, [sale(0.4, 'bread'), sale(0.6, 'milk'), broken, sale(0.65, 'bread', { customerId: 'ann' })]],
    [1, 'no JSON at all'],
    [12.1, twice],
    [12.2, twice],
    [12.3, sale(0.8, 'bread', returned)],
    [44.2, [sale(43, 'eggs'), sale(44, oneOf(random, ['milk', 'eggs']), { currency: 'EUR' }), twice]],
    [46.1, [sale(46, 'bread', { storeZone: 'UTC' }), sale(45.9, 'bread', takenBack)]],
    [46.2, sale(60, 'milk', { storeZone: 'UTC' })],
    [48, pulse(48)],
    [58.3, [sale(58, 'milk'), sale(whole(random, 1, 30), oneOf(random, ['milk', 'bread']))]],
    [58.4, [count(58.2, 3), look(58.3, 'view', 'v1'), pay(58.3, failed), pay(58.4, { status: 'succeeded' })]],
    [74, sale(73.9, 'bread')],
    // Late for windows of one minute and of five: counts older and newer than the one there, a session known and a new one.
    [74.1, [count(57, 9), count(58.2, 4), look(58.3, 'checkout', 'v1'), look(58.3, 'view', 'v2')]],
    [74.2, count(59, 1)],
    [90, pulse(90)],
  ]
  return bodies.map(([minute, body], sequence) => ({
    sequence,
    enqueuedMs: startMs + minute * minuteMs,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  }))
}

import * as fc from 'fast-check'
import { type Message } from '../../../src/event/message'
import { dayStartMs } from '../../pipeline/plant'

const minuteMs = 60_000

/** A partition's log as data: what a shrunk counterexample shows. */
export type Written = readonly { readonly gapMs: number; readonly items: readonly Item[] | 'no JSON' }[]

type Item =
  | { readonly kind: 'sale'; readonly minute: number; readonly product: string; readonly lines: readonly Line[] }
  | { readonly kind: 'stock'; readonly minute: number; readonly product: string; readonly onHand: number }
  | { readonly kind: 'view'; readonly minute: number; readonly session: string }
  | { readonly kind: 'pulse'; readonly minute: number }
  | { readonly kind: 'reject' }
  /** The sale before it once more, the same id and all; a reject when there is none. */
  | { readonly kind: 'again' }

interface Line {
  readonly quantity: number
  /** In ten-thousandths. */
  readonly price: number
}

const line = fc.record({ quantity: fc.integer({ min: -2, max: 5 }), price: fc.integer({ min: 0, max: 99_999 }) })

/** Event times all over two hours of one day, so that windows close, alerts come and go and much is late. */
const item: fc.Arbitrary<Item> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sale'),
      minute: fc.double({ min: 0, max: 110, noNaN: true }),
      product: fc.constantFrom('milk', 'bread', 'eggs'),
      lines: fc.array(line, { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stock'),
      minute: fc.integer({ min: 0, max: 110 }),
      product: fc.constantFrom('milk', 'bread'),
      onHand: fc.nat(9),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('view'),
      minute: fc.integer({ min: 0, max: 110 }),
      session: fc.constantFrom('v1', 'v2', 'v3'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pulse'), minute: fc.integer({ min: 0, max: 110 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reject' }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'again' }) },
)

/** The log of one partition, about a dozen messages. */
export const written: fc.Arbitrary<Written> = fc.array(
  fc.record({
    gapMs: fc.constantFrom(0, 1000, 90_000),
    items: fc.oneof(
      { weight: 8, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constant('no JSON' as const) },
    ),
  }),
  { minLength: 1, maxLength: 12 },
)

/** The messages a hub would hold; ids and stores differ between partitions. */
export function messagesOf(log: Written, partition: number): readonly Message[] {
  let enqueuedMs = dayStartMs + 120 * minuteMs
  let ids = 0
  let sale: object | undefined
  const base = (minute: number) => ({
    eventId: `${partition}${String(ids++).padStart(25, '0')}`,
    eventTime: timeOf(minute),
    storeId: `store-${partition}`,
  })
  const wire = (item: Item): object => {
    // Whatever else may carry the watermark past the horizon within which the sale's id is known.
    if (item.kind !== 'again' && item.kind !== 'reject') sale = undefined
    switch (item.kind) {
      case 'stock': {
        const { minute, product, onHand } = item
        return { ...base(minute), type: 'stock', productId: product, onHand, reason: 'count' }
      }
      case 'view':
        return { ...base(item.minute), type: 'activity', action: 'view', channel: 'web', sessionId: item.session }
      case 'sale':
        return (sale = {
          eventId: `${partition}${String(ids++).padStart(25, '0')}`,
          type: 'sale',
          eventTime: timeOf(item.minute),
          storeId: `store-${partition}`,
          paymentMethod: 'card',
          lines: item.lines.map(({ quantity, price }) => ({
            productId: item.product,
            quantity,
            unitPrice: price / 1e4,
          })),
        })
      case 'pulse':
        return {
          eventId: `${partition}${String(ids++).padStart(25, '0')}`,
          type: 'pulse',
          eventTime: timeOf(item.minute),
        }
      case 'reject':
        return { type: 'sale' }
      case 'again':
        return sale ?? {}
    }
  }
  return log.map(({ gapMs, items }, sequence) => {
    enqueuedMs += gapMs
    const body = items === 'no JSON' ? items : JSON.stringify(items.map(wire))
    return { sequence, enqueuedMs, body: Buffer.from(body) }
  })
}

function timeOf(minute: number): string {
  return new Date(dayStartMs + Math.round(minute * minuteMs)).toISOString()
}

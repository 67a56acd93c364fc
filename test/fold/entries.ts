import { type RetailEvent, type SaleLine } from '../../src/event/event'
import { rollups } from '../../src/fold/rollups'
import { type Rules } from '../../src/fold/rules'
import { type Entry } from '../../src/fold/step'

/** Short ways to write a partition's log in a test. Times are minutes of event time. */

const minuteMs = 60_000

export const rules: Rules = {
  latenessMs: 10 * minuteMs,
  idleAfterMs: minuteMs,
  stockoutAfterMs: 60 * minuteMs,
  minorDigits: 2,
  productKinds: '',
  rollups,
}

interface SaleOptions {
  readonly id?: string
  readonly store?: string
  readonly product?: string
  readonly quantity?: number
  readonly cents?: number
  readonly customer?: string
  readonly lines?: readonly SaleLine[]
}

/** A sale at a minute. Its id is made of all that is given, unless it is named. */
export function sale(minute: number, options: SaleOptions = {}): RetailEvent {
  const { store = 's1', product = 'p1', quantity = 1, cents = 100, customer } = options
  return {
    type: 'sale',
    eventId: options.id ?? `${minute}-${store}-${product}-${quantity}-${cents}-${customer ?? ''}`,
    eventTimeMs: Math.round(minute * minuteMs),
    schemaVersion: 1,
    storeId: store,
    paymentMethod: 'card',
    ...(customer === undefined ? {} : { customerId: customer }),
    tipMinor: 0,
    taxIncluded: false,
    lines: options.lines ?? [line({ productId: product, quantity, amountMinor: cents })],
  }
}

/** A line of goods by the piece, without discount and tax unless given; its value follows. */
export function line(fields: Partial<Omit<SaleLine, 'valueMinor'>> = {}): SaleLine {
  const { quantity = 1, amountMinor = 100, discountMinor = 0 } = fields
  const valueMinor = amountMinor + (quantity < 0 ? -1 : 1) * discountMinor
  const amounts = { valueMinor, discountMinor, amountMinor, taxMinor: 0 }
  return { productId: 'p1', kind: 'goods', quantity, pieces: quantity, measured: 0, ...amounts, ...fields }
}

export function pulse(minute: number): RetailEvent {
  return { type: 'pulse', eventId: `pulse-${minute}`, eventTimeMs: minute * minuteMs, schemaVersion: 1 }
}

/** An event, a reject by reason, or an event taken at a minute. */
export type LogItem = RetailEvent | { readonly reject: string } | { readonly at: number; readonly event: RetailEvent }

/** A log of one event per EventData, taken by the hub a second after the one before it unless a time is given. */
export function log(...items: LogItem[]): Entry[] {
  let enqueuedMs = 0
  return items.map((item, sequence) => {
    enqueuedMs = 'at' in item ? item.at * minuteMs : enqueuedMs + 1000
    const position = { sequence, item: 0, enqueuedMs }
    if ('reject' in item) return { ...position, kind: 'reject', reason: item.reject }
    return { ...position, kind: 'event', event: 'at' in item ? item.event : item }
  })
}

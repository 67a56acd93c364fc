/* Tested in test/event/decode.test.ts. */

import { lineCents, maxCents } from './money'
import { parseEventTime } from './event-time'
import { type EventType, schemas, type Wire } from './schema'

/** What every typed event has. Optional fields that did not come are absent, never undefined. */
interface Stamped {
  /** When it happened, epoch milliseconds. */
  readonly eventTimeMs: number
  readonly schemaVersion: number
}

type Stamp = 'eventTime' | 'schemaVersion'

/** A line of a sale; `amountCents` is quantity × unit price, negative for a return. */
export type SaleLine = Omit<Wire<'sale'>['lines'][number], 'unitPrice'> & { readonly amountCents: number }

export type SaleEvent = Omit<Wire<'sale'>, Stamp | 'lines' | 'currency'> &
  Stamped & { readonly lines: readonly SaleLine[] }
export type PaymentEvent = Omit<Wire<'payment'>, Stamp | 'amount' | 'currency'> &
  Stamped & { readonly amountCents: number }
export type StockEvent = Omit<Wire<'stock'>, Stamp> & Stamped
export type ActivityEvent = Omit<Wire<'activity'>, Stamp> & Stamped
export type PulseEvent = Omit<Wire<'pulse'>, Stamp> & Stamped

/** A validated event: only fields of the contract, times in milliseconds, money in cents. */
export type RetailEvent = SaleEvent | PaymentEvent | StockEvent | ActivityEvent | PulseEvent

/** A sale that fits the schema and whose amounts are out of bounds, which JSON Schema cannot say: from this line on. */
export interface Overflow {
  readonly kind: 'overflow'
  readonly line: number
}

const line = keysOf(schemas.sale.properties.lines.items.properties, ['unitPrice'])
const sale = keysOf(schemas.sale.properties, ['eventTime', 'schemaVersion', 'lines', 'currency'])
const payment = keysOf(schemas.payment.properties, ['eventTime', 'schemaVersion', 'amount', 'currency'])
const stock = keysOf(schemas.stock.properties, ['eventTime', 'schemaVersion'])
const activity = keysOf(schemas.activity.properties, ['eventTime', 'schemaVersion'])
const pulse = keysOf(schemas.pulse.properties, ['eventTime', 'schemaVersion'])

/** The typed event of a JSON value its schema has accepted, or the line with which its amounts are out of bounds. */
export function toEvent(wire: Wire<EventType>): RetailEvent | Overflow {
  const stamp = { eventTimeMs: parseEventTime(wire.eventTime), schemaVersion: wire.schemaVersion ?? 1 }
  switch (wire.type) {
    case 'sale':
      return toSale(wire, stamp)
    case 'payment':
      // The schema's bounds keep an amount below the limit of a line.
      return { ...pick(wire, payment), ...stamp, amountCents: lineCents(wire.amount, 1) ?? 0 }
    case 'stock':
      return { ...pick(wire, stock), ...stamp, onHand: wire.onHand + 0 }
    case 'activity':
      return { ...pick(wire, activity), ...stamp }
    case 'pulse':
      return { ...pick(wire, pulse), ...stamp }
    default: {
      const never: never = wire
      return never
    }
  }
}

function toSale(wire: Wire<'sale'>, stamp: Stamped): SaleEvent | Overflow {
  const lines: SaleLine[] = []
  // Sums over many sales have to stay exact, so a sale of a thousand lines may be no larger than one of one line.
  let turnoverCents = 0
  for (const item of wire.lines) {
    const amountCents = lineCents(item.unitPrice, item.quantity)
    turnoverCents += Math.abs(amountCents ?? Infinity)
    if (amountCents === undefined || turnoverCents > maxCents) return { kind: 'overflow', line: lines.length }
    lines.push({ ...pick(item, line), amountCents })
  }
  return { ...pick(wire, sale), ...stamp, lines }
}

function keysOf<T extends object, D extends keyof T>(properties: T, drop: readonly D[]) {
  const keys = Object.keys(properties) as (keyof T)[]
  return keys.filter((key) => !drop.some((dropped) => dropped === key)) as Exclude<keyof T, D>[]
}

/** A new object with the named fields that are present; any other, `__proto__` included, is dropped. */
function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  const to: Partial<T> = {}
  for (const key of keys) if (from[key] !== undefined) to[key] = from[key]
  return to as Pick<T, K>
}

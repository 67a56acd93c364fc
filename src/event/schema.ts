/* Tested in test/event/decode.test.ts and test/tools/verify/contract.test.ts. */

import { type FromSchema } from 'json-schema-to-ts'
import { currencyPattern, eventIdPattern, eventTimePattern, textPattern, zonePattern } from './patterns'

/** Text a table, a log line and PostgreSQL can all hold: no control characters, no half of a surrogate pair. */
function text<L extends number>(maxLength: L, description: string) {
  return { type: 'string', minLength: 1, maxLength, pattern: textPattern, description } as const
}

const identity = {
  eventId: {
    type: 'string',
    pattern: eventIdPattern,
    description:
      'Names this event once and for all: a resend carries the same id. Compared within its store, whatever the case of letters.',
  },
  eventTime: {
    type: 'string',
    pattern: eventTimePattern,
    description: 'When it happened at the till. Kept to the millisecond; further digits are cut off.',
  },
  schemaVersion: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
    description: 'Version of this contract the producer was written for.',
  },
} as const

const context = {
  storeId: text(128, 'The store. It is the partition key as well, so events of one store stay in order.'),
  region: text(128, 'Region of the store, as reports should group it.'),
  city: text(128, 'City of the store.'),
  country: text(128, 'Country of the store, or of the customer where the shop is a web shop.'),
  storeZone: {
    type: 'string',
    maxLength: 64,
    pattern: zonePattern,
    description:
      'Time zone of the store by its IANA name; its days and hours are by it unless the table of stores says otherwise.',
  },
  channel: { type: 'string', enum: ['store', 'web', 'app'], description: 'Where the customer was.' },
  customerId: text(128, 'The customer, when known.'),
  customerSegment: { type: 'string', enum: ['B2C', 'B2B'], description: 'Consumer or business.' },
  sessionId: text(128, 'One visit to the web shop or app; ties activity to the sale.'),
  orderId: text(128, 'The receipt, order or invoice; ties a payment to its sale.'),
} as const

const currency = {
  type: 'string',
  pattern: currencyPattern,
  description: 'Currency of the amounts. When given it must be the one the installation is configured for.',
} as const

const lineKindNames = ['goods', 'gift_card', 'shipping', 'fee', 'discount', 'adjustment'] as const

/** What a line of a receipt is. */
export type LineKind = (typeof lineKindNames)[number]

export const lineKinds: readonly LineKind[] = lineKindNames

function money(minimum: number, maximum: number, description: string) {
  return { type: 'number', minimum, maximum, multipleOf: 0.0001, description } as const
}

const line = {
  type: 'object',
  required: ['productId', 'quantity', 'unitPrice'],
  description: 'One product on the receipt, or one of the other kinds of lines.',
  properties: {
    productId: text(128, 'The product sold.'),
    category: text(128, 'Its category.'),
    brand: text(128, 'Its brand.'),
    quantity: {
      type: 'number',
      minimum: -1_000_000,
      maximum: 1_000_000,
      multipleOf: 0.001,
      not: { const: 0 },
      description: 'How much, in `unit`; negative is a return. What is not whole pieces counts as one piece.',
    },
    unitPrice: money(
      -1_000_000,
      1_000_000,
      'Price of one unit in currency units; a negative one makes the line an `adjustment`. The line counts quantity × ' +
        'unitPrice, rounded half to even to the minor unit, and must stay within ± 1000000000; so must all lines together, ' +
        'returns counted as sales.',
    ),
    amount: money(
      -1_000_000_000,
      1_000_000_000,
      'What the line comes to before its discount where the till has rounded it itself: counts in place of quantity × unitPrice.',
    ),
    unit: {
      type: 'string',
      enum: ['each', 'kg', 'l', 'm'],
      default: 'each',
      description: 'What the quantity is counted in.',
    },
    discount: money(
      0,
      1_000_000_000,
      'Taken off the line, towards zero; of a return, what was not paid and is not paid back.',
    ),
    taxRate: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      multipleOf: 0.0001,
      description: 'Tax as a fraction: 0.2 is twenty percent.',
    },
    taxAmount: money(
      -1_000_000_000,
      1_000_000_000,
      'Tax of the line after discounts, negative for a return; without it the tax follows from `taxRate`.',
    ),
    kind: {
      type: 'string',
      enum: lineKindNames,
      description:
        'What the line is: `goods` unless setting PRODUCT_KINDS knows the product. Gift cards are deferred revenue, `discount` is ' +
        'taken off the goods of the receipt, and an `adjustment` (bad debt) is no sale.',
    },
    promotionId: text(128, 'The promotion the price comes from.'),
  },
} as const

const sale = {
  title: 'sale',
  description: 'A receipt: what one customer bought, or brought back, at one moment.',
  type: 'object',
  required: ['eventId', 'type', 'eventTime', 'storeId', 'lines', 'paymentMethod'],
  properties: {
    type: { const: 'sale', description: 'Says which table below applies.' },
    ...identity,
    ...context,
    lines: { type: 'array', minItems: 1, maxItems: 1000, items: line, description: 'What was sold.' },
    paymentMethod: text(64, 'How it was paid, such as `card`, `cash`, `invoice`, `gift_card`.'),
    salesperson: text(128, 'Who sold it.'),
    discount: money(
      0,
      1_000_000_000,
      'Taken off the receipt as a whole: spread over its goods by what they come to, to the minor unit.',
    ),
    tip: money(-1_000_000_000, 1_000_000_000, 'Tip on top.'),
    taxIncluded: {
      type: 'boolean',
      default: false,
      description: 'Whether the prices contain the tax, or it comes on top.',
    },
    voids: text(
      128,
      "Order id of an earlier receipt that this one takes back whole: its lines are that receipt's, quantities and amounts turned round. " +
        'It is no return: what the other added, it takes away.',
    ),
    edition: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 1,
      description: 'Which telling of the order this is, where an export told it before and it was edited since.',
    },
    currency,
  },
} as const

const payment = {
  title: 'payment',
  description: 'One attempt to pay an order, whether or not the money came.',
  type: 'object',
  required: ['eventId', 'type', 'eventTime', 'storeId', 'orderId', 'amount', 'method', 'status'],
  properties: {
    type: { const: 'payment', description: 'Says which table below applies.' },
    ...identity,
    ...context,
    amount: money(
      -1_000_000_000,
      1_000_000_000,
      'Amount in currency units, rounded half to even to the minor unit; negative is a refund.',
    ),
    method: text(64, 'Means of payment, such as `card`, `cash`, `wallet`.'),
    status: { type: 'string', enum: ['succeeded', 'failed'], description: 'How the attempt ended.' },
    failureReason: text(256, 'Why it failed, in the words of the payment provider.'),
    currency,
  },
} as const

const stock = {
  title: 'stock',
  description: 'What lies on the shelf of one product in one store, as somebody or something has just seen it.',
  type: 'object',
  required: ['eventId', 'type', 'eventTime', 'storeId', 'productId', 'onHand', 'reason'],
  properties: {
    type: { const: 'stock', description: 'Says which table below applies.' },
    ...identity,
    ...context,
    productId: text(128, 'The product counted.'),
    onHand: { type: 'integer', minimum: 0, maximum: 1_000_000_000, description: 'Pieces there now.' },
    reason: {
      type: 'string',
      enum: ['count', 'delivery', 'adjustment'],
      description: 'Why the figure is known: a stocktake, goods received, a correction.',
    },
  },
} as const

const activity = {
  title: 'activity',
  description: 'A step of a customer through the web shop or app, on the way to a sale.',
  type: 'object',
  required: ['eventId', 'type', 'eventTime', 'storeId', 'action'],
  properties: {
    type: { const: 'activity', description: 'Says which table below applies.' },
    ...identity,
    ...context,
    action: { type: 'string', enum: ['view', 'add_to_cart', 'checkout'], description: 'The step.' },
    productId: text(128, 'The product looked at, put into the cart, or leading the order at the checkout.'),
    category: text(128, 'Its category.'),
    device: text(64, 'Such as `phone`, `tablet`, `desktop`.'),
  },
} as const

const pulse = {
  title: 'pulse',
  description: 'A heartbeat tillstream writes into every partition, so that time passes where nobody sells.',
  type: 'object',
  required: ['eventId', 'type', 'eventTime'],
  properties: {
    type: { const: 'pulse', description: 'Says which table below applies.' },
    ...identity,
  },
} as const

/**
 * The wire contract, by the value of `type`: JSON Schema (the part draft 7 and 2020-12 agree on). Types, validators,
 * reject details and docs/events.md all come from here. Fields it does not name are allowed and ignored.
 */
export const schemas = { sale, payment, stock, activity, pulse } as const

export type EventType = keyof typeof schemas

/** Drops the index signature that "unknown fields are allowed" leaves behind. */
type Known<T> = { readonly [K in keyof T as string extends K ? never : K]: T[K] }
type Parsed<T extends EventType> = Known<FromSchema<(typeof schemas)[T], { keepDefaultedPropertiesOptional: true }>>
type WireLine = Known<FromSchema<typeof line, { keepDefaultedPropertiesOptional: true }>>

/** An event of one type as it stands in JSON, fields the contract does not name left aside. */
export type Wire<T extends EventType> = T extends 'sale'
  ? Omit<Parsed<'sale'>, 'lines'> & { readonly lines: readonly WireLine[] }
  : Parsed<T>

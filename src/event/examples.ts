/* Tested in test/event/decode.test.ts. */

import { type EventType, type Wire } from './schema'

/** One event of each type as a producer would send it; docs/events.md shows them, a test decodes them. */
export const examples: { readonly [T in EventType]: Wire<T> } = {
  sale: {
    eventId: '01JNJ8Z5W0Q4T7M2K9X3C6V8BD',
    type: 'sale',
    eventTime: '2026-03-01T09:30:00.000Z',
    storeId: 'store-0007',
    region: 'North',
    city: 'Leeds',
    country: 'United Kingdom',
    channel: 'store',
    customerId: 'customer-018234',
    customerSegment: 'B2C',
    orderId: 'order-5512-0093',
    lines: [
      { productId: 'product-0042', category: 'dairy', brand: 'Alm', quantity: 2, unitPrice: 1.49 },
      { productId: 'product-0107', category: 'bakery', quantity: 1, unitPrice: 3.2, promotionId: 'spring' },
      { productId: 'product-0311', quantity: -1, unitPrice: 12.99 },
    ],
    paymentMethod: 'card',
    salesperson: 'till-3',
    currency: 'GBP',
  },
  payment: {
    eventId: '0195508f-97b3-7c1e-9f4b-2f6f6c1d3a58',
    type: 'payment',
    eventTime: '2026-03-01T09:30:02.250+00:00',
    storeId: 'store-0007',
    orderId: 'order-5512-0093',
    amount: 6.18,
    method: 'card',
    status: 'failed',
    failureReason: 'insufficient funds',
    currency: 'GBP',
  },
  stock: {
    eventId: '01JNJ8Z5W0Q4T7M2K9X3C6V8BE',
    type: 'stock',
    eventTime: '2026-03-01T09:31:00Z',
    storeId: 'store-0007',
    productId: 'product-0042',
    onHand: 18,
    reason: 'count',
  },
  activity: {
    eventId: '01JNJ8Z5W0Q4T7M2K9X3C6V8BF',
    type: 'activity',
    eventTime: '2026-03-01T09:31:07Z',
    storeId: 'store-web',
    channel: 'app',
    sessionId: 'session-77120',
    action: 'add_to_cart',
    productId: 'product-0042',
    category: 'dairy',
    device: 'phone',
  },
  pulse: {
    eventId: '01JNJ8Z5W0Q4T7M2K9X3C6V8BG',
    type: 'pulse',
    eventTime: '2026-03-01T09:32:00Z',
  },
}

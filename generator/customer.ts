// Tested in test/generator/week.test.ts.
import { type ByteText } from './event-text'
import { type Random } from './random'
import { type Store, type World } from './world'

/** A customer as fields of an event; no fields for a guest. */
export interface Customer {
  readonly text: ByteText
  readonly kind: 'guest' | 'consumer' | 'business'
}

const guest: Customer = { text: '', kind: 'guest' }

/** Part of the visits of somebody unknown: few on the web, where an order needs an address. */
const guestShare = { store: 0.45, web: 0.15 } as const

/** The higher, the more often the same ones come: a fifth of the customers make about half of the known visits. */
const loyalty = 2.4
const businessEvery = 14

/** The customer of one visit. Each has one shop to come to, and any web shop. */
export function pickCustomer(random: Random, { stores, customers }: World, { index, channel }: Store): Customer {
  if (random() < guestShare[channel]) return guest
  const home = channel === 'web' ? Math.floor(random() * stores.length) : index
  const perStore = Math.max(1, Math.floor(customers / stores.length))
  const number = Math.floor(perStore * random() ** loyalty) * stores.length + home
  const business = number % businessEvery === 0
  const id = `"customerId":"customer-${String(number).padStart(6, '0')}"`
  return business
    ? { text: `${id},"customerSegment":"B2B",`, kind: 'business' }
    : { text: `${id},"customerSegment":"B2C",`, kind: 'consumer' }
}

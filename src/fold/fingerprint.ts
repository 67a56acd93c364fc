/* Tested in test/fold/duplicates.test.ts. */

import { type ShopEvent } from './rollup'

/** Hashes by which an event is compared with one that came before and is not kept. */
export interface Fingerprint {
  /** Of what happened: kind, time, and what was sold, paid, counted or looked at, for whom. Labels such as a city are left out. */
  readonly content: number
  /** Of store, order and lines of a sale that names its order. */
  readonly receipt: number | undefined
}

/** The fingerprint of an event. Deterministic; two that differ are taken for the same with a probability of 1 in 2^53. */
export function fingerprintOf(event: ShopEvent): Fingerprint {
  const lanes = { high: 0xdeadbeef, low: 0x41c6ce57 }
  let receipt: number | undefined
  addText(lanes, event.type)
  switch (event.type) {
    case 'sale':
      addText(lanes, event.storeId)
      addText(lanes, event.orderId)
      for (const { productId, quantity, amountMinor } of event.lines) {
        addText(lanes, productId)
        addNumber(lanes, quantity)
        addNumber(lanes, amountMinor)
      }
      if (event.orderId !== undefined) receipt = hashOf(lanes)
      break
    case 'payment':
      addText(lanes, event.orderId)
      addText(lanes, event.method)
      addText(lanes, event.status)
      addNumber(lanes, event.amountMinor)
      break
    case 'stock':
      addText(lanes, event.productId)
      addNumber(lanes, event.onHand)
      break
    case 'activity':
      addText(lanes, event.action)
      addText(lanes, event.productId)
      addText(lanes, event.sessionId)
  }
  addText(lanes, event.customerId)
  addNumber(lanes, event.eventTimeMs)
  return { content: hashOf(lanes), receipt }
}

/**
 * A hash in the making: multiply and mix in two lanes of 32 bits, as MurmurHash does. A cryptographic hash costs as much
 * as folding the event does, and nobody gains by finding two events of one hash.
 */
interface Lanes {
  high: number
  low: number
}

/** Adds one unit of 32 bits. */
function add(lanes: Lanes, unit: number): void {
  lanes.high = Math.imul(lanes.high ^ unit, 2654435761)
  lanes.low = Math.imul(lanes.low ^ unit, 1597334677)
}

/** Adds a text of the contract, which has no control characters, and an end to it. */
function addText(lanes: Lanes, text = ''): void {
  for (let i = 0; i < text.length; i++) add(lanes, text.charCodeAt(i))
  add(lanes, 0)
}

/** Adds a whole number. */
function addNumber(lanes: Lanes, value: number): void {
  add(lanes, value | 0)
  add(lanes, Math.floor(value / 0x1_0000_0000))
}

/** 53 bits, as many as a number holds. */
function hashOf({ high, low }: Lanes): number {
  const first = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  const second = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(first ^ (first >>> 13), 3266489909)
  return (first & 0x1fffff) * 0x1_0000_0000 + (second >>> 0)
}

/* Tested in test/fold/duplicates.test.ts. */

import { type SaleLine } from '../event/event'
import { thousandths } from '../event/money'
import { type ShopEvent } from './rollup'

/** Hashes by which an event is compared with one that came before and is not kept. */
export interface Fingerprint {
  /** Of what happened: kind, time, and what was sold, paid, counted or looked at, for whom. Labels such as a city are left out. */
  readonly content: number
  /** Of store, order, its edition, what it voids, and lines of a sale that names its order. */
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
      addText(lanes, event.voids)
      add(lanes, event.edition ?? 1)
      for (const line of event.lines) addLine(lanes, line)
      if (event.orderId !== undefined) receipt = hashOf(lanes)
      addNumber(lanes, event.tipMinor)
      add(lanes, event.taxIncluded ? 1 : 0)
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

const kinds = { goods: 0, gift_card: 1, shipping: 2, fee: 3, discount: 4, adjustment: 5 } as const
const units = { each: 0, kg: 1, l: 2, m: 3 } as const

/** Adds what a line says; most have no discount and no tax, which a flag says at less cost than their zeros would. */
function addLine(lanes: Lanes, line: SaleLine): void {
  const { productId, kind, unit = 'each', quantity, valueMinor, discountMinor, taxMinor } = line
  const flags = (discountMinor === 0 ? 0 : 1) + (taxMinor === 0 ? 0 : 2)
  addText(lanes, productId)
  add(lanes, (kinds[kind] * 4 + units[unit]) * 4 + flags)
  addNumber(lanes, thousandths(quantity))
  addNumber(lanes, valueMinor)
  if (discountMinor !== 0) addNumber(lanes, discountMinor)
  if (taxMinor !== 0) addNumber(lanes, taxMinor)
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

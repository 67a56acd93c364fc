import { type MinorDigits, minorDigits } from './currency'
import { parseEventTime } from './event-time'
import { lineMinor, maxMinor, minorOf, proportion, spread, thousandths } from './money'
import { type ProductKinds } from './product-kinds'
import { type EventType, type LineKind, schemas, type Wire } from './schema'

/** What every typed event has. Optional fields that did not come are absent, never undefined. */
interface Stamped {
  /** When it happened, epoch milliseconds. */
  readonly eventTimeMs: number
  readonly schemaVersion: number
}

type Stamp = 'eventTime' | 'schemaVersion'
type WireLine = Wire<'sale'>['lines'][number]

/** What the amounts of a line come to, whole minor units of the currency, negative for a return. */
interface LineAmounts {
  /** Before discounts. */
  readonly valueMinor: number
  /** What was taken off, its share of the receipt's discount with it; never negative. */
  readonly discountMinor: number
  /** The value less the discount. */
  readonly amountMinor: number
  /** Tax of `amountMinor`: on top of it, or part of it where the receipt says that prices contain it. */
  readonly taxMinor: number
}

/** Fields of a wire line that a typed line has under their own names. */
type KeptOfLine = 'productId' | 'category' | 'brand' | 'quantity' | 'unit' | 'promotionId'

/** A line of a sale. */
export type SaleLine = Pick<WireLine, KeptOfLine> &
  LineAmounts & {
    readonly kind: LineKind
    /** The quantity where it is whole pieces, else one piece; negative for a return. */
    readonly pieces: number
    /** Thousandths of what is weighed or measured, negative for a return; 0 for whole pieces. */
    readonly measured: number
  }

type DroppedOfSale = Stamp | 'lines' | 'currency' | 'discount' | 'tip' | 'taxIncluded'

/** A receipt. One that `voids` another has its signs turned round: it counts as minus the receipt it takes back. */
export type SaleEvent = Omit<Wire<'sale'>, DroppedOfSale> &
  Stamped & {
    readonly lines: readonly SaleLine[]
    readonly tipMinor: number
    /** Whether `taxMinor` of the lines is part of their amounts. */
    readonly taxIncluded: boolean
  }
export type PaymentEvent = Omit<Wire<'payment'>, Stamp | 'amount' | 'currency'> &
  Stamped & { readonly amountMinor: number }
export type StockEvent = Omit<Wire<'stock'>, Stamp> & Stamped
export type ActivityEvent = Omit<Wire<'activity'>, Stamp> & Stamped
export type PulseEvent = Omit<Wire<'pulse'>, Stamp> & Stamped

/** A validated event: only fields of the contract, times in milliseconds, money in minor units. */
export type RetailEvent = SaleEvent | PaymentEvent | StockEvent | ActivityEvent | PulseEvent

/** A sale that fits the schema, and whose amounts do not fit each other, which JSON Schema cannot say. */
export interface Misfit {
  readonly kind: 'misfit'
  /** Field, what was expected, what came. */
  readonly detail: string
}

/** What the meaning of an event depends on besides its fields. */
export interface MeaningRules {
  /** The one currency of the installation, ISO 4217. */
  readonly currency: string
  /** Kinds of products whose lines say none; none when absent. */
  readonly productKinds?: ProductKinds
}

const line: readonly KeptOfLine[] = ['productId', 'category', 'brand', 'quantity', 'unit', 'promotionId']
const sale = keysOf(schemas.sale.properties, [
  'eventTime',
  'schemaVersion',
  'lines',
  'currency',
  'discount',
  'tip',
  'taxIncluded',
])
const payment = keysOf(schemas.payment.properties, ['eventTime', 'schemaVersion', 'amount', 'currency'])
const stock = keysOf(schemas.stock.properties, ['eventTime', 'schemaVersion'])
const activity = keysOf(schemas.activity.properties, ['eventTime', 'schemaVersion'])
const pulse = keysOf(schemas.pulse.properties, ['eventTime', 'schemaVersion'])

/** The typed event of a JSON value its schema has accepted, or why its amounts do not fit. */
export function toEvent(wire: Wire<EventType>, rules: MeaningRules): RetailEvent | Misfit {
  const stamp = { eventTimeMs: parseEventTime(wire.eventTime), schemaVersion: wire.schemaVersion ?? 1 }
  switch (wire.type) {
    case 'sale':
      return toSale(wire, stamp, rules)
    case 'payment':
      return { ...pick(wire, payment), ...stamp, amountMinor: minorOf(wire.amount, minorDigits(rules.currency)) }
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

/** A line before the receipt's discount is spread over it. */
interface Priced {
  readonly wire: WireLine
  readonly kind: LineKind
  readonly valueMinor: number
  discountMinor: number
}

function toSale(wire: Wire<'sale'>, stamp: Stamped, rules: MeaningRules): SaleEvent | Misfit {
  const digits = minorDigits(rules.currency)
  const priced: Priced[] = []
  // Sums over many sales have to stay exact, so a sale of a thousand lines may be no larger than one of one line.
  let turnoverMinor = 0
  let offMinor = wire.discount === undefined ? 0 : minorOf(wire.discount, digits)
  for (const item of wire.lines) {
    const next = priceLine(item, priced.length, { digits, rules })
    if ('detail' in next) return next
    turnoverMinor += Math.abs(next.valueMinor)
    if (turnoverMinor > maxMinor(digits)) return tooLarge(priced.length)
    if (next.kind === 'discount') offMinor += Math.abs(next.valueMinor)
    priced.push(next)
  }
  if (offMinor > 0) {
    // Of a receipt that takes another back the signs are turned round.
    const excess = takeOff(priced, offMinor, { digits, soldSign: wire.voids === undefined ? 1 : -1 })
    if (excess) return excess
  }
  const taxIncluded = wire.taxIncluded ?? false
  const lines = priced.map((each) => toLine(each, { digits, taxIncluded }))
  const tipMinor = wire.tip === undefined ? 0 : minorOf(wire.tip, digits)
  return { ...pick(wire, sale), ...stamp, lines, tipMinor, taxIncluded }
}

function priceLine(
  wire: WireLine,
  index: number,
  { digits, rules }: { readonly digits: MinorDigits; readonly rules: MeaningRules },
): Priced | Misfit {
  const { productId, quantity, unitPrice, amount, discount } = wire
  const valueMinor = amount === undefined ? lineMinor(unitPrice, quantity, digits) : minorOf(amount, digits)
  if (valueMinor === undefined) return tooLarge(index)
  const direction = Math.sign(quantity) * (unitPrice < 0 ? -1 : 1)
  if (valueMinor * direction < 0) {
    return misfit(`lines/${index}/amount`, 'the sign of quantity × unitPrice', String(amount))
  }
  const discountMinor = discount === undefined ? 0 : minorOf(discount, digits)
  if (discountMinor > Math.abs(valueMinor)) {
    return misfit(`lines/${index}/discount`, 'at most what the line comes to', String(discount))
  }
  const named = wire.kind ?? rules.productKinds?.get(productId) ?? 'goods'
  const kind = named === 'goods' && unitPrice < 0 ? 'adjustment' : named
  return { wire, kind, valueMinor, discountMinor }
}

/** Spreads a receipt's discount over its goods: over what is sold, or, where nothing is, over what comes back. */
function takeOff(
  priced: readonly Priced[],
  offMinor: number,
  { digits, soldSign }: { readonly digits: MinorDigits; readonly soldSign: 1 | -1 },
): Misfit | undefined {
  const left = ({ valueMinor, discountMinor }: Priced) => Math.abs(valueMinor) - discountMinor
  const goods = priced.filter(({ kind }) => kind === 'goods')
  const sold = goods.filter(({ valueMinor }) => valueMinor * soldSign > 0)
  const base = sold.length > 0 ? sold : goods
  const weights = base.map(left)
  const most = weights.reduce((sum, weight) => sum + weight, 0)
  if (offMinor > most) {
    const scale = 10 ** digits
    return misfit('discount', `at most ${most / scale}, what the goods come to`, String(offMinor / scale))
  }
  spread(offMinor, weights).forEach((share, index) => {
    const target = base[index]
    if (target) target.discountMinor += share
  })
  return undefined
}

function toLine(
  { wire, kind, valueMinor, discountMinor }: Priced,
  { digits, taxIncluded }: { readonly digits: MinorDigits; readonly taxIncluded: boolean },
): SaleLine {
  const milli = thousandths(wire.quantity)
  const isPieces = milli % 1000 === 0 && (wire.unit ?? 'each') === 'each'
  const amountMinor = valueMinor - Math.sign(valueMinor) * discountMinor
  return {
    ...pick(wire, line),
    kind,
    pieces: isPieces ? milli / 1000 : Math.sign(milli),
    measured: isPieces ? 0 : milli,
    valueMinor,
    discountMinor,
    amountMinor,
    taxMinor: isTaxed[kind] ? taxOf(wire, amountMinor, { digits, taxIncluded }) : 0,
  }
}

/** Gift cards are taxed when they are spent; what is taken off or adjusted has none of its own. */
const isTaxed: Readonly<Record<LineKind, boolean>> = {
  goods: true,
  shipping: true,
  fee: true,
  gift_card: false,
  discount: false,
  adjustment: false,
}

function taxOf(
  { taxAmount, taxRate }: WireLine,
  amountMinor: number,
  { digits, taxIncluded }: { readonly digits: MinorDigits; readonly taxIncluded: boolean },
): number {
  if (taxAmount !== undefined) return minorOf(taxAmount, digits)
  if (taxRate === undefined) return 0
  const rate = Math.round(taxRate * 10_000)
  return proportion(amountMinor, rate, taxIncluded ? 10_000 + rate : 10_000)
}

function tooLarge(index: number): Misfit {
  return misfit(`lines/${index}`, 'quantity × unitPrice within ± 1000000000, of all lines together', 'more')
}

function misfit(path: string, expected: string, got: string): Misfit {
  return { kind: 'misfit', detail: `${path}: expected ${expected}, got ${got}` }
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

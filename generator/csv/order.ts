// Tested in test/generator/csv/receipts.test.ts.
import { type MinorDigits, minorDigits } from '../../src/event/currency'
import { minorOf, spread } from '../../src/event/money'
import { type CsvMap, type OfOrder } from './map'
import { type RowReader, type Said } from './line'
import { type CsvRow } from './rows'

/** As many as the contract allows in one sale. */
export const maxLines = 1000

type Amount = number | string | undefined

/** The lines of an order and what it says as a whole, cut into events of at most 1000 lines. */
export interface OrderPart {
  readonly fields: Said
  readonly lines: readonly Said[]
  readonly rows: number
}

/**
 * The events an order becomes: the lines of its rows, its shipping and fees as lines of their own, its tax spread over the
 * lines by what they come to. `kept` are the rows that count, `all` those whose cells say something of the order. What
 * is no number is passed on as it is, for the decoder to name.
 */
export function orderParts(
  { all, kept }: { readonly all: readonly CsvRow[]; readonly kept: readonly CsvRow[] },
  { map, read }: { readonly map: CsvMap; readonly read: RowReader },
): readonly OrderPart[] {
  const digits = minorDigits(map.currency)
  const ofOrder = (name: keyof CsvMap['order']): Amount => {
    const column = map.order[name]
    return column === undefined ? undefined : amountOf(column, { all, kept, read })
  }
  const [discount, tip] = [magnitude(ofOrder('discount')), ofOrder('tip')]
  const lines = [
    ...kept.map((row) => read.line(row)),
    ...extraLine('SHIPPING', 'shipping', ofOrder('shipping')),
    ...extraLine('FEE', 'fee', ofOrder('fee')),
  ]
  addTax(lines, { tax: ofOrder('tax'), discount, digits })
  const said = {
    ...(discount !== undefined && discount !== 0 && { discount }),
    ...(tip !== undefined && tip !== 0 && { tip }),
  }
  if (lines.length <= maxLines) return [{ fields: said, lines, rows: kept.length }]
  // A discount of the whole order is none of one of its parts: each line gets its share.
  if (typeof discount === 'number') takeOff(lines, { discount, digits })
  const { discount: _discount, ...rest } = said
  return Array.from({ length: Math.ceil(lines.length / maxLines) }, (_, part) => {
    const ofPart = lines.slice(part * maxLines, (part + 1) * maxLines)
    const rows = Math.max(0, Math.min(kept.length - part * maxLines, maxLines))
    const fields = part > 0 ? {} : typeof discount === 'number' ? rest : said
    return { fields, lines: ofPart, rows }
  })
}

function amountOf(
  column: OfOrder,
  { all, kept, read }: { readonly all: readonly CsvRow[]; readonly kept: readonly CsvRow[]; readonly read: RowReader },
): Amount {
  if (typeof column === 'string') {
    for (const row of [...kept, ...all]) {
      const amount = read.amount(row, column)
      if (amount !== undefined) return amount
    }
    return undefined
  }
  let sum: number | undefined
  for (const row of kept) {
    const amount = read.amount(row, column.sum)
    if (typeof amount === 'string') return amount
    if (amount !== undefined) sum = (sum ?? 0) + Math.round(amount * 10_000)
  }
  return sum === undefined ? undefined : sum / 10_000
}

function magnitude(amount: Amount): Amount {
  return typeof amount === 'number' ? Math.abs(amount) : amount
}

/** A line for what an order comes to besides its goods; of a refund with a negative quantity. */
function extraLine(productId: string, kind: string, amount: Amount): readonly Said[] {
  if (amount === undefined || amount === 0) return []
  if (typeof amount === 'string') return [{ productId, kind, quantity: 1, unitPrice: amount }]
  return [{ productId, kind, quantity: amount < 0 ? -1 : 1, unitPrice: Math.abs(amount) }]
}

/** Minor units of what a line comes to before and after its own discount; 0 where it cannot be told. */
function valueOf(
  { quantity, unitPrice, amount, discount }: Said,
  digits: MinorDigits,
): { value: number; left: number } {
  const product = typeof quantity === 'number' && typeof unitPrice === 'number' ? quantity * unitPrice : 0
  const value = minorOf(typeof amount === 'number' ? amount : product, digits)
  const off = typeof discount === 'number' ? minorOf(discount, digits) : 0
  return { value, left: Math.max(0, Math.abs(value) - off) }
}

const kindOf = ({ kind }: Said) => kind ?? 'goods'

/** Shares of an order's discount in minor units, by line; as the decoder spreads the discount of a receipt. */
function discountShares(
  lines: readonly Said[],
  { discount, digits }: { readonly discount: number; readonly digits: MinorDigits },
): readonly number[] {
  const isSold = lines.map((line) => kindOf(line) === 'goods' && valueOf(line, digits).value > 0)
  const takesPart = (line: Said, index: number) =>
    isSold.includes(true) ? isSold[index] === true : kindOf(line) === 'goods'
  const weights = lines.map((line, index) => (takesPart(line, index) ? valueOf(line, digits).left : 0))
  return spread(minorOf(discount, digits), weights)
}

function takeOff(lines: Said[], by: { readonly discount: number; readonly digits: MinorDigits }): void {
  const scale = 10 ** by.digits
  for (const [index, share] of discountShares(lines, by).entries()) {
    const line = lines[index]
    const own = line?.['discount'] ?? 0
    if (!line || share === 0 || typeof own !== 'number') continue
    line['discount'] = (minorOf(own, by.digits) + share) / scale
  }
}

/** Gives each line that is taxed and says no tax of its own its share of the order's tax, to the minor unit. */
function addTax(
  lines: Said[],
  { tax, discount, digits }: { readonly tax: Amount; readonly discount: Amount; readonly digits: MinorDigits },
): void {
  if (tax === undefined || tax === 0) return
  const shares = typeof discount === 'number' ? discountShares(lines, { discount, digits }) : []
  const taxed = lines.flatMap((line, index) => {
    if (!['goods', 'shipping', 'fee'].includes(String(kindOf(line))) || line['taxAmount'] !== undefined) return []
    return [{ line, weight: Math.max(0, valueOf(line, digits).left - (shares[index] ?? 0)) }]
  })
  const [first] = taxed
  if (!first) return
  if (typeof tax === 'string') {
    first.line['taxAmount'] = tax
    return
  }
  const total = minorOf(Math.abs(tax), digits)
  const weights = taxed.map(({ weight }) => weight)
  // Lines that come to nothing have no share: the first has it all.
  const parts = weights.some((weight) => weight > 0) ? spread(total, weights) : [total]
  for (const [index, part] of parts.entries()) {
    const line = taxed[index]?.line
    if (line && part !== 0) line['taxAmount'] = (Math.sign(tax) * part) / 10 ** digits
  }
}

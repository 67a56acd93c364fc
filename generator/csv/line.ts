// Tested in test/generator/csv/receipts.test.ts.
import { meets } from './condition'
import { type CsvMap, booleanFields, lineFields, numberFields, receiptFields } from './map'
import { numberReader } from './number'
import { type CsvRow } from './rows'
import { ianaZone } from './zone-name'

type Value = string | number | boolean
export type Said = Record<string, Value>

/** Reads the fields of the receipt a row says, constants left out, and those of its line. */
export interface RowReader {
  readonly receipt: (row: CsvRow) => Said
  readonly line: (row: CsvRow) => Said
  /** A cell as a number; its text where it is none, undefined where it is empty. */
  readonly amount: (row: CsvRow, column: string) => number | string | undefined
}

/** Reads rows by a map. A number that cannot be read stays the text it is. */
export function rowReader(map: CsvMap): RowReader {
  const number = numberReader(map.numbers, map.currency)
  const receipt = picker(map, { names: receiptFields, number })
  const line = picker(map, { names: lineFields, number })
  const constants = Object.fromEntries(Object.entries(map.constants).filter(([field]) => lineFields.includes(field)))
  const isReturn = map.returns && meets(map.returns)
  const kinds = map.kinds.map(({ when, kind }) => ({ holds: meets(when), kind }))
  return {
    receipt,
    line: (row) => {
      const fields: Said = { ...constants, ...line(row) }
      if (isReturn?.(row) === true) {
        for (const field of ['quantity', 'amount', 'taxAmount'] as const)
          turn(fields, field, (value) => -Math.abs(value))
      }
      const kind = kinds.find(({ holds }) => holds(row))?.kind
      if (kind !== undefined) fields['kind'] = kind
      turn(fields, 'discount', Math.abs)
      if (fields['discount'] === 0) delete fields['discount']
      if (fields['unitPrice'] === undefined) priceByTotal(fields)
      return fields
    },
    amount: (row, column) => {
      const text = (row[column] ?? '').trim()
      return text === '' ? undefined : (number(text) ?? text)
    },
  }
}

function turn(fields: Said, field: string, by: (value: number) => number): void {
  const value = fields[field]
  if (typeof value === 'number') fields[field] = by(value) + 0
}

/** The price of a line of which the file says the total: cut to 4 decimals, for the total counts as it is. */
function priceByTotal(fields: Said): void {
  const { amount, quantity } = fields
  if (typeof amount !== 'number' || typeof quantity !== 'number' || quantity === 0) return
  const price = Math.round((amount / quantity) * 10_000) / 10_000
  // A price of 0 would have no sign, and one of the wrong sign would be an adjustment.
  fields['unitPrice'] = price === 0 ? Math.sign(amount / quantity) / 10_000 + 0 : price
}

function picker(
  { columns, values, wholeNumbers }: CsvMap,
  { names, number }: { readonly names: readonly string[]; readonly number: (text: string) => number | undefined },
) {
  const mapped = names.flatMap((field) => {
    const cells = columns[field]
    return cells === undefined ? [] : [{ field, cells, translate: values[field], read: typed(field) }]
  })
  function typed(field: string): (text: string) => Value {
    if (numberFields.includes(field)) return (text) => number(text) ?? text
    if (booleanFields.includes(field)) return (text) => truths[text.toLowerCase()] ?? text
    if (wholeNumbers.includes(field)) return (text) => text.replace(/^(-?\d+)\.0+$/, '$1')
    if (field === 'storeZone') return (text) => ianaZone(text) ?? text
    return (text) => text
  }
  return (row: CsvRow): Said => {
    const said: Said = {}
    for (const { field, cells, translate, read } of mapped) {
      let text = ''
      for (const column of cells) if ((text = (row[column] ?? '').trim()) !== '') break
      if (translate !== undefined) text = translate[text] ?? (text === '' ? '' : (translate['*'] ?? text))
      if (text !== '') said[field] = read(text)
    }
    return said
  }
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  1: true,
  false: false,
  no: false,
  n: false,
  0: false,
}

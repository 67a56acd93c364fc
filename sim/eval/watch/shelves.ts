/**
 * The shelves of a partition, a row each, as columns of numbers: an object per shelf would take three times the memory,
 * and a snapshot is the columns as they are. A shelf is one product in one store.
 */
export interface Shelves {
  count: number
  columns: Columns
  /** Open addressing: row + 1 by a mix of store and product, 0 where free. */
  table: Int32Array
}

/** Sums are weighted by the age of what is in them (see `weightAt`); marks are cumulative counters as they stood at the last sale. */
export interface Columns {
  readonly store: Uint32Array
  readonly product: Uint32Array
  /** Weighted baskets with the product, and those in which it could have been. */
  readonly sales: Float64Array
  readonly exposure: Float64Array
  /** Weighted clock, clock, all baskets of the partition, and sales of the product in it, at the last sale. */
  readonly exposureMark: Float64Array
  readonly clockMark: Float64Array
  readonly allMark: Float64Array
  readonly productMark: Uint32Array
  /** Event time, epoch milliseconds; NaN before the first sale. */
  readonly lastSaleMs: Float64Array
  /** The store's basket counter at which the shelf is looked at next. */
  readonly due: Float64Array
  /** Mean of recent silences, in baskets expected; 1 when what is expected is right. */
  readonly recent: Float32Array
  /** Share before the promotion, for the day it ends; 0 outside promotions. */
  readonly baseShare: Float32Array
  /** Pieces and minor units per basket that has the product. */
  readonly pieces: Float32Array
  readonly amount: Float32Array
  /** Pieces by the books, -1 when nobody has said. */
  readonly onHand: Int32Array
  /** Which of the product's price tags the last sale had. */
  readonly tag: Uint16Array
  /** Bits of `status` below. */
  readonly status: Uint8Array
}

/** Bits of `status`; `waiting` is in its store's heap. */
export const status = { open: 1, hidden: 2, unobservable: 4, waiting: 8 } as const

type Column = Columns[keyof Columns]
type ColumnType = new (length: number) => Column

export const columnTypes = {
  store: Uint32Array,
  product: Uint32Array,
  sales: Float64Array,
  exposure: Float64Array,
  exposureMark: Float64Array,
  clockMark: Float64Array,
  allMark: Float64Array,
  productMark: Uint32Array,
  lastSaleMs: Float64Array,
  due: Float64Array,
  recent: Float32Array,
  baseShare: Float32Array,
  pieces: Float32Array,
  amount: Float32Array,
  onHand: Int32Array,
  tag: Uint16Array,
  status: Uint8Array,
} as const satisfies Readonly<Record<keyof Columns, ColumnType>>

const growth = 1.25
const leastCapacity = 64
/** At most this share of the table is taken, or it doubles. */
const maxLoad = 0.7

/** No shelves, with room for some. */
export function noShelves(capacity = leastCapacity): Shelves {
  return { count: 0, columns: columnsOf(capacity), table: new Int32Array(tableSize(capacity)) }
}

/** The row of a shelf; -1 when there is none. */
export function findShelf({ columns, table }: Shelves, store: number, product: number): number {
  const mask = table.length - 1
  for (let slot = mix(store, product) & mask; ; slot = (slot + 1) & mask) {
    const row = at(table, slot) - 1
    if (row < 0) return -1
    if (at(columns.store, row) === store && at(columns.product, row) === product) return row
  }
}

/** A new row, all zero but for store and product; the shelf must not be there yet. O(1) amortised. */
export function addShelf(shelves: Shelves, store: number, product: number): number {
  const row = shelves.count++
  if (row >= shelves.columns.store.length) {
    shelves.columns = columnsOf(Math.ceil(row * growth) + leastCapacity, shelves.columns)
  }
  shelves.columns.store[row] = store
  shelves.columns.product[row] = product
  if (shelves.count > shelves.table.length * maxLoad) index(shelves, shelves.table.length * 2)
  else enter(shelves, row)
  return row
}

/** Shelves with these columns, their first `count` rows. */
export function shelvesOf(columns: Columns, count: number): Shelves {
  const shelves = { count, columns, table: new Int32Array(0) }
  index(shelves, tableSize(count))
  return shelves
}

/** A number of a column or table; the row must be there. */
export function at(column: Column, row: number): number {
  return column[row] as number
}

/** Columns of so many rows, what they held before with them. */
export function columnsOf(capacity: number, before?: Columns): Columns {
  const made: Record<string, Column> = {}
  for (const [name, type] of Object.entries(columnTypes)) {
    const column = new type(capacity)
    if (before) column.set(before[name as keyof Columns])
    made[name] = column
  }
  return made as unknown as Columns
}

function tableSize(count: number): number {
  let size = leastCapacity
  while (count > size * maxLoad) size *= 2
  return size
}

function index(shelves: Shelves, size: number): void {
  shelves.table = new Int32Array(size)
  for (let row = 0; row < shelves.count; row++) enter(shelves, row)
}

function enter({ columns, table }: Shelves, row: number): void {
  const mask = table.length - 1
  let slot = mix(at(columns.store, row), at(columns.product, row)) & mask
  while (at(table, slot) !== 0) slot = (slot + 1) & mask
  table[slot] = row + 1
}

/** Final mix of MurmurHash3. */
function mix(a: number, b: number): number {
  let value = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca77)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

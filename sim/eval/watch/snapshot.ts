import { namesOf } from './names'
import { type Shape } from './shape'
import { type Columns, columnsOf, columnTypes, shelvesOf } from './shelves'
import { type Store } from './store'
import { type Watch } from './state'

/*
 * A watch as JSON text: columns of numbers as base64 of their bytes, little-endian as every machine is that Node runs on. About 120
 * bytes per shelf; texts of products and stores once each.
 */

type Numbers = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array

interface Stored {
  readonly originMs: number | null
  readonly baskets: number
  readonly stores: readonly StoredStore[]
  readonly products: Watch['products']
  readonly categories: Watch['categories']
  readonly shapes: readonly StoredShape[]
  readonly allShape: StoredShape
  readonly count: number
  readonly columns: Readonly<Record<string, string>>
  readonly calibration: { readonly seen: string; readonly expected: string }
  readonly open: readonly (readonly [number, object])[]
  readonly storeChecks: Watch['storeChecks']
}

interface StoredShape {
  readonly lines: string
  readonly total: number
}

type StoredStore = Omit<Store, 'past' | 'rhythm' | 'heldBack' | 'heap' | 'firstMs' | 'newestMs' | 'hour' | 'shift'> & {
  readonly heap: string
  readonly times: readonly (number | null)[]
  readonly past: { readonly ticks: string; readonly slot: number | null }
  readonly rhythm: { readonly mean: string; readonly hour: number; readonly baskets: number; readonly hours: number }
  readonly heldBack: readonly number[]
}

/** A watch as text; `decodeWatch` gives back one that goes on exactly as the original would. */
export function encodeWatch(watch: Watch): string {
  const { shelves, stores, shapes, allShape, calibration, originMs, baskets, products, categories, open, storeChecks } =
    watch
  const columns = Object.fromEntries(
    Object.entries(shelves.columns).map(([name, column]) => [
      name,
      bytes((column as Numbers).subarray(0, shelves.count)),
    ]),
  )
  const stored: Stored = {
    originMs: finite(originMs),
    baskets,
    stores: stores.map(storeStore),
    products,
    categories,
    shapes: shapes.map(storeShape),
    allShape: storeShape(allShape),
    count: shelves.count,
    columns,
    calibration: { seen: bytes(calibration.seen), expected: bytes(calibration.expected) },
    open: [...open],
    storeChecks,
  }
  return JSON.stringify(stored)
}

/** The watch that `encodeWatch` wrote under the same rules. Throws when the text is not one. */
export function decodeWatch(text: string): Watch {
  const stored = JSON.parse(text) as Stored
  const columns = columnsOf(stored.count + 64)
  for (const [name, type] of Object.entries(columnTypes)) {
    columns[name as keyof Columns].set(numbers(stored.columns[name] ?? '', type))
  }
  const stores = stored.stores.map(restoreStore)
  return {
    originMs: stored.originMs ?? NaN,
    baskets: stored.baskets,
    stores,
    storeNumbers: new Map(stores.map(({ storeId }, number) => [storeId, number])),
    products: stored.products,
    productNumbers: namesOf(stored.products.map(({ productId }) => productId)),
    categories: stored.categories,
    categoryNumbers: namesOf(stored.categories.map(({ name }) => name)),
    shapes: stored.shapes.map(restoreShape),
    allShape: restoreShape(stored.allShape),
    shelves: shelvesOf(columns, stored.count),
    calibration: {
      seen: numbers(stored.calibration.seen, Float64Array) as Float64Array,
      expected: numbers(stored.calibration.expected, Float64Array) as Float64Array,
    },
    open: new Map(stored.open as Iterable<[number, never]>),
    storeChecks: stored.storeChecks,
  }
}

function storeStore({ past, rhythm, heldBack, heap, firstMs, newestMs, hour, shift, ...rest }: Store): StoredStore {
  return {
    ...rest,
    heap: bytes(Uint32Array.from(heap)),
    times: [firstMs, newestMs, hour, shift].map(finite),
    past: { ticks: bytes(past.ticks), slot: finite(past.slot) },
    rhythm: { ...rhythm, mean: bytes(rhythm.mean) },
    heldBack: [...heldBack],
  }
}

function restoreStore({ times, heap, past, rhythm, heldBack, ...rest }: StoredStore): Store {
  const [firstMs, newestMs, hour, shift] = times
  return {
    ...rest,
    firstMs: firstMs ?? Infinity,
    newestMs: newestMs ?? -Infinity,
    hour: hour ?? -Infinity,
    shift: shift ?? -Infinity,
    heap: Array.from(numbers(heap, Uint32Array)),
    past: { ticks: numbers(past.ticks, Float64Array) as Float64Array, slot: past.slot ?? -Infinity },
    rhythm: { ...rhythm, mean: numbers(rhythm.mean, Float32Array) as Float32Array },
    heldBack: new Set(heldBack),
  }
}

function storeShape({ lines, total }: Shape): StoredShape {
  return { lines: bytes(lines), total }
}

function restoreShape({ lines, total }: StoredShape): Shape {
  return { lines: numbers(lines, Float64Array) as Float64Array, total }
}

function bytes(column: Numbers): string {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('base64')
}

function numbers(text: string, type: (typeof columnTypes)[keyof Columns] | typeof Float32Array): Numbers {
  const read = Buffer.from(text, 'base64')
  const made = new type(read.length / type.BYTES_PER_ELEMENT)
  new Uint8Array(made.buffer).set(read)
  return made
}

/** JSON has no infinities and no NaN; null stands for whichever a field begins with. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

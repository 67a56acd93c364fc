import known from '../maps/formats.json'
import { type Condition, type Join, type OfOrder } from './map'

/** A known export, told by its header. */
export interface Format {
  readonly name: string
  readonly title: string
  /** File beside the table of formats; absent where the export cannot be replayed. */
  readonly map?: string
  /** Columns such a file has, whatever else it has. */
  readonly columns: readonly string[]
  /** Values of fields whose columns a file of this format may lack or leave empty. */
  readonly defaults?: Readonly<Record<string, string>>
  /** What the file may not say and its map cannot know. */
  readonly asks?: readonly string[]
  /** Columns of the order's totals, by which it shows whether prices contain the tax. */
  readonly totals?: { readonly net: string; readonly shipping: string; readonly tax: string; readonly total: string }
  /** The format of the file beside it that its map joins. */
  readonly joins?: string
  /** What to take in place of an export that cannot be replayed. */
  readonly instead?: string
}

/** A map as it stands in its JSON file. */
export interface MapJson {
  readonly source: string
  readonly currency: string
  readonly file?: Readonly<Record<string, unknown>>
  readonly numbers?: Readonly<Record<string, unknown>>
  readonly columns: Readonly<Record<string, string | readonly string[]>>
  readonly constants?: Readonly<Record<string, string | number | boolean>>
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly wholeNumbers?: readonly string[]
  readonly time: {
    readonly format: string | readonly string[]
    readonly columns?: readonly string[]
    readonly zone?: string
    readonly zoneColumn?: string
    readonly repeated?: string
  }
  readonly orderKey?: readonly string[]
  readonly fillDown?: readonly string[]
  readonly where?: readonly Condition[]
  readonly returns?: Condition
  readonly kinds?: readonly { readonly when: Condition; readonly kind: string }[]
  readonly order?: Readonly<Record<string, OfOrder>>
  readonly join?: readonly Join[]
}

export const formats: readonly Format[] = known

/** A header as it is compared: without case, spaces and punctuation, so that `Order Id` and `order_id` are one. */
export function sameHeader(header: string): string {
  return header.toLowerCase().replace(/[^\p{L}\p{N}?#]/gu, '')
}

/** The format whose columns are all in this header; of several the one that asks for the most. */
export function formatOf(header: readonly string[]): Format | undefined {
  const has = new Set(header.map(sameHeader))
  const fits = formats.filter(({ columns }) => columns.every((column) => has.has(sameHeader(column))))
  return [...fits].sort((a, b) => b.columns.length - a.columns.length)[0]
}

/**
 * The map of a known format for a file with this header: columns are named as the file spells them, and what the file
 * has no column for is left out, or has the format's default.
 */
export function fitMap(map: MapJson, header: readonly string[], defaults: Format['defaults'] = {}): MapJson {
  const joined = (map.join ?? []).flatMap(({ columns = [] }) => columns)
  const spelled = new Map([...joined, ...header].map((column) => [sameHeader(column), column]))
  const find = (column: string) => spelled.get(sameHeader(column))
  const all = (columns: readonly string[]) => columns.map(find).filter((column) => column !== undefined)
  const on = <T extends { readonly column: string }>(each: T): readonly T[] => {
    const column = find(each.column)
    return column === undefined ? [] : [{ ...each, column }]
  }

  const columns = Object.entries(map.columns).flatMap(([field, from]) => {
    const there = all(list(from))
    return there.length === 0 ? [] : [[field, there.length === 1 ? (there[0] ?? '') : there] as const]
  })
  const has = new Set(columns.map(([field]) => field))
  const lacking = Object.entries(defaults).filter(([field]) => !has.has(field))
  const orderOf = Object.entries(map.order ?? {}).flatMap(([field, from]) => {
    const column = find(typeof from === 'string' ? from : from.sum)
    return column === undefined ? [] : [[field, typeof from === 'string' ? column : { sum: column }] as const]
  })
  return {
    ...map,
    columns: Object.fromEntries(columns),
    constants: { ...Object.fromEntries(lacking), ...map.constants },
    values: {
      ...Object.fromEntries(Object.entries(map.values ?? {}).filter(([field]) => has.has(field))),
      ...Object.fromEntries(
        Object.entries(defaults)
          .filter(([field]) => has.has(field))
          .map(([field, text]) => [field, { ...map.values?.[field], '': text }]),
      ),
    },
    time: { ...map.time, ...(map.time.columns && { columns: all(map.time.columns) }) },
    ...(map.orderKey && { orderKey: all(map.orderKey) }),
    ...(map.fillDown && { fillDown: all(map.fillDown) }),
    ...(map.where && { where: map.where.flatMap(on) }),
    ...(map.kinds && { kinds: map.kinds.flatMap(({ when, kind }) => on(when).map((each) => ({ when: each, kind }))) }),
    ...(map.order && { order: Object.fromEntries(orderOf) }),
  }
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

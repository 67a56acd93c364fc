import { instantClock, type ClockCounts, type Told, timeTeller } from './clock'
import { meets } from './condition'
import { rowReader, type Said } from './line'
import { type CsvMap, receiptFields } from './map'
import { type OrderPart, orderParts } from './order'
import { type Receipt } from './receipt'
import { type CsvRow } from './rows'
import { type PlacedRow } from './join'
import { sorted } from './sort'

/** What became of the rows of a file. */
export interface RowCounts extends ClockCounts {
  rows: number
  /** Rows that the map's `where` left out. */
  leftOut: number
  receipts: number
}

interface ReceiptOptions {
  readonly map: CsvMap
  readonly counts: RowCounts
  readonly characters?: number | undefined
  /** Told the name of each order of which no row counts, before the first receipt comes. */
  readonly onLeftOut?: ((name: readonly string[]) => void) | undefined
}

/**
 * The receipts of the rows of one file. Rows with the same cells in the map's order key are one order wherever they stand;
 * where the map has none, or a row's are empty, rows of the same time and all else that is not the line's own are.
 * An order's time is that of its first row that counts. Receipts come in the order of their times, those without one
 * first. The same rows give the same receipts. Values are passed on as they are where they cannot be read: what is wrong
 * with a row is for the decoder to say. Memory: bounded, by sorts on disk, but for one order.
 */
export async function* receiptsOf(
  rows: AsyncIterable<PlacedRow> | Iterable<PlacedRow>,
  { map, counts, characters, onLeftOut }: ReceiptOptions,
): AsyncGenerator<Receipt> {
  const limit = characters === undefined ? {} : { characters }
  const read = orderReader(map)
  const keyed = sorted(withKeys(rows, read), { ...limit, keyOf: ({ key, at }) => `${key}\u0000${digits(at)}` })
  // Which pass of a repeated hour is meant is told by the order of the file.
  const orders = sorted(ordersOf(keyed, { read, counts, source: map.source, onLeftOut }), {
    ...limit,
    keyOf: ({ at }) => digits(at),
  })
  const timed = sorted(timedOf(orders, { map, counts }), {
    ...limit,
    keyOf: ({ timeMs, at }) => `${timeKey(timeMs)}${digits(at)}`,
  })
  for await (const { name, timeMs, parts } of timed) {
    for (const [part, { content, rows: ofPart }] of parts.entries()) {
      counts.receipts++
      yield { name, part, content, ...(timeMs !== undefined && { timeMs }), rows: ofPart }
    }
  }
}

/** No counts yet. */
export function noCounts(): RowCounts {
  return { rows: 0, leftOut: 0, receipts: 0, repeated: { first: 0, second: 0 }, skipped: 0 }
}

/** Whole numbers in an order that texts have too. */
function digits(value: number): string {
  return String(value).padStart(16, '0')
}

/** Times before 1970 too: those are counted up from the first that a date can hold. */
function timeKey(timeMs: number | undefined): string {
  return timeMs === undefined ? '' : digits(timeMs + 8.64e15 / 2)
}

interface KeyedRow extends PlacedRow {
  readonly key: string
}

async function* withKeys(
  rows: AsyncIterable<PlacedRow> | Iterable<PlacedRow>,
  { keyOf }: OrderReader,
): AsyncGenerator<KeyedRow> {
  for await (const placed of rows) yield { ...placed, key: JSON.stringify(keyOf(placed.row)) }
}

/** An order before its time is known. */
interface Order {
  readonly at: number
  readonly name: readonly string[]
  readonly told: Told
  readonly fields: Said
  readonly parts: readonly OrderPart[]
}

async function* ordersOf(
  rows: AsyncIterable<KeyedRow>,
  {
    read,
    counts,
    source,
    onLeftOut,
  }: Pick<ReceiptOptions, 'counts' | 'onLeftOut'> & { readonly read: OrderReader; readonly source: string },
): AsyncGenerator<Order> {
  let open: KeyedRow[] = []
  const close = (): readonly Order[] => {
    const [first] = open
    if (!first) return []
    const key = JSON.parse(first.key) as readonly string[]
    const order = read.order(open, key)
    counts.leftOut += open.length - (order?.kept ?? 0)
    if (!order) onLeftOut?.([source, ...key])
    return order ? [order.order] : []
  }
  for await (const row of rows) {
    counts.rows++
    if (open[0]?.key !== row.key) {
      yield* close()
      open = []
    }
    open.push(row)
  }
  yield* close()
}

interface TimedOrder {
  readonly at: number
  readonly name: readonly string[]
  readonly timeMs?: number
  readonly parts: readonly { readonly content: Receipt['content']; readonly rows: number }[]
}

async function* timedOf(
  orders: AsyncIterable<Order>,
  { map, counts }: { readonly map: CsvMap; readonly counts: RowCounts },
): AsyncGenerator<TimedOrder> {
  const clock = instantClock(map.time.repeated)
  for await (const { at, name, told, fields, parts } of orders) {
    const timeMs = clock.instant(told, String(fields['storeId'] ?? ''))
    const eventTime = timeMs === undefined ? told.text : new Date(timeMs).toISOString()
    const head = { type: 'sale', ...(eventTime !== '' && { eventTime }), ...fields }
    yield {
      at,
      name,
      ...(timeMs !== undefined && { timeMs }),
      parts: parts.map((part) => ({
        content: { ...head, ...part.fields, lines: part.lines, currency: fields['currency'] ?? map.currency },
        rows: part.rows,
      })),
    }
    Object.assign(counts, clock.counts)
  }
}

interface OrderReader {
  /** What rows of one order have in common. */
  readonly keyOf: (row: CsvRow) => readonly string[]
  /** The order of these rows, and how many of them count; undefined when none does. */
  readonly order: (
    rows: readonly PlacedRow[],
    key: readonly string[],
  ) => { readonly order: Order; readonly kept: number } | undefined
}

function orderReader(map: CsvMap): OrderReader {
  const read = rowReader(map)
  const tell = timeTeller(map.time)
  const conditions = map.where.map(meets)
  const ofStore = map.columns['storeId'] ?? []
  const constants = Object.fromEntries(Object.entries(map.constants).filter(([field]) => receiptFields.includes(field)))
  const cell = (row: CsvRow, column: string) => (row[column] ?? '').trim()
  const isNamed = (row: CsvRow) => map.orderKey.some((column) => !ofStore.includes(column) && cell(row, column) !== '')
  return {
    keyOf: (row) =>
      isNamed(row)
        ? ['order', ...map.orderKey.map((column) => cell(row, column))]
        : ['moment', tell(row).text, JSON.stringify(read.receipt(row))],
    order: (rows, key) => {
      const all = filledDown(rows, map.fillDown)
      const kept = all.filter(({ row }) => conditions.every((holds) => holds(row)))
      const [first] = kept
      if (!first) return undefined
      const fields: Said = { ...constants }
      for (const { row } of [...kept, ...all]) {
        for (const [field, value] of Object.entries(read.receipt(row))) fields[field] ??= value
      }
      const told = [...kept, ...all].map(({ row }) => tell(row)).find(({ text }) => text !== '') ?? { text: '' }
      const parts = orderParts({ all: all.map(({ row }) => row), kept: kept.map(({ row }) => row) }, { map, read })
      return { order: { at: first.at, name: [map.source, ...key], told, fields, parts }, kept: kept.length }
    },
  }
}

/** The rows with empty cells of some columns filled from the row above. */
function filledDown(rows: readonly PlacedRow[], columns: readonly string[]): readonly PlacedRow[] {
  if (columns.length === 0) return rows
  const above: Record<string, string> = {}
  return rows.map(({ at, row }) => {
    for (const column of columns) {
      const text = row[column] ?? ''
      if (text.trim() !== '') above[column] = text
    }
    return { at, row: { ...row, ...above } }
  })
}

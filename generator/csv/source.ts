import { readFile } from 'node:fs/promises'
import { type ReplayEvent } from '../replay-event'
import { type Encoding } from './encoding'
import { joined, type JoinCounts, openJoin, type PlacedRow } from './join'
import { type CsvMap, parseCsvMap } from './map'
import { eventOf, type Receipt } from './receipt'
import { noCounts, receiptsOf, type RowCounts } from './receipts'
import { type CsvFile, type CsvRow, openCsv } from './rows'

/** Reads a map from a JSON file. Throws with the file's name when it is not there, not JSON, or has faults. */
export async function readCsvMap(file: string): Promise<CsvMap> {
  const text = await readFile(file, 'utf8')
  try {
    return parseCsvMap(JSON.parse(text), file)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Error(`csv map ${file}: expected JSON, got ${error.message}`, { cause: error })
  }
}

/** How a file was read, and what became of its rows. */
export interface CsvReading extends RowCounts {
  readonly file: string
  readonly encoding: Encoding
  readonly delimiter: string
  readonly joins: readonly JoinCounts[]
}

interface CsvInput {
  readonly files: readonly string[]
  readonly map: CsvMap
  /** Told of each file when all of it has been read. */
  readonly onRead?: (reading: CsvReading) => void
  /** Told the name of each order of which no row counts, before the first receipt of its file. */
  readonly onLeftOut?: (name: readonly string[]) => void
  /** Characters a sort may hold before it goes to disk. */
  readonly characters?: number
}

/**
 * The receipts of CSV files, file by file in the order given, each file's in the order of their times; the same files give
 * the same receipts. Each file is an export of its own: an order is complete within it. Streams, with sorts on disk, so
 * that memory does not grow with the rows. Throws with file and line when a file is not CSV or lacks a column of the map.
 */
export async function* readReceipts({ files, map, onRead, onLeftOut, characters }: CsvInput): AsyncGenerator<Receipt> {
  for (const file of files) {
    const counts = noCounts()
    const opened = await openRows(file, map)
    yield* receiptsOf(opened.rows, { map, counts, characters, onLeftOut })
    const { encoding, delimiter, joins } = opened
    onRead?.({ file, encoding, delimiter, joins, ...counts })
  }
}

/** The `sale` events of CSV files as `readReceipts` gives them, each told for the first time. */
export async function* readCsvEvents(input: CsvInput): AsyncGenerator<ReplayEvent> {
  for await (const receipt of readReceipts(input)) yield eventOf(receipt)
}

/** The rows of a file with the columns of its joins that the map speaks of, each with its place in the file. */
export async function openRows(
  file: string,
  map: CsvMap,
): Promise<
  Pick<CsvFile, 'encoding' | 'delimiter' | 'header'> & {
    readonly rows: AsyncGenerator<PlacedRow>
    readonly joins: readonly JoinCounts[]
  }
> {
  const { encoding, delimiter, header, rows, close } = await openCsv(file, map.file)
  const joins: JoinCounts[] = []
  let all = [...header]
  try {
    const wanted = new Set([...columnsOf(map), ...map.join.map(({ key, column = key }) => column)])
    const kept = header.filter((column) => wanted.has(column))
    let placed = inPlace(rows, { columns: kept, fillDown: carriedKeys(map) })
    for (const by of map.join) {
      const { files, added } = await openJoin(by, { beside: file, header: all, shape: map.file })
      const counts: JoinCounts = { file: by.file, unmatched: 0, surplus: 0 }
      placed = joined(placed, { by, files, added, shape: map.file, counts })
      joins.push(counts)
      all = [...all, ...added]
    }
    requireColumns(all, map, file)
    return { encoding, delimiter, header: all, rows: placed, joins }
  } catch (error) {
    close()
    throw error
  }
}

/** Columns of the order key that the file writes on the first row of an order only. */
function carriedKeys({ orderKey, fillDown }: CsvMap): readonly string[] {
  return orderKey.filter((column) => fillDown.includes(column))
}

async function* inPlace(
  rows: AsyncIterable<CsvRow>,
  { columns, fillDown }: { readonly columns: readonly string[]; readonly fillDown: readonly string[] },
): AsyncGenerator<PlacedRow> {
  let at = 0
  const above: Record<string, string> = {}
  for await (const all of rows) {
    const row: Record<string, string> = {}
    for (const column of columns) row[column] = all[column] ?? ''
    for (const column of fillDown) {
      const text = row[column] ?? ''
      if (text.trim() !== '') above[column] = text
    }
    yield { at: at++, row: fillDown.length === 0 ? row : { ...row, ...above } }
  }
}

/** The columns a map speaks of, each once. */
export function columnsOf({
  columns,
  time,
  orderKey,
  fillDown,
  where,
  returns,
  kinds,
  order,
}: CsvMap): readonly string[] {
  const conditions = [...where, ...(returns ? [returns] : []), ...kinds.map(({ when }) => when)]
  return [
    ...new Set([
      ...Object.values(columns).flat(),
      ...time.columns,
      ...(time.zoneColumn === undefined ? [] : [time.zoneColumn]),
      ...orderKey,
      ...fillDown,
      ...conditions.map(({ column }) => column),
      ...Object.values(order).map((column) => (typeof column === 'string' ? column : column.sum)),
    ]),
  ]
}

function requireColumns(header: readonly string[], map: CsvMap, file: string): void {
  const missing = columnsOf(map).filter((column) => !header.includes(column))
  if (missing.length === 0) return
  throw new Error(`${file}: expected columns ${missing.join(', ')}, got ${header.join(', ')}; correct the map`)
}

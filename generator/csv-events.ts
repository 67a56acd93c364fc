import { createHash } from 'node:crypto'
import { type CsvMap, lineFields, numberFields, receiptFields } from './csv-map'
import { localTimeReader } from './local-time'

/** A record of a CSV file: column → text. */
export type CsvRow = Readonly<Record<string, string>>

/** One event to send, and how many rows of the file it holds. */
export interface ReplayEvent {
  readonly key: string
  readonly body: Uint8Array
  readonly rows: number
}

type Fields = Record<string, string | number>

interface Receipt {
  readonly fields: Fields
  readonly lines: Fields[]
}

/** As many as the contract allows in one sale. */
const maxLines = 1000

/**
 * The `sale` events of the rows of one file, named `name` in errors. Rows of one receipt (same time, order and all
 * else that is not the line's own) become one event, or several where they are more than 1000; events come in the
 * order their first rows do. Values are passed on as they are, so what is wrong with a row is for the decoder to say;
 * only a column that is not there is an error. The same rows give the same events and ids. Memory: the rows of one
 * moment and an id per event of the file.
 */
export async function* saleEvents(
  rows: AsyncIterable<CsvRow> | Iterable<CsvRow>,
  { map, name }: { readonly map: CsvMap; readonly name: string },
): AsyncGenerator<ReplayEvent> {
  const read = rowReader(map)
  const toEvent = eventWriter(map)
  const open = new Map<string, Receipt>()
  let openTime: string | undefined
  for await (const row of rows) {
    if (openTime === undefined) requireColumns(row, map, name)
    const { time, fields, line } = read(row)
    if (time !== openTime) {
      for (const receipt of open.values()) yield toEvent(receipt)
      open.clear()
      openTime = time
    }
    const key = JSON.stringify(fields)
    const receipt = open.get(key) ?? { fields, lines: [] }
    receipt.lines.push(line)
    if (receipt.lines.length < maxLines) open.set(key, receipt)
    else {
      yield toEvent(receipt)
      open.delete(key)
    }
  }
  for (const receipt of open.values()) yield toEvent(receipt)
}

function requireColumns(row: CsvRow, { columns }: CsvMap, name: string): void {
  const missing = [...new Set(Object.values(columns))].filter((column) => !(column in row))
  if (missing.length === 0) return
  throw new Error(
    `${name}: expected columns ${missing.join(', ')}, got ${Object.keys(row).join(', ')}; correct the map`,
  )
}

function rowReader({ columns, constants, wholeNumbers, time }: CsvMap) {
  const toMs = localTimeReader(time.format, time.zone)
  const pick = (names: readonly string[]) => {
    const mapped = names.flatMap((field) => {
      const column = columns[field]
      return column === undefined ? [] : [{ field, column }]
    })
    const fixed = Object.fromEntries(Object.entries(constants).filter(([field]) => names.includes(field)))
    return (row: CsvRow): Fields => {
      const fields: Fields = { ...fixed }
      for (const { field, column } of mapped) {
        const text = (row[column] ?? '').trim()
        if (text !== '') fields[field] = valueOf(text, { field, wholeNumbers })
      }
      return fields
    }
  }
  const [receipt, line] = [pick(receiptFields), pick(lineFields)]
  // Rows of one receipt follow each other, and a zone costs more than all the rest of a row.
  let last = { local: '', eventTime: '' }
  return (row: CsvRow): { readonly time: string; readonly fields: Fields; readonly line: Fields } => {
    const fields = receipt(row)
    const local = String(fields['eventTime'] ?? '')
    if (local !== last.local) {
      const ms = toMs(local)
      last = { local, eventTime: ms === undefined ? local : new Date(ms).toISOString() }
    }
    if (local !== '') fields['eventTime'] = last.eventTime
    return { time: local, fields, line: line(row) }
  }
}

/** A number where the field is one and the text reads as one; else the text. */
function valueOf(text: string, { field, wholeNumbers }: { field: string; wholeNumbers: readonly string[] }) {
  if (numberFields.includes(field)) return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text
  return wholeNumbers.includes(field) ? text.replace(/^(-?\d+)\.0+$/, '$1') : text
}

/** Bodies with ids that are names: of the source and everything the event says, and of how often it was said before. */
function eventWriter({ source, currency }: CsvMap): (receipt: Receipt) => ReplayEvent {
  const said = new Map<string, number>()
  return ({ fields, lines }) => {
    const { eventTime, ...others } = fields
    const name = JSON.stringify([source, fields, lines])
    const base = nameId(name)
    const times = said.get(base) ?? 0
    said.set(base, times + 1)
    const eventId = times === 0 ? base : nameId(`${name}#${times}`)
    const event = { eventId, type: 'sale', eventTime, ...others, lines, currency }
    return { key: String(fields['storeId'] ?? ''), body: Buffer.from(JSON.stringify(event)), rows: lines.length }
  }
}

/** A UUID of version 8 from SHA-256 of a name, as in RFC 9562 appendix B.2. */
function nameId(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

// Tested in test/generator/csv/receipts.test.ts and test/generator/cases.test.ts.
import { createHash } from 'node:crypto'
import { type ReplayEvent } from '../replay-event'

/** Fields of an event as a file has them: text that is no number where one belongs stays for the decoder to reject. */
export type Fields = Readonly<Record<string, unknown>>

/** An order as a file tells it, or one of the parts of an order of more than 1000 lines. */
export interface Receipt {
  /** What names the order, whatever it says: the source and the cells of the map's order key. */
  readonly name: readonly string[]
  /** 0, 1, … of the parts of one order. */
  readonly part: number
  /** All that the event says but its id and edition. */
  readonly content: Fields
  /** Epoch milliseconds; absent where the file has no time for it. */
  readonly timeMs?: number
  /** How many rows of the file it holds. */
  readonly rows: number
}

/** The id of an edition of a receipt: the same for the same order of the same source, whatever it says. */
export function receiptId({ name, part }: Pick<Receipt, 'name' | 'part'>, edition = 1): string {
  return nameId(JSON.stringify(['receipt', ...name, part, edition]))
}

/** The event that tells a receipt, for the first time unless an edition is given. */
export function eventOf(receipt: Receipt, edition = 1): ReplayEvent {
  const { type, eventTime, ...others } = receipt.content
  const event = { eventId: receiptId(receipt, edition), type, eventTime, ...others, edition }
  return { key: keyOf(receipt.content), body: Buffer.from(JSON.stringify(event)), rows: receipt.rows }
}

/**
 * The event that takes a told receipt back whole, given as it was sent: its lines, amounts and tip with the opposite sign,
 * at its time, `voids` its order. The id follows from the id of the receipt, so that taking it back twice counts once.
 */
export function voidOf(told: Fields): ReplayEvent {
  const { eventId, type, eventTime, lines, ...others } = told
  const event = {
    eventId: voidId(String(eventId)),
    type,
    eventTime,
    ...others,
    ...('tip' in others && { tip: opposite(others['tip']) }),
    lines: (lines as readonly Fields[]).map(oppositeLine),
    // A receipt without an order id is named by its own id.
    voids: others['orderId'] ?? eventId,
  }
  return { key: keyOf(told), body: Buffer.from(JSON.stringify(event)), rows: 0 }
}

/** The id of the event that takes back the one with this id. */
export function voidId(eventId: string): string {
  return nameId(JSON.stringify(['void', eventId]))
}

function oppositeLine(line: Fields): Fields {
  const turned = ['quantity', 'amount', 'taxAmount'].filter((field) => field in line)
  return { ...line, ...Object.fromEntries(turned.map((field) => [field, opposite(line[field])])) }
}

function opposite(value: unknown): unknown {
  return typeof value === 'number' ? 0 - value : value
}

/** What a receipt says, as a text that is equal exactly when they say the same: whatever the order of fields, id and edition left aside. */
export function contentOf(event: Fields): string {
  const { eventId: _eventId, edition: _edition, ...content } = event
  return JSON.stringify(sortedFields(content))
}

function sortedFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedFields)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, each]) => [field, sortedFields(each)]),
  )
}

function keyOf({ storeId }: Fields): string {
  return typeof storeId === 'string' ? storeId : ''
}

/** A UUID of version 8 from SHA-256 of a name, as in RFC 9562 appendix B.2. */
function nameId(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

import { createHash } from 'node:crypto'
import { calendarOf, type Calendar, dateAt, dayStart } from '../business/calendar'
import { dateOf, dayMs, isDate, startOf } from '../day'
import { parseEventTime } from '../event/event-time'
import { type Warehouse } from '../warehouse/connection'
import { openExport, readVersion, type ExportRange } from '../warehouse/export'
import { exportables, type Exportable } from '../warehouse/exports'

/** What is asked for: the file of the path, the query, and the version the caller has. */
export interface ExportRequest {
  /** `sales_1m.csv`. */
  readonly file: string
  readonly query: ReadonlyMap<string, string> | URLSearchParams
  readonly ifNoneMatch?: string | null
}

/** Why there is no file; what else it names differs. */
interface Fault extends Partial<ExportRange> {
  readonly error: string
  readonly got?: string
  readonly tables?: readonly string[]
  readonly maxRows?: number
}

/** An HTTP answer: a CSV file, nothing new, or JSON that says what was expected. */
export interface ExportAnswer {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: AsyncIterable<Uint8Array>
  readonly jsonBody?: Fault
}

/**
 * As many rows as fit into the memory of an instance several times over: the Functions worker collects an answer before
 * it sends it. It could pass a stream through (`enableHttpStream`), but does not wait for a slow reader
 * (Azure/azure-functions-nodejs-library#294), so that memory is no less; and a database that fails midway would end in
 * a file that looks whole, where this way it ends in status 500.
 */
const largestExportRows = 500_000

/**
 * Answers a request for a table as CSV, as `answerNow` does, or with 503 when as many are being answered already as there
 * are connections for.
 */
export async function answerExport(request: ExportRequest, serving: Serving): Promise<ExportAnswer> {
  try {
    return await answerNow(request, serving)
  } catch (error) {
    // The pool's words for having waited in vain: every connection is at work for somebody else.
    if (!(error instanceof Error) || !error.message.includes('timeout exceeded when trying to connect')) throw error
    const jsonBody = { error: 'export: too many files are being made right now; ask again in a minute' }
    return { status: 503, headers: { 'retry-after': '60' }, jsonBody }
  }
}

/** Where rows come from, what day it is, and how many rows a file may have. */
interface Serving {
  readonly warehouse: Warehouse
  readonly nowMs: number
  readonly maxRows?: number
}

/**
 * Answers a request for a table as CSV: 200 with the file, 304 when the caller has it, 400 for a range that cannot be
 * read or holds more rows than one answer may, 404 for a table there is not. Throws when the database does not
 * answer, then and while the body is read.
 */
async function answerNow(
  { file, query, ifNoneMatch }: ExportRequest,
  { warehouse, nowMs, maxRows = largestExportRows }: Serving,
): Promise<ExportAnswer> {
  const table = exportables.find(({ name }) => `${name}.csv` === file)
  if (!table) return notFound(file)
  const [row] = await warehouse.query('SELECT default_calendar() AS calendar')
  const range = readRange(query, { table, nowMs, calendar: calendarOf(row?.calendar ?? '') })
  if ('error' in range) return { status: 400, jsonBody: range }
  const etag = `W/"${digest(table.name, range.from, range.to, await readVersion(warehouse, table))}"`
  const headers = { etag, 'cache-control': 'private, no-cache' }
  if (ifNoneMatch?.split(/\s*,\s*/).includes(etag)) return { status: 304, headers }
  const found = await openExport(warehouse, { table, ...range }, { maxRows })
  if (found.kind === 'too-many') return tooMany(table, range, found.maxRows)
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${nameOf(table, range)}"`,
      'x-content-type-options': 'nosniff',
      'x-row-count': String(found.rows),
    },
    body: found.csv,
  }
}

function notFound(file: string): ExportAnswer {
  const tables = exportables.map(({ name }) => name)
  return {
    status: 404,
    jsonBody: { error: 'export: expected /api/export/TABLE.csv of one of these', got: file, tables },
  }
}

function tooMany({ name, time }: Exportable, range: ExportRange, maxRows: number): ExportAnswer {
  const error =
    `export: ${name} expected at most ${maxRows} rows in one file, found more; ` +
    `narrow from and to (they go by ${time.column})`
  return { status: 400, jsonBody: { error, ...range, maxRows } }
}

/** `code` and `clientId` are the host's; `_` is for callers that must change the address to be asked again. */
const known = ['from', 'to', 'code', 'clientId', '_']

interface Refusal extends Fault {
  readonly got: string
}

/** What a range is asked of, today, and by whose days. */
interface Asked {
  readonly table: Exportable
  readonly nowMs: number
  readonly calendar: Calendar
}

/** The range asked for, or the table's own when none is; a parameter nobody reads would be a typing error unnoticed. */
function readRange(query: ExportRequest['query'], asked: Asked): ExportRange | Refusal {
  const stray = [...query.keys()].find((name) => !known.includes(name))
  if (stray !== undefined) return { error: 'export: expected no parameters but from and to', got: stray }
  const [from, to] = ['from', 'to'].map((name) => {
    const given = query.get(name) ?? ''
    return given === '' ? undefined : readBound(name, given, asked)
  })
  if (from && 'error' in from) return from
  if (to && 'error' in to) return to
  const start = from?.text ?? defaultFrom(asked, to?.timeMs ?? asked.nowMs)
  if (from && to && from.timeMs >= to.timeMs) {
    return { error: 'export: expected from before to; to itself is not in', got: `from=${from.text} to=${to.text}` }
  }
  return { ...(start && { from: start }), ...(to && { to: to.text }) }
}

/** Whole days, so that an address without a range gives the same from morning to night. */
function defaultFrom({ table: { time, lastDays }, calendar }: Asked, beforeMs: number): string | undefined {
  if (lastDays === 'all') return undefined
  const date = dateOf(startOf(dateAt(calendar, beforeMs - 1)) - lastDays * dayMs)
  return time.kind === 'date' ? date : instantText(dayStart(calendar, date))
}

function readBound(
  name: string,
  given: string,
  { table, calendar }: Asked,
): { timeMs: number; text: string } | Refusal {
  const { time } = table
  if (isDate(given)) {
    const timeMs = dayStart(calendar, given)
    return { timeMs, text: time.kind === 'date' ? given : instantText(timeMs) }
  }
  // A plus that nobody escaped arrives as a space.
  const timeMs = time.kind === 'instant' ? parseEventTime(given.replace(' ', '+')) : NaN
  if (!Number.isNaN(timeMs)) return { timeMs, text: instantText(timeMs) }
  const shape =
    time.kind === 'date'
      ? 'a date YYYY-MM-DD'
      : 'a date YYYY-MM-DD or an instant with its zone, such as 2026-03-01T09:30:00Z'
  return { error: `export: ${name} expected ${shape}`, got: given }
}

const instantText = (timeMs: number) => new Date(timeMs).toISOString()

const digest = (...parts: readonly (string | undefined)[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)

function nameOf({ name }: Exportable, { from, to }: ExportRange): string {
  return `${[name, from, to]
    .filter((part) => part !== undefined)
    .join('_')
    .replaceAll(':', '')}.csv`
}

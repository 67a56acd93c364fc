// Tested in test/app/export.test.ts.
import { stringify, type CastingContext } from 'csv-stringify/sync'
import { type TextRow, type Warehouse } from './connection'
import { type Exportable } from './exports'
import { identifier, identifiers } from './table'

/** Which rows: `from` is the first moment in, `to` the first one out, as text PostgreSQL reads; absent: no bound. */
export interface ExportRange {
  readonly from?: string
  readonly to?: string
}

/** What came of an export: its CSV, or that it has more rows than the limit. */
export type Export =
  | { readonly kind: 'csv'; readonly rows: number; readonly csv: AsyncIterableIterator<Uint8Array, void, undefined> }
  | { readonly kind: 'too-many'; readonly maxRows: number }

/** How large an export may be, and how much of it is held at a time. */
export interface ExportLimits {
  readonly maxRows: number
  readonly pageRows?: number
}

/**
 * Reads a table or view as CSV (RFC 4180, UTF-8, a header row), sorted by time and key. Rows are counted before the
 * first byte; then they come from one moment, a page held at a time; the caller has to read `csv` to its end or leave the
 * loop, for a connection is kept until then. Instants are ISO 8601 in UTC, money has the
 * decimals of its currency, null is empty, and what only a program can read (sketches) is left out. Text a spreadsheet would take for a
 * formula gets a `'` before it.
 *
 * Throws when the database does not answer, also midway, and when it has no such table.
 */
export async function openExport(
  warehouse: Warehouse,
  { table, from, to }: ExportRange & { readonly table: Exportable },
  { maxRows, pageRows = 5000 }: ExportLimits,
): Promise<Export> {
  const relation = table.source ?? table.name
  const columns = await readColumns(warehouse, relation)
  const { sql: where, parameters } = conditionOf(table, { ...(from && { from }), ...(to && { to }) })
  const source = `${identifier(relation)} AS t ${where}`
  const [count] = await warehouse.query(
    `SELECT count(*) AS n FROM (SELECT 1 FROM ${source} LIMIT ${maxRows + 1}) AS r`,
    parameters,
  )
  const rows = Number(count?.n)
  if (rows > maxRows) return { kind: 'too-many', maxRows }
  const order = identifiers([table.time.column, ...table.key].map(asColumn), 't.')
  const statement = `SELECT ${columns.map(asText).join(', ')} FROM ${source} ORDER BY ${order}`
  return { kind: 'csv', rows, csv: await begun(csvOf(warehouse.pages(statement, { parameters, pageRows }), columns)) }
}

/**
 * A text that changes whenever rows of a table may have: read before the rows, it is never newer than they are.
 */
export async function readVersion(warehouse: Warehouse, { changedBy }: Exportable): Promise<string> {
  const [row] = await warehouse.query(`SELECT ${versions[changedBy]} AS version`)
  return row?.version ?? ''
}

const streamVersion = `(SELECT md5(string_agg(s::text, ' ' ORDER BY stream, partition_id)) FROM sink_position AS s)`
const batchVersion = `(SELECT md5(string_agg(b::text, ' ' ORDER BY date)) FROM daily_batch AS b)`

const daysVersion = `(SELECT md5(string_agg(s::text, ' ' ORDER BY store_id)) FROM stores AS s),
  (SELECT md5(i::text) FROM installation AS i)`

const versions: Record<Exportable['changedBy'], string> = {
  // By whose days figures go is a file's or an operator's to say, too.
  stream: `concat(${streamVersion}, ${daysVersion})`,
  batch: batchVersion,
  both: `concat(${streamVersion}, ${batchVersion}, ${daysVersion})`,
}

interface Column {
  readonly name: string
  readonly type: string
}

const asColumn = (name: string) => ({ name })

async function readColumns(warehouse: Warehouse, table: string): Promise<readonly Column[]> {
  const rows = await warehouse.query(
    `SELECT column_name AS name, udt_name AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND udt_name <> 'bytea' ORDER BY ordinal_position`,
    [table],
  )
  if (rows.length === 0) {
    throw new Error(`warehouse: expected a table or view ${table} in schema public, found none; run the migrations`)
  }
  return rows.map(({ name, type }) => ({ name: name ?? '', type: type ?? '' }))
}

function conditionOf({ time }: Exportable, { from, to }: ExportRange): { sql: string; parameters: readonly string[] } {
  const type = time.kind === 'date' ? 'date' : 'timestamptz'
  const bounds = [
    { operator: '>=', value: from },
    { operator: '<', value: to },
  ].filter((bound): bound is { operator: string; value: string } => bound.value !== undefined)
  const tests = bounds.map(({ operator }, at) => `t.${identifier(time.column)} ${operator} $${at + 1}::${type}`)
  return {
    sql: tests.length > 0 ? `WHERE ${tests.join(' AND ')}` : '',
    parameters: bounds.map(({ value }) => value),
  }
}

function asText({ name, type }: Column): string {
  const column = `t.${identifier(name)}`
  const format = { timestamptz: 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"', date: 'YYYY-MM-DD' }[type]
  const source = type === 'timestamptz' ? `${column} AT TIME ZONE 'UTC'` : column
  return `${format ? `to_char(${source}, '${format}')` : `${column}::text`} AS ${identifier(name)}`
}

async function* csvOf(
  pages: AsyncGenerator<readonly TextRow[], void, undefined>,
  columns: readonly Column[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const names = columns.map(({ name }) => name)
  const isText = columns.map(({ type }) => type === 'text')
  // A minus begins a formula in a text, and a number in a number.
  const cast = (value: string, { index }: CastingContext) =>
    value.startsWith('-') && isText[index] === false ? { value, escape_formulas: false } : value
  const options = { record_delimiter: 'windows', escape_formulas: true, cast: { string: cast } } as const
  let header = stringify([names], options)
  for await (const page of pages) {
    const records = page.map((row) => names.map((name) => row[name]))
    yield Buffer.from(header + stringify(records, options))
    header = ''
  }
  if (header !== '') yield Buffer.from(header)
}

/**
 * Takes the first chunk at once, while the caller can still say that there is no connection for it or that the statement
 * fails. Leaving the rest unread lets go of the connection even when not a chunk has been read; a generator that was not
 * begun would let go of nothing.
 */
async function begun(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<AsyncIterableIterator<Uint8Array, void, undefined>> {
  let ahead: IteratorResult<Uint8Array, void> | undefined = await chunks.next()
  const iterator: AsyncIterableIterator<Uint8Array, void, undefined> = {
    next: () => {
      const result = ahead
      ahead = undefined
      return result ? Promise.resolve(result) : chunks.next()
    },
    return: () => chunks.return(),
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

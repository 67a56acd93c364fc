// Tested in test/tools/query/output.test.ts.
import { copyFile } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { type Answer, type AnswerColumn, textOf, type Value } from './answer'
import { type At } from './at'
import { printable } from './printable'
import { type Session } from './session'

/** An answer as one JSON object. */
export interface JsonAnswer {
  readonly ok: true
  readonly columns: readonly Pick<AnswerColumn, 'name' | 'type'>[]
  readonly rows: readonly Readonly<Record<string, Value>>[]
  /** Whether `limit` kept rows back. */
  readonly more: boolean
}

/** Collects an answer, at most `limit` rows of it, 0 for all. */
export async function jsonAnswer(
  { columns, rows }: Answer,
  { limit = 0 }: { readonly limit?: number } = {},
): Promise<JsonAnswer> {
  const collected: Record<string, Value>[] = []
  let more = false
  for await (const row of rows) {
    more = limit > 0 && collected.length === limit
    if (more) break
    collected.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
  }
  return { ok: true, columns: columns.map(({ name, type }) => ({ name, type })), rows: collected, more }
}

/** The same with nothing in it that steers a terminal. JSON escapes some control characters, but not all there are. */
export function printableJson(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value)) return value.map(printableJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [printable(name), printableJson(field)]))
}

/**
 * Writes an answer as CSV (RFC 4180), with a header, as it is worked out. A text that a spreadsheet would take for a
 * formula gets an apostrophe before it; numbers stay as they are. On a terminal control characters are escaped.
 */
export async function writeCsv(
  { columns, rows }: Answer,
  to: Writable & { readonly isTTY?: boolean },
  { limit = 0 }: { readonly limit?: number } = {},
): Promise<void> {
  const shown = to.isTTY ? printable : (text: string) => text
  const csv = stringify({
    header: true,
    columns: columns.map(({ name }, i) => ({ key: String(i), header: shown(name) })),
    cast: {
      string: (value, { header, index }) => ({
        value,
        escape_formulas: header || columns[index]?.kind !== 'number',
      }),
    },
  })
  const lines = async function* () {
    let left = limit > 0 ? limit : Infinity
    for await (const row of rows) {
      if (left-- === 0) return
      yield row.map((value) => shown(textOf(value) ?? ''))
    }
  }
  try {
    await pipeline(Readable.from(lines()), csv, to, { end: false })
  } catch (error) {
    // Whoever reads may have enough before the end: `| head`.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

/** Writes the answer to a SELECT to a Parquet file, replacing one that is there; returns how many rows. */
export async function writeParquetFile(
  session: Session,
  sql: string,
  { file, at }: { readonly file: string; readonly at?: At | undefined },
): Promise<number> {
  const { path, rows } = await session.askParquet(sql, { at })
  await copyFile(path, file)
  return rows
}

// Tested in test/tools/query/output.test.ts.
import CliTable from 'cli-table3'
import { type Answer, type AnswerColumn, textOf, type Value } from './answer'
import { type Paint } from './paint'
import { cut, fill, printable, printableLines, widthOf, wrap } from './printable'

/** What a grid may take. */
export interface GridLimits {
  /** Rows shown; 0 shows all. */
  readonly rows: number
  /** Columns of the terminal; undefined where lines may be as long as they are. */
  readonly columns?: number | undefined
}

/** Characters of one cell that are shown. */
const widestCell = 120
const narrowestText = 10
const longestTime = 32

/**
 * An answer as a grid of text, numbers to the right, with notes below on what was left out and how to get it. No more of
 * the answer is worked out than is shown.
 */
export async function gridOf(
  answer: Answer,
  { limits, paint }: { readonly limits: GridLimits; readonly paint: Paint },
): Promise<{ readonly text: string; readonly rows: number }> {
  const { rows, more } = await take(answer.rows, limits.rows)
  if (answer.columns.some(({ name }) => name === 'explain_value')) return { text: planText(rows), rows: rows.length }
  const cells = rows.map((row) => row.map(cellText))
  const plan = planWidths(answer.columns, cells, limits.columns)
  const table = new CliTable({
    style: { head: [], border: [], compact: true },
    head: plan.map(({ name, width, align }) => paint('bold', fill(printable(name), width, align))),
    colAligns: plan.map(({ align }) => align),
  })
  for (const row of cells) {
    table.push(plan.map(({ index, width, align }) => paintCell(row[index], { width, align, paint })))
  }
  const notes = notesOf({ answer, shown: rows.length, more, plan, cells })
  const noteLines = notes.flatMap((note) => wrap(note, limits.columns ?? Infinity))
  return { text: [table.toString(), ...noteLines.map((note) => paint('dim', note))].join('\n'), rows: rows.length }
}

/** The answer to EXPLAIN is a drawing and takes all the lines it takes. */
function planText(rows: readonly (readonly Value[])[]): string {
  return rows.map((row) => printableLines(textOf(row[1] ?? null) ?? '')).join('\n')
}

async function take(
  rows: Answer['rows'],
  limit: number,
): Promise<{ readonly rows: readonly (readonly Value[])[]; readonly more: boolean }> {
  const taken: (readonly Value[])[] = []
  for await (const row of rows) {
    if (limit > 0 && taken.length === limit) return { rows: taken, more: true }
    taken.push(row)
  }
  return { rows: taken, more: false }
}

/** Undefined stands for null, which is not the text `null`. */
function cellText(value: Value): string | undefined {
  const text = textOf(value)
  // Far beyond what is shown, so that a cell of megabytes costs nothing.
  return text === undefined ? undefined : printable(text.slice(0, 4 * widestCell))
}

function paintCell(
  text: string | undefined,
  { width, align, paint }: { readonly width: number; readonly align: 'left' | 'right'; readonly paint: Paint },
): string {
  return text === undefined ? paint('dim', fill('null', width, align)) : fill(text, width, align)
}

interface PlannedColumn {
  readonly index: number
  readonly name: string
  readonly align: 'left' | 'right'
  /** Columns it would take uncut, and the fewest it can do with. */
  readonly natural: number
  readonly least: number
  width: number
}

/** A border and a blank on either side of each cell, and one border at the end. */
const frame = (columns: number) => 3 * columns + 1

/** Widths that fit: text gives way first, the widest most; then columns at the right end go. Numbers are never cut. */
function planWidths(
  columns: readonly AnswerColumn[],
  cells: readonly (readonly (string | undefined)[])[],
  available = Infinity,
): readonly PlannedColumn[] {
  const plan = columns.map((column, index) => planned(column, { index, cells }))
  const total = () => plan.reduce((sum, { width }) => sum + width, frame(plan.length))
  while (plan.length > 1 && plan.reduce((sum, { least }) => sum + least, frame(plan.length)) > available) plan.pop()
  while (total() > available) {
    const widest = plan.filter(({ width, least }) => width > least).sort((a, b) => b.width - a.width)[0]
    if (!widest) break
    widest.width--
  }
  return plan
}

function planned(
  { name, kind }: AnswerColumn,
  { index, cells }: { readonly index: number; readonly cells: readonly (readonly (string | undefined)[])[] },
): PlannedColumn {
  const widest = cells.reduce((max, row) => Math.max(max, widthOf(row[index] ?? 'null')), 1)
  const header = widthOf(printable(name))
  const natural = Math.min(widestCell, Math.max(widest, header))
  // Half a number is another number, half a time is none.
  const isWhole = kind === 'number' || (kind === 'other' && widest <= longestTime)
  const least = Math.min(natural, Math.max(isWhole ? widest : narrowestText, Math.min(header, narrowestText)))
  return { index, name, align: kind === 'number' ? 'right' : 'left', natural, least, width: natural }
}

function notesOf({
  answer,
  shown,
  more,
  plan,
  cells,
}: {
  readonly answer: Answer
  readonly shown: number
  readonly more: boolean
  readonly plan: readonly PlannedColumn[]
  readonly cells: readonly (readonly (string | undefined)[])[]
}): readonly string[] {
  const rows = shown === 1 ? '1 row' : `${shown} rows`
  const count = more ? `first ${rows}; there are more: --limit N, 0 for all` : rows
  const left = answer.columns.slice(plan.length).map(({ name }) => cut(printable(name), widestCell))
  const isCut = plan.some(
    ({ index, width, name }) =>
      widthOf(printable(name)) > width || cells.some((row) => widthOf(row[index] ?? '') > width),
  )
  const everything = 'a wider terminal, --csv or --json shows all'
  if (left.length > 0)
    return [count, `${left.length} columns left out for lack of room: ${left.join(', ')}; ${everything}`]
  return isCut ? [count, `cut where it ends in …; ${everything}`] : [count]
}

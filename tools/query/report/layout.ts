// Tested in test/tools/query/report.test.ts.
import { stripVTControlCharacters } from 'node:util'
import { type Paint, type Style } from '../paint'
import { fill, printable, widthOf } from '../printable'

/** How a page is to look. */
export interface PageOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly paint: Paint
}

/** Lines of a page. */
export type Lines = readonly string[]

export interface BarRow {
  readonly label: string
  /** What the bar is as long as; below zero there is none. */
  readonly value: number
  /** What stands behind the bar, one under the other to the right. */
  readonly cells: readonly string[]
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const
const narrowestBar = 4

/** A bar of at most so many columns, to an eighth of one; anything above nothing shows. */
export function bar(value: number, { most, columns }: { readonly most: number; readonly columns: number }): string {
  if (value <= 0 || most <= 0) return ''
  const steps = Math.max(1, Math.round((value / most) * columns * 8))
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '')
}

/** Rows with a label, a bar and figures, as wide as told; labels give way before figures do, and bars before labels. */
export function barLines(
  rows: readonly BarRow[],
  { width, paint, style = 'cyan' }: { readonly width: number; readonly paint: Paint; readonly style?: Style },
): Lines {
  const columns = Math.max(0, ...rows.map(({ cells }) => cells.length))
  const cellWidths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map(({ cells }) => widthOf(cells[i] ?? ''))),
  )
  const figures = cellWidths.reduce((sum, cell) => sum + cell + 2, 0)
  const labels = rows.map(({ label }) => printable(label))
  const roomy = Math.max(8, width - figures - narrowestBar - 1)
  const labelWidth = Math.min(roomy, Math.max(...labels.map(widthOf)), Math.max(12, Math.floor(width * 0.4)))
  const barWidth = width - figures - labelWidth - 1
  const most = Math.max(...rows.map(({ value }) => value))
  return rows.map(({ value, cells }, i) => {
    const drawn = barWidth >= narrowestBar ? fill(bar(value, { most, columns: barWidth }), barWidth) : ''
    const right = cells.map((cell, j) => `  ${fill(cell, cellWidths[j] ?? 0, 'right')}`).join('')
    return `${fill(labels[i] ?? '', labelWidth)} ${paint(style, drawn)}${right}`.trimEnd()
  })
}

/** Rows of texts in columns, the last ones to the right; the widest of the first `left` columns give way when there is no room. */
export function columnLines(
  rows: readonly (readonly string[])[],
  { width, left }: { readonly width: number; readonly left: number },
): Lines {
  const texts = rows.map((row) => row.map(printable))
  const widths = (texts[0] ?? []).map((_, i) => Math.max(...texts.map((row) => widthOf(row[i] ?? ''))))
  const total = () => widths.reduce((sum, column) => sum + column + 2, -2)
  while (total() > width) {
    const widest = Math.max(...widths.slice(0, left))
    if (widest <= narrowestBar) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  const spare = Math.max(0, width - total())
  const line = (row: readonly string[]) =>
    row.map(
      (text, i) => (i === left ? ' '.repeat(spare) : '') + fill(text, widths[i] ?? 0, i < left ? 'left' : 'right'),
    )
  return texts.map((row) => line(row).join('  ').trimEnd())
}

/** A heading and what is below it. */
export function section(
  title: string,
  lines: Lines,
  { width, paint }: { readonly width: number; readonly paint: Paint },
) {
  const rule = '─'.repeat(Math.max(0, width - widthOf(title) - 1))
  return [`${paint('bold', title)} ${paint('dim', rule)}`, ...lines] as const
}

const gutter = 4

/** Widths of two columns beside each other on a page of that width; undefined where it is too narrow for two. */
export function halves(width: number): readonly [number, number] | undefined {
  if (width < 96) return undefined
  const left = Math.floor((width - gutter) / 2)
  return [left, width - gutter - left]
}

/** Two blocks beside each other. */
export function beside(left: Lines, right: Lines, leftWidth: number): Lines {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const line = left[i] ?? ''
    const blanks = ' '.repeat(Math.max(0, leftWidth - widthOf(stripVTControlCharacters(line))))
    return `${line}${blanks}${' '.repeat(gutter)}${right[i] ?? ''}`.trimEnd()
  })
}

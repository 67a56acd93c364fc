/** What a cell of a table holds, unformatted. Amounts come as exact decimals, `{ decimal: '-12.05' }`. */
export type Value = string | number | null | { readonly decimal: string }

/** Spreadsheets take a text that begins so for a formula. */
const formula = /^[=+\-@\t\r＝＋－＠]/

/** A cell of CSV (RFC 4180). Text that a spreadsheet would run as a formula gets a `'` in front; numbers stay numbers. */
export function csvCell(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'object') return value.decimal
  const safe = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A table as CSV in UTF-8 with its mark, which Excel needs to see that it is, and lines that end in CRLF. */
export function csvText(header: readonly string[], rows: readonly (readonly Value[])[]): string {
  return `\uFEFF${[header, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')}`
}

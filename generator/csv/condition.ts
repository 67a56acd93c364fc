// Tested in test/generator/csv/receipts.test.ts.
import { type Condition } from './map'
import { type CsvRow } from './rows'

/** Tells whether a row meets a condition: all of its tests, on the text of the cell without white space around it. */
export function meets({ column, is, isNot, empty, matches }: Condition): (row: CsvRow) => boolean {
  const pattern = matches === undefined ? undefined : new RegExp(matches, 'u')
  return (row) => {
    const text = (row[column] ?? '').trim()
    return (
      (is === undefined || is.includes(text)) &&
      (isNot === undefined || !isNot.includes(text)) &&
      (empty === undefined || empty === (text === '')) &&
      (pattern === undefined || pattern.test(text))
    )
  }
}

// Tested in test/tools/verify/csv.test.ts.
import { columnsOf, openRows } from '../../generator/csv/source'
import { type CsvRow, openCsv } from '../../generator/csv/rows'
import { type CsvSource, keyColumn } from './csv'
import { type Engine } from './engine'

const rowsPerFlush = 10_000

/**
 * Reads files into `csv.read`: the number of the file, of the row in it, a text for each field that has a column, the time,
 * and the cells that name the order. By the reader of the replay, so that encoding, byte order mark, quotes and line ends
 * mean what they meant then; what the texts say is worked out anew. Throws, naming file and line, where the replay
 * would. Memory: some thousand rows.
 */
export async function loadCsvRows({ connection }: Engine, { files, map }: CsvSource): Promise<void> {
  const cells = [
    ...Object.entries(map.columns).map(([field, columns]) => ({ name: field, of: firstOf(columns) })),
    { name: 'eventTime', of: (row: CsvRow) => filled(row, map.time.columns).join(' ') },
    ...map.orderKey.map((column, i) => ({ name: keyColumn(i), of: firstOf([column]) })),
  ]
  await connection.run(`CREATE SCHEMA IF NOT EXISTS csv; CREATE OR REPLACE TABLE csv.read (
    file INTEGER, row_in_file BIGINT, ${cells.map(({ name }) => `"${name}" VARCHAR`).join(', ')})`)
  const appender = await connection.createAppender('read', 'csv')
  for (const [file, path] of files.entries()) {
    const { header, rows } = await openCsv(path, map.file)
    checkColumns(header, path, columnsOf(map))
    let row = 0
    for await (const record of rows) {
      appender.appendInteger(file + 1)
      appender.appendBigInt(BigInt(++row))
      for (const { of } of cells) appender.appendVarchar(of(record))
      appender.endRow()
      if (row % rowsPerFlush === 0) appender.flushSync()
    }
  }
  appender.closeSync()
}

/** How many rows files have, whatever their map makes of them. Throws, naming the file, where the replay would. */
export async function countCsvRows({ files, map }: CsvSource): Promise<number> {
  let count = 0
  for (const file of files) {
    const { rows } = await openRows(file, map)
    for (let next = await rows.next(); next.done !== true; next = await rows.next()) count++
  }
  return count
}

function filled(row: CsvRow, columns: readonly string[]): readonly string[] {
  return columns.map((column) => (row[column] ?? '').trim()).filter((text) => text !== '')
}

function firstOf(columns: readonly string[]): (row: CsvRow) => string {
  return (row) => filled(row, columns)[0] ?? ''
}

function checkColumns(header: readonly string[], path: string, columns: readonly string[]): void {
  const missing = columns.filter((column) => !header.includes(column))
  if (missing.length > 0) throw new Error(`${path}: expected column ${missing.join(', ')}, got none; was it replaced?`)
}

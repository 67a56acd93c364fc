// Tested in test/tools/verify/csv.test.ts.
import { type CsvRow } from '../../generator/csv/rows'
import { readRows } from '../../generator/csv/source'
import { type CsvSource } from './csv'
import { type Engine } from './engine'

const rowsPerFlush = 10_000

/**
 * Reads files into `csv.read`: the number of the file, of the row in it, and a text for each field that has a column.
 * By the reader of the replay, so that encoding, byte order mark, quotes and line ends mean what they meant then; what
 * the texts say is worked out anew. Throws, naming file and line, where the replay would. Memory: some thousand rows.
 */
export async function loadCsvRows({ connection }: Engine, { files, map }: CsvSource): Promise<void> {
  const fields = Object.entries(map.columns)
  await connection.run(`CREATE SCHEMA IF NOT EXISTS csv; CREATE OR REPLACE TABLE csv.read (
    file INTEGER, row_in_file BIGINT, ${fields.map(([field]) => `"${field}" VARCHAR`).join(', ')})`)
  const appender = await connection.createAppender('read', 'csv')
  for (const [file, path] of files.entries()) {
    let row = 0
    for await (const record of readRows(path)) {
      if (row === 0) checkColumns(record, path, Object.values(map.columns))
      appender.appendInteger(file + 1)
      appender.appendBigInt(BigInt(++row))
      for (const [, column] of fields) appender.appendVarchar(record[column] ?? '')
      appender.endRow()
      if (row % rowsPerFlush === 0) appender.flushSync()
    }
  }
  appender.closeSync()
}

function checkColumns(row: CsvRow, path: string, columns: readonly string[]): void {
  const missing = columns.filter((column) => !(column in row))
  if (missing.length > 0) throw new Error(`${path}: expected column ${missing.join(', ')}, got none; was it replaced?`)
}

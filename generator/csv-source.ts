// Tested in test/generator/sources.test.ts.
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse'
import { reasonOf } from '../src/reason'
import { type CsvRow, type ReplayEvent, saleEvents } from './csv-events'
import { type CsvMap, parseCsvMap } from './csv-map'

/** Reads a map from a JSON file. Throws with the file's name when it is not there, not JSON, or has faults. */
export async function readCsvMap(file: string): Promise<CsvMap> {
  const text = await readFile(file, 'utf8')
  try {
    return parseCsvMap(JSON.parse(text), file)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Error(`csv map ${file}: expected JSON, got ${error.message}`, { cause: error })
  }
}

/**
 * The `sale` events of CSV files, file by file in the order given, rows in the order of the file; the same files give
 * the same events and ids. Streams: memory does not grow with the rows. Throws with file and line when a file is not
 * CSV or lacks a column of the map.
 */
export async function* readCsvEvents({
  files,
  map,
}: {
  readonly files: readonly string[]
  readonly map: CsvMap
}): AsyncGenerator<ReplayEvent> {
  for (const file of files) yield* saleEvents(readRows(file), { map, name: file })
}

/** The records of one CSV file, in its order. Streams. Throws with file and line when it is not CSV. */
export async function* readRows(file: string): AsyncGenerator<CsvRow> {
  const input = createReadStream(file)
  const records = input.pipe(parse({ columns: true, bom: true, skip_empty_lines: true }))
  // A pipe does not pass on errors: without this a file that is not there would never end.
  input.once('error', (error) => records.destroy(error))
  try {
    for await (const record of records) yield record as CsvRow
  } catch (error) {
    throw new Error(`${file}: ${reasonOf(error)}`, { cause: error })
  } finally {
    input.destroy()
  }
}

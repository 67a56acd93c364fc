import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { reasonOf } from '../../src/reason'
import { type Encoding, encodingOf, textOf } from './encoding'
import { type FileShape } from './map'

/** A record of a CSV file: column → text. */
export type CsvRow = Readonly<Record<string, string>>

/** A CSV file opened: how it is written, its columns, and its records in order. */
export interface CsvFile {
  readonly encoding: Encoding
  readonly delimiter: string
  readonly header: readonly string[]
  readonly rows: AsyncGenerator<CsvRow>
  /** Lets go of a file whose rows are not read. */
  readonly close: () => void
}

/**
 * Opens a CSV file. What its shape does not say is found out: the encoding, and the mark between cells by the first lines
 * (Excel's own `sep=;` counts). Of columns with one name the second is called `name (2)`. Streams. Throws with file
 * and line when it is not CSV; Its rows are to be read, to the end or until they are left, or
 * the file closed.
 */
export async function openCsv(file: string, shape: FileShape = {}): Promise<CsvFile> {
  const encoding = await encodingOf(file, shape.encoding)
  const pieces = textOf(file, encoding)
  let start = ''
  while (start.length < startCharacters) {
    const next = await pieces.next()
    if (next.done === true) break
    start += next.value
  }
  const { skipLines = 0, quote = '"', header: named } = shape
  const marked = /^sep=(.)\r?\n/.exec(start)
  if (marked) start = start.slice(marked[0].length)
  for (let i = 0; i < skipLines; i++) start = start.replace(/^[^\r\n]*(?:\r\n|\r|\n)/, '')
  const delimiter = shape.delimiter ?? marked?.[1] ?? delimiterOf(start, quote)
  const all = async function* () {
    try {
      yield start
      yield* pieces
    } finally {
      await pieces.return(undefined)
    }
  }
  const input = Readable.from(all())
  const records = input.pipe(parse({ delimiter, quote: quote === '' ? null : quote, skip_empty_lines: true }))
  // A pipe does not pass on errors: without this a file of broken text would never end.
  input.once('error', (error) => records.destroy(error))
  records.once('close', () => input.destroy())
  const iterator = records[Symbol.asyncIterator]() as Records
  const failed = (error: unknown) => {
    const reason = reasonOf(error)
    return new Error(reason.startsWith(file) ? reason : `${file}: ${reason}`, { cause: error })
  }
  const header = named ?? (await firstOf(iterator, failed))
  const columns = distinct(header.map((name) => name.trim()))
  const close = () => {
    records.destroy()
  }
  return { encoding, delimiter, header: columns, rows: rowsOf(iterator, { columns, failed }), close }
}

const startCharacters = 64 * 1024

type Records = AsyncIterator<readonly string[]>

async function firstOf(records: Records, failed: (error: unknown) => Error): Promise<readonly string[]> {
  try {
    const first = await records.next()
    return first.done === true ? [] : first.value
  } catch (error) {
    throw failed(error)
  }
}

async function* rowsOf(
  records: Records,
  { columns, failed }: { readonly columns: readonly string[]; readonly failed: (error: unknown) => Error },
): AsyncGenerator<CsvRow> {
  try {
    for (;;) {
      const next = await records.next()
      if (next.done === true) return
      const row: Record<string, string> = {}
      for (const [i, column] of columns.entries()) row[column] = next.value[i] ?? ''
      yield row
    }
  } catch (error) {
    throw failed(error)
  } finally {
    await records.return?.()
  }
}

function distinct(names: readonly string[]): readonly string[] {
  const uses = new Map<string, number>()
  return names.map((name) => {
    const use = (uses.get(name) ?? 0) + 1
    uses.set(name, use)
    return use === 1 ? name : `${name} (${use})`
  })
}

const delimiters = [',', ';', '\t', '|']
const linesLookedAt = 20

/** The mark that cuts the first lines into the same number of cells, more than one; the one with the most cells. */
function delimiterOf(start: string, quote: string): string {
  const bare = quote === '' ? start : start.replace(new RegExp(`${quote}[^${quote}]*(?:${quote}|$)`, 'g'), '')
  const lines = bare.split(/\r\n|\r|\n/).filter((line) => line !== '')
  // The last may be cut.
  const whole = lines.length > 1 ? lines.slice(0, Math.min(linesLookedAt, lines.length - 1)) : lines
  const [best = ','] = delimiters
    .map((mark) => {
      const counts = whole.map((line) => line.split(mark).length - 1)
      const [first = 0] = counts
      const same = counts.filter((count) => count === first).length / Math.max(counts.length, 1)
      return { mark, score: first === 0 ? 0 : first + same * 1000 }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ mark }) => mark)
  return best
}

import { dirname, isAbsolute, join as joinPath } from 'node:path'
import { expandFiles } from '../files'
import { type Join, type FileShape } from './map'
import { type CsvRow, openCsv } from './rows'
import { sorted } from './sort'

/** A row of the first file and where it stands there. */
export interface PlacedRow {
  readonly at: number
  readonly row: CsvRow
}

/** How many rows found no partner, and how many of the second file were one too many for their key. */
export interface JoinCounts {
  readonly file: string
  unmatched: number
  surplus: number
}

/** The columns a join adds to rows that have `header`; throws, naming file and column, where it has not what the map asks for. */
export async function openJoin(
  { file, key, column = key, columns }: Join,
  { beside, header, shape }: { readonly beside: string; readonly header: readonly string[]; readonly shape: FileShape },
): Promise<{ readonly files: readonly string[]; readonly added: readonly string[] }> {
  const files = await expandFiles([isAbsolute(file) ? file : joinPath(dirname(beside), file)])
  const [first = file] = files
  const opened = await openCsv(first, withoutHeader(shape))
  opened.close()
  const wanted = columns ?? opened.header.filter((each) => !header.includes(each))
  const missing = [key, ...wanted].filter((each) => !opened.header.includes(each))
  if (missing.length > 0) {
    throw new Error(
      `${first}: expected columns ${missing.join(', ')}, got ${opened.header.join(', ')}; correct the map's join`,
    )
  }
  if (!header.includes(column)) {
    throw new Error(`${beside}: expected column ${column}, got ${header.join(', ')}; correct the map's join`)
  }
  return { files, added: wanted.filter((each) => !header.includes(each)) }
}

/** Quotes and encodings of a second file are found out anew; of the map only what holds for all files of a system stays. */
function withoutHeader({ quote }: FileShape): FileShape {
  return quote === undefined ? {} : { quote }
}

/**
 * The rows with the columns of a second file: both sides sorted by key on disk and merged. A row without a partner gets none
 * of them; of several rows with one key in the second file the first is taken. Rows come in the order of their keys.
 */
export async function* joined(
  rows: AsyncIterable<PlacedRow>,
  {
    by: { key, column = key },
    files,
    added,
    shape,
    counts,
  }: {
    readonly by: Join
    readonly files: readonly string[]
    readonly added: readonly string[]
    readonly shape: FileShape
    readonly counts: JoinCounts
  },
): AsyncGenerator<PlacedRow> {
  const all = sorted(partners(files, { key, added, shape: withoutHeader(shape) }), { keyOf: ([name]) => name })
  const others = firstOfEach(all, counts)
  const left = sorted(rows, { keyOf: ({ row }) => (row[column] ?? '').trim() })
  try {
    let other = await others.next()
    for await (const { at, row } of left) {
      const name = (row[column] ?? '').trim()
      while (other.done !== true && other.value[0] < name) other = await others.next()
      const cells = other.done !== true && other.value[0] === name && name !== '' ? other.value[1] : undefined
      if (!cells) counts.unmatched++
      yield { at, row: { ...row, ...Object.fromEntries(added.map((each, i) => [each, cells?.[i] ?? ''])) } }
    }
  } finally {
    await others.return(undefined)
  }
}

type Partner = readonly [key: string, cells: readonly string[]]

async function* firstOfEach(others: AsyncIterable<Partner>, counts: JoinCounts): AsyncGenerator<Partner> {
  let last: string | undefined
  for await (const other of others) {
    if (other[0] === last) counts.surplus++
    else yield other
    last = other[0]
  }
}

async function* partners(
  files: readonly string[],
  { key, added, shape }: { readonly key: string; readonly added: readonly string[]; readonly shape: FileShape },
): AsyncGenerator<Partner> {
  for (const file of files) {
    const { rows } = await openCsv(file, shape)
    for await (const row of rows) yield [(row[key] ?? '').trim(), added.map((column) => row[column] ?? '')]
  }
}

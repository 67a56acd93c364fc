import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decimalText } from '../../src/lake/schema'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { readRows } from '../../src/lake/scan'
import { type Cell, columnNamed, type Row, scaleOf, type TableSchema } from '../../src/lake/schema'
import { type Store } from '../../src/lake/store'
import { openTable } from '../../src/lake/open-table'
import { append } from '../../src/lake/write/append'
import { storeOfFolder } from './tables'

/*
 * The golden tables: tables other engines wrote (test/interop/golden.py), and what we must say to each. The catalogue
 * is the table in golden/README.md; a row whose last cell is filled is a known fault, and fails here by its name.
 */

const shelf = join(__dirname, 'golden')
const root = 'lake/golden'
const operation = 'WRITE'

/** A row of the catalogue. */
interface Entry {
  readonly name: string
  readonly reading: Saying
  readonly writing: Saying
  /** What we say today where that is not what we must, in words that have to be in it. */
  readonly today: string | undefined
}

type Saying =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly words: readonly string[] }
  | { readonly kind: 'rows'; readonly unreadable: readonly string[] }

/** What golden.py noted down: how the table's own engine read it. */
interface Expected {
  readonly version: number
  readonly columns: Readonly<Record<string, unknown>>
  readonly txns?: Readonly<Record<string, number>>
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

function catalogue(): readonly Entry[] {
  const lines = readFileSync(join(shelf, 'README.md'), 'utf8').split('\n')
  return lines
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [name = '', , , reading = '', writing = '', today = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim())
      return {
        name: quoted(name)[0] ?? '',
        reading: sayingOf(reading, line),
        writing: sayingOf(writing, line),
        today: quoted(today)[0],
      }
    })
}

function sayingOf(cell: string, line: string): Saying {
  if (cell === '–') return { kind: 'nothing' }
  if (cell.startsWith('rows')) return { kind: 'rows', unreadable: quoted(cell) }
  if (cell.startsWith('refused: ')) return { kind: 'refused', words: quoted(cell) }
  throw new Error(`golden/README.md: expected rows, refused or –, got "${cell}" in ${line}`)
}

function quoted(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words)
}

async function tableOf(name: string): Promise<{ store: Store; expected: Expected }> {
  const expected = JSON.parse(readFileSync(join(shelf, name, 'expected.json'), 'utf8')) as Expected
  return { store: await storeOfFolder(join(shelf, name, 'table'), root), expected }
}

async function snapshotOf(store: Store): Promise<Snapshot> {
  const snapshot = await readSnapshot(store, root)
  if (!snapshot) throw new Error(`${root}: expected a table`)
  return snapshot
}

async function rowsOf(store: Store, snapshot: Snapshot, columns: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const chunk of readRows({ store, root }, snapshot, { columns })) rows.push(...chunk)
  return rows
}

/** A row of ours in the form of expected.json. */
function shown(schema: TableSchema, row: Row): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, shownCell(schema, name, cell)]))
}

function shownCell(schema: TableSchema, name: string, cell: Cell): unknown {
  if (cell === null) return null
  const { type } = columnNamed(schema, name)
  const scale = scaleOf(type)
  if (scale !== undefined) return decimalText(cell as number | bigint, scale)
  if (type === 'long') return String(cell)
  if (type === 'timestamp') return new Date(Number(cell)).toISOString()
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex')
  return typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cell
}

/** A row of expected.json with the columns given; our instants are milliseconds, what is finer is cut off. */
function wanted({ columns }: Expected, row: Expected['rows'][number], names: readonly string[]): object {
  const cells = names.map((name) => {
    const value = row[name]
    const cut = columns[name] === 'timestamp' && typeof value === 'string'
    return [name, cut ? value.replace(/\d{3}Z$/, 'Z') : value] as const
  })
  return Object.fromEntries(cells)
}

function byText(rows: readonly object[]): readonly object[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

async function checkRows(name: string, unreadable: readonly string[]): Promise<void> {
  const { store, expected } = await tableOf(name)
  const snapshot = await snapshotOf(store)
  expect(snapshot.version).toBe(expected.version)
  const names = Object.keys(expected.columns).filter((column) => !unreadable.includes(column))
  const rows = await rowsOf(store, snapshot, names)
  expect(byText(rows.map((row) => shown(snapshot.schema, row)))).toEqual(
    byText(expected.rows.map((row) => wanted(expected, row, names))),
  )
  // Spark leaves out txns past their retention; a reader may know more, never less.
  expect(Object.fromEntries(snapshot.txns)).toMatchObject(expected.txns ?? {})
  for (const column of unreadable) {
    await expect(rowsOf(store, snapshot, [column])).rejects.toThrow(`"${column}": not readable here, because`)
  }
}

async function checkRefused(name: string, words: readonly string[]): Promise<void> {
  const said = await answer(name)
  for (const word of words) expect(said).toContain(word)
}

/** What comes of reading everything, as text: the message of the refusal, or the rows. */
async function answer(name: string): Promise<string> {
  const { store, expected } = await tableOf(name)
  try {
    const snapshot = await snapshotOf(store)
    const rows = await rowsOf(store, snapshot, Object.keys(expected.columns))
    return `rows: ${JSON.stringify(rows.map((row) => shown(snapshot.schema, row)))}`
  } catch (error) {
    return `refused: ${(error as Error).message}`
  }
}

/** Appends a table's own rows once more, by our writer. */
async function appendTwin(name: string): Promise<void> {
  const { store, expected } = await tableOf(name)
  const table = await openTable({ store, root })
  const names = Object.keys(expected.columns)
  const rows = await rowsOf(store, table.seen.snapshot, names)
  await append(table, { rows, operation })
  const after = await rowsOf(store, await snapshotOf(store), names)
  expect(byText(after.map((row) => shown(table.schema, row)))).toEqual(
    byText([...rows, ...rows].map((row) => shown(table.schema, row))),
  )
}

function checkReading({ name, reading }: Entry): Promise<void> {
  if (reading.kind === 'refused') return checkRefused(name, reading.words)
  return checkRows(name, reading.kind === 'rows' ? reading.unreadable : [])
}

async function checkWriting({ name, writing }: Entry): Promise<void> {
  if (writing.kind === 'rows') return appendTwin(name)
  const { store } = await tableOf(name)
  const opened = openTable({ store, root })
  for (const word of writing.kind === 'refused' ? writing.words : []) await expect(opened).rejects.toThrow(word)
}

test('the catalogue names every table of the shelf', () => {
  const folders = readdirSync(shelf, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const names = folders.map(({ name }) => name)
  expect(
    catalogue()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names.sort())
})

describe.each(catalogue())('$name', (entry) => {
  const { name, reading, writing, today } = entry
  const must = reading.kind === 'refused' ? `is refused: ${reading.words.join(', ')}` : 'gives the rows its engine gave'
  if (today === undefined) {
    test(must, () => checkReading(entry))
    if (writing.kind !== 'nothing') test(`on write: ${writing.kind}`, () => checkWriting(entry))
  } else {
    test.failing(must, () => checkReading(entry))
    test(`today says: ${today}`, async () => expect(await answer(name)).toContain(today))
  }
})

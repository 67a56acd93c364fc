import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { dayMs } from '../../src/day'
import { bytesOf } from '../../generator/event-text'
import { simulate } from '../../generator/simulate'
import { append } from '../../src/lake/write/append'
import { writeCheckpoint } from '../../src/lake/upkeep/checkpoint'
import { cleanLog } from '../../src/lake/upkeep/clean-log'
import { compactable, compactPartition } from '../../src/lake/upkeep/compact'
import { dataPath } from '../../src/lake/scan'
import { readRows } from '../../src/lake/scan'
import { type Cell, type Column, type Row, scaleOf } from '../../src/lake/schema'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { openTable } from '../../src/lake/open-table'
import { type Table } from '../../src/lake/table'
import { vacuum } from '../../src/lake/upkeep/vacuum'
import { type Message } from '../../src/event/message'
import { dailyPorts } from '../../src/pipeline/daily/ports'
import { runDays } from '../../src/pipeline/daily/run'
import { dailyTables } from '../../src/pipeline/daily/tables'
import { openIngest } from '../../src/pipeline/stream/ingest'
import { bronzeEvents, derivedTables } from '../../src/pipeline/rows/tables'
import { openPlant, rules, thresholds } from '../pipeline/plant'
import { folderStore } from '../../local/storage/folder-store'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'
import { findPython, type Readers, startReaders } from './python'

/*
 * G7: delta-rs, Polars and DuckDB read every table the pipeline wrote, at the newest and at an old version, and get what
 * our own reader gets, row for row. DuckDB reads the files our log names, because its Delta extension is not in npm.
 */

const python = findPython()
const specs = [bronzeEvents, ...derivedTables(rules), ...dailyTables.map(({ spec }) => spec)]
const roots = specs.map(({ root }) => root)
const startMs = Date.UTC(2026, 2, 1, 9)
if (python.kind === 'missing') {
  test.skip(`G7: reading by others skipped, no Python with the readers: ${python.reason}`, () => undefined)
} else {
  describe('G7: read by others', () => matrix(python.program))
}

function matrix(program: string): void {
  let folder: string
  let server: TestWarehouse
  let readers: Readers
  const seen: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tillstream-interop-'))
    server = await startTestWarehouse()
    readers = await startReaders(program)
    await writeLake()
  })
  afterAll(async () => {
    readers.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
    console.log([JSON.stringify(readers.versions), ...seen].join('\n'))
  })

  /** Five hours of two partitions, in small batches, and the day's gold. */
  async function writeLake(): Promise<void> {
    const ports = await openPlant(folderStore(folder), { warehouse: server.warehouse, snapshotEveryEvents: 500 })
    const ingest = openIngest(ports)
    const partitions: Message[][] = [[], []]
    for (const { storeId, text, atMs } of simulate({
      seed: 7,
      startMs,
      ratePerSecond: 0.25,
      // One of seven is a web shop.
      stores: 7,
      malformed: 0.02,
    })) {
      if (atMs > startMs + 5 * 3_600_000) break
      const messages = partitions[storeId.length % 2 === 0 ? Number(storeId.at(-1)) % 2 : 0] ?? []
      messages.push({ sequence: messages.length, enqueuedMs: atMs, body: bytesOf(text) })
    }
    for (const [partition, messages] of partitions.entries()) {
      for (let from = 0; from < messages.length; from += 250)
        await ingest.take(partition, messages.slice(from, from + 250))
    }
    await runDays(dailyPorts(ports, thresholds), ['2026-03-01'])
    await runDays(dailyPorts(ports, thresholds), ['2026-03-01'])
  }

  const open = (root: string): Promise<Table> => openTable({ store: folderStore(folder), root })

  const newestOf = async (root: string) => (await readSnapshot(folderStore(folder), root))?.version ?? 0

  /** All readers on a table, at its newest version and at one half as old, or at the versions given. */
  async function compare(root: string, stage: string, versions?: readonly number[]): Promise<void> {
    const newest = await newestOf(root)
    for (const version of versions ?? [newest, Math.ceil(newest / 2)]) {
      const ours = await readOurs(folder, { root, version })
      expect(ours.length).toBeGreaterThan(0)
      const path = join(folder, root)
      expect(await readers.read('delta-rs', { path, version })).toEqual(ours)
      expect(await readers.read('polars', { path, version })).toEqual(ours)
      expect(await readDuckDb(folder, { root, version })).toEqual(ours)
      seen.push(`${stage}: ${root} version ${version}: ${ours.length} rows by tillstream, delta-rs, polars, duckdb`)
    }
  }

  test.each(roots)('%s as the stream left it', (root) => compare(root, 'appended'))

  test.each(roots)('%s with a checkpoint, and without the log before it', async (root) => {
    const before = await readOurs(folder, { root })
    const table = await open(root)
    expect(await writeCheckpoint(table)).toMatchObject({ kind: 'written' })
    await compare(root, 'checkpointed')
    // A month later the entries the checkpoint stands for are cleaned away.
    expect(await cleanLog(table, { nowMs: Date.now() + 31 * dayMs })).not.toHaveLength(0)
    expect(await readOurs(folder, { root })).toEqual(before)
    await compare(root, 'log cleaned', [await newestOf(root)])
  })

  test.each(roots)('%s compacted, and after the old files are gone', async (root) => {
    const before = await readOurs(folder, { root })
    const table = await open(root)
    const checkpointed = await newestOf(root)
    for (const { partition } of compactable(table.seen.snapshot)) {
      const orderBy = [
        'store_id',
        ...table.schema.columns.map(({ name }) => name).filter((name) => name.endsWith('_at')),
      ]
      expect(await compactPartition(table, { partition, orderBy })).toMatchObject({ kind: 'committed' })
    }
    const newest = await newestOf(root)
    expect(await readOurs(folder, { root })).toEqual(before)
    await compare(root, 'compacted', [newest, checkpointed])
    await vacuum(table, { nowMs: Date.now() + 8 * dayMs })
    expect(await readOurs(folder, { root })).toEqual(before)
    await compare(root, 'vacuumed', [newest])
  })

  test.each(roots)('%s after delta-rs has appended to it, and we after that', async (root) => {
    const before = await readOurs(folder, { root })
    await readers.appendCopy(join(folder, root))
    const after = await readOurs(folder, { root })
    expect(after).toHaveLength(before.length + 1)
    expect(new Set(after)).toEqual(new Set(before))
    const table = await open(root)
    const rows: Row[] = []
    for await (const page of readRows(table, table.seen.snapshot)) rows.push(...page)
    await append(table, { rows: rows.slice(0, 3), operation: 'TEST' })
    expect(await readOurs(folder, { root })).toHaveLength(before.length + 4)
    await compare(root, 'delta-rs appended', [await newestOf(root)])
  })
}

interface Which {
  readonly root: string
  readonly version?: number
}

/** Rows by our own reader, in the form `readers.py` gives. */
async function readOurs(folder: string, { root, version }: Which): Promise<string[]> {
  const store = folderStore(folder)
  const snapshot = await readSnapshot(store, root, version === undefined ? {} : { version })
  if (!snapshot) throw new Error(`${root}: expected a table`)
  const lines: string[] = []
  for await (const rows of readRows({ store, root }, snapshot)) {
    lines.push(...rows.map((row) => line(snapshot.schema.columns, row)))
  }
  return lines.sort(byCodePoint)
}

/** The same by DuckDB, from the files the log names; partition columns come from the folders. */
async function readDuckDb(folder: string, { root, version }: Which): Promise<string[]> {
  const snapshot = await readSnapshot(folderStore(folder), root, version === undefined ? {} : { version })
  if (!snapshot) throw new Error(`${root}: expected a table`)
  const files = [...snapshot.files.values()].map((file) => `'${join(folder, dataPath(root, file))}'`)
  const columns = snapshot.schema.columns.map((column) => `${duckDbForm(column)} AS ${column.name}`)
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const dates = snapshot.schema.partitionBy.map((name) => `'${name}': DATE`)
  const hive =
    dates.length === 0 ? 'hive_partitioning = false' : `hive_partitioning = true, hive_types = {${dates.join(', ')}}`
  const found = await connection.runAndReadAll(
    `SELECT ${columns.join(', ')} FROM read_parquet([${files.join(', ')}], ${hive}, union_by_name = true)`,
  )
  const rows = found.getRowObjectsJson().map((row) => duckDbLine(snapshot.schema.columns, row))
  connection.closeSync()
  database.closeSync()
  return rows.sort(byCodePoint)
}

function duckDbForm({ name, type }: Column): string {
  if (type === 'timestamp') return `epoch_ms(${name})`
  if (type === 'binary') return `lower(hex(${name}))`
  return type === 'date' || scaleOf(type) !== undefined ? `${name}::VARCHAR` : name
}

function duckDbLine(columns: readonly Column[], row: Record<string, unknown>): string {
  const numbers = ['timestamp', 'long', 'integer']
  const cells = sorted(columns).map(({ name, type }) => {
    const value = row[name]
    return numbers.includes(type) && value !== null ? Number(value) : value
  })
  return pythonJson(cells)
}

function line(columns: readonly Column[], row: Row): string {
  return pythonJson(sorted(columns).map((column) => shown(column, row[column.name] ?? null)))
}

function shown({ type }: Column, cell: Cell): unknown {
  if (cell === null) return null
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex')
  const scale = scaleOf(type)
  return scale === undefined ? cell : (Number(cell) / 10 ** scale).toFixed(scale)
}

const sorted = (columns: readonly Column[]) => [...columns].sort((a, b) => (a.name < b.name ? -1 : 1))

/** Python's json.dumps puts a space after each comma. */
const pythonJson = (cells: readonly unknown[]) => `[${cells.map((cell) => JSON.stringify(cell)).join(', ')}]`

/** As Python sorts text. */
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { readParquet, sourceOfBytes } from '../../../src/lake/parquet/read'
import { writeParquet } from '../../../src/lake/parquet/write'
import {
  byDecimalType,
  type Cell,
  type Column,
  type ColumnType,
  decimalText,
  type Row,
  scaleOf,
} from '../../../src/lake/schema'
import { column } from '../tables'

const columns: readonly Column[] = [
  column('id', 'string', 'not null'),
  column('text', 'string'),
  column('body', 'binary', 'not null'),
  column('attachment', 'binary'),
  column('ok', 'boolean'),
  column('count', 'integer', 'not null'),
  column('sequence', 'long'),
  column('ratio', 'double'),
  column('day', 'date'),
  column('at', 'timestamp', 'not null'),
  column('closed_at', 'timestamp'),
  column('price', 'decimal(18,2)', 'not null'),
  column('rate', 'decimal(18,4)'),
  column('yen', 'decimal(18,0)', 'not null'),
  column('kilos', 'decimal(18,3)'),
]

const folder = mkdtempSync(join(tmpdir(), 'lake-parquet-'))
let db: DuckDBConnection

beforeAll(async () => {
  db = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await db.run("set timezone = 'UTC'")
})
afterAll(() => {
  db.closeSync()
  rmSync(folder, { recursive: true })
})

async function readBack(bytes: Uint8Array, of: readonly Column[] = columns): Promise<Row[]> {
  const rows: Row[] = []
  for await (const group of readParquet(sourceOfBytes(bytes), of)) rows.push(...group)
  return rows
}

let filesWritten = 0

/** Each file has a name of its own: DuckDB caches what it has read, by path and time of change. */
function onDisk(bytes: Uint8Array): string {
  const path = join(folder, `rows-${filesWritten++}.parquet`)
  writeFileSync(path, bytes)
  return path
}

/** What another engine says a cell is, as text both sides can spell exactly. */
const duckText: Readonly<Record<ColumnType, (name: string) => string>> = {
  string: (name) => `hex(encode(${name}))`,
  binary: (name) => `hex(${name})`,
  boolean: (name) => `${name}::varchar`,
  integer: (name) => `${name}::varchar`,
  long: (name) => `${name}::varchar`,
  double: (name) => `${name}`,
  date: (name) => `strftime(${name}, '%Y-%m-%d')`,
  timestamp: (name) => `epoch_us(${name})::varchar`,
  ...byDecimalType(() => (name: string) => `${name}::varchar`),
}

function ourText(type: ColumnType, cell: Cell | undefined): string | number | null {
  if (cell === null || cell === undefined) return null
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex').toUpperCase()
  if (type === 'string') return Buffer.from(String(cell)).toString('hex').toUpperCase()
  if (type === 'double') return Number(cell)
  if (type === 'timestamp') return String(BigInt(cell) * 1000n)
  const scale = scaleOf(type)
  if (scale !== undefined) return decimalText(cell as number | bigint, scale)
  return String(cell)
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '\ufeffbom', 'ü😀', '\u0000'),
)
const anyLong = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const anyDecimal = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })
const anyInstant = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9998, 0, 1) })
/** A whole number as a caller would hold it: number when safe, else bigint. */
const held = (value: bigint): number | bigint =>
  BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value

const anyCell: Readonly<Record<ColumnType, fc.Arbitrary<Cell>>> = {
  string: anyText,
  binary: fc.uint8Array({ maxLength: 40 }),
  boolean: fc.boolean(),
  integer: fc.integer(),
  long: fc.oneof(fc.maxSafeInteger(), anyLong.map(held)),
  double: fc.double({ noNaN: true }),
  date: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-30'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  timestamp: anyInstant,
  ...byDecimalType(() => fc.oneof(fc.integer(), anyDecimal.map(held))),
}
const anyRow: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(
    columns.map(({ name, type, nullable }) => [name, nullable ? fc.option(anyCell[type]) : anyCell[type]]),
  ),
)

test('rows survive the way through a file, for this reader and for DuckDB', async () => {
  const anyFile = fc.record({
    rows: fc.array(anyRow, { minLength: 1, maxLength: 30 }),
    rowsPerGroup: fc.integer({ min: 1, max: 40 }),
    compression: fc.constantFrom('SNAPPY' as const, 'GZIP' as const, 'UNCOMPRESSED' as const),
  })
  await fc.assert(
    fc.asyncProperty(anyFile, async ({ rows, rowsPerGroup, compression }) => {
      const { bytes } = writeParquet(columns, rows, { rowsPerGroup, compression })
      const read = await readBack(bytes)
      // -0 and 0 are one number in every table; toEqual tells them apart.
      const plain = (row: Row) => Object.fromEntries(columns.map(({ name, type }) => [name, ourText(type, row[name])]))
      expect(read.map(plain)).toEqual(rows.map(plain))
      for (const [i, row] of read.entries()) expect(row['sequence']).toBe(rows[i]?.['sequence'])

      const select = columns.map(({ name, type }) => `${duckText[type](`"${name}"`)} as "${name}"`).join(', ')
      const found = await db.runAndReadAll(`select ${select} from read_parquet('${onDisk(bytes)}')`)
      expect(found.getRowObjects()).toEqual(rows.map(plain))
    }),
    { numRuns: 60 },
  )
})

test('columns carry the types Delta readers expect', async () => {
  const { bytes } = writeParquet(columns, [])
  const path = onDisk(bytes)
  const described = await db.runAndReadAll(`describe select * from read_parquet('${path}')`)
  const types = described.getRowObjects().map((row) => [row['column_name'], row['column_type']])
  expect(Object.fromEntries(types)).toEqual({
    id: 'VARCHAR',
    text: 'VARCHAR',
    body: 'BLOB',
    attachment: 'BLOB',
    ok: 'BOOLEAN',
    count: 'INTEGER',
    sequence: 'BIGINT',
    ratio: 'DOUBLE',
    day: 'DATE',
    at: 'TIMESTAMP WITH TIME ZONE',
    closed_at: 'TIMESTAMP WITH TIME ZONE',
    price: 'DECIMAL(18,2)',
    rate: 'DECIMAL(18,4)',
    yen: 'DECIMAL(18,0)',
    kilos: 'DECIMAL(18,3)',
  })
  const schema = await db.runAndReadAll(
    `select name, repetition_type, converted_type, logical_type from parquet_schema('${path}') where name in ('id', 'at', 'body', 'rate')`,
  )
  expect(schema.getRowObjects()).toMatchObject([
    { name: 'id', repetition_type: 'REQUIRED', converted_type: 'UTF8' },
    { name: 'body', repetition_type: 'REQUIRED', converted_type: null, logical_type: null },
    { name: 'at', repetition_type: 'REQUIRED', converted_type: 'TIMESTAMP_MICROS' },
    { name: 'rate', repetition_type: 'OPTIONAL', converted_type: 'DECIMAL' },
  ])
})

test('the footer bounds rows so that other engines skip row groups', async () => {
  const of = [column('n', 'long'), column('s', 'string'), column('d', 'decimal(18,2)')]
  const rows = Array.from({ length: 40 }, (_, i) => ({ n: i, s: i === 3 ? null : `s${i % 10}`, d: i - 20 }))
  const { bytes } = writeParquet(of, rows, { rowsPerGroup: 10 })
  const found = await db.runAndReadAll(
    `select stats_min_value, stats_max_value, stats_null_count, total_uncompressed_size > 0 as sized
     from parquet_metadata('${onDisk(bytes)}') where row_group_id = 0 order by column_id`,
  )
  expect(found.getRowObjects()).toEqual([
    { stats_min_value: '0', stats_max_value: '9', stats_null_count: 0n, sized: true },
    { stats_min_value: 's0', stats_max_value: 's9', stats_null_count: 1n, sized: true },
    { stats_min_value: '-0.20', stats_max_value: '-0.11', stats_null_count: 0n, sized: true },
  ])
  const sum = await db.runAndReadAll(`select count(*) as n from read_parquet('${onDisk(bytes)}') where n >= 35`)
  expect(sum.getRowObjects()).toEqual([{ n: 5n }])
})

test('pages of many megabytes and columns of nothing but null are read back', async () => {
  const of = [column('body', 'binary', 'not null'), column('text', 'string'), column('n', 'long')]
  const rows: Row[] = Array.from({ length: 3000 }, (_, i) => ({
    body: Buffer.alloc(1000, i),
    text: i % 700 === 1 ? null : `${i}`.repeat(200),
    n: null,
  }))
  const { bytes } = writeParquet(of, rows)
  const read = await readBack(bytes, of)
  expect(read.map((row) => row['text'])).toEqual(rows.map((row) => row['text']))
  expect(read.every((row, i) => Buffer.compare(row['body'] as Uint8Array, rows[i]?.['body'] as Uint8Array) === 0)).toBe(
    true,
  )
  expect(read.every((row) => row['n'] === null)).toBe(true)
  const found = await db.runAndReadAll(`select sum(octet_length(body)) as size from read_parquet('${onDisk(bytes)}')`)
  expect(Number(found.getRowObjects()[0]?.['size'])).toBe(3_000_000)
})

test('files of DuckDB are read: dictionary pages, other codecs, decimals of every physical type', async () => {
  const of = [
    column('store', 'string'),
    column('body', 'binary'),
    column('price', 'decimal(18,2)'),
    column('rate', 'decimal(18,4)'),
    column('yen', 'decimal(18,0)'),
    column('kilos', 'decimal(18,3)'),
    column('at', 'timestamp'),
    column('day', 'date'),
    column('sequence', 'long'),
  ]
  const select = `select 'store ' || (i % 3) as store, encode('ü') as body, [i] as ignored,
    ((i - 5) * 1.01)::decimal(18,2) as price, (i * 0.0001)::decimal(30,4) as rate,
    (i - 5)::decimal(4,0) as yen, ((i - 5) * 0.485)::decimal(9,3) as kilos,
    '2010-12-01 08:26:00.123999+00'::timestamptz as at, '2010-12-01'::date as day,
    case when i = 1 then null else 9007199254740993 + i end as sequence from range(50) t(i)`
  for (const options of ['codec snappy', 'codec gzip', 'codec snappy, parquet_version v2']) {
    const path = join(folder, 'duck.parquet')
    await db.run(`copy (${select}) to '${path}' (format parquet, ${options})`)
    const rows = await readBack(readFileSync(path), of)
    expect(rows).toHaveLength(50)
    expect(rows[0]).toEqual({
      store: 'store 0',
      body: new Uint8Array([195, 188]),
      price: -505,
      rate: 0,
      yen: -5,
      kilos: -2425,
      at: Date.UTC(2010, 11, 1, 8, 26, 0, 123),
      day: '2010-12-01',
      sequence: 9007199254740993n,
    })
    expect(rows[1]).toMatchObject({ price: -404, rate: 1, sequence: null })
  }
})

test('a column the file lacks is null when it may be, and an error when not', async () => {
  const { bytes } = writeParquet([column('a', 'long')], [{ a: 1 }])
  expect(await readBack(bytes, [column('b', 'string'), column('a', 'long')])).toEqual([{ b: null, a: 1 }])
  await expect(readBack(bytes, [column('b', 'string', 'not null')])).rejects.toThrow(
    'column "b": expected it in the file',
  )
  await expect(readBack(bytes, [column('a', 'decimal(18,2)')])).rejects.toThrow('got INT64 without DECIMAL')
  await expect(readBack(bytes, [column('a', 'string')])).rejects.toThrow('column "a": expected string, got INT64')
})

test.each<[ColumnType, Cell, string]>([
  ['string', 1, 'column "c" string: expected a string, got number 1'],
  ['binary', 'x', 'expected bytes, got string "x"'],
  ['integer', 2 ** 31, 'expected a whole number of 32 bits, got number 2147483648'],
  ['long', 0.5, 'expected a whole number below'],
  ['long', 2 ** 53, 'bigint beyond 2^53'],
  ['long', 2n ** 63n, 'expected a whole number below'],
  ['decimal(18,2)', 10n ** 18n, 'expected a whole number below 1000000000000000000'],
  ['date', '2011-02-30', 'date: expected YYYY-MM-DD, got "2011-02-30"'],
  ['timestamp', 0.5, 'expected whole epoch milliseconds, got number 0.5'],
  ['double', 'x', 'expected a number'],
  ['boolean', 0, 'expected a boolean'],
])('a %s column refuses %s', (type, cell, message) => {
  expect(() => writeParquet([column('c', type)], [{ c: cell }])).toThrow(message)
})

test('a required column refuses null, naming the row', () => {
  const rows = [{ c: 1 }, { c: null }]
  expect(() => writeParquet([column('c', 'long', 'not null')], rows)).toThrow('column "c" row 1: expected a value')
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { codecsOf } from '../../../src/lake/parquet/codecs'
import { readParquet, sourceOfBytes } from '../../../src/lake/parquet/read'
import { type Row } from '../../../src/lake/schema'
import { column } from '../tables'

const columns = [column('n', 'long'), column('text', 'string')]
const folder = mkdtempSync(join(tmpdir(), 'lake-codecs-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Rows of some pages in a file of DuckDB, under a codec. */
async function written(codec: string, version: 'V1' | 'V2' = 'V1'): Promise<Uint8Array> {
  const file = join(folder, `${codec}-${version}.parquet`)
  const db = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  await db.run(
    `COPY (SELECT range::BIGINT AS n, CASE WHEN range % 3 > 0 THEN md5(range::VARCHAR) || repeat('x', range % 50) END AS text
       FROM range(5000)) TO '${file}' (FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${version})`,
  )
  db.closeSync()
  return readFileSync(file)
}

async function rowsOf(bytes: Uint8Array, name?: string): Promise<Row[]> {
  const rows: Row[] = []
  for await (const group of readParquet(sourceOfBytes(bytes, name), columns)) rows.push(...group)
  return rows
}

test.each(['zstd', 'gzip', 'brotli', 'lz4_raw', 'snappy'])('%s is read as the uncompressed file is', async (codec) => {
  const text = async (bytes: Uint8Array) => JSON.stringify(await rowsOf(bytes))
  const plain = await text(await written('uncompressed'))
  expect(await text(await written(codec))).toBe(plain)
  expect(await text(await written(codec, 'V2'))).toBe(plain)
})

test('Zstandard is read where Node has none of its own', async () => {
  const { parquetMetadataAsync } = await import('hyparquet')
  const metadata = await parquetMetadataAsync(sourceOfBytes(await written('zstd')))
  const { ZSTD } = await codecsOf(metadata, { native: {} })
  // A frame of one raw block.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 5 * 8 + 1, 0, 0, ...Buffer.from('zebra')])
  expect(Buffer.from(ZSTD?.(frame, 5) ?? []).toString()).toBe('zebra')
})

test('a codec nobody reads is refused by file and codec, with what to do', async () => {
  // The footer is all that is changed: compression codec 1, Snappy, in compact thrift is 2 by zigzag, LZO is 6.
  const bytes = Buffer.from(await written('snappy'))
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
  const path = Buffer.from([0x19, 0x18, 4, ...Buffer.from('text'), 0x15, 2])
  const at = bytes.indexOf(path, footer)
  expect(at).toBeGreaterThan(footer)
  bytes[at + path.length - 1] = 6
  await expect(rowsOf(bytes, 'silver/sales_1m/date=2026-03-01/x.parquet')).rejects.toThrow(
    /^parquet file silver\/sales_1m\/date=2026-03-01\/x\.parquet: expected one of the codecs .*, got LZO; have its engine write the table again/,
  )
})

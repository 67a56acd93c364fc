// Writing Parquet files, through parquetjs-lite.
// Tested in test/lake/parquet/parquet.test.ts.

import { ParquetEnvelopeWriter, ParquetSchema, type EncodedPage } from 'parquetjs-lite'
import {
  ColumnOrder,
  ConvertedType,
  DataPageHeader,
  DateType,
  DecimalType,
  Encoding,
  FieldRepetitionType,
  FileMetaData,
  LogicalType,
  MicroSeconds,
  PageHeader,
  PageType,
  SchemaElement,
  Statistics,
  StringType,
  TimestampType,
  TimeUnit,
  Type,
  TypeDefinedOrder,
} from 'parquetjs-lite/gen-nodejs/parquet_types'
import { deflate } from 'parquetjs-lite/lib/compression'
import { serializeThrift } from 'parquetjs-lite/lib/util'
import { encodePlain, packBits, physicalOf } from './plain'
import { type Cell, type Column, type ColumnType, type Row, scaleOf } from '../schema'
import { type Bounds, boundsOf, type ColumnStats, mergeBounds } from './stats'

export interface ParquetFile {
  readonly bytes: Uint8Array
  readonly rowCount: number
  /** By column name, over the whole file. */
  readonly stats: ReadonlyMap<string, ColumnStats>
}

interface Page extends EncodedPage {
  readonly uncompressedBytes: number
  readonly stats: ColumnStats
}

/** All pages of one column in one row group. */
interface Chunk {
  readonly column: Column
  readonly pages: readonly Page[]
  readonly stats: ColumnStats
}

/** A page is what a reader must decompress at once; the format recommends about this much. */
const pageBytes = 1 << 20

// parquetjs-lite's envelope, thrift and footer carry the file; values come to it already encoded, column by column,
// because its own row path is several times slower, and its schema has no DECIMAL.

/**
 * Rows as one Parquet file in memory: PLAIN values in version 1 data pages, which every reader knows, row groups of
 * at most `rowsPerGroup`. Throws on a value that does not fit its column and on a null in a required one.
 */
export function writeParquet(
  columns: readonly Column[],
  rows: readonly Row[],
  {
    compression = 'SNAPPY',
    rowsPerGroup = 100_000,
  }: { readonly compression?: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED'; readonly rowsPerGroup?: number } = {},
): ParquetFile {
  const parts: Buffer[] = []
  const fields = columns.map(
    ({ name, type, nullable }) =>
      [name, { type: physicalOf[type], optional: nullable, compression, statistics: false }] as const,
  )
  const writer = new ParquetEnvelopeWriter(
    new ParquetSchema(Object.fromEntries(fields)),
    (bytes) => parts.push(bytes),
    () => undefined,
    0,
    { pageIndex: false },
  )
  writer.writeHeader()
  const groups: (readonly Chunk[])[] = []
  for (let start = 0; start < rows.length; start += rowsPerGroup) {
    const end = Math.min(rows.length, start + rowsPerGroup)
    const chunks = columns.map((column) => encodeChunk(column, rows, { start, end, compression }))
    groups.push(chunks)
    writer.writeRowGroup({
      rowCount: end - start,
      pages: Object.fromEntries(chunks.map(({ column, pages }) => [column.name, pages])),
    })
  }
  writer.writeSection(encodeFooter(columns, writer, groups))
  return { bytes: Buffer.concat(parts), rowCount: rows.length, stats: fileStats(columns, groups) }
}

interface Span {
  readonly start: number
  readonly end: number
  readonly compression: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED'
}

function encodeChunk(column: Column, rows: readonly Row[], { start, end, compression }: Span): Chunk {
  const pages: Page[] = []
  for (let at = start; at < end;) {
    const { present, values } = gather(column, rows, { start: at, end, compression })
    pages.push(encodePage(column, present, values, { firstRow: at - start, compression }))
    at += present.length
  }
  return { column, pages, stats: mergeStats(pages.map((page) => page.stats)) }
}

/** The column's cells from `start` on that fill one page, with a flag per row that says whether it has one. */
function gather(column: Column, rows: readonly Row[], { start, end }: Span): { present: boolean[]; values: Cell[] } {
  const present: boolean[] = []
  const values: Cell[] = []
  for (let at = start, size = 0; at < end && size < pageBytes; at++) {
    const cell = rows[at]?.[column.name]
    if (cell === null || cell === undefined) {
      if (!column.nullable) throw new Error(`parquet column "${column.name}" row ${at}: expected a value, got null`)
      present.push(false)
      continue
    }
    present.push(true)
    values.push(cell)
    size += typeof cell === 'string' || cell instanceof Uint8Array ? cell.length + 4 : 8
  }
  return { present, values }
}

function encodePage(
  column: Column,
  present: readonly boolean[],
  values: readonly Cell[],
  { firstRow, compression }: { readonly firstRow: number; readonly compression: Span['compression'] },
): Page {
  const plain = encodePlain(column, values)
  const raw = column.nullable ? Buffer.concat([encodeLevels(present, values.length), plain]) : plain
  const body = deflate(compression, raw)
  const header = serializeThrift(
    new PageHeader({
      type: PageType.DATA_PAGE ?? 0,
      uncompressed_page_size: raw.length,
      compressed_page_size: body.length,
      data_page_header: new DataPageHeader({
        num_values: present.length,
        encoding: Encoding.PLAIN ?? 0,
        definition_level_encoding: Encoding.RLE ?? 0,
        repetition_level_encoding: Encoding.RLE ?? 0,
      }),
    }),
  )
  return {
    page: Buffer.concat([header, body]),
    num_values: present.length,
    first_row_index: firstRow,
    uncompressedBytes: header.length + raw.length,
    stats: { nullCount: present.length - values.length, bounds: boundsOf(column.type, values) },
  }
}

/** Definition levels of a flat nullable column in the RLE/bit-packed hybrid (Encodings.md), as one run. */
function encodeLevels(present: readonly boolean[], valueCount: number): Buffer {
  const run =
    valueCount === present.length
      ? Buffer.from([...varint(present.length * 2), 1])
      : Buffer.concat([Buffer.from(varint(Math.ceil(present.length / 8) * 2 + 1)), packBits(present)])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(run.length)
  return Buffer.concat([length, run])
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

function mergeStats(all: readonly ColumnStats[]): ColumnStats {
  const nothing: ColumnStats = { nullCount: 0, bounds: { kind: 'empty' } }
  return all.reduce(
    (a, b) => ({ nullCount: a.nullCount + b.nullCount, bounds: mergeBounds(a.bounds, b.bounds) }),
    nothing,
  )
}

function fileStats(
  columns: readonly Column[],
  groups: readonly (readonly Chunk[])[],
): ReadonlyMap<string, ColumnStats> {
  return new Map(
    columns.map(({ name }, i) => [name, mergeStats(groups.flatMap((chunks) => chunks[i]?.stats ?? []))] as const),
  )
}

/** The footer parquetjs-lite would write, with logical types, statistics and true uncompressed sizes. */
function encodeFooter(
  columns: readonly Column[],
  { rowCount, rowGroups }: ParquetEnvelopeWriter,
  groups: readonly (readonly Chunk[])[],
): Buffer {
  rowGroups.forEach((group, g) => {
    group.columns.forEach(({ meta_data: metadata }, c) => {
      const chunk = groups[g]?.[c]
      if (!chunk) return
      metadata.total_uncompressed_size = chunk.pages.reduce((sum, page) => sum + page.uncompressedBytes, 0)
      metadata.statistics = thriftStats(chunk)
    })
    group.total_byte_size = group.columns.reduce((sum, { meta_data: m }) => sum + m.total_uncompressed_size, 0)
  })
  const metadata = serializeThrift(
    new FileMetaData({
      version: 1,
      schema: [new SchemaElement({ name: 'root', num_children: columns.length }), ...columns.map(schemaElement)],
      num_rows: rowCount,
      row_groups: rowGroups,
      // parquet-mr distrusts the statistics of files whose writer it cannot parse as "name version x".
      created_by: 'tillstream version 1.0.0 (build parquetjs-lite)',
      column_orders: columns.map(() => new ColumnOrder({ TYPE_ORDER: new TypeDefinedOrder() })),
    }),
  )
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(metadata.length)
  tail.write('PAR1', 4)
  return Buffer.concat([metadata, tail])
}

/** Strings longer than this are left out of the footer: bounds are for skipping, not for reading. */
const longestBound = 64

function thriftStats({ column, stats }: Chunk): Statistics {
  const range = footerBounds(stats.bounds)
  if (!range) return new Statistics({ null_count: stats.nullCount })
  // BYTE_ARRAY bounds are stored without the length that PLAIN puts in front.
  const skip = physicalOf[column.type] === 'BYTE_ARRAY' ? 4 : 0
  const [min_value, max_value] = range.map((cell) => encodePlain(column, [cell]).subarray(skip))
  return new Statistics({ null_count: stats.nullCount, ...(min_value && max_value && { min_value, max_value }) })
}

function footerBounds(bounds: Bounds): readonly [Cell, Cell] | undefined {
  if (bounds.kind !== 'range') return undefined
  const { min, max } = bounds
  if (typeof min === 'string' && typeof max === 'string' && Math.max(min.length, max.length) > longestBound) {
    return undefined
  }
  // parquet.thrift, Statistics: a zero bound of floats is −0 below and +0 above.
  return [min === 0 ? -0 : min, max === 0 ? 0 : max]
}

function schemaElement({ name, type, nullable }: Column): SchemaElement {
  return new SchemaElement({
    name,
    type: Type[physicalOf[type]] ?? 0,
    repetition_type: FieldRepetitionType[nullable ? 'OPTIONAL' : 'REQUIRED'] ?? 0,
    ...annotation(type),
  })
}

/** Logical type and its older spelling, as parquet-format LogicalTypes.md pairs them. */
function annotation(type: ColumnType): {
  readonly converted_type?: number
  readonly scale?: number
  readonly precision?: number
  readonly logicalType?: LogicalType
} {
  const converted = (name: string) => ({ converted_type: ConvertedType[name] ?? 0 })
  const scale = scaleOf(type)
  if (scale !== undefined) {
    const decimal = new DecimalType({ scale, precision: 18 })
    return { ...converted('DECIMAL'), scale, precision: 18, logicalType: new LogicalType({ DECIMAL: decimal }) }
  }
  if (type === 'string') {
    return { ...converted('UTF8'), logicalType: new LogicalType({ STRING: new StringType() }) }
  }
  if (type === 'date') return { ...converted('DATE'), logicalType: new LogicalType({ DATE: new DateType() }) }
  if (type !== 'timestamp') return {}
  const unit = new TimeUnit({ MICROS: new MicroSeconds() })
  const instant = new TimestampType({ isAdjustedToUTC: true, unit })
  return { ...converted('TIMESTAMP_MICROS'), logicalType: new LogicalType({ TIMESTAMP: instant }) }
}

// Reading Parquet files, ours and other engines', through hyparquet.
// Tested in test/lake/parquet/parquet.test.ts.

import type { AsyncBuffer, FileMetaData, ParquetParsers, SchemaElement } from 'hyparquet' with {
  'resolution-mode': 'import',
}
import { dateOf, dayMs } from '../../day'
import { reasonOf } from '../../reason'
import { narrow } from './cell'
import { codecsOf } from './codecs'
import { type Cell, type Column, type Row, scaleOf } from '../schema'
import { type Store } from '../store'

/** A Parquet file a reader asks for parts of. */
export interface ParquetSource extends AsyncBuffer {
  /** The file's path, for errors. */
  readonly name: string
}

const parsers: Partial<ParquetParsers> = {
  // TextDecoder, the default, swallows a byte order mark at the start of a value.
  stringFromBytes: utf8,
  // INT96 has no annotation; it is what Spark writes for instants unless told otherwise.
  timestampFromNanoseconds: (nanos) => Number(floorDivide(nanos, 1_000_000n)),
}

function utf8(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** Files up to this size are fetched whole: one request costs less than three smaller ones. */
const wholeFileBytes = 4 << 20

/** Bytes in memory as a Parquet source. */
export function sourceOfBytes(bytes: Uint8Array, name = 'in memory'): ParquetSource {
  return { name, byteLength: bytes.byteLength, slice: (start, end) => exactBuffer(bytes.subarray(start, end)) }
}

/**
 * A stored file as a Parquet source: small files are fetched whole, of large ones only the footer and the columns
 * asked for. Throws, when read, if the file is not there.
 */
export async function sourceInStore(store: Store, path: string, sizeBytes: number): Promise<ParquetSource> {
  const fetch = async (range?: { readonly start: number; readonly end: number }) => {
    const bytes = await store.read(path, range)
    if (!bytes) throw new Error(`parquet file ${path}: expected the file the log names, found none; was it vacuumed?`)
    return bytes
  }
  if (sizeBytes <= wholeFileBytes) return sourceOfBytes(await fetch(), path)
  return {
    name: path,
    byteLength: sizeBytes,
    slice: async (start, end = sizeBytes) => exactBuffer(await fetch({ start, end })),
  }
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? buffer : new Uint8Array(bytes).buffer
}

/**
 * The rows of a file, one array per row group, in the memory conventions of `Cell`. Reads only the columns given; a
 * nullable column the file lacks is null throughout. Files of other writers are fine: dictionary, both page versions,
 * every codec in use, decimals of any physical type. Throws, naming the file, when a column is stored as another type or
 * under a codec nobody uses.
 */
export async function* readParquet(source: ParquetSource, columns: readonly Column[]): AsyncGenerator<readonly Row[]> {
  try {
    yield* readGroups(source, columns)
  } catch (cause) {
    throw namingFile(source, cause)
  }
}

function namingFile({ name }: ParquetSource, cause: unknown): unknown {
  const reason = reasonOf(cause)
  // What the store says names the file already.
  return reason.includes(name) ? cause : new Error(`parquet file ${name}: ${reason}`, { cause })
}

async function* readGroups(source: ParquetSource, columns: readonly Column[]): AsyncGenerator<readonly Row[]> {
  const { parquetMetadataAsync, parquetScan } = await import('hyparquet')
  const found = await parquetMetadataAsync(source, { geoparquet: false })
  const elements = new Map(topLevel(found.schema).map((element) => [element.name, element]))
  const stored = columns.filter(({ name }) => elements.has(name))
  const names = stored.map(({ name }) => name)
  const scan = await parquetScan({
    file: source,
    metadata: withRawValues(found, stored),
    columns: names,
    compressors: await codecsOf(found, { columns: names }),
    parsers,
    utf8: false,
    useOffsetIndex: false,
  })
  const decoders = columns.map((column) => decoderFor(column, elements.get(column.name)))
  let rowStart = 0
  for (const group of found.row_groups) {
    const range = { rowStart, rowEnd: rowStart + Number(group.num_rows) }
    const read = async ({ name }: Column): Promise<Values> =>
      elements.has(name) ? scan.readColumn({ column: name, ...range }) : undefined
    const values = await Promise.all(columns.map(read))
    yield assemble(columns, decoders, values, Number(group.num_rows))
    rowStart = range.rowEnd
  }
}

/** The rows of a small nested file, such as a checkpoint, as plain objects; columns the file lacks are left out. */
export async function readParquetObjects(
  source: ParquetSource,
  columns: readonly string[],
): Promise<readonly Record<string, unknown>[]> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet')
  const metadata = await parquetMetadataAsync(source, { geoparquet: false })
  const there = parquetSchema(metadata).children.map(({ element }) => element.name)
  const wanted = columns.filter((column) => there.includes(column))
  try {
    const compressors = await codecsOf(metadata, { columns: wanted })
    return await parquetReadObjects({ file: source, metadata, columns: wanted, compressors, parsers })
  } catch (cause) {
    throw namingFile(source, cause)
  }
}

type Decoder = (raw: unknown) => Cell
type Values = ArrayLike<unknown> | undefined

function assemble(
  columns: readonly Column[],
  decoders: readonly Decoder[],
  values: readonly Values[],
  rowCount: number,
): readonly Row[] {
  const rows: Record<string, Cell>[] = Array.from({ length: rowCount }, () => ({}))
  columns.forEach(({ name }, c) => {
    const column = values[c]
    const decode = decoders[c]
    if (!decode) return
    rows.forEach((row, i) => {
      const raw = column?.[i]
      row[name] = raw === null || raw === undefined ? null : decode(raw)
    })
  })
  return rows
}

/** The columns under the root; a group counts as one, its children left out. */
function topLevel(schema: readonly SchemaElement[]): SchemaElement[] {
  const found: SchemaElement[] = []
  for (let at = 1; at < schema.length; at = afterSubtree(schema, at)) {
    const element = schema[at]
    if (element) found.push(element)
  }
  return found
}

function afterSubtree(schema: readonly SchemaElement[], at: number): number {
  let next = at + 1
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) next = afterSubtree(schema, next)
  return next
}

// hyparquet turns decimals into doubles and instants into Date; without their annotations it hands over the stored
// integers and bytes, which are exact. Strings keep theirs, so that a dictionary is decoded once, not per row.
function withRawValues(metadata: FileMetaData, columns: readonly Column[]): FileMetaData {
  const raw = new Set(columns.filter(({ type }) => type !== 'string').map(({ name }) => name))
  const strip = (element: SchemaElement): SchemaElement => {
    if (!raw.has(element.name)) return element
    const { converted_type: _converted, logical_type: _logical, ...rest } = element
    return rest
  }
  return { ...metadata, schema: metadata.schema.map(strip) }
}

function decoderFor(column: Column, element: SchemaElement | undefined): Decoder {
  const { name, type, nullable } = column
  if (!element) {
    if (nullable) return () => null
    throw new Error(`parquet column "${name}": expected it in the file as ${type} not null, found no such column`)
  }
  const refuse = (raw: unknown): never => {
    throw new Error(`parquet column "${name}": expected ${type}, got ${element.type ?? 'a group'} (${typeof raw})`)
  }
  switch (type) {
    case 'string':
      return (raw) => (typeof raw === 'string' ? raw : raw instanceof Uint8Array ? (utf8(raw) ?? null) : refuse(raw))
    case 'binary':
      return (raw) => (raw instanceof Uint8Array ? raw : refuse(raw))
    case 'boolean':
      return (raw) => (typeof raw === 'boolean' ? raw : refuse(raw))
    case 'integer':
    case 'double':
      return (raw) => (typeof raw === 'number' ? raw : refuse(raw))
    case 'long':
      return (raw) => (typeof raw === 'bigint' ? narrow(raw) : typeof raw === 'number' ? raw : refuse(raw))
    case 'date':
      return cachedDate(refuse)
    case 'timestamp':
      return instantDecoder(element, refuse)
    case 'decimal(18,0)':
    case 'decimal(18,2)':
    case 'decimal(18,3)':
    case 'decimal(18,4)':
      return decimalDecoder(column, element, refuse)
    default: {
      const never: never = type
      return never
    }
  }
}

/** Dates by days; neighbours mostly share their date, so the last one is kept. */
function cachedDate(refuse: (raw: unknown) => never): Decoder {
  let last = { days: 0, date: '1970-01-01' }
  return (raw) => {
    if (typeof raw !== 'number') return refuse(raw)
    if (raw !== last.days) last = { days: raw, date: dateOf(raw * dayMs) }
    return last.date
  }
}

/** Epoch milliseconds of a stored instant; what is finer than a millisecond is cut off downwards. */
function instantDecoder(element: SchemaElement, refuse: (raw: unknown) => never): Decoder {
  const { logical_type: logical, converted_type: converted } = element
  const millis = logical?.type === 'TIMESTAMP' ? logical.unit === 'MILLIS' : converted === 'TIMESTAMP_MILLIS'
  const nanos = logical?.type === 'TIMESTAMP' && logical.unit === 'NANOS'
  const perMs = millis ? 1n : nanos ? 1_000_000n : 1000n
  return (raw) => {
    if (typeof raw === 'number') return raw
    if (typeof raw !== 'bigint') return refuse(raw)
    const exact = narrow(raw)
    if (typeof exact === 'number') return Math.floor(exact / Number(perMs))
    return Number(floorDivide(raw, perMs))
  }
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value < 0n ? (value - by + 1n) / by : value / by
}

function decimalDecoder({ name, type }: Column, element: SchemaElement, refuse: (raw: unknown) => never): Decoder {
  const scale = element.logical_type?.type === 'DECIMAL' ? element.logical_type.scale : (element.scale ?? 0)
  const annotated = element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL'
  if (!annotated || scale !== scaleOf(type)) {
    const got = annotated ? `a decimal of scale ${scale}` : `${element.type ?? 'a group'} without DECIMAL`
    throw new Error(`parquet column "${name}": expected ${type}, got ${got}`)
  }
  return (raw) => {
    if (typeof raw === 'number') return raw
    if (typeof raw === 'bigint') return narrow(raw)
    return raw instanceof Uint8Array ? narrow(bigEndian(raw)) : refuse(raw)
  }
}

function bigEndian(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return BigInt.asIntN(bytes.byteLength * 8, BigInt(`0x${hex || '0'}`))
}

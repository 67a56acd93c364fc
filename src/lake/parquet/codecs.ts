// What other engines compress Parquet pages with.

import * as zlib from 'node:zlib'
import type { Compressors, FileMetaData } from 'hyparquet' with { 'resolution-mode': 'import' }

/** Node's own; Zstandard, which delta-rs and Databricks choose when they rewrite files, is there from 22.15 on. */
function nativeCodecs(): Compressors {
  const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: (input: Uint8Array) => Uint8Array }
  return {
    GZIP: (input) => zlib.gunzipSync(input),
    BROTLI: (input) => zlib.brotliDecompressSync(input),
    ...(zstdDecompressSync && { ZSTD: (input) => zstdDecompressSync(input) }),
  }
}

/** What hyparquet reads without help. */
const builtIn = ['UNCOMPRESSED', 'SNAPPY']
const fromLibrary = ['ZSTD', 'LZ4', 'LZ4_RAW']

/**
 * The decompressors that columns of a file take, of the columns named or of all. Node's own where it has them; a library
 * is loaded when a file wants it. Throws on a codec that nobody here reads, naming it and what to do.
 */
export async function codecsOf(
  { row_groups }: FileMetaData,
  { columns, native = nativeCodecs() }: { readonly columns?: readonly string[]; readonly native?: Compressors } = {},
): Promise<Compressors> {
  const chunks = row_groups.flatMap((group) => group.columns.flatMap(({ meta_data }) => meta_data ?? []))
  const wanted = chunks.filter(({ path_in_schema: [name = ''] }) => columns?.includes(name) ?? true)
  const codecs = new Set<string>(wanted.map(({ codec }) => codec))
  const known = [...builtIn, ...Object.keys(native), ...fromLibrary]
  const lacking = [...codecs].filter((codec) => !(codec in native) && !builtIn.includes(codec))
  const unknown = lacking.find((codec) => !known.includes(codec))
  if (unknown !== undefined) {
    const names = [...new Set(known)].join(', ')
    throw new Error(
      `expected one of the codecs ${names}, got ${unknown}; have its engine write the table again with one of these ` +
        '(Spark: OPTIMIZE under spark.sql.parquet.compression.codec=snappy)',
    )
  }
  if (lacking.length === 0) return native
  const { decompressLz4, decompressLz4Raw, decompressZstd } = await import('hyparquet-compressors')
  const library: Compressors = { LZ4: decompressLz4, LZ4_RAW: decompressLz4Raw, ZSTD: (input) => decompressZstd(input) }
  return { ...library, ...native }
}

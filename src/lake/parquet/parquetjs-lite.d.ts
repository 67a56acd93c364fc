/** The parts of parquetjs-lite in use; the package ships no types. */
declare module 'parquetjs-lite' {
  import { type RowGroup } from 'parquetjs-lite/gen-nodejs/parquet_types'

  export interface FieldDefinition {
    readonly type: 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY'
    readonly optional: boolean
    readonly compression: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED'
    readonly statistics: false
  }

  export class ParquetSchema {
    constructor(fields: Readonly<Record<string, FieldDefinition>>)
  }

  /** One encoded page: thrift header, levels and values. */
  export interface EncodedPage {
    readonly page: Buffer
    readonly num_values: number
    readonly first_row_index: number
  }

  export class ParquetEnvelopeWriter {
    constructor(
      schema: ParquetSchema,
      write: (bytes: Buffer) => void,
      close: () => void,
      fileOffset: number,
      options: { readonly pageIndex: false },
    )
    readonly rowCount: number
    readonly rowGroups: readonly RowGroup[]
    writeHeader(): void
    writeRowGroup(group: {
      readonly rowCount: number
      readonly pages: Readonly<Record<string, readonly EncodedPage[]>>
    }): void
    writeSection(bytes: Buffer): void
  }
}

declare module 'parquetjs-lite/lib/util' {
  export function serializeThrift(struct: object): Buffer
}

declare module 'parquetjs-lite/lib/compression' {
  export function deflate(method: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED', bytes: Buffer): Uint8Array
}

/** Thrift structs of the Parquet format; field names are those of parquet.thrift. */
declare module 'parquetjs-lite/gen-nodejs/parquet_types' {
  export interface ColumnMetaData {
    total_uncompressed_size: number
    statistics: Statistics | null
  }
  export interface RowGroup {
    readonly columns: readonly { readonly meta_data: ColumnMetaData }[]
    readonly num_rows: number
    total_byte_size: number
  }
  export class Statistics {
    constructor(fields: { null_count: number; min_value?: Buffer; max_value?: Buffer })
  }
  export class PageHeader {
    constructor(fields: {
      type: number
      uncompressed_page_size: number
      compressed_page_size: number
      data_page_header: DataPageHeader
    })
  }
  export class DataPageHeader {
    constructor(fields: {
      num_values: number
      encoding: number
      definition_level_encoding: number
      repetition_level_encoding: number
    })
  }
  export class StringType {}
  export class DateType {}
  export class MicroSeconds {}
  export class TypeDefinedOrder {}
  export class TimeUnit {
    constructor(fields: { MICROS: MicroSeconds })
  }
  export class TimestampType {
    constructor(fields: { isAdjustedToUTC: boolean; unit: TimeUnit })
  }
  export class DecimalType {
    constructor(fields: { scale: number; precision: number })
  }
  export class LogicalType {
    constructor(
      fields: { STRING: StringType } | { DATE: DateType } | { TIMESTAMP: TimestampType } | { DECIMAL: DecimalType },
    )
  }
  export class ColumnOrder {
    constructor(fields: { TYPE_ORDER: TypeDefinedOrder })
  }
  export class SchemaElement {
    constructor(fields: {
      name: string
      num_children?: number
      type?: number
      repetition_type?: number
      converted_type?: number
      scale?: number
      precision?: number
      logicalType?: LogicalType
    })
  }
  export class FileMetaData {
    constructor(fields: {
      version: number
      schema: readonly SchemaElement[]
      num_rows: number
      row_groups: readonly RowGroup[]
      created_by: string
      column_orders: readonly ColumnOrder[]
    })
  }
  export const Type: Readonly<Record<string, number>>
  export const ConvertedType: Readonly<Record<string, number>>
  export const FieldRepetitionType: Readonly<Record<string, number>>
  export const Encoding: Readonly<Record<string, number>>
  export const PageType: Readonly<Record<string, number>>
}

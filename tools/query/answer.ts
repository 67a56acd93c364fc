// Tested in test/tools/query/output.test.ts.
import {
  type DuckDBResult,
  DuckDBArrayValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api'

/** A value as JSON has it: whole numbers as numbers while exact, decimals, times and bytes as text. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [field: string]: Value }

export interface AnswerColumn {
  readonly name: string
  /** DuckDB's name of the type. */
  readonly type: string
  readonly kind: 'number' | 'text' | 'other'
}

/** The answer to a query, row after row as it is worked out; `rows` can be walked once. */
export interface Answer {
  readonly columns: readonly AnswerColumn[]
  readonly rows: AsyncIterable<readonly Value[]>
}

/** A result of DuckDB that has not been read yet as an answer. */
export function answerOf(result: DuckDBResult): Answer {
  // Two columns may have one name; JSON objects and CSV headers want two.
  const names = result.deduplicatedColumnNames()
  const columns = result.columnTypes().map((type, i) => ({
    name: names[i] ?? '',
    type: type.toString(),
    kind: kindOf(type.typeId),
  }))
  return { columns, rows: rowsOf(result) }
}

async function* rowsOf(result: DuckDBResult): AsyncGenerator<readonly Value[]> {
  for await (const rows of result.yieldRows()) for (const row of rows) yield row.map(valueOf)
}

const numberTypes: readonly DuckDBTypeId[] = [
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]

function kindOf(type: DuckDBTypeId): AnswerColumn['kind'] {
  if (numberTypes.includes(type)) return 'number'
  return type === DuckDBTypeId.VARCHAR ? 'text' : 'other'
}

function valueOf(value: DuckDBValue): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  // JSON has no NaN and no infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') {
    const exact = Number(value)
    return Number.isSafeInteger(exact) ? exact : String(value)
  }
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(valueOf)
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, field]) => [name, valueOf(field)]))
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: valueOf(entry.key), value: valueOf(entry.value) }))
  }
  if (value instanceof DuckDBUnionValue) return valueOf(value.value)
  if (value instanceof DuckDBTimestampTZValue) return utcText(value)
  return value.toString()
}

/** In UTC and not, as the library has it, in the zone of this machine. */
function utcText(value: DuckDBTimestampTZValue): string {
  const text = new DuckDBTimestampValue(value.micros).toString()
  return value.isFinite ? `${text}+00` : text
}

/** A value on one line: lists and structs as JSON; undefined stands for null. */
export function textOf(value: Value): string | undefined {
  if (value === null) return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

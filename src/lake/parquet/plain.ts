// The PLAIN encoding of Parquet.
// Tested in test/lake/parquet/parquet.test.ts.

import { daysOf, showCell } from './cell'
import { byDecimalType, type Cell, type Column, type ColumnType } from '../schema'

/** How a column type lies in a Parquet file. */
export type Physical = 'BOOLEAN' | 'INT32' | 'INT64' | 'DOUBLE' | 'BYTE_ARRAY'

export const physicalOf: Readonly<Record<ColumnType, Physical>> = {
  string: 'BYTE_ARRAY',
  binary: 'BYTE_ARRAY',
  boolean: 'BOOLEAN',
  integer: 'INT32',
  long: 'INT64',
  double: 'DOUBLE',
  date: 'INT32',
  timestamp: 'INT64',
  ...byDecimalType(() => 'INT64' as const),
}

const maxLong = 2n ** 63n
const maxDecimal = 10n ** 18n

/**
 * A column's values, nulls left out, in the PLAIN encoding (parquet-format Encodings.md). Throws when a value is not
 * of the column's type, naming the column and the value.
 */
export function encodePlain(column: Column, values: readonly Cell[]): Buffer {
  switch (column.type) {
    case 'string':
      return encodeStrings(column, values)
    case 'binary':
      return encodeBinaries(column, values)
    case 'boolean':
      return encodeBooleans(column, values)
    case 'integer':
      return encodeInt32(values, (cell) => checkedInt32(column, cell))
    case 'date':
      return encodeInt32(values, cachedDays(column))
    case 'double':
      return encodeDoubles(column, values)
    case 'long':
      return encodeInt64(column, values, maxLong)
    case 'timestamp':
      return encodeTimestamps(column, values)
    case 'decimal(18,0)':
    case 'decimal(18,2)':
    case 'decimal(18,3)':
    case 'decimal(18,4)':
      return encodeInt64(column, values, maxDecimal)
    default: {
      const never: never = column.type
      return never
    }
  }
}

function mismatch(column: Column, expected: string, cell: Cell | undefined): Error {
  return new Error(`parquet column "${column.name}" ${column.type}: expected ${expected}, got ${showCell(cell)}`)
}

function encodeStrings(column: Column, values: readonly Cell[]): Buffer {
  let most = 0
  for (const value of values) {
    if (typeof value !== 'string') throw mismatch(column, 'a string', value)
    most += 4 + value.length * 3
  }
  const bytes = Buffer.allocUnsafe(most)
  let at = 0
  for (const value of values as readonly string[]) {
    const size = bytes.write(value, at + 4, 'utf8')
    bytes.writeUInt32LE(size, at)
    at += 4 + size
  }
  return bytes.subarray(0, at)
}

function encodeBinaries(column: Column, values: readonly Cell[]): Buffer {
  let size = 0
  for (const value of values) {
    if (!(value instanceof Uint8Array)) throw mismatch(column, 'bytes', value)
    size += 4 + value.byteLength
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const value of values as readonly Uint8Array[]) {
    bytes.writeUInt32LE(value.byteLength, at)
    bytes.set(value, at + 4)
    at += 4 + value.byteLength
  }
  return bytes
}

function encodeBooleans(column: Column, values: readonly Cell[]): Buffer {
  for (const value of values) if (typeof value !== 'boolean') throw mismatch(column, 'a boolean', value)
  return packBits(values as readonly boolean[])
}

/** One bit per flag, lowest bit first: PLAIN booleans and bit-packed definition levels are both this. */
export function packBits(flags: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(flags.length / 8))
  flags.forEach((flag, i) => {
    if (flag) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
  })
  return bytes
}

function encodeInt32(values: readonly Cell[], toInt: (cell: Cell) => number): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4)
  values.forEach((value, i) => bytes.writeInt32LE(toInt(value), i * 4))
  return bytes
}

function checkedInt32(column: Column, cell: Cell): number {
  if (typeof cell === 'number' && cell === (cell | 0)) return cell
  throw mismatch(column, 'a whole number of 32 bits', cell)
}

/** Days of a date cell; neighbours mostly share their date, so the last one is kept. */
function cachedDays(column: Column): (cell: Cell) => number {
  let last = { date: '1970-01-01', days: 0 }
  return (cell) => {
    if (typeof cell !== 'string') throw mismatch(column, 'YYYY-MM-DD', cell)
    if (cell !== last.date) last = { date: cell, days: daysIn(column, cell) }
    return last.days
  }
}

function daysIn(column: Column, date: string): number {
  try {
    return daysOf(date)
  } catch (cause) {
    throw new Error(`parquet column "${column.name}": ${String((cause as Error).message)}`, { cause })
  }
}

function encodeDoubles(column: Column, values: readonly Cell[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 8)
  values.forEach((value, i) => {
    if (typeof value !== 'number') throw mismatch(column, 'a number', value)
    bytes.writeDoubleLE(value, i * 8)
  })
  return bytes
}

/** Whole numbers in (−limit, limit) (and −2^63 itself for a long). */
function encodeInt64(column: Column, values: readonly Cell[], limit: bigint): Buffer {
  const lowest = limit === maxLong ? -limit : 1n - limit
  const bytes = Buffer.allocUnsafe(values.length * 8)
  values.forEach((value, i) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) writeSafe(bytes, value, i * 8)
    else if (typeof value === 'bigint' && value >= lowest && value < limit) bytes.writeBigInt64LE(value, i * 8)
    else throw mismatch(column, `a whole number below ${limit} (bigint beyond 2^53)`, value)
  })
  return bytes
}

function encodeTimestamps(column: Column, values: readonly Cell[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 8)
  values.forEach((value, i) => {
    // 8.64e15 is the range of a Date; beyond it nothing could name the instant.
    if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 8.64e15) {
      throw mismatch(column, 'whole epoch milliseconds', value)
    }
    const micros = value * 1000
    if (Number.isSafeInteger(micros)) writeSafe(bytes, micros, i * 8)
    else bytes.writeBigInt64LE(BigInt(value) * 1000n, i * 8)
  })
  return bytes
}

/** A safe integer as two 32-bit halves: several times faster than through a bigint. */
function writeSafe(bytes: Buffer, value: number, at: number): void {
  const low = value >>> 0
  bytes.writeUInt32LE(low, at)
  bytes.writeInt32LE((value - low) / 0x1_0000_0000, at + 4)
}

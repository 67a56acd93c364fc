// Values of cells as files need them: exact integers, days, the order of strings.
// Tested in test/lake/parquet/stats.test.ts and parquet.test.ts.

import { dayMs, startOf } from '../../day'
import { type Cell } from '../schema'

/** A 64-bit integer as number when that is exact, else as the bigint it is. */
export function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** Days since 1970-01-01 of a `YYYY-MM-DD` date; throws when there is no such day. */
export function daysOf(date: string): number {
  return startOf(date) / dayMs
}

/** Orders strings as their UTF-8 bytes, which is how every reader of the files orders them. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    // Surrogates stand for code points above U+FFFF but are numbered below U+E000.
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? byCodePoint(x) - byCodePoint(y) : x - y
  }
  return a.length - b.length
}

function byCodePoint(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** A cell as an error message shows it: type and a short value, never a whole body. */
export function showCell(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return 'null'
  if (cell instanceof Uint8Array) return `${cell.byteLength} bytes`
  return typeof cell === 'string' ? `string "${cell.slice(0, 40)}"` : `${typeof cell} ${String(cell)}`
}

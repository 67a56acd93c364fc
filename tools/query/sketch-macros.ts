// Tested in test/tools/query/session.test.ts.
import { sketchSize as keptHashes } from '../../src/fold/sketch'

/** Digits of a hash in hexadecimal; src/fold/sketch.ts has the format. */
const digits = 12
const hashesOf = (sketch: string) => `regexp_extract_all(hex(${sketch}::BLOB), '.{${digits}}')`
const smallest = (lists: string) =>
  `unhex(array_to_string(list_sort(list_distinct(flatten(${lists})))[1:${keptHashes}], ''))`
const largest = `('0x' || right(hex(sketch::BLOB), ${digits}))::BIGINT::HUGEINT`
/** Twice what the hashes of a full sketch stand for, 2^48 being all there can be: halved by rounding. */
const twice = `2 * ${keptHashes - 1} * 281474976710656::HUGEINT`

/**
 * The functions over sketches of distinct values that the warehouse has, for SQL over the lake:
 * `sketch_estimate(sketch_merge(sessions_sketch))` is the number of sessions of all rows together.
 */
export const sketchMacros: readonly string[] = [
  `CREATE MACRO sketch_merge(sketch) AS ${smallest(`list(${hashesOf('sketch')})`)}`,
  `CREATE MACRO sketch_union(sketch, other) AS ${smallest(`[${hashesOf('sketch')}, ${hashesOf('other')}]`)}`,
  `CREATE MACRO sketch_estimate(sketch) AS CASE WHEN sketch IS NULL THEN 0
     WHEN octet_length(sketch::BLOB) < ${(keptHashes * digits) / 2} THEN octet_length(sketch::BLOB) * 2 // ${digits}
     ELSE (${twice} + ${largest}) // (2 * ${largest}) END::BIGINT`,
]

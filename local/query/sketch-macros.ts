import { sketchSize as keptHashes } from '../../src/fold/sketch'

/** Digits of a hash in hexadecimal; src/fold/sketch.ts has the format. */

const digits = 12
const hashes = `regexp_extract_all(hex(sketch), '.{${digits}}')`
const smallest = (list: string) =>
  `unhex(array_to_string(list_sort(list_distinct(flatten(${list})))[1:${keptHashes}], ''))`

/**
 * The functions over sketches of distinct values that the warehouse has, for SQL over the lake:
 * `sketch_estimate(sketch_merge(sessions_sketch))` is the number of sessions of all rows together.
 */
export const sketchMacros: readonly string[] = [
  `CREATE MACRO sketch_merge(sketch) AS ${smallest(`list(${hashes})`)}`,
  `CREATE MACRO sketch_union(sketch, other) AS ${smallest(`[${hashes}, ${hashes.replace('sketch', 'other')}]`)}`,
  `CREATE MACRO sketch_estimate(sketch) AS CASE WHEN sketch IS NULL THEN 0
     WHEN octet_length(sketch) < ${(keptHashes * digits) / 2} THEN octet_length(sketch) * 2 // ${digits}
     ELSE round(${keptHashes - 1} * 281474976710656.0 / ('0x' || right(hex(sketch), ${digits}))::BIGINT) END::BIGINT`,
]

// Tested in test/tools/verify/verify.test.ts.
import { type Engine } from './engine'

/** Two relations that have to hold the same rows, each key once. */
export interface Comparison {
  readonly name: string
  /** What holds when it passes, for people. */
  readonly about: string
  /** SQL of a query or the name of a relation; as `got`. */
  readonly expected: string
  readonly got: string
  readonly key: readonly string[]
  readonly values: readonly string[]
}

type Values = Readonly<Record<string, unknown>>

/** A key whose rows differ; null on the side that has none, on both where the key says it all. `copies` is there when a key comes more than once. */
export interface Difference {
  readonly key: Values
  readonly expected: Values | null
  readonly got: Values | null
}

export interface CheckResult {
  readonly about: string
  /** Keys of both sides. */
  readonly checked: number
  readonly mismatches: number
  /** The first few, by key. */
  readonly differing: readonly Difference[]
}

const shown = 10

/** Holds two relations against each other, key by key. */
export async function compare(engine: Engine, comparison: Comparison): Promise<CheckResult> {
  const { about, expected, got, key, values } = comparison
  await engine.connection.run(`CREATE OR REPLACE TEMP TABLE differing AS
    WITH e AS (${side(expected, { key, values })}), g AS (${side(got, { key, values })})
    SELECT ${key.map((name) => `coalesce(e.${name}, g.${name}) AS ${name}`).join(', ')}, e.row AS expected, g.row AS got
    FROM e FULL JOIN g ON ${key.map((name) => `e.${name} IS NOT DISTINCT FROM g.${name}`).join(' AND ')}
    WHERE e.row IS DISTINCT FROM g.row`)
  const keysOf = (relation: string) => `SELECT ${key.join(', ')} FROM (${query(relation)})`
  const [counts] = await engine.query(`SELECT
    (SELECT count(*) FROM (${keysOf(expected)} UNION ${keysOf(got)})) AS checked,
    (SELECT count(*) FROM differing) AS mismatches`)
  const rows = await engine.query(`
    SELECT to_json({${key.map((name) => `${name}: ${name}`).join(', ')}})::VARCHAR AS key,
      to_json(expected)::VARCHAR AS expected, to_json(got)::VARCHAR AS got
    FROM differing ORDER BY ${key.join(', ')} LIMIT ${shown}`)
  return {
    about,
    checked: Number(counts?.checked),
    mismatches: Number(counts?.mismatches),
    differing: rows.map((row) => ({
      key: parse(row.key) ?? {},
      expected: parse(row.expected),
      got: parse(row.got),
    })),
  }
}

const query = (relation: string) => (/^\s*(SELECT|WITH|FROM)\b/i.test(relation) ? relation : `FROM ${relation}`)

function side(relation: string, { key, values }: Pick<Comparison, 'key' | 'values'>): string {
  const fields = [...values.map((name) => `${name}: any_value(${name})`), 'copies: count(*)']
  return `SELECT ${key.join(', ')}, {${fields.join(', ')}} AS row FROM (${query(relation)}) GROUP BY ALL`
}

function parse(text: unknown): Values | null {
  if (typeof text !== 'string' || text === 'null') return null
  const { copies, ...values } = JSON.parse(text) as Record<string, unknown>
  return copies === undefined || copies === 1 ? values : { ...values, copies }
}
